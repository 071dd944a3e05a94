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

  /** Due time, or null when not armed; of a timer that waits for its paused CPU the time that has passed. */
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
    if (this.event !== null) this.scheduler.cancel(this.event);
    this.event = null;
    if (this.parked) this.cpu!.forget(this);
    this.parked = false;
  }

  handle(operation: number, argument: number, subject: unknown): void {
    if (this.cpu !== null && !this.cpu.running) {
      this.parked = true;
      this.event!.subject = subject;
      return this.cpu.park(this);
    }
    this.event = null;
    this.target.handle(operation, argument, subject);
  }

  /** For `Cpu`: it goes on, and the timer fires now. */
  unpark(): void {
    const { argument, subject } = this.event!;
    this.parked = false;
    this.arm(this.scheduler.now, argument, subject);
  }
}
