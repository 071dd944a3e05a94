import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/bytes.ts";
import { Fate } from "../../src/base/fate.ts";
import { Cable, type CableOptions, wireTime } from "../../src/device/cable.ts";
import { World } from "../../src/device/world.ts";
import { copyGraph } from "../../src/engine/copy.ts";
import { ms, type Nanos, us } from "../../src/engine/time.ts";
import { ALICE, BOB, expectBalanced, frameOf, PlugProbe, run, TapLog } from "../kit/world.ts";

class CableBench {
  readonly world: World;
  readonly cable: Cable;
  readonly left: PlugProbe;
  readonly right: PlugProbe;

  constructor(options: Partial<CableOptions> = {}, seed = 7) {
    this.world = new World(seed);
    this.cable = new Cable(this.world, "lan:xen1-eth0", options);
    this.left = new PlugProbe(this.world, this.cable.a);
    this.right = new PlugProbe(this.world, this.cable.b);
  }

  /** Sends `count` frames, each when the wire is free. */
  send(count: number, length = 60): void {
    for (let i = 0; i < count; i++) {
      while (this.cable.a.busy) this.world.scheduler.step();
      this.cable.a.send(frameOf(this.world, BOB, ALICE, length), true);
    }
    run(this.world);
  }
}

describe("time on the wire", () => {
  it.each([
    [1514, 1e9, 12_304],
    [60, 1e9, 672],
    [42, 1e9, 672],
    [60, 100e6, 6_720],
    [1514, 10e6, 1_230_400],
    [9014, 10e9, 7_230],
    [60, 0, 0],
  ])("%i bytes at %i bit/s take %i ns", (length, rate, time) => {
    expect(wireTime(length, rate)).toBe(time);
  });

  it("fills a gigabit with 1,488,095 smallest frames a second", () => {
    expect(Math.floor(1e9 / wireTime(60, 1e9))).toBe(1_488_095);
  });

  it("comes before the delay, and frames follow each other back to back", () => {
    const bench = new CableBench({ rate: 1e9, delay: us(50) });
    bench.send(3, 1514);
    expect(bench.right.got.map((each) => each.time)).toEqual([62_304, 74_608, 86_912]);
    expect(bench.left.sentCount).toBe(3);
  });

  it("runs both ways at once", () => {
    const bench = new CableBench({ rate: 1e9 });
    bench.cable.a.send(frameOf(bench.world, BOB, ALICE), true);
    bench.cable.b.send(frameOf(bench.world, ALICE, BOB), true);
    run(bench.world);
    expect([bench.left.got[0]!.time, bench.right.got[0]!.time]).toEqual([672, 672]);
  });
});

describe("impairments", () => {
  const many = 2_000;

  it("lose about as many frames as they should, and say so at the cable's drop point", () => {
    const bench = new CableBench({ loss: 0.1 });
    const taps = new TapLog(bench.world).listenEverywhere();
    bench.send(many);
    const lost = bench.world.frames.count(Fate.CABLE_LOSS);
    expect(lost).toBeGreaterThan(150);
    expect(lost).toBeLessThan(250);
    expect(taps.lines).toHaveLength(lost);
    expect(taps.lines[0]).toContain(":lan:xen1-eth0 drop 14");
    expectBalanced(bench.world);
  });

  it("duplicate with the same lineage", () => {
    const bench = new CableBench({ duplicate: 1 });
    bench.send(3);
    const ids = bench.right.got.map((each) => each.id);
    expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2], ids[4], ids[4]]);
    expect(bench.world.frames.cloned).toBe(3);
    expectBalanced(bench.world);
  });

  it("corrupt exactly one bit and mark the frame", () => {
    const bench = new CableBench({ corrupt: 1 });
    const sent = frameOf(bench.world, BOB, ALICE, 100);
    const before = sent.bytes.slice(sent.at, sent.end);
    bench.cable.a.send(sent, true);
    run(bench.world);
    const { intact, bytes } = bench.right.got[0]!;
    const differing = fromHex(bytes).reduce((sum, byte, i) => sum + popCount(byte ^ before[i]!), 0);
    expect({ intact, differing }).toEqual({ intact: false, differing: 1 });
  });

  it("carry damage on", () => {
    const bench = new CableBench({ rate: 1e9 });
    bench.cable.a.send(frameOf(bench.world, BOB, ALICE), false);
    run(bench.world);
    expect(bench.right.got[0]!.intact).toBe(false);
  });

  it("jitter keeps the order and stays in its bounds", () => {
    const bench = new CableBench({ rate: 1e9, delay: us(50), jitter: us(40) });
    bench.send(500);
    const ids = bench.right.got.map((each) => each.id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const first = bench.right.got[0]!.time - 672;
    expect(first).toBeGreaterThanOrEqual(10_000);
    expect(first).toBeLessThanOrEqual(90_000);
  });

  it("reordering lets later frames overtake", () => {
    const bench = new CableBench({ rate: 1e9, reorder: 0.2, reorderGap: us(5) });
    bench.send(200);
    const ids = bench.right.got.map((each) => each.id);
    expect(ids).not.toEqual(ids.toSorted((a, b) => a - b));
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  it("a small MTU swallows what is longer, a tag not counted", () => {
    const bench = new CableBench({ mtu: 1400 });
    const tagged = frameOf(bench.world, BOB, ALICE, 1418);
    tagged.bytes[tagged.at + 12] = 0x81;
    tagged.bytes[tagged.at + 13] = 0;
    bench.cable.a.send(tagged, true);
    bench.send(1, 1414);
    bench.send(1, 1415);
    expect(bench.right.got.map((each) => each.length)).toEqual([1418, 1414]);
    expect(bench.world.frames.count(Fate.CABLE_MTU)).toBe(1);
  });

  it("are the same again with the same seed, and others with another", () => {
    const times = (seed: number) => {
      const bench = new CableBench({ rate: 1e9, jitter: us(40), delay: us(50), loss: 0.1, duplicate: 0.1 }, seed);
      bench.send(100);
      return bench.right.got;
    };
    expect(times(1)).toEqual(times(1));
    expect(times(1)).not.toEqual(times(2));
  });

  it("never break the ledger", () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    const options = fc.record({ loss: chance, duplicate: chance, corrupt: chance, reorder: chance });
    fc.assert(
      fc.property(options, fc.integer({ min: 0, max: 100_000 }), (given, jitter) => {
        const bench = new CableBench({ ...given, jitter: jitter as Nanos, rate: 1e9 });
        bench.send(50);
        expectBalanced(bench.world);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the plug", () => {
  it("pulled loses what is under way, also if it is back before the frame would arrive", () => {
    const bench = new CableBench({ rate: 1e9, delay: ms(1) });
    bench.cable.a.send(frameOf(bench.world, BOB, ALICE), true);
    run(bench.world, 10_000);
    bench.cable.setPlugged(false);
    bench.cable.setPlugged(true);
    run(bench.world);
    expect(bench.right.got).toEqual([]);
    expect(bench.world.frames.count(Fate.CABLE_UNPLUGGED)).toBe(1);
    expect(bench.right.links).toEqual([true, false, true]);
    expectBalanced(bench.world);
  });

  it("pulled in the middle of a frame frees the sender all the same", () => {
    const bench = new CableBench({ rate: 1e6 });
    bench.cable.a.send(frameOf(bench.world, BOB, ALICE), true);
    run(bench.world, 1_000);
    bench.cable.setPlugged(false);
    run(bench.world);
    expect(bench.left.sentCount).toBe(1);
    expect(bench.world.frames.count(Fate.CABLE_UNPLUGGED)).toBe(1);
  });

  it("gives no link while one end is off", () => {
    const world = new World(7);
    const cable = new Cable(world, "c");
    const left = new PlugProbe(world, cable.a);
    expect([cable.link, left.links]).toEqual([false, []]);
    const right = new PlugProbe(world, cable.b);
    expect([cable.link, left.links, right.links]).toEqual([true, [true], [true]]);
    right.end.setReady(false);
    expect(left.links).toEqual([true, false]);
  });

  it("can be copied with frames under way", () => {
    const bench = new CableBench({ rate: 1e8, delay: us(100), jitter: us(90), loss: 0.2 });
    bench.cable.a.send(frameOf(bench.world, BOB, ALICE), true);
    run(bench.world, 10_000);
    const twin = copyGraph(bench);
    for (const each of [bench, twin]) each.send(30);
    expect(twin.right.got).toEqual(bench.right.got);
    expectBalanced(twin.world);
  });
});

function popCount(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
