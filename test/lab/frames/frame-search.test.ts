import fc from "fast-check";
import { expect, it } from "vitest";
import { parseDisplayFilter } from "../../../src/lab/frames/filter/grammar.ts";
import type { DisplayFilter } from "../../../src/lab/frames/filter/tree.ts";
import { FrameSearch } from "../../../src/lab/frames/frame-search.ts";
import { LogBench } from "../../kit/frame-log.ts";
import { SAMPLES } from "../../kit/sample-frames.ts";

const PING = SAMPLES.get("ping")!;
const ARP = SAMPLES.get("arp request")!;

function filter(text: string): DisplayFilter {
  const read = parseDisplayFilter(text);
  if (!read.ok) throw new Error(read.message);
  return read.filter;
}

function busyBench(frames: string): LogBench {
  const bench = new LogBench({ records: 16, bytes: 1 << 17 });
  const vif = bench.point("xen1:vif1.0");
  for (const each of frames) bench.pass(each === "p" ? PING : ARP, vif);
  return bench;
}

it("looks at so many records a step, and says when it is up to date", () => {
  const { log } = busyBench("papappa");
  const search = new FrameSearch(log, filter("icmp"));
  expect([search.step(3), search.examined, search.matches]).toEqual([false, 3, [1, 3]]);
  expect([search.step(3), search.examined, search.matches]).toEqual([false, 6, [1, 3, 5, 6]]);
  expect([search.step(3), search.examined, search.matches]).toEqual([true, 7, [1, 3, 5, 6]]);
  expect(search.step(0)).toBe(true);
});

it("keeps up with frames that come, also when it looked at nothing before", () => {
  const bench = busyBench("");
  const search = new FrameSearch(bench.log, filter("icmp"));
  expect([search.step(10), search.matches, search.examined]).toEqual([true, [], 0]);
  bench.pass(PING, bench.world.points[0]!);
  expect([search.step(10), search.matches, search.examined]).toEqual([true, [1], 1]);
});

it("goes from match to match", () => {
  const search = new FrameSearch(busyBench("apaapap").log, filter("icmp"));
  search.step(100);
  expect(search.matches).toEqual([2, 5, 7]);
  expect([0, 2, 3, 6, 7].map((number) => search.after(number))).toEqual([2, 5, 5, 7, null]);
  expect([2, 3, 5, 8].map((number) => search.before(number))).toEqual([null, 2, 2, 7]);
  expect([1, 2, 5, 6, 9].map((number) => search.placeOf(number))).toEqual([0, 0, 1, 2, 3]);
});

it("whatever comes and however late it looks, it has what the log has", () => {
  const move = fc.oneof(
    fc.record({ frames: fc.stringMatching(/^[pa]{0,12}$/), steps: fc.constant(0) }),
    fc.record({ frames: fc.constant(""), steps: fc.integer({ min: 1, max: 9 }) }),
  );
  fc.assert(
    fc.property(fc.array(move), (moves) => {
      const bench = busyBench("");
      const { log } = bench;
      const search = new FrameSearch(log, filter("icmp"));
      let all = "";
      for (const { frames, steps } of moves) {
        for (const each of frames) bench.pass(each === "p" ? PING : ARP, bench.world.points[0]!);
        all += frames;
        if (steps > 0) search.step(steps);
        expect(search.matches.every((number) => number >= log.first && all[number - 1] === "p")).toBe(true);
      }
      while (!search.step(5));
      const kept = [...all].flatMap((each, i) => (each === "p" && i + 1 >= log.first ? [i + 1] : []));
      expect(search.matches).toEqual(kept);
      expect(search.examined).toBe(log.end - log.first);
    }),
  );
});
