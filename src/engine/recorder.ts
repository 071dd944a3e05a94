/**
 * Step records: what was decided about which frame, where and when, as fixed-width numbers in a ring. The sentences are
 * rendered later, from the tables that stand beside the deciding code. Off by default: then a note costs a test.
 */
import type { Scheduler } from "./scheduler.ts";
import type { Nanos } from "./time.ts";

/** time, frame, point, code, a, b */
const WIDTH = 6;

export interface StepRecord {
  readonly time: Nanos;
  /** The lineage id of the frame. */
  readonly frame: number;
  /** Id of the device or stage that decided. */
  readonly point: number;
  readonly code: number;
  readonly a: number;
  readonly b: number;
}

export class Recorder {
  on = false;
  /** Records made so far, including those that fell out of the ring. */
  made = 0;
  private readonly scheduler: Scheduler;
  private readonly limit: number;
  private ring: Float64Array;

  /** Keeps the last `limit` records. */
  constructor(scheduler: Scheduler, limit = 65_536) {
    this.scheduler = scheduler;
    this.limit = limit;
    this.ring = new Float64Array(0);
  }

  start(): void {
    if (this.ring.length === 0) this.ring = new Float64Array(this.limit * WIDTH);
    this.on = true;
  }

  note(code: number, frame: number, point: number, a = 0, b = 0): void {
    if (!this.on) return;
    const at = (this.made++ % this.limit) * WIDTH;
    const ring = this.ring;
    ring[at] = this.scheduler.now;
    ring[at + 1] = frame;
    ring[at + 2] = point;
    ring[at + 3] = code;
    ring[at + 4] = a;
    ring[at + 5] = b;
  }

  /** Oldest record that is still there. */
  get first(): number {
    return Math.max(0, this.made - this.limit);
  }

  /** Of record number `index`, for those who look for few among many. */
  frameOf(index: number): number {
    return this.ring[(index % this.limit) * WIDTH + 1]!;
  }

  codeOf(index: number): number {
    return this.ring[(index % this.limit) * WIDTH + 3]!;
  }

  /** Record number `index`, from `first` up to, not including, `made`. */
  read(index: number): StepRecord {
    const at = (index % this.limit) * WIDTH;
    const [time, frame, point, code, a, b] = this.ring.subarray(at, at + WIDTH) as unknown as number[];
    return { time: time as Nanos, frame: frame!, point: point!, code: code!, a: a!, b: b! };
  }
}
