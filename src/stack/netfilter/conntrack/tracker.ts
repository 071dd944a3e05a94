/**
 * Connection tracking of a namespace. Follows net/netfilter/nf_conntrack_core.c of Linux 6.1 (nf_conntrack_in,
 * __nf_conntrack_confirm, early_drop) with one file per transport beside this one.
 *
 *   PREROUTING, OUTPUT -> enter: tuple -> table -> flow -> its transport's tracker -> the frame carries its flow
 *   INPUT, POSTROUTING -> confirm: a flow that got so far is put into the table
 *
 * It costs nothing until the first rule needs it (a match conntrack, state or connmark, a target of NAT, CONNMARK, CT),
 * and stops when the last such rule goes, as nf_ct_netns_get and _put register its hooks. Its sysctls come with the first.
 *
 * Not modelled: zones, helpers, expectations, templates other than CT --notrack, events by netlink (there are watchers).
 */
import { Fate, type FateCode } from "../../../base/fate.ts";
import { Signal } from "../../../base/signal.ts";
import type { World } from "../../../device/world.ts";
import type { Cpu } from "../../../engine/cpu.ts";
import { HEADER_LENGTH as LINK } from "../../../packet/ethernet.ts";
import type { Frame } from "../../../packet/frame.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import { Step } from "../../steps.ts";
import type { Packet } from "../packet.ts";
import { ConntrackCounters } from "./counters.ts";
import { dueOf, Expiry, type ExpiryOwner } from "./expiry.ts";
import { attach, Change, Direction, directionOf, Flow, type FlowLine, flowOf, Info, Status } from "./flow.ts";
import { FlowTable, NOWHERE, refDirection } from "./flow-table.ts";
import { GenericTracker } from "./generic.ts";
import { IcmpTracker } from "./icmp.ts";
import { type L4Tracker, type TrackerCore, Verdict, type VerdictCode } from "./l4.ts";
import { CONNTRACK_DEFAULTS, type ConntrackSettings, HZ, TICK } from "./settings.ts";
import { TcpTracker } from "./tcp.ts";
import { assign, equal, hashOf, invert, read, Tuple } from "./tuple.ts";
import { UdpTracker } from "./udp.ts";

export interface TrackerHost {
  readonly world: World;
  readonly cpu: Cpu | null;
  note(code: number, frame: Frame, a: number, b: number): void;
  drop(frame: Frame, fate: FateCode): void;
  /** pr_warn_ratelimited */
  warn(text: string): void;
  logInvalid(packet: Packet, text: string): void;
}

/** Hears what `conntrack -E` prints. `change` is a set of Change; NEW and DESTROY stand alone. */
export interface ConntrackWatcher {
  flowChanged(flow: Flow, change: number): void;
}

export interface FlowOwner {
  flowAdded(flow: Flow): void;
  flowGone(flow: Flow): void;
}

const { TCP, UDP, ICMP } = ipv4.Protocol;
/** nf_conntrack_log_invalid: for every protocol. */
const ALL_PROTOCOLS = 255;

export class Tracker implements TrackerCore, ExpiryOwner {
  /** Does a rule need it? */
  active = false;
  readonly settings: ConntrackSettings = { ...CONNTRACK_DEFAULTS };
  readonly counters = new ConntrackCounters();
  readonly watchers = new Signal<ConntrackWatcher>();
  readonly table = new FlowTable();
  ticks = 0;
  /** NAT, which finds flows by their source as well. */
  owner: FlowOwner | null = null;
  private readonly host: TrackerHost;
  private readonly expiry: Expiry;
  private readonly wanted = new Tuple();
  private readonly tcp = new TcpTracker(this);
  private readonly udp = new UdpTracker(this);
  private readonly icmp = new IcmpTracker(this);
  private readonly generic = new GenericTracker(this);
  private lastId = 0;

  constructor(host: TrackerHost) {
    this.host = host;
    this.expiry = new Expiry(this, host.world.scheduler, host.cpu);
  }

  /** In order of making: `conntrack -L`. */
  list(): Flow[] {
    return this.table.list();
  }

  /** nf_conntrack_in. False: the frame has ended. */
  enter(packet: Packet): boolean {
    const { frame } = packet;
    // It has been here, on its way out through lo; or nobody is to follow it.
    if (frame.connection !== null || frame.connectionInfo === Info.UNTRACKED) return true;
    this.ticks = Math.floor(this.host.world.scheduler.now / TICK);
    const ip = frame.at + LINK;
    const at = ipv4.payloadAt(frame.bytes, ip);
    const protocol = ipv4.protocol(frame.bytes, ip);
    const isFirst = ipv4.fragmentOffset(frame.bytes, ip) === 0;
    if (protocol === ICMP && isFirst && this.icmp.judge(packet, at)) return this.tell(packet);
    if (!read(this.wanted, frame.bytes, ip, frame.end)) return this.refuse(packet);
    for (;;) {
      if (!this.resolve(packet)) return false;
      const line = this.table.lineOf(frame);
      if (line === null) return this.refuse(packet);
      const verdict = this.track(protocol, line, packet, at);
      if (verdict === Verdict.VALID) return this.accept(line, packet);
      attach(frame, null, 0);
      if (verdict === Verdict.INVALID) return this.refuse(packet);
    }
  }

  /** nf_conntrack_confirm. False: the frame has ended. */
  confirm(packet: Packet): boolean {
    const { frame } = packet;
    const line = this.table.lineOf(frame);
    if (line === null) return true;
    if (!line.isConfirmed && directionOf(frame.connectionInfo) === Direction.ORIGINAL) {
      if (!this.insert(flowOf(frame)!, frame)) return false;
      this.deliver(flowOf(frame)!);
    } else if (line.changes !== 0) this.deliver(flowOf(frame)!);
    return true;
  }

  /** A ref into the table, or NOWHERE. */
  lookup(wanted: Tuple): number {
    const found = this.table.find(wanted);
    if (found === NOWHERE || this.table.expiresAt(found) > this.ticks) return found;
    this.kill(this.table.flowAt(found));
    return NOWHERE;
  }

  /** nf_conntrack_tuple_taken, by another flow than `own`. */
  isTaken(tuple: Tuple, own: Flow): boolean {
    const found = this.lookup(tuple);
    if (found === NOWHERE) return false;
    const other = this.table.flowAt(found);
    if (other === own || equal(other.original, own.original)) return false;
    this.counters.found++;
    return true;
  }

  kill(flow: Flow): void {
    if ((flow.status & Status.DYING) !== 0) return;
    flow.status |= Status.DYING;
    if (!flow.isConfirmed) return;
    this.owner?.flowGone(flow);
    this.expiry.forget(flow);
    this.table.remove(flow);
    this.settings.nf_conntrack_count = this.table.size;
    flow.changes = Change.DESTROY;
    this.deliver(flow);
  }

  expired(flow: Flow): void {
    this.kill(flow);
  }

  refresh(line: FlowLine, packet: Packet, info: number, seconds: number): void {
    line.expires = line.isConfirmed ? this.ticks + seconds * HZ : seconds * HZ;
    if (isLate(line)) this.expiry.file(flowOf(packet.frame)!);
    if (line.isCounted) count(flowOf(packet.frame)!, packet, info);
  }

  shorten(flow: Flow, seconds: number): void {
    flow.expires = Math.min(flow.expires, this.ticks + seconds * HZ);
    if (isLate(flow)) this.expiry.file(flow);
  }

  changed(line: FlowLine, change: number): void {
    line.changes |= change;
  }

  logInvalid(packet: Packet, protocol: number, text: string): void {
    const wanted = this.settings.nf_conntrack_log_invalid;
    if (wanted !== ALL_PROTOCOLS && wanted !== protocol) return;
    this.host.logInvalid(packet, `nf_ct_proto_${protocol}: ${text} `);
  }

  /** resolve_normal_ct. False: the frame has ended. */
  private resolve({ frame }: Packet): boolean {
    const found = this.lookup(this.wanted);
    if (found === NOWHERE) return this.begin(frame);
    this.table.attach(frame, found, Info.NEW);
    if (refDirection(found) === Direction.REPLY) frame.connectionInfo = Info.ESTABLISHED_REPLY;
    else if (this.table.lineOf(frame)!.seenReply) frame.connectionInfo = Info.ESTABLISHED;
    return true;
  }

  /** init_conntrack. A message that nothing could answer begins no flow. */
  private begin(frame: Frame): boolean {
    const { settings } = this;
    const flow = new Flow(this.lastId + 1);
    if (!invert(flow.reply, this.wanted)) return true;
    if (settings.nf_conntrack_max > 0 && this.table.size >= settings.nf_conntrack_max && !this.makeRoom()) {
      this.counters.drop++;
      this.host.warn("nf_conntrack: nf_conntrack: table full, dropping packet");
      this.host.drop(frame, Fate.CONNTRACK_FULL);
      return false;
    }
    this.lastId++;
    assign(flow.original, this.wanted);
    if (settings.nf_conntrack_acct !== 0) flow.status |= Status.COUNTED;
    attach(frame, flow, Info.NEW);
    return true;
  }

  /** early_drop: flows that nobody has answered, or not for long. */
  private makeRoom(): boolean {
    const victims = this.table.victims(hashOf(this.wanted), this.settings.nf_conntrack_buckets);
    for (const flow of victims) this.kill(flow);
    this.counters.earlyDrop += victims.length;
    return victims.length > 0;
  }

  private track(protocol: number, line: FlowLine, packet: Packet, at: number): VerdictCode {
    const info = packet.frame.connectionInfo;
    if (protocol === TCP) return this.tcp.track(line, packet, at, info);
    if (protocol === UDP) return this.udp.track(line, packet, at, info);
    const tracker: L4Tracker = protocol === ICMP ? this.icmp : this.generic;
    return tracker.track(line, packet, at, info);
  }

  private accept(line: FlowLine, packet: Packet): true {
    const { frame } = packet;
    if (frame.connectionInfo === Info.ESTABLISHED_REPLY && !line.seenReply) this.answered(flowOf(frame)!);
    return this.tell(packet);
  }

  /** Of a flow that the answer itself, a RST, has killed, nobody hears any more; its line is not where it was looked at. */
  private answered(flow: Flow): void {
    flow.status |= Status.SEEN_REPLY;
    if ((flow.status & Status.DYING) === 0) this.changed(flow, Change.REPLY);
  }

  /** It goes on, and is no part of anything: INVALID. */
  private refuse(packet: Packet): true {
    this.counters.invalid++;
    return this.tell(packet);
  }

  private tell({ frame }: Packet): true {
    // The recorder alone wants to know which one.
    if (!this.host.world.recorder.on) return true;
    const flow = flowOf(frame);
    if (flow === null) this.host.note(Step.CONNTRACK_INVALID, frame, 0, 0);
    else this.host.note(Step.CONNTRACK_STATE, frame, frame.connectionInfo, flow.id);
    return true;
  }

  /**
   * __nf_conntrack_confirm. What was killed before it was in the table must not get into it: it would stay there for ever.
   * Of two flows with one tuple the later one loses: NAT found no other, or did not look.
   */
  private insert(flow: Flow, frame: Frame): boolean {
    if ((flow.status & Status.DYING) !== 0) {
      this.counters.insertFailed++;
      this.host.drop(frame, Fate.CONNTRACK_DYING);
      return false;
    }
    let winner = this.lookup(flow.original);
    if (winner === NOWHERE) winner = this.lookup(flow.reply);
    if (winner === NOWHERE) {
      this.add(flow);
      return true;
    }
    const other = this.table.flowAt(winner);
    const isSame = equal(other.original, flow.original) && equal(other.reply, flow.reply);
    if (isSame && ALLOW_CLASH.includes(flow.original.protocol)) {
      this.counters.clashResolve++;
      attach(frame, other, frame.connectionInfo);
      return true;
    }
    this.counters.insertFailed++;
    this.counters.drop++;
    this.host.drop(frame, Fate.CONNTRACK_CLASH);
    return false;
  }

  private add(flow: Flow): void {
    this.ticks = Math.floor(this.host.world.scheduler.now / TICK);
    flow.expires += this.ticks;
    flow.status |= Status.CONFIRMED;
    this.table.insert(flow);
    this.expiry.file(flow);
    this.owner?.flowAdded(flow);
    this.settings.nf_conntrack_count = this.table.size;
    flow.changes |= Change.NEW;
  }

  private deliver(flow: Flow): void {
    const { changes } = flow;
    flow.changes = 0;
    for (const watcher of this.watchers.listeners ?? []) watcher.flowChanged(flow, changes);
  }
}

/** allow_clash of struct nf_conntrack_l4proto: UDP and UDP-Lite, of which two packets at once may each begin the flow. */
const ALLOW_CLASH: readonly number[] = [UDP, 136];

/** Less time than it is filed for? */
const isLate = (line: FlowLine): boolean => line.due >= 0 && dueOf(line) < line.due;

/** nf_ct_acct_update: bytes of the IP packet. */
function count(flow: Flow, { frame }: Packet, info: number): void {
  const length = frame.length - LINK;
  if (directionOf(info) === Direction.REPLY) {
    flow.replyPackets++;
    flow.replyBytes += length;
  } else {
    flow.packets++;
    flow.bytes += length;
  }
}
