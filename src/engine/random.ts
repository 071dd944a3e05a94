/**
 * Chance, seeded and named: every consumer has its own stream, so that adding one does not shift another.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand); names are hashed with FNV-1a.
 */

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, name: string) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 0x1_0000_0000) | 0;
    this.c = fnv1a(name);
    for (let i = 0; i < 12; i++) this.next32();
  }

  /** An unsigned 32-bit integer. */
  next32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** An integer from 0 up to, not including, `limit` (at most 2^32). */
  below(limit: number): number {
    return Math.floor((this.next32() / 0x1_0000_0000) * limit);
  }

  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean {
    return probability > 0 && this.next32() < probability * 0x1_0000_0000;
  }
}

/** The named streams of one lab. */
export class RandomStreams {
  readonly seed: number;
  private readonly streams = new Map<string, Random>();

  constructor(seed: number) {
    this.seed = seed;
  }

  stream(name: string): Random {
    let found = this.streams.get(name);
    if (found === undefined) {
      found = new Random(this.seed, name);
      this.streams.set(name, found);
    }
    return found;
  }
}

export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}
