/**
 * A connection as the host follows it, struct nf_conn. Follows include/uapi/linux/netfilter/nf_conntrack_common.h.
 * Made once per flow; a packet changes numbers in it and allocates nothing.
 *
 * Not modelled: helpers and expectations, labels, zones, security marks, sequence adjustment.
 */
import type { Connection, Frame } from "../../../packet/frame.ts";
import { TICK } from "./settings.ts";
import type { TcpFlow } from "./tcp-flow.ts";

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

/** One direction of a flow: struct nf_conntrack_tuple, and its place in the table. */
export class Tuple {
  source = 0;
  destination = 0;
  sourcePort = 0;
  destinationPort = 0;
  protocol = 0;
  readonly direction: number;
  /** Null in tuples to look up with. */
  readonly flow: Flow | null;
  /** While it is in the table: its hash, and the next one in its bucket. */
  hash = 0;
  next: Tuple | null = null;

  constructor(flow: Flow | null = null, direction: number = Direction.ORIGINAL) {
    this.flow = flow;
    this.direction = direction;
  }

  get icmpType(): number {
    return this.destinationPort >>> 8;
  }

  get icmpCode(): number {
    return this.destinationPort & 255;
  }
}

export class Flow implements Connection {
  /** In order of making. */
  readonly id: number;
  readonly original = new Tuple(this, Direction.ORIGINAL);
  readonly reply = new Tuple(this, Direction.REPLY);
  status = 0;
  mark = 0;
  /** In ticks: when it is forgotten; before it is confirmed, how long after that. */
  expires = 0;
  /** Null but for TCP. */
  tcp: TcpFlow | null = null;
  /** UDP: from this tick on what still speaks is a stream. */
  streamFrom = 0;
  /** Index of the device that a MASQUERADE was for, or 0. */
  masqueradedBy = 0;
  /** Changes that nobody was told yet, by Change. */
  changes = 0;
  /** Per direction; counted while nf_conntrack_acct is on. */
  packets = 0;
  bytes = 0;
  replyPackets = 0;
  replyBytes = 0;
  /** Was nf_conntrack_acct on when it was made? */
  counts = false;
  /** Where it waits for its end (expiry.ts). */
  due = -1;
  place = 0;
  /** The next one with the same original source (nat/by-source.ts). */
  nextBySource: Flow | null = null;

  constructor(id: number) {
    this.id = id;
  }

  tuple(direction: number): Tuple {
    return direction === Direction.ORIGINAL ? this.original : this.reply;
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

  /** Whole seconds until it is forgotten. */
  secondsLeft(now: number): number {
    return Math.max(0, Math.floor((this.expires - Math.floor(now / TICK)) / (1e9 / TICK)));
  }
}

/** nf_ct_get. The only things that ever hang on a frame as its connection are flows. */
export const flowOf = (frame: Frame): Flow | null => frame.connection as Flow | null;

export function attach(frame: Frame, flow: Flow | null, info: number): void {
  frame.connection = flow;
  frame.connectionInfo = info;
}

/** nf_conntrack_attach: what the kernel itself answers to `culprit` speaks of its flow, be that in the table or not. */
export function attachAnswer(answer: Frame, culprit: Frame): void {
  if (culprit.connection === null) return;
  const isOriginal = directionOf(culprit.connectionInfo) === Direction.ORIGINAL;
  attach(answer, flowOf(culprit), isOriginal ? Info.RELATED_REPLY : Info.RELATED);
}

export const directionOf = (info: number): number => (info >= IS_REPLY ? Direction.REPLY : Direction.ORIGINAL);
