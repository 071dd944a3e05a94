/**
 * Who spends time on a frame. A `Cpu` runs one `Server` at a time; a server (a NAPI poll, a kernel thread, an interrupt
 * handler) is woken, waits its latency, handles up to 64 items and keeps the CPU busy for what they cost. Only so do
 * rings fill, queues stop and batches form.
 *
 * Within one run all items share one instant; the time they cost lies after it. Not modelled: preemption, caches,
 * a scheduler with weights (`xl sched-credit2`).
 */
import { FixedRing } from "../base/fixed-ring.ts";
import type { EventTarget, Scheduler } from "./scheduler.ts";
import type { Nanos } from "./time.ts";

/** Linux: NAPI_POLL_WEIGHT, and xen-netback's RX_BATCH_SIZE. */
export const POLL_BUDGET = 64;

/** What a server does when it is on the CPU. */
export interface Worker {
  /** Handles up to `budget` items now, calls `server.spend` for each, and returns true when more wait. */
  work(server: Server, budget: number): boolean;
}

/** Nanoseconds. */
export interface Costs {
  /** From the wake-up (event, interrupt) to the first instruction. */
  readonly wake: number;
  readonly perItem: number;
  readonly perByte: number;
}

/** What came due while a CPU was paused, and fires when it goes on: a timer. */
export interface Parked {
  unpark(): void;
}

const DISPATCH = 1;

export class Cpu implements EventTarget {
  private readonly scheduler: Scheduler;
  private readonly runQueue = new FixedRing<Server>();
  private busyUntil = 0 as Nanos;
  /** The server on the CPU, when it will want another turn. */
  private unfinished: Server | null = null;
  private armed = false;
  /** Timers that came due while the CPU was paused, in that order. */
  private readonly parked = new Set<Parked>();
  /** False while the domain is paused: nothing runs, nothing is lost. */
  running = true;
  /** Nanoseconds spent so far: `xl list` shows them. */
  spent = 0;

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  handle(_operation: number): void {
    this.armed = false;
    if (!this.running) return;
    this.queueUnfinished();
    const server = this.runQueue.shift();
    if (server !== null) this.execute(server);
    this.arm();
  }

  pause(): void {
    this.running = false;
  }

  unpause(): void {
    this.running = true;
    const due = [...this.parked];
    this.parked.clear();
    for (const timer of due) timer.unpark();
    this.arm();
  }

  /** For `Timer`: it came due while the CPU was paused. */
  park(timer: Parked): void {
    this.parked.add(timer);
  }

  /** For `Timer`: it was cancelled or armed anew. */
  forget(timer: Parked): void {
    this.parked.delete(timer);
  }

  /** A process's own time: counted, but polls and interrupts preempt it, so it holds nothing up. */
  spend(cost: number): void {
    this.spent += cost;
  }

  /** Runs the server now if the CPU is free, else when it is its turn. */
  submit(server: Server): void {
    const idle = this.runQueue.length === 0 && this.unfinished === null && this.busyUntil <= this.scheduler.now;
    if (this.running && idle) this.execute(server);
    else this.runQueue.push(server);
    this.arm();
  }

  private execute(server: Server): void {
    const cost = server.run();
    this.spent += cost;
    this.busyUntil = (this.scheduler.now + cost) as Nanos;
    if (server.queued) this.unfinished = server;
  }

  /** Its time is over: it goes behind all that came meanwhile. */
  private queueUnfinished(): void {
    if (this.unfinished !== null) this.runQueue.push(this.unfinished);
    this.unfinished = null;
  }

  private arm(): void {
    if (this.armed || !this.running || (this.runQueue.length === 0 && this.unfinished === null)) return;
    this.armed = true;
    this.scheduler.after(Math.max(this.busyUntil - this.scheduler.now, 0) as Nanos, this, DISPATCH);
  }
}

export class Server implements EventTarget {
  readonly name: string;
  private readonly scheduler: Scheduler;
  private readonly cpu: Cpu;
  private readonly worker: Worker;
  readonly costs: Costs;
  /** Woken and not yet finished: further wake-ups change nothing. */
  queued = false;
  private onCpu = false;
  private wokenOnCpu = false;
  /** Of the run under way. Small whole numbers: as one fraction, which V8 keeps outside the object, a frame cost 50 ns more. */
  private items = 0;
  private bytes = 0;

  constructor(name: string, scheduler: Scheduler, cpu: Cpu, worker: Worker, costs: Costs) {
    this.name = name;
    this.scheduler = scheduler;
    this.cpu = cpu;
    this.worker = worker;
    this.costs = costs;
  }

  /** An interrupt, an event, a napi_schedule: idempotent until the server has run. */
  wake(): void {
    if (this.onCpu) this.wokenOnCpu = true;
    if (this.onCpu || this.queued) return;
    this.queued = true;
    this.scheduler.after(this.costs.wake as Nanos, this, DISPATCH);
  }

  handle(_operation: number): void {
    this.cpu.submit(this);
  }

  /** Charges one item of `bytes` to the run under way. */
  spend(bytes: number): void {
    this.items++;
    this.bytes += bytes;
  }

  /** For `Cpu`: one run; returns its cost in nanoseconds and leaves `queued` true when more waits. */
  run(): number {
    this.items = 0;
    this.bytes = 0;
    this.onCpu = true;
    this.wokenOnCpu = false;
    const more = this.worker.work(this, POLL_BUDGET);
    this.onCpu = false;
    this.queued = more || this.wokenOnCpu;
    return Math.round(this.items * this.costs.perItem + this.bytes * this.costs.perByte);
  }
}
