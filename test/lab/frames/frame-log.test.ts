import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fate } from "../../../src/base/fate.ts";
import { copyGraph } from "../../../src/engine/copy.ts";
import { seconds } from "../../../src/engine/time.ts";
import { PointNames } from "../../../src/lab/frames/point-names.ts";
import { Checksum, HEADROOM } from "../../../src/packet/frame.ts";
import { LogBench } from "../../kit/frame-log.ts";
import { SAMPLES } from "../../kit/sample-frames.ts";
import { newTable, StubDevice } from "../../kit/world.ts";

const PING = SAMPLES.get("ping")!;
/** Bytes that say which frame they are of. */
const numbered = (number: number, length: number): Uint8Array => new Uint8Array(length).fill(number & 255);

describe("a record", () => {
  it("has everything that was known of the frame when it passed", () => {
    const bench = new LogBench();
    const vif = bench.point("xen1:vif1.0");
    bench.at(2);
    const frame = bench.frame(PING);
    frame.checksum = Checksum.PARTIAL;
    bench.show(frame, vif);
    expect(bench.log.record(1)).toEqual({
      ...{ number: 1, time: 2e9, point: "xen1:vif1.0", machine: "xen1", device: "vif1.0", direction: "in" },
      ...{ frame: frame.id, length: 98, fate: Fate.NONE, checksumPartial: true, bytes: PING },
    });
  });

  it("keeps the bytes as they were, when the frame is changed or its buffer used again", () => {
    const bench = new LogBench();
    const vif = bench.point("xen1:vif1.0");
    const frame = bench.frame(PING);
    bench.show(frame, vif);
    frame.bytes.fill(0);
    bench.world.frames.finish(frame, Fate.CONSUMED);
    bench.pass(new Uint8Array(98).fill(9), vif);
    expect(bench.log.record(1)?.bytes).toEqual(PING);
  });

  it("says how a frame ended, and where", () => {
    const bench = new LogBench();
    bench.show(bench.frame(PING), bench.point("xen1:ip", "drop"), Fate.NO_ROUTE);
    expect(bench.log.record(1)).toMatchObject({ point: "xen1:ip", direction: "drop", fate: Fate.NO_ROUTE });
  });

  it("does not exist of what a bridge passes on: that shows at its ports", () => {
    const bench = new LogBench();
    bench.pass(PING, bench.point("xen1:xenbr0", "forward"), bench.point("xen1:vif1.0", "tx"));
    expect([bench.log.first, bench.log.end]).toEqual([1, 2]);
    expect(bench.log.record(1)).toMatchObject({ point: "xen1:vif1.0", direction: "out" });
  });
});

describe("a device that is renamed", () => {
  it("has each record under the name of its time", () => {
    const bench = new LogBench();
    const table = newTable(bench.world);
    const vif = new StubDevice(table, "vif1.0", 0x0016_3e00_0001 as never);
    table.register(vif);
    vif.setUp(true);
    vif.arrive(bench.frame(PING));
    table.rename(vif, "web1-lan");
    vif.arrive(bench.frame(PING));
    const points = [1, 2, 3, 4].map((number) => bench.log.record(number)?.point);
    // Without an upper each of them ends at the device's drop point as well.
    expect(points).toEqual(["xen1:vif1.0", "xen1:vif1.0", "xen1:web1-lan", "xen1:web1-lan"]);
  });
});

describe("names", () => {
  it("are given up when no record has them any more, however many guests come and go", () => {
    const names = new PointNames(16);
    const bench = new LogBench({ records: 8, bytes: 1 << 17 }, names);
    for (let domain = 1; domain <= 500; domain++) bench.pass(PING, bench.point(`xen1:vif${domain}.0`));
    expect(names.size).toBeLessThanOrEqual(32);
    expect(names.indices).toBeLessThanOrEqual(32);
    const kept = Array.from({ length: 8 }, (_, i) => bench.log.record(bench.log.first + i)?.point);
    expect(kept).toEqual([493, 494, 495, 496, 497, 498, 499, 500].map((domain) => `xen1:vif${domain}.0`));
  });

  it("come back when an old point sees a frame again", () => {
    const bench = new LogBench({ records: 4, bytes: 1 << 17 }, new PointNames(4));
    const old = bench.point("xen1:vif1.0");
    bench.pass(PING, old);
    for (let domain = 2; domain <= 40; domain++) bench.pass(PING, bench.point(`xen1:vif${domain}.0`));
    bench.pass(PING, old);
    expect(bench.log.record(bench.log.end - 1)?.point).toBe("xen1:vif1.0");
    expect(bench.log.record(bench.log.end - 2)?.point).toBe("xen1:vif40.0");
  });
});

describe("the limits", () => {
  it("of records: the oldest go, their numbers are not given again, and the log says how many", () => {
    const bench = new LogBench({ records: 1024, bytes: 1 << 20 });
    const vif = bench.point("xen1:vif1.0");
    for (let i = 1; i <= 3000; i++) bench.pass(numbered(i, 60), vif);
    const { log } = bench;
    expect([log.first, log.end, log.forgotten]).toEqual([1977, 3001, 1976]);
    expect([log.record(1976), log.time(1976), log.lineage(1976), log.record(3001)]).toEqual([null, null, null, null]);
    expect([log.record(1977)?.bytes[0], log.record(3000)?.bytes[0]]).toEqual([1977 & 255, 3000 & 255]);
  });

  it("of bytes: large frames leave room for fewer", () => {
    const bench = new LogBench({ records: 1024, bytes: 1 << 17 });
    const vif = bench.point("xen1:vif1.0");
    for (let i = 1; i <= 200; i++) bench.pass(numbered(i, 1514), vif);
    const { log } = bench;
    expect(log.end - log.first).toBe(Math.floor((1 << 17) / 1516));
    for (let number = log.first; number < log.end; number++)
      expect(log.record(number)?.bytes).toEqual(numbered(number, 1514));
  });

  it("whatever comes, what the log still has is right, and it has what fits", () => {
    const length = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 65_535 }));
    const shown = fc.record({ length, skew: fc.nat(3), isBurst: fc.boolean() });
    fc.assert(
      fc.property(fc.array(shown, { minLength: 1, maxLength: 120 }), (frames) => {
        const bench = new LogBench({ records: 64, bytes: 1 << 17 });
        const { log, world } = bench;
        const vif = bench.point("xen1:vif1.0");
        const lengths: number[] = [];
        for (const { length, skew, isBurst } of frames) {
          for (let times = isBurst ? 10 : 1; times > 0; times--) {
            lengths.push(length);
            const frame = world.frames.create(length);
            frame.at = HEADROOM - skew;
            frame.bytes.fill(lengths.length & 255, frame.at, frame.end);
            bench.show(frame, vif);
            world.frames.finish(frame, Fate.CONSUMED);
          }
        }
        expect(log.end).toBe(lengths.length + 1);
        expect(log.end - log.first).toBeLessThanOrEqual(64);
        let bytes = 0;
        for (let number = log.first; number < log.end; number++) {
          const isSame = Buffer.compare(log.record(number)!.bytes, numbered(number, lengths[number - 1]!)) === 0;
          expect(isSame, `bytes of record ${number}`).toBe(true);
          bytes += lengths[number - 1]!;
        }
        // One more would not have fitted: the words that frames fill, and what one of them may leave free.
        if (log.first > 1 && log.end - log.first < 64)
          expect(bytes + lengths[log.first - 2]! + 7 * 64 + 65_535).toBeGreaterThan(1 << 17);
      }),
      { numRuns: 100 },
    );
  });
});

it("finds the first record at a time or later", () => {
  const bench = new LogBench({ records: 4, bytes: 1 << 17 });
  const vif = bench.point("xen1:vif1.0");
  for (let second = 1; second <= 6; second++) {
    bench.at(second);
    bench.pass(PING, vif);
  }
  expect([0, 3, 4, 4.5, 6, 7].map((second) => bench.log.numberAt(seconds(second)))).toEqual([3, 3, 4, 5, 6, 7]);
});

it("is copied with everything it has, and each copy goes its own way", () => {
  const bench = new LogBench({ records: 64, bytes: 1 << 17 });
  const vif = bench.point("xen1:vif1.0");
  for (let i = 1; i <= 100; i++) bench.pass(numbered(i, 60), vif);
  const twin = copyGraph(bench);
  bench.pass(numbered(200, 60), vif);
  twin.pass(numbered(201, 60), twin.world.points[0]!);
  expect(twin.log.record(100)).toEqual(bench.log.record(100));
  expect([bench.log.record(101)?.bytes[0], twin.log.record(101)?.bytes[0]]).toEqual([200, 201]);
});
