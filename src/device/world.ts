/**
 * What every device of one lab shares: the clock, the frames, chance, the record of decisions and the list of points.
 */
import { Signal } from "../base/signal.ts";
import type { Random } from "../engine/random.ts";
import { RandomStreams } from "../engine/random.ts";
import { Recorder } from "../engine/recorder.ts";
import { Scheduler } from "../engine/scheduler.ts";
import { FramePool } from "../packet/frame-pool.ts";
import { Point, type PointKind } from "./point.ts";

/** Hears of every new point the moment it exists, so that nothing is missed between. */
export interface PointWatcher {
  pointAdded(point: Point): void;
}

export class World {
  readonly scheduler = new Scheduler();
  readonly frames = new FramePool();
  readonly recorder: Recorder;
  readonly streams: RandomStreams;
  /** Every point there ever was; its index is its id, so records can name points that are gone. */
  readonly points: Point[] = [];
  readonly pointWatchers = new Signal<PointWatcher>();

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
    for (const watcher of this.pointWatchers.listeners ?? []) watcher.pointAdded(point);
    return point;
  }

  /** Tells `watcher` of the points there are and of all to come. */
  watchPoints(watcher: PointWatcher): void {
    for (const point of this.points) watcher.pointAdded(point);
    this.pointWatchers.add(watcher);
  }
}
