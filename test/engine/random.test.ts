import { describe, expect, it } from "vitest";
import { fnv1a, Random, RandomStreams } from "../../src/engine/random.ts";

const MASK = 0xffff_ffffn;

/** sfc32 written down once more, in big integers, from its description in PractRand. */
function* sfc32(seed: number, name: string): Generator<number> {
  let hash = 0x811c_9dc5n;
  for (const letter of name) hash = ((hash ^ BigInt(letter.charCodeAt(0))) * 0x0100_0193n) & MASK;
  let a = BigInt(seed) & MASK;
  let b = (BigInt(seed) >> 32n) & MASK;
  let c = hash;
  for (let counter = 1n; ; counter++) {
    const out = (a + b + counter) & MASK;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & MASK;
    c = ((((c << 21n) | (c >> 11n)) & MASK) + out) & MASK;
    if (counter > 12n) yield Number(out);
  }
}

const numbers = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next32());

describe("chance", () => {
  it.each([
    [7, "cable.loss.eth0"],
    [0, ""],
    [2 ** 52 + 12_345, "stp"],
  ])("is sfc32 of seed %i and the name %j", (seed, name) => {
    const model = sfc32(seed, name);
    expect(numbers(new Random(seed, name), 1000)).toEqual(Array.from({ length: 1000 }, () => model.next().value));
  });

  it("knows FNV-1a's published values", () => {
    expect([fnv1a(""), fnv1a("a"), fnv1a("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it("is the same for the same seed, and another for another seed or name", () => {
    expect(numbers(new Random(1, "a"), 20)).toEqual(numbers(new Random(1, "a"), 20));
    expect(numbers(new Random(1, "a"), 20)).not.toEqual(numbers(new Random(2, "a"), 20));
    expect(numbers(new Random(1, "a"), 20)).not.toEqual(numbers(new Random(1, "b"), 20));
    expect(numbers(new Random(1, "a"), 20)).not.toEqual(numbers(new Random(1 + 2 ** 32, "a"), 20));
  });

  it("gives each name its own stream: one more consumer shifts nobody", () => {
    const alone = new RandomStreams(9);
    const shared = new RandomStreams(9);
    const expected = numbers(alone.stream("loss"), 50);
    const got = Array.from({ length: 50 }, () => {
      shared.stream("jitter").next32();
      return shared.stream("loss").next32();
    });
    expect(got).toEqual(expected);
    expect(shared.stream("loss")).toBe(shared.stream("loss"));
  });

  it("shows no kinship between streams of neighbouring names", () => {
    const a = numbers(new Random(7, "vif1.0"), 4000);
    const b = numbers(new Random(7, "vif2.0"), 4000);
    const agreeing = a.reduce((sum, x, i) => sum + 32 - ones(x ^ b[i]!), 0) / (32 * 4000);
    expect(agreeing).toBeGreaterThan(0.49);
    expect(agreeing).toBeLessThan(0.51);
  });

  it.each([2, 3, 10, 100, 256])("below(%i) is uniform enough for a chi-square test", (limit) => {
    const random = new Random(3, "dice");
    const counts = new Array<number>(limit).fill(0);
    const rolls = 2000 * limit;
    for (let i = 0; i < rolls; i++) counts[random.below(limit)]!++;
    const chi = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chi).toBeLessThan(limit - 1 + 4 * Math.sqrt(2 * (limit - 1)) + 4);
  });

  it("stays below the limit at the edges", () => {
    const random = new Random(5, "edges");
    for (let i = 0; i < 1000; i++) {
      expect(random.below(1)).toBe(0);
      const wide = random.below(2 ** 32);
      expect(Number.isInteger(wide) && wide >= 0 && wide < 2 ** 32).toBe(true);
    }
  });

  it("says yes as often as it is told", () => {
    const random = new Random(11, "loss");
    const yes = Array.from({ length: 100_000 }, () => random.chance(0.3)).filter(Boolean).length;
    expect(Math.abs(yes - 30_000)).toBeLessThan(600);
    expect(Array.from({ length: 1000 }, () => random.chance(0)).some(Boolean)).toBe(false);
    expect(Array.from({ length: 1000 }, () => random.chance(1)).every(Boolean)).toBe(true);
  });
});

function ones(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
