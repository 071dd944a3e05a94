import { describe, expect, it } from "vitest";
import { Cpu } from "../../src/engine/cpu.ts";
import { type EventTarget, Scheduler } from "../../src/engine/scheduler.ts";
import { nanos } from "../../src/engine/time.ts";
import { Timer } from "../../src/engine/timer.ts";

class Bell implements EventTarget {
  readonly rings: string[] = [];
  private readonly scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  handle(operation: number, argument: number, subject: unknown): void {
    this.rings.push(`${this.scheduler.now}: ${operation} ${argument} ${String(subject)}`);
  }
}

function hang() {
  const scheduler = new Scheduler();
  const cpu = new Cpu(scheduler);
  const bell = new Bell(scheduler);
  return { scheduler, cpu, bell, timer: new Timer(scheduler, bell, 1, cpu), other: new Timer(scheduler, bell, 2, cpu) };
}

describe("a timer", () => {
  it("rings once, with what it was given, and is not armed any more", () => {
    const { scheduler, bell, timer } = hang();
    timer.arm(nanos(10), 5, "x");
    expect(timer.due).toBe(10);
    scheduler.runUntil(nanos(100));
    expect(bell.rings).toEqual(["10: 1 5 x"]);
    expect(timer.due).toBeNull();
  });

  it("armed again keeps only the last time, earlier or later", () => {
    const { scheduler, bell, timer } = hang();
    timer.arm(nanos(10), 1);
    timer.armAfter(nanos(50), 2);
    timer.arm(nanos(20), 3);
    scheduler.runUntil(nanos(100));
    expect(bell.rings).toEqual(["20: 1 3 null"]);
  });

  it("cancelled stays silent, and may be armed again", () => {
    const { scheduler, bell, timer } = hang();
    timer.arm(nanos(10));
    timer.cancel();
    timer.cancel();
    expect(timer.due).toBeNull();
    scheduler.runUntil(nanos(20));
    timer.arm(nanos(30));
    scheduler.runUntil(nanos(40));
    expect(bell.rings).toEqual(["30: 1 0 null"]);
  });
});

describe("a timer of a paused guest", () => {
  it("waits, and rings at the unpause", () => {
    const { scheduler, cpu, bell, timer } = hang();
    timer.arm(nanos(10), 7, "mail");
    cpu.pause();
    scheduler.runUntil(nanos(1000));
    expect(bell.rings).toEqual([]);
    cpu.unpause();
    scheduler.runUntil(nanos(1000));
    expect(bell.rings).toEqual(["1000: 1 7 mail"]);
    expect(timer.due).toBeNull();
  });

  it("that is not due yet rings in its own time", () => {
    const { scheduler, cpu, bell, timer } = hang();
    timer.arm(nanos(500));
    cpu.pause();
    scheduler.runUntil(nanos(100));
    cpu.unpause();
    scheduler.runUntil(nanos(1000));
    expect(bell.rings).toEqual(["500: 1 0 null"]);
  });

  it("cancelled in the meantime stays silent", () => {
    const { scheduler, cpu, bell, timer } = hang();
    timer.arm(nanos(10));
    cpu.pause();
    scheduler.runUntil(nanos(100));
    timer.cancel();
    cpu.unpause();
    scheduler.runUntil(nanos(1000));
    expect(bell.rings).toEqual([]);
  });

  it("armed anew while it waited rings once, with the new word and not the old one", () => {
    const { scheduler, cpu, bell, timer } = hang();
    timer.arm(nanos(10), 1, "old");
    cpu.pause();
    scheduler.runUntil(nanos(100));
    timer.arm(nanos(200), 2, "new");
    scheduler.runUntil(nanos(300));
    cpu.unpause();
    scheduler.runUntil(nanos(1000));
    expect(bell.rings).toEqual(["300: 1 2 new"]);
  });

  it("rings after those that came due before it", () => {
    const { scheduler, cpu, bell, timer, other } = hang();
    other.arm(nanos(20));
    timer.arm(nanos(10));
    cpu.pause();
    scheduler.runUntil(nanos(100));
    timer.arm(nanos(110));
    scheduler.runUntil(nanos(200));
    cpu.unpause();
    scheduler.runUntil(nanos(200));
    expect(bell.rings).toEqual(["200: 2 0 null", "200: 1 0 null"]);
  });

  it("survives being paused and unpaused again and again", () => {
    const { scheduler, cpu, bell, timer } = hang();
    timer.arm(nanos(10));
    for (const time of [20, 30, 40]) {
      cpu.pause();
      scheduler.runUntil(nanos(time));
      cpu.unpause();
      cpu.pause();
    }
    cpu.unpause();
    scheduler.runUntil(nanos(50));
    expect(bell.rings).toEqual(["40: 1 0 null"]);
  });
});
