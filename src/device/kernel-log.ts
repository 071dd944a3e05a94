/**
 * The kernel's ring buffer of messages: what `dmesg` prints. Keeps the last `limit` lines (promise P7).
 */
import { Signal } from "../base/signal.ts";
import type { Scheduler } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";

export interface LogLine {
  readonly time: Nanos;
  readonly text: string;
}

/** Hears of every line when it is printed. */
export interface LogWatcher {
  logged(line: LogLine): void;
}

export class KernelLog {
  private readonly scheduler: Scheduler;
  private readonly limit: number;
  readonly lines: LogLine[] = [];
  readonly watchers = new Signal<LogWatcher>();
  /** Lines ever printed, including those that fell out. */
  printed = 0;

  constructor(scheduler: Scheduler, limit = 4096) {
    this.scheduler = scheduler;
    this.limit = limit;
  }

  print(text: string): void {
    this.printed++;
    const line = { time: this.scheduler.now, text };
    this.lines.push(line);
    if (this.lines.length > this.limit) this.lines.splice(0, this.limit / 2);
    for (const watcher of this.watchers.listeners ?? []) watcher.logged(line);
  }
}
