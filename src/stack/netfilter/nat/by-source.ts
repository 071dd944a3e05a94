/**
 * Flows by the source that they had before NAT: what a sender was mapped to it is mapped to again, whoever it speaks to.
 * Follows nf_nat_core.c (hash_by_src, find_appropriate_src): of several mappings the newest.
 */
import type { Flow } from "../conntrack/flow.ts";
import type { Tuple } from "../conntrack/tuple.ts";

const SMALLEST = 4;

export class BySource {
  private size = 0;
  private bits = SMALLEST;
  private heads: (Flow | null)[] = new Array<Flow | null>(2 ** SMALLEST).fill(null);

  /** The first of the flows whose source may be the same; the others follow by `nextBySource`. */
  first(tuple: Tuple): Flow | null {
    return this.heads[this.slot(tuple)]!;
  }

  add(flow: Flow): void {
    if (this.size++ >= this.heads.length) this.grow();
    this.link(flow);
  }

  remove(flow: Flow): void {
    const at = this.slot(flow.original);
    let before: Flow | null = null;
    let each = this.heads[at] ?? null;
    while (each !== null && each !== flow) {
      before = each;
      each = each.nextBySource;
    }
    if (each === null) return;
    if (before === null) this.heads[at] = flow.nextBySource;
    else before.nextBySource = flow.nextBySource;
    flow.nextBySource = null;
    this.size--;
  }

  private link(flow: Flow): void {
    const at = this.slot(flow.original);
    flow.nextBySource = this.heads[at]!;
    this.heads[at] = flow;
  }

  private slot({ source, sourcePort, protocol }: Tuple): number {
    let h = Math.imul(source ^ (protocol << 24), 0x85eb_ca6b) ^ Math.imul(sourcePort, 0x9e37_79b1);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d);
    h ^= h >>> 13;
    return h >>> (32 - this.bits);
  }

  private grow(): void {
    const all: Flow[] = [];
    for (const head of this.heads) for (let flow = head; flow !== null; flow = flow.nextBySource) all.push(flow);
    this.bits += 2;
    this.heads = new Array<Flow | null>(2 ** this.bits).fill(null);
    for (const flow of all.reverse()) this.link(flow);
  }
}

export const hasSameSource = ({ original }: Flow, tuple: Tuple): boolean =>
  original.source === tuple.source && original.sourcePort === tuple.sourcePort && original.protocol === tuple.protocol;
