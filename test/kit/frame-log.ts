/** A frame log with points to show frames at, without devices: for tests of what stands on the log. */
import { Fate, type FateCode } from "../../src/base/fate.ts";
import type { Point, PointKind } from "../../src/device/point.ts";
import { World } from "../../src/device/world.ts";
import { seconds } from "../../src/engine/time.ts";
import { FrameLog, type FrameLogLimits } from "../../src/lab/frames/frame-log.ts";
import type { PointNames } from "../../src/lab/frames/point-names.ts";
import type { Frame } from "../../src/packet/frame.ts";

export class LogBench {
  readonly world = new World(7);
  readonly log: FrameLog;

  constructor(limits?: FrameLogLimits, names?: PointNames) {
    this.log = new FrameLog(this.world, limits, names);
  }

  point(name: string, kind: PointKind = "rx"): Point {
    const [machine = "", device = ""] = name.split(":");
    return this.world.point(machine, device, kind);
  }

  frame(bytes: Uint8Array): Frame {
    return this.world.frames.from(bytes);
  }

  /** A frame that passes each of the points once, and is gone. */
  pass(bytes: Uint8Array, ...points: readonly Point[]): void {
    const frame = this.frame(bytes);
    for (const point of points) this.show(frame, point);
    this.world.frames.finish(frame, Fate.DELIVERED);
  }

  show(frame: Frame, point: Point, fate: FateCode = Fate.NONE): void {
    if (point.taps.listeners !== null) point.show(frame, fate);
  }

  /** Lets virtual time pass up to `second`. */
  at(second: number): void {
    this.world.scheduler.runUntil(seconds(second));
  }
}
