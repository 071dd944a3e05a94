/**
 * Is a segment within the windows of its connection? Follows tcp_in_window of nf_conntrack_proto_tcp.c, Linux 6.1, after
 * Guido van Rooij's "Real Stateful TCP Packet Filtering in IP Filter".
 *
 *   I    what it sends begins no further than the receiver has offered    sequence <= sender.maxEnd
 *   II   and ends no further back than the receiver's widest window       end >= sender.end - receiver.maxWindow
 *   III  it acknowledges no more than was sent                            sack <= receiver.end
 *   IV   and not much less                                                sack >= receiver.end - 66,000 or the window
 */

import { Direction } from "./flow.ts";
import { type Side, SideFlag, State, type TcpFlow } from "./tcp-flow.ts";
import { after, before, Kind, type Segment } from "./tcp-segment.ts";

/** MAXACKWINCONST */
const ACK_WINDOW = 66_000;

/** A segment within is null; of any other what is wrong with it, and whether it is part of the connection all the same. */
export interface OutOfWindow {
  readonly text: string;
  /** The bound, or how much too much. */
  readonly number: number;
  readonly isIgnored: boolean;
}

/** Moves the windows on when the segment is within; `isLiberal` lets everything be. */
export function judgeWindow(tcp: TcpFlow, direction: number, segment: Segment, isLiberal: boolean): OutOfWindow | null {
  const sender = tcp.side(direction);
  const receiver = tcp.side(1 - direction);
  if (receiver.has(SideFlag.SACK_PERM)) segment.readSack();
  if (meet(tcp, direction, segment, sender, receiver)) return null;
  assume(tcp, segment, sender, receiver);
  const fault = outside(segment, sender, receiver);
  if (fault !== null) return isLiberal || sender.has(SideFlag.BE_LIBERAL) ? null : fault;
  advance(segment, sender, receiver);
  if (segment.kind === Kind.ACK) countRetransmission(tcp, direction, segment);
  return null;
}

/** The first that is seen of the sender, or a new beginning. True: a SYN of a simultaneous open, and nothing to compare. */
function meet(tcp: TcpFlow, direction: number, segment: Segment, sender: Side, receiver: Side): boolean {
  if (sender.maxWindow === 0 && !segment.isSyn) {
    joinMidway(segment, sender, receiver);
    return false;
  }
  const opens = tcp.state === State.SYN_SENT || tcp.state === State.SYN_RECV;
  const again = sender.maxWindow !== 0;
  if (again && !(segment.isSyn && opens && after(segment.end, sender.end))) return false;
  if (!again || segment.isSyn) begin(segment, sender, receiver, direction);
  return !segment.isAck && (!again || direction === Direction.REPLY);
}

/** tcp_init_sender */
export function begin(segment: Segment, sender: Side, receiver: Side, direction: number): void {
  sender.end = segment.end;
  sender.maxEnd = segment.end;
  sender.maxWindow = segment.window === 0 ? 1 : segment.window;
  segment.readOptions(sender);
  // RFC 7323 2.2: both must offer it.
  const bothScale = sender.has(SideFlag.WINDOW_SCALE) && receiver.has(SideFlag.WINDOW_SCALE);
  if (direction === Direction.ORIGINAL || bothScale) return;
  sender.scale = 0;
  receiver.scale = 0;
}

/** Its history is lost to us: what it says now is believed. */
function joinMidway(segment: Segment, sender: Side, receiver: Side): void {
  sender.end = segment.end;
  sender.maxWindow = Math.max(1, segment.window * 2 ** sender.scale);
  sender.maxEnd = (segment.end + sender.maxWindow) | 0;
  if (receiver.maxWindow === 0) {
    receiver.end = segment.sack;
    receiver.maxEnd = segment.sack;
  } else if (segment.sack === ((receiver.end + 1) | 0)) receiver.end = segment.sack;
}

/** What the segment does not say is taken for right. */
function assume(tcp: TcpFlow, segment: Segment, sender: Side, receiver: Side): void {
  if (!segment.isAck || (segment.isRst && segment.ack === 0)) {
    segment.ack = receiver.end;
    segment.sack = receiver.end;
  }
  if (!segment.isRst || segment.sequence !== 0 || tcp.state !== State.SYN_SENT) return;
  segment.sequence = sender.end;
  segment.end = sender.end;
}

function outside(segment: Segment, sender: Side, receiver: Side): OutOfWindow | null {
  const { sequence, end, sack } = segment;
  const lowest = (sender.end - receiver.maxWindow - 1) | 0;
  const isRecent = receiver.maxWindow === 0 || after(end, lowest);
  const beyond = (receiver.end + 1) | 0;
  const late = (receiver.end - Math.max(sender.maxWindow, ACK_WINDOW) - 1) | 0;
  if (!before(sequence, (sender.maxEnd + 1) | 0)) {
    const overshot = (end - sender.maxEnd + 1) >>> 0;
    if (!isRecent || !after(sack, late) || overshot > receiver.maxWindow || !before(sack, beyond))
      return invalid("SEQ is over upper bound %u (over the window of the receiver)", sender.maxEnd + 1);
    // Some send more than they may. When the other end acknowledges it, that must not be the end of all.
    sender.end = end;
    sender.flags |= SideFlag.DATA_UNACKNOWLEDGED;
    return ignored("%u bytes more than expected", overshot);
  }
  if (!before(sack, beyond)) return invalid("ACK is over upper bound %u (ACKed data not seen yet)", beyond);
  if (!isRecent) return ignored("SEQ is under lower bound %u (already ACKed data retransmitted)", lowest);
  return after(sack, late) ? null : ignored("ignored ACK under lower bound %u (possible overly delayed)", late);
}

const invalid = (text: string, number: number): OutOfWindow => ({ text, number, isIgnored: false });
const ignored = (text: string, number: number): OutOfWindow => ({ text, number, isIgnored: true });

function advance(segment: Segment, sender: Side, receiver: Side): void {
  const { end, ack, sack } = segment;
  const window = segment.isSyn ? segment.window : segment.window * 2 ** sender.scale;
  sender.maxWindow = Math.max(sender.maxWindow, window + ((sack - ack) | 0));
  if (after(end, sender.end)) {
    sender.end = end;
    sender.flags |= SideFlag.DATA_UNACKNOWLEDGED;
  }
  if (segment.isAck && (!sender.has(SideFlag.MAXACK_SET) || after(ack, sender.maxAck))) {
    sender.maxAck = ack;
    sender.flags |= SideFlag.MAXACK_SET;
  }
  if (receiver.maxWindow !== 0 && after(end, sender.maxEnd)) receiver.maxWindow += (end - sender.maxEnd) | 0;
  const edge = (sack + window) | 0;
  if (after(edge, (receiver.maxEnd - 1) | 0)) receiver.maxEnd = window === 0 ? (edge + 1) | 0 : edge;
  if (ack === receiver.end) receiver.flags &= ~SideFlag.DATA_UNACKNOWLEDGED;
}

function countRetransmission(tcp: TcpFlow, direction: number, { sequence, ack, end, window }: Segment): void {
  const isSame = tcp.lastDirection === direction && tcp.lastSequence === sequence && tcp.lastAck === ack;
  if (isSame && tcp.lastEnd === end && tcp.lastWindow === window) {
    tcp.retransmissions++;
    return;
  }
  tcp.lastDirection = direction;
  tcp.lastSequence = sequence;
  tcp.lastAck = ack;
  tcp.lastEnd = end;
  tcp.lastWindow = window;
  tcp.retransmissions = 0;
}
