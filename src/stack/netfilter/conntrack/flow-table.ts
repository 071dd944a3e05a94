/**
 * The table of flows: every flow stands in it twice, once for each direction. Follows nf_conntrack_core.c
 * (__nf_conntrack_find_get, early_drop). Buckets are as many as there are tuples, so that a chain stays short however
 * many flows there are; the kernel's own number of buckets counts only for who has to go when the table is full.
 */
import { type Flow, Status, type Tuple } from "./flow.ts";
import { equal, hashOf } from "./tuple.ts";

const SMALLEST = 8;
/** NF_CT_EVICTION_RANGE */
const EVICTION_RANGE = 8;

/** A power of two. */
const RECENT = 64;

export class FlowTable {
  /** Flows in it. */
  size = 0;
  private bits = SMALLEST;
  private heads: (Tuple | null)[] = emptyHeads(SMALLEST);
  /** A ring of the last ones put in, for who looks often and will not walk a full table. */
  private readonly recent = new Array<Flow | null>(RECENT).fill(null);
  private inserted = 0;

  find(wanted: Tuple): Tuple | null {
    let tuple = this.heads[hashOf(wanted) >>> (32 - this.bits)] ?? null;
    while (tuple !== null && !equal(tuple, wanted)) tuple = tuple.next;
    return tuple;
  }

  insert(flow: Flow): void {
    if (2 * this.size >= this.heads.length) this.grow();
    this.size++;
    this.recent[this.inserted++ & (RECENT - 1)] = flow;
    flow.original.hash = hashOf(flow.original);
    flow.reply.hash = hashOf(flow.reply);
    this.link(flow.original);
    this.link(flow.reply);
  }

  remove(flow: Flow): void {
    this.size--;
    this.unlink(flow.original);
    this.unlink(flow.reply);
  }

  /** The newest first, sixty-four at the most: all there are while the table is small, else of the last ones put in. */
  newest(): Flow[] {
    const isHere = (flow: Flow | null): flow is Flow => flow !== null && this.find(flow.original) === flow.original;
    const flows = this.bits === SMALLEST ? this.list() : this.recent.filter(isHere).sort((a, b) => a.id - b.id);
    return flows.slice(-RECENT).reverse();
  }

  /** In order of making. */
  list(): Flow[] {
    const flows: Flow[] = [];
    for (const head of this.heads)
      for (let tuple = head; tuple !== null; tuple = tuple.next)
        if (tuple === tuple.flow!.original) flows.push(tuple.flow!);
    return flows.sort((a, b) => a.id - b.id);
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
      for (let tuple = this.heads[i] ?? null; tuple !== null; tuple = tuple.next) {
        const hash = tuple.hash >>> 0;
        const flow = tuple.flow!;
        if (hash < from || hash >= from + width || found.includes(flow)) continue;
        if ((flow.status & (Status.ASSURED | Status.DYING)) === 0) found.push(flow);
      }
    return found;
  }

  private link(tuple: Tuple): void {
    const at = tuple.hash >>> (32 - this.bits);
    tuple.next = this.heads[at]!;
    this.heads[at] = tuple;
  }

  private unlink(tuple: Tuple): void {
    const at = tuple.hash >>> (32 - this.bits);
    let before = this.heads[at] ?? null;
    if (before === tuple) this.heads[at] = tuple.next;
    else {
      while (before!.next !== tuple) before = before!.next;
      before!.next = tuple.next;
    }
    tuple.next = null;
  }

  private grow(): void {
    const tuples: Tuple[] = [];
    for (const head of this.heads) for (let tuple = head; tuple !== null; tuple = tuple.next) tuples.push(tuple);
    this.bits += 2;
    this.heads = emptyHeads(this.bits);
    for (const tuple of tuples.reverse()) this.link(tuple);
  }
}

function emptyHeads(bits: number): (Tuple | null)[] {
  const heads: (Tuple | null)[] = [];
  for (let i = 2 ** bits; i > 0; i--) heads.push(null);
  return heads;
}
