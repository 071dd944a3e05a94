/**
 * A first-in first-out queue on a power-of-two array that grows by doubling: backlogs, qdiscs, run queues.
 *
 *   items  [ . . a b c . . . ]      head & mask -> a, tail & mask -> the free slot after c
 */
export class FixedRing<Item> {
  private items: (Item | null)[];
  private mask: number;
  private head = 0;
  private tail = 0;

  constructor(capacity = 16) {
    let size = 1;
    while (size < capacity) size *= 2;
    this.items = new Array<Item | null>(size).fill(null);
    this.mask = size - 1;
  }

  get length(): number {
    return this.tail - this.head;
  }

  push(item: Item): void {
    if (this.tail - this.head > this.mask) this.grow();
    this.items[this.tail & this.mask] = item;
    this.tail++;
  }

  /** Null when empty. */
  peek(): Item | null {
    return this.head === this.tail ? null : this.items[this.head & this.mask]!;
  }

  /** Null when empty. */
  shift(): Item | null {
    if (this.head === this.tail) return null;
    const slot = this.head & this.mask;
    const item = this.items[slot]!;
    this.items[slot] = null;
    this.head++;
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    }
    return item;
  }

  private grow(): void {
    const kept: (Item | null)[] = [];
    for (let i = this.head; i < this.tail; i++) kept.push(this.items[i & this.mask]!);
    const count = kept.length;
    while (kept.length < 2 * (this.mask + 1)) kept.push(null);
    this.items = kept;
    this.mask = kept.length - 1;
    this.head = 0;
    this.tail = count;
  }
}
