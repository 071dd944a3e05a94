/**
 * A timer that can be armed again, cancelled and asked when it is due: Linux's mod_timer and del_timer.
 * A timer that belongs to a CPU waits while that CPU is paused (`xl pause`) and fires when it goes on.
 */
import type { Cpu } from "./cpu.ts";
import type { Event, EventTarget, Scheduler } from "./scheduler.ts";
import type { Nanos } from "./time.ts";

export class Timer implements EventTarget {
  private readonly scheduler: Scheduler;
  private readonly target: EventTarget;
  private readonly operation: number;
  private readonly cpu: Cpu | null;
  private event: Event | null = null;
  private parked = false;

  constructor(scheduler: Scheduler, target: EventTarget, operation: number, cpu: Cpu | null = null) {
    this.scheduler = scheduler;
    this.target = target;
    this.operation = operation;
    this.cpu = cpu;
  }

  /** Due time, or null when not armed. */
  get due(): Nanos | null {
    return this.event === null ? null : this.event.time;
  }

  /** Arms it for `time`, whatever it was armed for before. */
  arm(time: Nanos, argument = 0, subject: unknown = null): void {
    this.cancel();
    this.event = this.scheduler.cancellable(time, this, this.operation, argument, subject);
  }

  armAfter(delay: Nanos, argument = 0, subject: unknown = null): void {
    this.arm((this.scheduler.now + delay) as Nanos, argument, subject);
  }

  cancel(): void {
    if (this.event !== null) this.event.target = null;
    this.event = null;
    this.parked = false;
  }

  handle(operation: number, argument: number, subject: unknown): void {
    if (this.cpu !== null && !this.cpu.running) {
      this.parked = true;
      this.cpu.park(this, argument, subject);
      return;
    }
    this.event = null;
    this.target.handle(operation, argument, subject);
  }

  /** For `Cpu`: it goes on; a timer cancelled in the meantime stays silent. */
  unpark(argument: number, subject: unknown): void {
    if (this.parked) this.arm(this.scheduler.now, argument, subject);
  }
}
