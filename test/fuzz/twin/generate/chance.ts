/** What a generator asks of chance. */
import { Random } from "../../../../src/engine/random.ts";

export class Chance {
  private readonly random: Random;

  constructor(seed: number, name: string) {
    this.random = new Random(seed, name);
  }

  /** From 0 up to, not including, `limit`. */
  below(limit: number): number {
    return this.random.below(limit);
  }

  from(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  maybe(probability: number): boolean {
    return this.random.chance(probability);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** "heavy" is three times as likely as "light" in { heavy: 3, light: 1 }. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let left = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new Error("no weights");
  }

  /** Each with its probability, in order. */
  some<Item>(items: readonly Item[], probability: number): Item[] {
    return items.filter(() => this.maybe(probability));
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.below(rest.length), 1)[0]!);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
