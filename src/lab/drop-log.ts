/**
 * Where frames were dropped, and why: a counter per point and fate, and the latest drops in words' reach.
 */
import { FATE_COUNT, type FateCode } from "../base/fate.ts";
import type { Point, Tap } from "../device/point.ts";
import type { PointWatcher, World } from "../device/world.ts";
import type { Nanos } from "../engine/time.ts";
import type { Frame } from "../packet/frame.ts";

export interface Drop {
  readonly time: Nanos;
  readonly point: string;
  readonly fate: FateCode;
  /** Lineage id. */
  readonly frame: number;
}

/** How many drops are remembered one by one. */
const REMEMBERED = 256;

export class DropLog implements Tap, PointWatcher {
  private readonly world: World;
  private readonly counts = new Map<string, Float64Array>();
  readonly latest: Drop[] = [];

  constructor(world: World) {
    this.world = world;
    world.watchPoints(this);
  }

  pointAdded(point: Point): void {
    if (point.kind === "drop") point.taps.add(this);
  }

  seen(frame: Frame, point: Point, fate: FateCode): void {
    let counts = this.counts.get(point.name);
    if (counts === undefined) {
      counts = new Float64Array(FATE_COUNT);
      this.counts.set(point.name, counts);
    }
    counts[fate]!++;
    if (this.latest.length >= REMEMBERED) this.latest.shift();
    this.latest.push({
      time: this.world.scheduler.now,
      point: point.name,
      fate,
      frame: frame.id,
    });
  }

  count(fate: number, point: string): number {
    return this.counts.get(point)?.[fate] ?? 0;
  }

  /** Every point where something was dropped, with its counters by fate code. */
  get byPoint(): readonly (readonly [point: string, counts: Float64Array])[] {
    return [...this.counts];
  }
}
