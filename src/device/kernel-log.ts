/**
 * The kernel's ring buffer of messages: what `dmesg` prints. Keeps the last `limit` lines (promise P7).
 */
import type { Scheduler } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";

export interface LogLine {
  readonly time: Nanos;
  readonly text: string;
}

export class KernelLog {
  private readonly scheduler: Scheduler;
  private readonly limit: number;
  readonly lines: LogLine[] = [];
  /** Lines ever printed, including those that fell out. */
  printed = 0;

  constructor(scheduler: Scheduler, limit = 4096) {
    this.scheduler = scheduler;
    this.limit = limit;
  }

  print(text: string): void {
    this.printed++;
    this.lines.push({ time: this.scheduler.now, text });
    if (this.lines.length > this.limit) this.lines.splice(0, this.limit / 2);
  }
}
