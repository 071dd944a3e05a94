/**
 * TCP: states by the segments seen in both directions, and their windows. Follows nf_conntrack_tcp_packet of
 * net/netfilter/nf_conntrack_proto_tcp.c, Linux 6.1. A connection that is joined midway (nf_conntrack_tcp_loose) is
 * followed without its windows being held against it.
 *
 * Not modelled: the answer to a SYN proxy, sequence adjustment of helpers.
 */
import { HEADER_LENGTH as LINK } from "../../../packet/ethernet.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import * as tcpHeader from "../../../packet/tcp.ts";
import { Hook } from "../../hooks.ts";
import { isIntact } from "../intact.ts";
import type { Packet } from "../packet.ts";
import { Change, Direction, directionOf, type Flow, type FlowLine, flowOf, Status } from "./flow.ts";
import { type L4Tracker, type TrackerCore, Verdict, type VerdictCode } from "./l4.ts";
import { HZ } from "./settings.ts";
import { SideFlag, State, stateNames, TcpFlow } from "./tcp-flow.ts";
import { before, Kind, Segment } from "./tcp-segment.ts";
import { nextState } from "./tcp-states.ts";
import { secondsOf } from "./tcp-timeouts.ts";
import { begin, judgeWindow } from "./tcp-window.ts";

const { FIN, SYN, RST, ACK, URG } = tcpHeader.Flag;
const JUDGED = FIN | SYN | RST | ACK | URG;
/** tcp_valid_flags */
const VALID_FLAGS: readonly number[] = [
  ...[SYN, SYN | URG, SYN | ACK, RST, RST | ACK],
  ...[FIN | ACK, FIN | ACK | URG, ACK, ACK | URG],
];
/** Shorter than this a flow's time is not made shorter still. */
const BRIEF = 120;

export class TcpTracker implements L4Tracker {
  private readonly core: TrackerCore;
  private readonly segment = new Segment();

  constructor(core: TrackerCore) {
    this.core = core;
  }

  track(_line: FlowLine, packet: Packet, at: number, info: number): VerdictCode {
    if (at + tcpHeader.MIN_HEADER_LENGTH > packet.frame.end) return Verdict.INVALID;
    const fault = this.fault(packet, at);
    if (fault !== null) return this.invalid(packet, fault);
    const { segment } = this;
    segment.read(
      packet.frame.bytes,
      at,
      packet.frame.at + LINK + ipv4.totalLength(packet.frame.bytes, packet.frame.at + LINK),
    );
    const flow = flowOf(packet.frame)!;
    if (flow.tcp === null && !this.open(flow)) return Verdict.INVALID;
    const tcp = flow.tcp!;
    const direction = directionOf(info);
    const before = tcp.state;
    const state = nextState(direction, segment.kind, before);
    switch (state) {
      case State.SYN_SENT:
        if (before < State.TIME_WAIT) return this.accept(flow, packet, info, state);
        return this.reopen(flow, packet, info);
      case State.IGNORE:
        return this.ignore(flow, packet, info);
      case State.INVALID:
        return this.invalid(
          packet,
          `packet (index ${segment.kind}) in dir ${direction} invalid, state ${stateNames[before]}`,
        );
      case State.CLOSE:
        return segment.kind === Kind.RST ? this.reset(flow, packet, info) : this.accept(flow, packet, info, state);
      default:
        return this.accept(flow, packet, info, this.finer(tcp, direction, state));
    }
  }

  /** tcp_error */
  private fault({ frame, hook }: Packet, at: number): string | null {
    const { bytes, end } = frame;
    if (!tcpHeader.check(bytes, at, end)) return "truncated packet";
    const isChecked = hook === Hook.PREROUTING && this.core.settings.nf_conntrack_checksum !== 0;
    if (isChecked && !isIntact(frame)) return "bad checksum";
    return VALID_FLAGS.includes(tcpHeader.flags(bytes, at) & JUDGED) ? null : "invalid tcp flag combination";
  }

  /** tcp_new. False: a connection cannot begin so. */
  private open(flow: Flow): boolean {
    const { segment } = this;
    const state = nextState(Direction.ORIGINAL, segment.kind, State.NONE);
    const isJoined = state !== State.SYN_SENT;
    if (state === State.INVALID || (isJoined && this.core.settings.nf_conntrack_tcp_loose === 0)) return false;
    const tcp = new TcpFlow();
    flow.tcp = tcp;
    tcp.lastKind = Kind.NONE;
    begin(segment, tcp.original, tcp.reply, Direction.ORIGINAL);
    if (!isJoined) return true;
    tcp.original.scale = 0;
    tcp.original.maxEnd = (tcp.original.end + tcp.original.maxWindow) | 0;
    tcp.original.flags = SideFlag.SACK_PERM | SideFlag.BE_LIBERAL;
    tcp.reply.flags = tcp.original.flags;
    return true;
  }

  /** What the table alone does not tell. */
  private finer(tcp: TcpFlow, direction: number, state: number): number {
    if (state === State.SYN_SENT2) tcp.lastFlags |= SideFlag.SIMULTANEOUS_OPEN;
    const isAnswer = direction === Direction.REPLY && this.segment.kind === Kind.ACK;
    const isSimultaneous = (tcp.lastFlags & SideFlag.SIMULTANEOUS_OPEN) !== 0;
    return state === State.SYN_RECV && isAnswer && isSimultaneous ? State.ESTABLISHED : state;
  }

  /** A SYN where a connection has ended: another one begins, if the old one was closed from here or reset. */
  private reopen(flow: Flow, packet: Packet, info: number): VerdictCode {
    const tcp = flow.tcp!;
    const wasReset = tcp.lastDirection === directionOf(info) && tcp.lastKind === Kind.RST;
    if ((tcp.bothFlags & SideFlag.CLOSE_INIT) === 0 && !wasReset) return this.ignore(flow, packet, info);
    this.core.kill(flow);
    return Verdict.AGAIN;
  }

  /** It may be us who are wrong: the answer to it will tell. */
  private ignore(flow: Flow, packet: Packet, info: number): VerdictCode {
    const tcp = flow.tcp!;
    const { segment } = this;
    const direction = directionOf(info);
    const answersIgnored = segment.kind === Kind.SYNACK && tcp.lastKind === Kind.SYN && tcp.lastDirection !== direction;
    if (answersIgnored && segment.ack === tcp.lastEnd) {
      resync(tcp, direction);
      tcp.state = State.SYN_SENT;
      return this.accept(flow, packet, info, State.SYN_RECV);
    }
    this.remember(tcp, direction);
    this.log(packet, `packet (index ${segment.kind}) in dir ${direction} ignored, state ${stateNames[tcp.state]}`);
    return Verdict.VALID;
  }

  private remember(tcp: TcpFlow, direction: number): void {
    const { segment } = this;
    tcp.lastKind = segment.kind;
    tcp.lastDirection = direction;
    tcp.lastSequence = segment.sequence;
    tcp.lastEnd = segment.end;
    tcp.lastWindow = segment.window;
    const isHalfOpen = tcp.state === State.SYN_SENT && segment.kind === Kind.ACK && direction === Direction.REPLY;
    if (isHalfOpen) tcp.lastAck = segment.ack;
    if (segment.kind !== Kind.SYN || direction !== Direction.ORIGINAL) return;
    const seen = new TcpFlow().original;
    segment.readOptions(seen);
    tcp.lastFlags = seen.flags & (SideFlag.WINDOW_SCALE | SideFlag.SACK_PERM);
    tcp.lastScale = seen.scale;
    if (tcp.state === State.LAST_ACK) tcp.lastFlags |= SideFlag.CHALLENGE_ACK;
  }

  /** A RST ends the connection when its number is right; RFC 5961 3.2 otherwise. */
  private reset(flow: Flow, packet: Packet, info: number): VerdictCode {
    const tcp = flow.tcp!;
    const { segment } = this;
    const direction = directionOf(info);
    const peer = tcp.side(1 - direction);
    let state: number = State.CLOSE;
    if (isClosing(tcp)) return this.finish(flow, packet, info, state);
    if (peer.has(SideFlag.MAXACK_SET) && tcp.lastKind !== Kind.SYN) {
      const isEstablished = tcp.state === State.ESTABLISHED;
      if (segment.sequence === 0 && !isEstablished) return this.accept(flow, packet, info, state);
      if (before(segment.sequence, peer.maxAck) && this.core.settings.nf_conntrack_tcp_ignore_invalid_rst === 0)
        return this.invalid(packet, "invalid rst");
      const isTrain = tcp.lastKind === Kind.ACK && tcp.lastDirection === direction && segment.sequence === tcp.lastEnd;
      if (!isEstablished || segment.sequence === peer.maxAck || isTrain) return this.accept(flow, packet, info, state);
      state = tcp.state;
    }
    const answersSyn = flow.seenReply && tcp.lastKind === Kind.SYN && tcp.lastDirection !== direction;
    const answersIgnored = answersSyn || (!flow.isAssured && tcp.lastKind === Kind.ACK);
    if (answersIgnored && segment.ack === tcp.lastEnd) return this.finish(flow, packet, info, state);
    if (answersChallenge(tcp, segment)) return this.finish(flow, packet, info, state);
    return this.accept(flow, packet, info, state);
  }

  private accept(flow: Flow, packet: Packet, info: number, state: number): VerdictCode {
    const tcp = flow.tcp!;
    const { segment } = this;
    const direction = directionOf(info);
    if (state === State.TIME_WAIT && this.isChallenge(tcp, direction)) {
      tcp.lastFlags &= ~SideFlag.CHALLENGE_ACK;
      this.log(packet, "challenge-ack ignored");
      return Verdict.VALID;
    }
    const fault = judgeWindow(tcp, direction, segment, this.core.settings.nf_conntrack_tcp_be_liberal !== 0);
    if (fault === null) return this.finish(flow, packet, info, state);
    this.log(packet, fault.text.replace("%u", String(fault.number >>> 0)));
    if (fault.isIgnored) return Verdict.VALID;
    if (this.noteStray(flow, direction)) this.log(packet, "lowered timeout to UNACK");
    return Verdict.INVALID;
  }

  private isChallenge(tcp: TcpFlow, direction: number): boolean {
    const isAnswer = this.segment.kind === Kind.ACK && tcp.lastDirection !== direction && tcp.lastKind === Kind.SYN;
    return tcp.state === State.LAST_ACK && isAnswer && (tcp.lastFlags & SideFlag.CHALLENGE_ACK) !== 0;
  }

  /** nf_tcp_handle_invalid: who closes out of window, both of them, is not to be remembered for five days. True: it is not. */
  private noteStray(flow: Flow, direction: number): boolean {
    const tcp = flow.tcp!;
    const { core } = this;
    const { kind } = this.segment;
    if (!flow.isAssured || (kind !== Kind.RST && kind !== Kind.FIN)) return false;
    const isAnswered = tcp.lastDirection !== direction && (tcp.lastKind === Kind.FIN || tcp.lastKind === Kind.RST);
    if (!isAnswered) {
      tcp.lastKind = kind;
      tcp.lastDirection = direction;
      return false;
    }
    const left = (flow.expires - core.ticks) / HZ;
    const seconds = core.settings.nf_conntrack_tcp_timeout_unacknowledged;
    if (left < BRIEF || left <= seconds) return false;
    core.shorten(flow, seconds);
    return true;
  }

  /** It is within the windows: the connection moves on. */
  private finish(flow: Flow, packet: Packet, info: number, state: number): VerdictCode {
    const tcp = flow.tcp!;
    const { core, segment } = this;
    const direction = directionOf(info);
    const old = tcp.state;
    tcp.lastKind = segment.kind;
    tcp.lastDirection = direction;
    tcp.state = state;
    if (old !== state && state === State.FIN_WAIT) tcp.side(direction).flags |= SideFlag.CLOSE_INIT;
    if (old !== state) core.changed(flow, Change.PROTOCOL);
    if (!flow.seenReply && segment.isRst) {
      // Nobody is there: refused at once.
      core.kill(flow);
      return Verdict.VALID;
    }
    // A SYN again and again does not keep alive what nobody answers.
    if (!flow.seenReply && segment.kind === Kind.SYN && old === State.SYN_SENT) return Verdict.VALID;
    const wasOpen = old === State.SYN_RECV || old === State.ESTABLISHED;
    if (flow.seenReply && !flow.isAssured && wasOpen && state === State.ESTABLISHED) {
      flow.status |= Status.ASSURED;
      core.changed(flow, Change.ASSURED);
    }
    core.refresh(flow, packet, info, secondsOf(core.settings, flow, segment.kind));
    return Verdict.VALID;
  }

  private invalid(packet: Packet, text: string): VerdictCode {
    this.log(packet, text);
    return Verdict.INVALID;
  }

  private log(packet: Packet, text: string): void {
    this.core.logInvalid(packet, ipv4.Protocol.TCP, text);
  }
}

/** tcp_can_early_drop: what is left of it is nobody's concern. */
const isClosing = ({ state }: TcpFlow): boolean =>
  state === State.FIN_WAIT ||
  state === State.LAST_ACK ||
  state === State.TIME_WAIT ||
  state === State.CLOSE ||
  state === State.CLOSE_WAIT;

/** A reset of who was sent an ACK for his SYN, which had been let through. */
const answersChallenge = (tcp: TcpFlow, segment: Segment): boolean =>
  tcp.state === State.SYN_SENT &&
  tcp.lastKind === Kind.ACK &&
  tcp.lastDirection === Direction.REPLY &&
  segment.sequence === tcp.lastAck;

/** The two ends were right and we were not: what they agreed on is taken over. */
function resync(tcp: TcpFlow, direction: number): void {
  const speaker = tcp.side(tcp.lastDirection);
  speaker.end = tcp.lastEnd;
  speaker.maxEnd = tcp.lastEnd;
  speaker.maxWindow = tcp.lastWindow === 0 ? 1 : tcp.lastWindow;
  speaker.scale = tcp.lastScale;
  tcp.lastFlags &= ~SideFlag.CHALLENGE_ACK;
  speaker.flags = tcp.lastFlags;
  tcp.side(direction).reset();
}
