/**
 * The one clock and the one order of a lab: a binary heap of events by (time, sequence). Time never goes back.
 *
 * An event is time, sequence, target, operation, argument and subject: data, never a closure, so that a lab with events
 * under way can be copied (P8).
 */
import { InvariantError } from "../base/invariant.ts";
import { type Nanos, ZERO } from "./time.ts";

/** Whoever events can be addressed to. `operation` is the target's own small integer. */
export interface EventTarget {
  handle(operation: number, argument: number, subject: unknown): void;
}

/** One entry of the queue. A target of null marks a cancelled event: it is skipped when it comes up. */
export class Event {
  time: Nanos;
  sequence: number;
  target: EventTarget | null;
  operation: number;
  argument: number;
  subject: unknown;
  /** Reused after it ran: nobody else holds it. */
  readonly pooled: boolean;

  constructor(time: Nanos, sequence: number, target: EventTarget, operation: number, pooled: boolean) {
    this.time = time;
    this.sequence = sequence;
    this.target = target;
    this.operation = operation;
    this.argument = 0;
    this.subject = null;
    this.pooled = pooled;
  }
}

/** Kept for reuse, so that the steady state of the frame path allocates nothing. */
const SPARE_LIMIT = 1024;
/** Fewer cancelled events than this are not worth a sweep. */
const SWEEP_FROM = 64;

export class Scheduler {
  now: Nanos = ZERO;
  /** Events executed so far: with the time, the place of an input in the run. */
  executed = 0;
  private sequence = 0;
  /** Cancelled events that are still in the heap. */
  private cancelled = 0;
  private readonly heap: Event[] = [];
  private readonly spare: Event[] = [];

  /** Posts an event that is never cancelled. Its object is reused afterwards, so nothing is handed out. */
  at(time: Nanos, target: EventTarget, operation: number, argument = 0, subject: unknown = null): void {
    const event = this.make(target, operation, argument, subject);
    event.time = time;
    this.push(event);
  }

  /** The same, so much later. The sum goes straight into the event: handed on as an argument it would be allocated. */
  after(delay: Nanos, target: EventTarget, operation: number, argument = 0, subject: unknown = null): void {
    const event = this.make(target, operation, argument, subject);
    event.time = (this.now + delay) as Nanos;
    this.push(event);
  }

  private make(target: EventTarget, operation: number, argument: number, subject: unknown): Event {
    const event = this.spare.pop() ?? new Event(ZERO, 0, target, operation, true);
    event.sequence = this.sequence++;
    event.target = target;
    event.operation = operation;
    event.argument = argument;
    event.subject = subject;
    return event;
  }

  /** For `Timer`: the event stays its caller's, who may cancel it. */
  cancellable(time: Nanos, target: EventTarget, operation: number, argument: number, subject: unknown): Event {
    const event = new Event(time, this.sequence++, target, operation, false);
    event.argument = argument;
    event.subject = subject;
    this.push(event);
    return event;
  }

  /** For `Timer`: the event will not run. One that has run or is cancelled already is left alone. */
  cancel(event: Event): void {
    if (event.target === null) return;
    event.target = null;
    event.subject = null;
    this.cancelled++;
    if (this.cancelled > SWEEP_FROM && 2 * this.cancelled > this.heap.length) this.sweep();
  }

  /** Time of the next event, or null when nothing is to come. */
  next(): Nanos | null {
    return this.first()?.time ?? null;
  }

  /** The next event, left where it is. */
  private first(): Event | null {
    while (this.heap.length > 0 && this.heap[0]!.target === null) {
      this.pop();
      this.cancelled--;
    }
    return this.heap[0] ?? null;
  }

  /** Executes one event; false when none is left. */
  step(): boolean {
    if (this.first() === null) return false;
    this.execute(this.pop());
    return true;
  }

  private execute(event: Event): void {
    if (event.time < this.now) throw new InvariantError(`time goes back from ${this.now} to ${event.time}`);
    this.now = event.time;
    this.executed++;
    const { target, operation, argument, subject } = event;
    event.target = null;
    event.subject = null;
    if (event.pooled && this.spare.length < SPARE_LIMIT) this.spare.push(event);
    target!.handle(operation, argument, subject);
  }

  /** Executes everything up to and including `time`, at most `limit` events; true when it got there. */
  runUntil(time: Nanos, limit = Number.POSITIVE_INFINITY): boolean {
    for (let left = limit; left > 0; left--) {
      const event = this.first();
      if (event === null || event.time > time) {
        if (time > this.now && time !== Number.POSITIVE_INFINITY) this.now = time;
        return true;
      }
      this.execute(this.pop());
    }
    return false;
  }

  private push(event: Event): void {
    if (!(event.time >= this.now && event.time <= Number.MAX_SAFE_INTEGER))
      throw new InvariantError(`event for ${event.time} posted at ${this.now}`);
    const heap = this.heap;
    let hole = heap.length;
    heap.push(event);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent]!;
      if (!before(event, above)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = event;
  }

  private pop(): Event {
    const heap = this.heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) this.sink(last, 0);
    return top;
  }

  /** A timer that is armed anew for each frame would fill the heap with what it was armed for before (P7). */
  private sweep(): void {
    const heap = this.heap;
    let kept = 0;
    for (const event of heap) if (event.target !== null) heap[kept++] = event;
    heap.length = kept;
    this.cancelled = 0;
    for (let i = (kept >> 1) - 1; i >= 0; i--) this.sink(heap[i]!, i);
  }

  /** Puts `event` in at `hole` or below it. */
  private sink(event: Event, from: number): void {
    const heap = this.heap;
    const size = heap.length;
    let hole = from;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, event)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = event;
  }
}

const before = (a: Event, b: Event): boolean => a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
