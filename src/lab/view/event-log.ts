/**
 * What happened lately that is worth a line on a screen: kernel messages, drops, guests that come and go, the handshakes
 * of their devices, cables, and what was typed. Lines are numbered from 1 without a gap; beyond the limit the oldest go,
 * and `forgotten` says how many.
 */
import type { Scheduler } from "../../engine/scheduler.ts";
import type { Nanos } from "../../engine/time.ts";

/**
 * kernel: a line of dmesg; drop: a frame's end; guest: a domain came, has booted or went; xenbus: a state of one end of
 * a vif; hotplug: what the script said of it; cable: pulled or plugged in; input: typed or sent from outside.
 */
export type EventKind = "kernel" | "drop" | "guest" | "xenbus" | "hotplug" | "cable" | "input";

export interface EventSnapshot {
  /** Grows by one from line to line and stays with its line. */
  readonly number: number;
  readonly time: Nanos;
  /** Of the last repeat; equals `time` while `count` is 1. */
  readonly until: Nanos;
  /** Where it happened; of a drop on a cable or in a switch the network. */
  readonly machine: string;
  /** The device, or the stage of the stack ("ip"); null: the machine as a whole. */
  readonly device: string | null;
  readonly kind: EventKind;
  readonly text: string;
  /** How often it happened: repeats of one drop share a line. */
  readonly count: number;
  /** Lineage of the (first) frame; null where it is not about a frame. */
  readonly frame: number | null;
}

/** A line in the log. Its count may still grow. */
export type EventLine = { -readonly [Key in keyof EventSnapshot]: EventSnapshot[Key] };

type Details = Partial<Pick<EventSnapshot, "device" | "frame">>;

const LIMIT = 4096;

export class EventLog {
  private readonly scheduler: Scheduler;
  private readonly limit: number;
  private lines: EventLine[] = [];
  /** Lines that fell out: the numbers up to this one. */
  forgotten = 0;

  constructor(scheduler: Scheduler, limit = LIMIT) {
    this.scheduler = scheduler;
    this.limit = limit;
  }

  add(kind: EventKind, machine: string, text: string, { device = null, frame = null }: Details = {}): EventLine {
    const { now } = this.scheduler;
    const number = this.last + 1;
    const line = { number, time: now, until: now, machine, device, kind, text, count: 1, frame };
    this.lines.push(line);
    if (this.lines.length > this.limit) this.forget();
    return line;
  }

  /** The same once more, now. */
  repeat(line: EventLine): void {
    line.count++;
    line.until = this.scheduler.now;
  }

  /** Number of the newest line; 0 before the first. */
  get last(): number {
    return this.forgotten + this.lines.length;
  }

  /** The lines after number `number` that are still here, oldest first. */
  since(number: number): readonly EventSnapshot[] {
    return this.lines.slice(Math.max(0, number - this.forgotten)).map((line) => ({ ...line }));
  }

  /** The newest `count` lines, oldest first. */
  latest(count: number): readonly EventSnapshot[] {
    return this.since(this.last - count);
  }

  /** Half of them at once, so that it costs nothing to speak of. */
  private forget(): void {
    const gone = this.lines.length - Math.ceil(this.limit / 2);
    this.lines = this.lines.slice(gone);
    this.forgotten += gone;
  }
}
