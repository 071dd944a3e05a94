/**
 * Where frames ended, and why: a counter per drop point and fate. A point that is gone leaves its counts under its name,
 * so that a guest that was rebooted still has them.
 */
import { FATE_COUNT, type FateCode } from "../base/fate.ts";
import type { Point, Tap } from "../device/point.ts";
import type { PointWatcher, World } from "../device/world.ts";
import type { Frame } from "../packet/frame.ts";

/** Names of points that are gone; beyond it the oldest name loses its counts. */
const NAMES_KEPT = 4096;

export class DropLog implements PointWatcher {
  /** By point id. */
  private readonly living = new Map<number, PointCounter>();
  /** What was counted at points that are gone, by name, oldest first. */
  private readonly retired = new Map<string, Float64Array>();

  constructor(world: World) {
    world.watchPoints(this);
  }

  pointAdded(point: Point): void {
    if (point.kind !== "drop") return;
    const counter = new PointCounter(point);
    this.living.set(point.id, counter);
    point.taps.add(counter);
  }

  pointRetired(point: Point): void {
    const counter = this.living.get(point.id);
    if (counter === undefined) return;
    this.living.delete(point.id);
    counter.heir = this;
    if (counter.counts !== null) counter.counts = this.fold(point.name, counter.counts);
  }

  /** For `PointCounter`: the counts that stand for this name from now on. */
  fold(name: string, counts: Float64Array): Float64Array {
    const known = this.retired.get(name);
    if (known !== undefined) return add(known, counts);
    this.retired.set(name, counts);
    if (this.retired.size > NAMES_KEPT) this.retired.delete(this.retired.keys().next().value!);
    return counts;
  }

  /** Frames that ended in `fate` at the points of this name ("xen1:vif1.0"), now and before. */
  count(fate: number, point: string): number {
    let sum = this.retired.get(point)?.[fate] ?? 0;
    for (const counter of this.living.values())
      if (counter.counts !== null && counter.point.name === point) sum += counter.counts[fate] ?? 0;
    return sum;
  }

  /** Every name where something ended, with its counters by fate code. */
  get byPoint(): readonly (readonly [point: string, counts: Float64Array])[] {
    const sums = new Map<string, Float64Array>();
    for (const [name, counts] of this.retired) sums.set(name, counts.slice());
    for (const { point, counts } of this.living.values()) {
      if (counts === null) continue;
      const known = sums.get(point.name);
      if (known === undefined) sums.set(point.name, counts.slice());
      else add(known, counts);
    }
    return [...sums];
  }
}

/** One per drop point, so that a frame's end costs an increment. */
class PointCounter implements Tap {
  readonly point: Point;
  /** By fate code; null until the first frame ends here: most points never see one. */
  counts: Float64Array | null = null;
  /** Set when the point is gone: frames on their way there may still end, and count for its name. */
  heir: DropLog | null = null;

  constructor(point: Point) {
    this.point = point;
  }

  seen(_frame: Frame, _point: Point, fate: FateCode): void {
    if (this.counts === null) this.counts = this.fresh();
    this.counts[fate]!++;
  }

  private fresh(): Float64Array {
    const counts = new Float64Array(FATE_COUNT);
    return this.heir === null ? counts : this.heir.fold(this.point.name, counts);
  }
}

function add(sum: Float64Array, counts: Float64Array): Float64Array {
  counts.forEach((count, fate) => {
    sum[fate]! += count;
  });
  return sum;
}
