/** Virtual time behind real time: speeds, a lab that cannot follow, and full speed. */
import { describe, expect, test } from "vitest";
import type { Nanos } from "../../../src/lab/index.ts";
import { Pace, SPEEDS, speedText } from "../../../src/tui/session/pace.ts";

const at = (millis: number): Nanos => (millis * 1e6) as Nanos;

describe("pace", () => {
  test("starts in real time, from wherever both clocks are", () => {
    const pace = new Pace();
    expect([pace.running, pace.speed]).toEqual([false, 1]);
    pace.start(5_000, at(70));
    expect(pace.running).toBe(true);
    expect(pace.target(5_000)).toBe(at(70));
    expect(pace.target(5_100)).toBe(at(170));
    expect(pace.wait(at(175), 5_100), "real milliseconds").toBe(5);
    expect(pace.wait(at(100), 5_100), "overdue").toBe(0);
  });

  test("a change of speed takes effect from here: nothing jumps", () => {
    const pace = new Pace();
    pace.start(0, at(0));
    expect(pace.change(1, 1_000, at(1_000))).toBe(true);
    expect(pace.target(1_000)).toBe(at(1_000));
    expect(pace.target(1_500), "2×").toBe(at(2_000));
    for (const _ of [1, 2, 3]) pace.change(-1, 1_500, at(2_000));
    expect(pace.speed).toBe(1 / 4);
    expect(pace.target(1_600)).toBe(at(2_025));
    expect(pace.wait(at(2_026), 1_600)).toBe(4);
  });

  test("the scale has two ends", () => {
    const pace = new Pace();
    while (pace.change(-1, 0, at(0)));
    expect(pace.speed).toBe(1 / 16);
    while (pace.change(1, 0, at(0)));
    expect(pace.speed).toBe(Number.POSITIVE_INFINITY);
    expect(pace.change(1, 0, at(0))).toBe(false);
    expect(
      [...SPEEDS].sort((a, b) => a - b),
      "slowest first",
    ).toEqual(SPEEDS);
    expect(SPEEDS.map(speedText)).toEqual([
      ...["1/16×", "1/8×", "1/4×", "1/2×", "1×", "2×", "4×", "8×", "16×", "64×", "max"],
    ]);
  });

  test("targets are whole nanoseconds", () => {
    const pace = new Pace();
    for (const _ of [1, 2, 3, 4]) pace.change(-1, 0, at(0));
    pace.start(0.123456789, at(0));
    for (const real of [1.1, 2.7, 3.333333333]) expect(Number.isInteger(pace.target(real))).toBe(true);
  });

  test("a lab that cannot follow is not chased: it goes on from where it got to", () => {
    const pace = new Pace();
    pace.start(0, at(0));
    pace.reached(200, at(0));
    expect(pace.isBehind, "200 ms can be made up for").toBe(false);
    expect(pace.target(200)).toBe(at(200));
    pace.reached(300, at(20));
    expect(pace.isBehind).toBe(true);
    expect(pace.target(300), "anew").toBe(at(20));
    expect(pace.target(400)).toBe(at(120));
  });

  test("that it is behind is said long enough to be read, and not for ever", () => {
    const pace = new Pace();
    pace.start(0, at(0));
    pace.reached(400, at(0));
    for (const later of [401, 700, 1_300]) {
      pace.reached(later, pace.target(later) as Nanos);
      expect(pace.isBehind, `after ${later} ms`).toBe(true);
    }
    pace.reached(1_500, pace.target(1_500) as Nanos);
    expect(pace.isBehind).toBe(false);
  });

  test("a lab that never can follow is behind all the time", () => {
    const pace = new Pace();
    pace.start(0, at(0));
    let virtual = 0;
    for (let real = 50; real < 10_000; real += 50) {
      virtual += 10;
      pace.reached(real, at(virtual));
      if (real > 400) expect(pace.isBehind, `at ${real}`).toBe(true);
    }
    pace.change(-1, 10_000, at(virtual));
    expect(pace.isBehind, "slower is another chance").toBe(false);
    pace.reached(10_400, at(virtual));
    pace.stop();
    expect(pace.isBehind, "what stands is not late").toBe(false);
  });

  test("at full speed there is no target, no waiting and no being late", () => {
    const pace = new Pace();
    while (pace.change(1, 0, at(0)));
    pace.start(0, at(0));
    expect(pace.target(1)).toBe(Number.POSITIVE_INFINITY);
    expect(pace.wait(at(1e9), 0)).toBe(0);
    pace.reached(1e6, at(0));
    expect(pace.isBehind).toBe(false);
    pace.change(-1, 1_000, at(5e9));
    expect(pace.target(1_000), "back to a pace from where it is").toBe(at(5e9));
  });
});
