/**
 * What every device of one lab shares: the clock, the frames, chance, the record of decisions and the list of points.
 */
import type { FateCode } from "../base/fate.ts";
import { Signal } from "../base/signal.ts";
import type { Random } from "../engine/random.ts";
import { RandomStreams } from "../engine/random.ts";
import { Recorder } from "../engine/recorder.ts";
import { Scheduler } from "../engine/scheduler.ts";
import type { Frame } from "../packet/frame.ts";
import { FramePool } from "../packet/frame-pool.ts";
import { Point, type PointKind } from "./point.ts";

/** Hears of every new point the moment it exists, so that nothing is missed between. */
export interface PointWatcher {
  pointAdded(point: Point): void;
  /** The device or stage is gone: whoever holds the point lets go of it. */
  pointRetired?(point: Point): void;
}

/** Enough for every record that the recorder's ring can still hold of a host that reboots its guests. */
const NAMES_KEPT = 4096;

export class World {
  readonly scheduler = new Scheduler();
  readonly frames = new FramePool();
  readonly recorder: Recorder;
  readonly streams: RandomStreams;
  private readonly living = new Map<number, Point>();
  /** Of the points that went last, by id, oldest first: a point itself would keep its dead device in memory. */
  private readonly retiredNames = new Map<number, string>();
  private nextPointId = 0;
  readonly pointWatchers = new Signal<PointWatcher>();

  constructor(seed: number) {
    this.recorder = new Recorder(this.scheduler);
    this.streams = new RandomStreams(seed);
  }

  random(name: string): Random {
    return this.streams.stream(name);
  }

  point(machine: string, owner: string, kind: PointKind): Point {
    const point = new Point(this.nextPointId++, machine, owner, kind);
    this.living.set(point.id, point);
    for (const watcher of this.pointWatchers.listeners ?? []) watcher.pointAdded(point);
    return point;
  }

  /** The points of what exists now, in order of id. While nothing has been retired, the index is the id. */
  get points(): readonly Point[] {
    return [...this.living.values()];
  }

  /** "xen1:vif1.0" for the id in a step record, also when the point is gone; null when that is too long ago. */
  pointName(id: number): string | null {
    return this.living.get(id)?.name ?? this.retiredNames.get(id) ?? null;
  }

  /**
   * Its device or stage is gone for good; a second time does nothing. A drop point keeps its taps: frames on their way
   * may still end there, and must be counted.
   */
  retire(point: Point): void {
    if (!this.living.delete(point.id)) return;
    this.retiredNames.set(point.id, point.name);
    if (this.retiredNames.size > NAMES_KEPT) this.retiredNames.delete(this.retiredNames.keys().next().value!);
    for (const watcher of this.pointWatchers.listeners ?? []) watcher.pointRetired?.(point);
    if (point.kind !== "drop") point.taps.listeners = null;
  }

  /** The frame ends at the drop point `at`: put on record, shown to the taps, given back. */
  end(frame: Frame, fate: FateCode, at: Point): void {
    this.recorder.note(fate, frame.id, at.id);
    if (at.taps.listeners !== null) at.show(frame, fate);
    this.frames.finish(frame, fate);
  }

  /** Tells `watcher` of the points there are and of all to come. */
  watchPoints(watcher: PointWatcher): void {
    for (const point of this.living.values()) watcher.pointAdded(point);
    this.pointWatchers.add(watcher);
  }
}
