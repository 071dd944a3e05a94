/** What the lab itself promises, whoever drives it. */
import { describe, expect, test } from "vitest";
import type { EventTarget } from "../../src/engine/scheduler.ts";
import { type Nanos, seconds } from "../../src/engine/time.ts";
import { type Lab, openLab } from "../../src/lab/index.ts";
import { planOfFile } from "../kit/lab.ts";

class Bug implements EventTarget {
  handle(): void {
    throw new TypeError("a planted bug");
  }
}

const DRIVES: readonly (readonly [string, (lab: Lab) => unknown])[] = [
  ["runUntil", (lab) => lab.runUntil(seconds(5))],
  ["runSlice", (lab) => lab.runSlice(1e6)],
  ["comeUp", (lab) => lab.comeUp()],
];

describe("a bug names its place in the run", () => {
  test.each(DRIVES)("in %s", (_, drive) => {
    const lab = openLab(planOfFile("bridge-xl.yaml"));
    lab.world.scheduler.at(1_250_000 as Nanos, new Bug(), 0);
    expect(() => drive(lab)).toThrow(/^a planted bug \(virtual time 0\.001250000 s, event \d+\)$/);
  });
});
