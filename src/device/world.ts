/**
 * What every device of one lab shares: the clock, the frames, chance, the record of decisions and the list of points.
 */
import type { Random } from "../engine/random.ts";
import { RandomStreams } from "../engine/random.ts";
import { Recorder } from "../engine/recorder.ts";
import { Scheduler } from "../engine/scheduler.ts";
import { FramePool } from "../packet/frame-pool.ts";
import { Point, type PointKind } from "./point.ts";

export class World {
  readonly scheduler = new Scheduler();
  readonly frames = new FramePool();
  readonly recorder: Recorder;
  readonly streams: RandomStreams;
  /** Every point there ever was; its index is its id, so records can name points that are gone. */
  readonly points: Point[] = [];

  constructor(seed: number) {
    this.recorder = new Recorder(this.scheduler);
    this.streams = new RandomStreams(seed);
  }

  random(name: string): Random {
    return this.streams.stream(name);
  }

  point(machine: string, owner: string, kind: PointKind): Point {
    const point = new Point(this.points.length, machine, owner, kind);
    this.points.push(point);
    return point;
  }
}
