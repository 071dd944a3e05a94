/**
 * Putting fragments together: RFC 791 3.2, RFC 5722 (overlaps); net/ipv4/ip_fragment.c, inet_fragment.c.
 * The frames of a datagram wait in its queue; the whole continues as one new frame of the first fragment's lineage.
 * Not modelled: ECN marks of fragments, max_dist, one queue per VRF.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import type { World } from "../device/world.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { Ipv4 } from "../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import type { Fragments, Frame } from "../packet/frame.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { createLarge } from "./ip-packet.ts";
import type { Settings } from "./settings.ts";
import type { SnmpCounters } from "./snmp.ts";
import { Step } from "./steps.ts";

/** The namespace as reassembly sees it. Who is handed a frame owns it, but for `reassemblyTimedOut`. */
export interface ReassemblyHost {
  readonly world: World;
  readonly cpu: Cpu | null;
  readonly settings: Settings;
  readonly snmp: SnmpCounters;
  drop(frame: Frame, fate: FateCode): void;
  note(code: number, frame: Frame, a: number, b: number): void;
  /** The first fragment is there, others never came (RFC 792). */
  reassemblyTimedOut(first: Frame, ifindex: number): void;
}

/** Who wants the whole (enum ip_defrag_users): fragments for one are not for another, wherever they came in. */
export const DefragUser = { LOCAL_DELIVER: 0, CONNTRACK_IN: 1, CONNTRACK_BRIDGE_IN: 2 } as const;
export type DefragUser = (typeof DefragUser)[keyof typeof DefragUser];

type Placing = "new" | "duplicate" | "overlap" | "corrupt";

class Piece {
  readonly frame: Frame;
  /** Bytes of the datagram's payload: [from, to). */
  readonly from: number;
  readonly to: number;

  constructor(frame: Frame, from: number, to: number) {
    this.frame = frame;
    this.from = from;
    this.to = to;
  }
}

/** One datagram on its way to being whole (struct ipq). */
class Queue {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly key: number;
  readonly user: DefragUser;
  readonly ifindex: number;
  readonly timer: Timer;
  /** Sorted by place, never overlapping. */
  pieces: Piece[] = [];
  memory = 0;
  /** Bytes that are there. */
  present = 0;
  /** End of what is known; the whole length once the last fragment is in. */
  length = 0;
  hasLast = false;

  constructor(frame: Frame, key: number, user: DefragUser, ifindex: number, timer: Timer) {
    this.source = ipv4.source(frame.bytes, frame.at + LINK);
    this.destination = ipv4.destination(frame.bytes, frame.at + LINK);
    this.key = key;
    this.user = user;
    this.ifindex = ifindex;
    this.timer = timer;
  }

  get hasFirst(): boolean {
    return this.pieces[0]?.from === 0;
  }

  get isWhole(): boolean {
    return this.hasFirst && this.hasLast && this.present === this.length;
  }

  get fragments(): Fragments {
    const longest = (pieces: readonly Piece[]): number =>
      Math.max(0, ...pieces.map(({ frame, from, to }) => ipv4.headerLength(frame.bytes, frame.at + LINK) + to - from));
    const largest = longest(this.pieces);
    const uncut = this.pieces.filter(({ frame }) => ipv4.dontFragment(frame.bytes, frame.at + LINK));
    return { largest, sizes: this.pieces.map(({ from, to }) => to - from), keepWhole: longest(uncut) === largest };
  }

  /** ip_frag_queue: where the fragment goes, or what is wrong with it. */
  place(frame: Frame): Placing {
    const b = frame.bytes;
    const ip = frame.at + LINK;
    const from = ipv4.fragmentOffset(b, ip);
    const more = ipv4.moreFragments(b, ip);
    const payload = ipv4.totalLength(b, ip) - ipv4.headerLength(b, ip);
    const to = from + (more ? payload & ~7 : payload);
    if (to === from || !this.agreesOnEnd(to, more)) return "corrupt";
    const at = this.pieces.findIndex((piece) => piece.to > from);
    const next = at < 0 ? null : this.pieces[at]!;
    if (next !== null && next.from < to) return this.covers(at, from, to) ? "duplicate" : "overlap";
    this.pieces.splice(at < 0 ? this.pieces.length : at, 0, new Piece(frame, from, to));
    this.present += to - from;
    this.memory += b.length;
    return "new";
  }

  private agreesOnEnd(to: number, more: boolean): boolean {
    if (!more && (to < this.length || (this.hasLast && to !== this.length))) return false;
    if (more && this.hasLast && to > this.length) return false;
    this.hasLast ||= !more;
    this.length = Math.max(this.length, to);
    return true;
  }

  /** True when an unbroken run from piece `at` holds [from, to) already. */
  private covers(at: number, from: number, to: number): boolean {
    if (this.pieces[at]!.from > from) return false;
    let end = this.pieces[at]!.to;
    for (let i = at + 1; i < this.pieces.length && this.pieces[i]!.from === end; i++) end = this.pieces[i]!.to;
    return end >= to;
  }
}

export class Reassembly implements EventTarget {
  private readonly host: ReassemblyHost;
  /** By identification and protocol; few datagrams share both. */
  private readonly queues = new Map<number, Queue[]>();
  /** Bytes held, as buffers count. */
  memory = 0;

  constructor(host: ReassemblyHost) {
    this.host = host;
  }

  /** Datagrams of which a part is there. */
  get size(): number {
    return [...this.queues.values()].flat().length;
  }

  /** Owns the fragment. The whole datagram when this one completed it, else null. */
  add(frame: Frame, ifindex: number, user: DefragUser): Frame | null {
    const { ip } = this.host.snmp;
    ip.reasmReqds++;
    if (this.memory > this.host.settings.ipv4.ipfrag_high_thresh) {
      ip.reasmFails++;
      this.host.drop(frame, Fate.REASSEMBLY_MEMORY);
      return null;
    }
    const queue = this.find(frame, user) ?? this.open(frame, ifindex, user);
    const before = queue.memory;
    const placing = queue.place(frame);
    this.memory += queue.memory - before;
    if (placing !== "new") this.refuse(queue, frame, placing);
    else this.host.note(Step.FRAGMENT_HELD, frame, queue.present, queue.hasLast ? queue.length : 0);
    return placing === "new" && queue.isWhole ? this.join(queue) : null;
  }

  /** A queue's thirty seconds are over. */
  handle(_operation: number, _argument: number, subject: unknown): void {
    const queue = subject as Queue;
    const { host } = this;
    host.snmp.ip.reasmFails++;
    host.snmp.ip.reasmTimeout++;
    if (queue.hasFirst) host.reassemblyTimedOut(queue.pieces[0]!.frame, queue.ifindex);
    this.kill(queue, Fate.REASSEMBLY_TIMEOUT);
  }

  /** The machine is gone: what waited for its other fragments ends here. */
  flush(): void {
    for (const queue of [...this.queues.values()].flat()) this.kill(queue, Fate.LINK_LOST);
  }

  private find(frame: Frame, user: DefragUser): Queue | null {
    const b = frame.bytes;
    const ip = frame.at + LINK;
    const source = ipv4.source(b, ip);
    const destination = ipv4.destination(b, ip);
    for (const queue of this.queues.get(keyOf(frame)) ?? []) {
      if (queue.source === source && queue.destination === destination && queue.user === user) return queue;
    }
    return null;
  }

  private open(frame: Frame, ifindex: number, user: DefragUser): Queue {
    const { host } = this;
    const queue = new Queue(frame, keyOf(frame), user, ifindex, new Timer(host.world.scheduler, this, 0, host.cpu));
    queue.timer.armAfter((host.settings.ipv4.ipfrag_time * 1e9) as Nanos, 0, queue);
    const others = this.queues.get(queue.key);
    if (others === undefined) this.queues.set(queue.key, [queue]);
    else others.push(queue);
    return queue;
  }

  private refuse(queue: Queue, frame: Frame, placing: Placing): void {
    const fate = placing === "corrupt" ? Fate.REASSEMBLY_GIVEN_UP : Fate.REASSEMBLY_OVERLAP;
    this.host.drop(frame, fate);
    if (placing === "duplicate") return;
    this.host.snmp.ip.reasmFails++;
    if (placing === "overlap") this.host.snmp.ip.reasmOverlaps++;
    this.kill(queue, fate);
  }

  private kill(queue: Queue, fate: FateCode): void {
    this.close(queue);
    for (const { frame } of queue.pieces) this.host.drop(frame, fate);
  }

  private close(queue: Queue): void {
    queue.timer.cancel();
    this.memory -= queue.memory;
    const rest = this.queues.get(queue.key)!.filter((each) => each !== queue);
    if (rest.length === 0) this.queues.delete(queue.key);
    else this.queues.set(queue.key, rest);
  }

  /** ip_frag_reasm */
  private join(queue: Queue): Frame | null {
    const { host } = this;
    const first = queue.pieces[0]!.frame;
    const header = ipv4.headerLength(first.bytes, first.at + LINK);
    if (header + queue.length > ipv4.MAX_LENGTH) {
      host.snmp.ip.reasmFails++;
      this.kill(queue, Fate.REASSEMBLY_GIVEN_UP);
      return null;
    }
    this.close(queue);
    const whole = createLarge(host.world.frames, LINK + header + queue.length);
    whole.id = first.id;
    copyPieces(queue.pieces, whole, LINK + header);
    const ip = whole.at + LINK;
    ipv4.setTotalLength(whole.bytes, ip, header + queue.length);
    whole.fragments = queue.fragments;
    ipv4.setFragment(whole.bytes, ip, 0, false, whole.fragments.keepWhole);
    ipv4.fillChecksum(whole.bytes, ip);
    whole.bridgePort = first.bridgePort;
    host.snmp.ip.reasmOKs++;
    host.note(Step.REASSEMBLED, whole, queue.pieces.length, header + queue.length);
    for (const { frame } of queue.pieces) host.world.frames.finish(frame, Fate.REASSEMBLED);
    return whole;
  }
}

const keyOf = (frame: Frame): number =>
  ipv4.id(frame.bytes, frame.at + LINK) * 256 + ipv4.protocol(frame.bytes, frame.at + LINK);

/** Link and IP header come from the first fragment. */
function copyPieces(pieces: readonly Piece[], whole: Frame, headers: number): void {
  const first = pieces[0]!.frame;
  whole.bytes.set(first.bytes.subarray(first.at, first.at + headers), whole.at);
  for (const { frame, from, to } of pieces) {
    const start = ipv4.payloadAt(frame.bytes, frame.at + LINK);
    whole.bytes.set(frame.bytes.subarray(start, start + to - from), whole.at + headers + from);
  }
}
