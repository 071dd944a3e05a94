/**
 * A connection as the host follows it, struct nf_conn. Follows include/uapi/linux/netfilter/nf_conntrack_common.h.
 * Made once per flow; a packet changes numbers in it and allocates nothing. Those numbers stand side by side, in the
 * flow's line, since of many flows none is in the cache when its packet comes; an ordinary packet reads the line alone
 * (FlowTable.lineOf) and never touches the flow.
 *
 * Not modelled: helpers and expectations, labels, zones, security marks, sequence adjustment.
 */
import type { Connection, Frame } from "../../../packet/frame.ts";
import { TICK } from "./settings.ts";
import type { TcpFlow } from "./tcp-flow.ts";
import { Tuple } from "./tuple.ts";

/** IPS_* */
export const Status = {
  EXPECTED: 1,
  SEEN_REPLY: 2,
  ASSURED: 4,
  CONFIRMED: 8,
  SRC_NAT: 16,
  DST_NAT: 32,
  NAT: 48,
  SRC_NAT_DONE: 128,
  DST_NAT_DONE: 256,
  NAT_DONE: 384,
  DYING: 512,
  /** No IPS_*: nf_conntrack_acct was on when it was made, which there is an extension's presence (NF_CT_EXT_ACCT). */
  COUNTED: 2 ** 30,
} as const;

/** enum ip_conntrack_info: what a packet is to its flow. Replies are three further on. */
export const Info = {
  ESTABLISHED: 0,
  RELATED: 1,
  NEW: 2,
  ESTABLISHED_REPLY: 3,
  RELATED_REPLY: 4,
  UNTRACKED: 7,
} as const;
export const IS_REPLY = 3;

/** What was heard of a flow (IPCT_*), as bits: what a change was about, beside that there is one. */
export const Change = { NEW: 1, DESTROY: 4, REPLY: 8, ASSURED: 16, PROTOCOL: 32, MARK: 256 } as const;

export const Direction = { ORIGINAL: 0, REPLY: 1 } as const;

/**
 * Of a flow's line in the table (flow-table.ts), sixteen numbers, everything that an ordinary packet reads or writes:
 *
 *     0-2  the original tuple   3  protocol, for both   4-6  the reply's   7  when it is due (expiry.ts)
 *     8  status   9  expires   10 11  the next in either bucket   12  device   13  changes   14  stream from   15  mark
 */
export const LINE = 16;
const PROTOCOL = 3;
const REPLY = 4;
const DUE = 7;
const STATUS = 8;
export const EXPIRES = 9;
export const NEXT = 10;
const MASQUERADED_BY = 12;
const CHANGES = 13;
const STREAM_FROM = 14;
const MARK = 15;
/** Jiffies beyond this are cut down to it (nf_ct_set_timeout). */
const LAST_TICK = 2 ** 31 - 1;

/** A window on the line of a flow. */
export class FlowLine {
  private line: Int32Array;
  private at: number;

  constructor(line: Int32Array = new Int32Array(LINE), at = 0) {
    this.line = line;
    this.at = at;
  }

  lookAt(line: Int32Array, at: number): void {
    this.line = line;
    this.at = at;
  }

  /** Looks at what `other` looks at. */
  follow(other: FlowLine): void {
    this.line = other.line;
    this.at = other.at;
  }

  copyTo(line: Int32Array, at: number): void {
    for (let i = 0; i < LINE; i++) line[at + i] = this.line[this.at + i]!;
  }

  /** Makes `window` look at one direction. */
  show(window: Tuple, direction: number): void {
    const { line, at } = this;
    window.moveTo(line, direction === Direction.ORIGINAL ? at : at + REPLY, at + PROTOCOL);
  }

  get status(): number {
    return this.line[this.at + STATUS]!;
  }
  set status(bits: number) {
    this.line[this.at + STATUS] = bits;
  }

  /** In ticks: when it is forgotten; before it is confirmed, how long after that. */
  get expires(): number {
    return this.line[this.at + EXPIRES]!;
  }
  set expires(ticks: number) {
    this.line[this.at + EXPIRES] = Math.min(ticks, LAST_TICK);
  }

  get mark(): number {
    return this.line[this.at + MARK]!;
  }
  set mark(mark: number) {
    this.line[this.at + MARK] = mark;
  }

  /** UDP: from this tick on what still speaks is a stream. */
  get streamFrom(): number {
    return this.line[this.at + STREAM_FROM]!;
  }
  set streamFrom(ticks: number) {
    this.line[this.at + STREAM_FROM] = ticks;
  }

  /** Index of the device that a MASQUERADE was for, or 0. */
  get masqueradedBy(): number {
    return this.line[this.at + MASQUERADED_BY]!;
  }
  set masqueradedBy(device: number) {
    this.line[this.at + MASQUERADED_BY] = device;
  }

  /** Changes that nobody was told yet, by Change. */
  get changes(): number {
    return this.line[this.at + CHANGES]!;
  }
  set changes(bits: number) {
    this.line[this.at + CHANGES] = bits;
  }

  /** The second in which its end is looked at, or -1 while it waits for none. */
  get due(): number {
    return this.line[this.at + DUE]!;
  }
  set due(second: number) {
    this.line[this.at + DUE] = second;
  }

  get isConfirmed(): boolean {
    return (this.status & Status.CONFIRMED) !== 0;
  }

  get seenReply(): boolean {
    return (this.status & Status.SEEN_REPLY) !== 0;
  }

  get isAssured(): boolean {
    return (this.status & Status.ASSURED) !== 0;
  }

  get isCounted(): boolean {
    return (this.status & Status.COUNTED) !== 0;
  }
}

/** Its line is an array of its own until it is confirmed and after it is killed, and lies in the table between. */
export class Flow extends FlowLine implements Connection {
  /** In order of making. */
  readonly id: number;
  /** Null but for TCP. */
  tcp: TcpFlow | null = null;
  /** Which line of the table is its own, or -1. */
  slot = -1;
  readonly original = new Tuple();
  readonly reply = new Tuple();
  /** Per direction; counted while nf_conntrack_acct is on. */
  packets = 0;
  bytes = 0;
  replyPackets = 0;
  replyBytes = 0;
  /** Where it waits for its end, among those that are due with it. */
  place = 0;
  /** The next one with the same original source (nat/by-source.ts). */
  nextBySource: Flow | null = null;

  constructor(id: number) {
    super();
    this.id = id;
    this.showBoth();
    this.due = -1;
  }

  /** For the table: from now on its line is the one that begins at `at` of `line`. */
  moveTo(line: Int32Array, at: number): void {
    this.copyTo(line, at);
    this.lookAt(line, at);
    this.showBoth();
  }

  tuple(direction: number): Tuple {
    return direction === Direction.ORIGINAL ? this.original : this.reply;
  }

  /** Whole seconds until it is forgotten. */
  secondsLeft(now: number): number {
    return Math.max(0, Math.floor((this.expires - Math.floor(now / TICK)) / (1e9 / TICK)));
  }

  private showBoth(): void {
    this.show(this.original, Direction.ORIGINAL);
    this.show(this.reply, Direction.REPLY);
  }
}

/** nf_ct_get. The only things that ever hang on a frame as its connection are flows. */
export const flowOf = (frame: Frame): Flow | null => frame.connection as Flow | null;

export function attach(frame: Frame, flow: Flow | null, info: number): void {
  frame.connection = flow;
  frame.connectionSlot = -1;
  frame.connectionInfo = info;
}

/** nf_conntrack_attach: what the kernel itself answers to `culprit` speaks of its flow, be that in the table or not. */
export function attachAnswer(answer: Frame, culprit: Frame): void {
  if (culprit.connection === null) return;
  const isOriginal = directionOf(culprit.connectionInfo) === Direction.ORIGINAL;
  attach(answer, flowOf(culprit), isOriginal ? Info.RELATED_REPLY : Info.RELATED);
}

export const directionOf = (info: number): number => (info >= IS_REPLY ? Direction.REPLY : Direction.ORIGINAL);
