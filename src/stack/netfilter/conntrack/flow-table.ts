/**
 * The table of flows: every flow stands in it twice, once for each direction. Follows nf_conntrack_core.c
 * (__nf_conntrack_find_get, early_drop). Buckets are as many as there are tuples, so that a chain stays short however
 * many flows there are; the kernel's own number of buckets counts only for who has to go when the table is full.
 *
 * What it says of a tuple is a `ref`: twice the number of the flow's line (its slot), and one more for its reply. A lookup
 * reads the lines alone, and so does who asks for the line of a frame's flow: a flow that nobody touches costs its packets
 * no miss of the cache.
 */
import type { Frame } from "../../../packet/frame.ts";
import { attach, EXPIRES, type Flow, FlowLine, flowOf, LINE, NEXT, Status } from "./flow.ts";
import { hashOf, type Tuple } from "./tuple.ts";

const SMALLEST = 8;
/** NF_CT_EVICTION_RANGE */
const EVICTION_RANGE = 8;

/** A power of two. */
const RECENT = 64;

/** The table grows by pieces of so many lines, which never move. */
const PIECE_BITS = 10;
const PIECE = 2 ** PIECE_BITS;

export const NOWHERE = -1;
/** Direction.ORIGINAL or Direction.REPLY. */
export const refDirection = (ref: number): number => ref & 1;

export class FlowTable {
  /** Flows in it. */
  size = 0;
  private bits = SMALLEST;
  /** One more than the ref of the first tuple in each bucket. */
  private heads = new Int32Array(2 ** SMALLEST);
  private readonly pieces: Int32Array[] = [];
  /** By number of line. */
  private readonly flows: (Flow | null)[] = [];
  private readonly free: number[] = [];
  /** A ring of the last ones put in, for who looks often and will not walk a full table. */
  private readonly recent = new Array<Flow | null>(RECENT).fill(null);
  private inserted = 0;
  private removed = 0;
  private readonly window = new FlowLine();

  /** The ref of a tuple, or NOWHERE. */
  find(wanted: Tuple): number {
    const { source, destination, ports, protocol } = wanted;
    let ref = this.heads[hashOf(wanted) >>> (32 - this.bits)]! - 1;
    while (ref >= 0) {
      const piece = this.pieces[ref >>> (PIECE_BITS + 1)]!;
      const line = ((ref >>> 1) & (PIECE - 1)) * LINE;
      const at = line + 4 * (ref & 1);
      const isIt = piece[at] === source && piece[at + 1] === destination && piece[at + 2] === ports;
      if (isIt && piece[line + 3] === protocol) return ref;
      ref = piece[line + NEXT + (ref & 1)]! - 1;
    }
    return NOWHERE;
  }

  flowAt(ref: number): Flow {
    return this.flows[ref >>> 1]!;
  }

  expiresAt(ref: number): number {
    return this.pieces[ref >>> (PIECE_BITS + 1)]![((ref >>> 1) & (PIECE - 1)) * LINE + EXPIRES]!;
  }

  /** The frame is of the flow that a tuple in the table is of, and remembers where: while nothing leaves the table. */
  attach(frame: Frame, ref: number, info: number): void {
    attach(frame, this.flowAt(ref), info);
    frame.connectionSlot = ref >>> 1;
    frame.connectionAge = this.removed;
  }

  /** What is known of a frame's flow, or null. Good until the flow gets into the table or out of it, or the next call. */
  lineOf(frame: Frame): FlowLine | null {
    if (frame.connection === null) return null;
    const { window } = this;
    const slot = frame.connectionSlot;
    // To compare flows would be to touch them.
    if (slot >= 0 && frame.connectionAge === this.removed)
      window.lookAt(this.pieces[slot >>> PIECE_BITS]!, (slot & (PIECE - 1)) * LINE);
    else window.follow(flowOf(frame)!);
    return window;
  }

  insert(flow: Flow): void {
    if (2 * this.size >= this.heads.length) this.grow();
    this.size++;
    this.recent[this.inserted++ & (RECENT - 1)] = flow;
    const slot = this.free.pop() ?? this.flows.length;
    if (slot >>> PIECE_BITS === this.pieces.length) this.pieces.push(new Int32Array(PIECE * LINE));
    this.flows[slot] = flow;
    flow.slot = slot;
    flow.moveTo(this.pieces[slot >>> PIECE_BITS]!, (slot & (PIECE - 1)) * LINE);
    this.link(2 * slot);
    this.link(2 * slot + 1);
  }

  /** Who still holds the flow finds it as it was. */
  remove(flow: Flow): void {
    const { slot } = flow;
    this.size--;
    this.removed = (this.removed + 1) | 0;
    this.unlink(2 * slot);
    this.unlink(2 * slot + 1);
    this.flows[slot] = null;
    this.free.push(slot);
    flow.slot = NOWHERE;
    flow.moveTo(new Int32Array(LINE), 0);
  }

  /** The newest first, sixty-four at the most: all there are while the table is small, else of the last ones put in. */
  newest(): Flow[] {
    const isHere = (flow: Flow | null): flow is Flow => flow !== null && flow.slot !== NOWHERE;
    const flows = this.bits === SMALLEST ? this.list() : this.recent.filter(isHere).sort((a, b) => a.id - b.id);
    return flows.slice(-RECENT).reverse();
  }

  /** In order of making. */
  list(): Flow[] {
    return this.flows.filter((flow) => flow !== null).sort((a, b) => a.id - b.id);
  }

  /** early_drop: of the eight buckets from `hash` on, were there `buckets` of them, the first that has flows nobody needs. */
  victims(hash: number, buckets: number): Flow[] {
    const width = 2 ** 32 / buckets;
    const first = Math.floor((hash >>> 0) / width);
    for (let i = 0; i < EVICTION_RANGE; i++) {
      const found = this.between(((first + i) % buckets) * width, width);
      if (found.length > 0) return found;
    }
    return [];
  }

  private between(from: number, width: number): Flow[] {
    const found: Flow[] = [];
    const shift = 2 ** (32 - this.bits);
    for (let i = Math.floor(from / shift); i * shift < from + width; i++)
      for (let ref = this.heads[i]! - 1; ref >= 0; ref = this.next(ref)) {
        const hash = hashOf(this.tupleAt(ref)) >>> 0;
        const flow = this.flowAt(ref);
        if (hash < from || hash >= from + width || found.includes(flow)) continue;
        if ((flow.status & (Status.ASSURED | Status.DYING)) === 0) found.push(flow);
      }
    return found;
  }

  private tupleAt(ref: number): Tuple {
    const flow = this.flowAt(ref);
    return (ref & 1) === 0 ? flow.original : flow.reply;
  }

  private next(ref: number): number {
    return this.pieces[ref >>> (PIECE_BITS + 1)]![nextAt(ref)]! - 1;
  }

  private setNext(ref: number, next: number): void {
    this.pieces[ref >>> (PIECE_BITS + 1)]![nextAt(ref)] = next + 1;
  }

  private bucketOf(ref: number): number {
    return hashOf(this.tupleAt(ref)) >>> (32 - this.bits);
  }

  private link(ref: number): void {
    const bucket = this.bucketOf(ref);
    this.setNext(ref, this.heads[bucket]! - 1);
    this.heads[bucket] = ref + 1;
  }

  private unlink(ref: number): void {
    const bucket = this.bucketOf(ref);
    let before = this.heads[bucket]! - 1;
    if (before === ref) {
      this.heads[bucket] = this.next(ref) + 1;
      return;
    }
    while (this.next(before) !== ref) before = this.next(before);
    this.setNext(before, this.next(ref));
  }

  private grow(): void {
    this.bits += 2;
    this.heads = new Int32Array(2 ** this.bits);
    for (const flow of this.list()) {
      this.link(2 * flow.slot);
      this.link(2 * flow.slot + 1);
    }
  }
}

/** Where in its piece a tuple has the ref of the one behind it. */
const nextAt = (ref: number): number => ((ref >>> 1) & (PIECE - 1)) * LINE + NEXT + (ref & 1);
