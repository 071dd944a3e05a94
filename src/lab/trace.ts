/**
 * The live trace: one entry for every frame at every point it passes, as text made when somebody listens. Entries wait
 * until they are taken; more than the limit, and the oldest are forgotten aloud.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import type { Point, Tap } from "../device/point.ts";
import type { PointWatcher, World } from "../device/world.ts";
import type { Nanos } from "../engine/time.ts";
import { describe } from "../packet/describe.ts";
import type { Frame } from "../packet/frame.ts";

export interface TraceEntry {
  readonly time: Nanos;
  /** "xen1:vif1.0" */
  readonly point: string;
  readonly direction: "in" | "out" | "drop" | "by";
  /** Lineage: the same frame has the same number everywhere. */
  readonly frame: number;
  readonly length: number;
  /** What `tcpdump -n` would print. */
  readonly text: string;
  /** The drop's code; Fate.NONE while the frame goes on. */
  readonly fate: FateCode;
}

const LIMIT = 100_000;
const DIRECTIONS = {
  rx: "in",
  tx: "out",
  drop: "drop",
  forward: "by",
} as const;

export class Trace implements Tap, PointWatcher {
  private readonly world: World;
  private entries: TraceEntry[] = [];
  /** Entries nobody took in time. */
  forgotten = 0;

  constructor(world: World) {
    this.world = world;
    world.watchPoints(this);
  }

  /** What a bridge passes on shows at its ports anyway. */
  pointAdded(point: Point): void {
    if (point.kind !== "forward") point.taps.add(this);
  }

  seen(frame: Frame, point: Point, fate: FateCode): void {
    if (this.entries.length >= LIMIT) {
      this.entries.splice(0, LIMIT / 2);
      this.forgotten += LIMIT / 2;
    }
    this.entries.push({
      time: this.world.scheduler.now,
      point: point.name,
      direction: DIRECTIONS[point.kind],
      frame: frame.id,
      length: frame.length,
      text: describe(frame.bytes, frame.at, frame.end),
      fate: point.kind === "drop" ? fate : Fate.NONE,
    });
  }

  /** Everything since the last call, in order. */
  take(): readonly TraceEntry[] {
    const taken = this.entries;
    this.entries = [];
    return taken;
  }
}
