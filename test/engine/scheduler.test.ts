import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/base/invariant.ts";
import { type Event, type EventTarget, Scheduler } from "../../src/engine/scheduler.ts";
import { type Nanos, NEVER, nanos } from "../../src/engine/time.ts";

class Diary implements EventTarget {
  readonly lines: [operation: number, argument: number, subject: unknown][] = [];
  readonly times: number[] = [];
  private readonly scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  handle(operation: number, argument: number, subject: unknown): void {
    this.lines.push([operation, argument, subject]);
    this.times.push(this.scheduler.now);
  }
}

const started = () => {
  const scheduler = new Scheduler();
  return { scheduler, diary: new Diary(scheduler) };
};

describe("the scheduler", () => {
  it("runs events by time, and those of one instant in the order in which they were posted", () => {
    const { scheduler, diary } = started();
    for (const [time, name] of [
      [20, 1],
      [10, 2],
      [20, 3],
      [10, 4],
    ] as const)
      scheduler.at(nanos(time), diary, name);
    while (scheduler.step());
    expect(diary.lines.map(([operation]) => operation)).toEqual([2, 4, 1, 3]);
    expect(diary.times).toEqual([10, 10, 20, 20]);
    expect(scheduler.executed).toBe(4);
  });

  it("hands operation, argument and subject over, and starts each posting from nothing", () => {
    const { scheduler, diary } = started();
    const subject = { name: "a frame" };
    scheduler.after(nanos(1), diary, 7, 8, subject);
    scheduler.step();
    scheduler.after(nanos(1), diary, 9);
    scheduler.step();
    expect(diary.lines).toEqual([
      [7, 8, subject],
      [9, 0, null],
    ]);
  });

  it("refuses the past, and times that are none", () => {
    const { scheduler, diary } = started();
    scheduler.runUntil(nanos(100));
    expect(() => scheduler.at(nanos(99), diary, 0)).toThrow(InvariantError);
    expect(() => scheduler.at(Number.NaN as Nanos, diary, 0)).toThrow(InvariantError);
    scheduler.at(nanos(100), diary, 0);
    expect(scheduler.next()).toBe(100);
  });

  it("runs up to and including a time, and the clock stands there also when nothing was due", () => {
    const { scheduler, diary } = started();
    for (const time of [5, 10, 11]) scheduler.at(nanos(time), diary, time);
    expect(scheduler.runUntil(nanos(10))).toBe(true);
    expect(diary.times).toEqual([5, 10]);
    expect(scheduler.now).toBe(10);
    expect(scheduler.runUntil(NEVER)).toBe(true);
    expect(scheduler.now).toBe(11);
  });

  it("stops after so many events and says that it did not get there", () => {
    const { scheduler, diary } = started();
    for (let i = 0; i < 10; i++) scheduler.at(nanos(i), diary, i);
    expect(scheduler.runUntil(nanos(100), 4)).toBe(false);
    expect([diary.times.length, scheduler.now]).toEqual([4, 3]);
  });

  it("skips cancelled events without counting them or moving the clock", () => {
    const { scheduler, diary } = started();
    const event = scheduler.cancellable(nanos(5), diary, 1, 0, null);
    scheduler.cancellable(nanos(9), diary, 2, 0, null);
    scheduler.cancel(event);
    scheduler.cancel(event);
    expect(scheduler.next()).toBe(9);
    while (scheduler.step());
    expect(diary.lines.map(([operation]) => operation)).toEqual([2]);
    expect(scheduler.executed).toBe(1);
    scheduler.cancel(event);
    expect(scheduler.next()).toBeNull();
  });

  it("does not pile up what a timer was armed for before", () => {
    const { scheduler, diary } = started();
    for (let i = 0; i < 100_000; i++) {
      const event = scheduler.cancellable(nanos(1e15 + i), diary, 1, i, null);
      scheduler.cancel(event);
    }
    const { heap } = scheduler as unknown as { heap: Event[] };
    expect(heap.length).toBeLessThan(200);
  });
});

type Command = { kind: "post"; delay: number } | { kind: "cancel"; pick: number } | { kind: "run"; steps: number };

const commands = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("post" as const), delay: fc.nat(50) }),
    fc.record({ kind: fc.constant("cancel" as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant("run" as const), steps: fc.nat(5) }),
  ),
  { maxLength: 600 },
);

describe("against a sorted list", () => {
  it("runs the same events in the same order, whatever is posted and cancelled between", () => {
    fc.assert(
      fc.property(commands, (script: Command[]) => {
        const { scheduler, diary } = started();
        const model: { time: number; name: number; event: Event }[] = [];
        const expected: number[] = [];
        let name = 0;
        const runOne = (): void => {
          model.sort((a, b) => a.time - b.time || a.name - b.name);
          const next = model.shift();
          if (next !== undefined) expected.push(next.name);
          expect(scheduler.step()).toBe(next !== undefined);
          if (next !== undefined) expect(scheduler.now).toBe(next.time);
        };
        for (const command of script) {
          if (command.kind === "post") {
            const time = nanos(scheduler.now + command.delay);
            model.push({ time, name, event: scheduler.cancellable(time, diary, name++, 0, null) });
          } else if (command.kind === "cancel" && model.length > 0) {
            scheduler.cancel(model.splice(command.pick % model.length, 1)[0]!.event);
          } else if (command.kind === "run") for (let i = 0; i < command.steps; i++) runOne();
        }
        while (model.length > 0) runOne();
        expect(scheduler.next()).toBeNull();
        expect(diary.lines.map(([operation]) => operation)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
