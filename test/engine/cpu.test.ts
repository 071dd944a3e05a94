import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Costs, Cpu, POLL_BUDGET, Server, type Worker } from "../../src/engine/cpu.ts";
import { Scheduler } from "../../src/engine/scheduler.ts";
import { nanos } from "../../src/engine/time.ts";

const COSTS: Costs = { wake: 100, perItem: 10, perByte: 0.5 };

/** Takes items from a pile; writes down when each run was and how much it took. */
class Pile implements Worker {
  readonly runs: [time: number, taken: number][] = [];
  private readonly scheduler: Scheduler;
  left = 0;
  bytes = 0;
  /** Wakes this server during each run. */
  rouse: Server | null = null;
  /** Spends this on the CPU itself during each run, as a process does that is woken by a frame. */
  aside = 0;
  cpu: Cpu | null = null;

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  work(server: Server, budget: number): boolean {
    const taken = Math.min(budget, this.left);
    for (let i = 0; i < taken; i++) server.spend(this.bytes);
    this.left -= taken;
    this.runs.push([this.scheduler.now, taken]);
    this.rouse?.wake();
    this.rouse = null;
    if (this.aside > 0) this.cpu!.spend(this.aside);
    return this.left > 0;
  }
}

function workshop(costs = COSTS, cpu = new Cpu(new Scheduler())) {
  const { scheduler } = cpu as unknown as { scheduler: Scheduler };
  const pile = new Pile(scheduler);
  return { scheduler, cpu, pile, server: new Server("napi", scheduler, cpu, pile, costs) };
}

describe("a server", () => {
  it("starts after its wake-up latency and keeps the CPU busy for what the items cost", () => {
    const { scheduler, cpu, pile, server } = workshop();
    pile.left = 3;
    pile.bytes = 60;
    server.wake();
    scheduler.runUntil(nanos(1000));
    expect(pile.runs).toEqual([[100, 3]]);
    expect(cpu.spent).toBe(3 * (10 + 30));
  });

  it("takes up to 64 items a run, and goes on when they are paid for", () => {
    const { scheduler, pile, server } = workshop();
    pile.left = 150;
    server.wake();
    scheduler.runUntil(nanos(10_000));
    expect(POLL_BUDGET).toBe(64);
    expect(pile.runs).toEqual([
      [100, 64],
      [740, 64],
      [1380, 22],
    ]);
  });

  it("is woken once, however often it is called before it ran", () => {
    const { scheduler, pile, server } = workshop();
    for (let i = 0; i < 5; i++) server.wake();
    scheduler.runUntil(nanos(50));
    server.wake();
    scheduler.runUntil(nanos(1000));
    expect(pile.runs).toHaveLength(1);
    server.wake();
    scheduler.runUntil(nanos(2000));
    expect(pile.runs.map(([time]) => time)).toEqual([100, 1100]);
  });

  it("does not lose a wake-up that comes while it runs", () => {
    const { scheduler, pile, server } = workshop();
    pile.left = 2;
    pile.rouse = server;
    server.wake();
    scheduler.runUntil(nanos(1000));
    expect(pile.runs).toEqual([
      [100, 2],
      [120, 0],
    ]);
    expect(server.queued).toBe(false);
  });
});

describe("a CPU", () => {
  it("runs one server at a time, and lets each have its turn", () => {
    const { scheduler, cpu, pile, server } = workshop();
    const second = workshop(COSTS, cpu);
    const third = workshop(COSTS, cpu);
    for (const each of [pile, second.pile, third.pile]) each.left = 128;
    for (const each of [server, second.server, third.server]) each.wake();
    scheduler.runUntil(nanos(1_000_000));
    const starts = [pile, second.pile, third.pile].map((each) => each.runs.map(([time]) => time));
    expect(starts).toEqual([
      [100, 2020],
      [740, 2660],
      [1380, 3300],
    ]);
    expect(cpu.spent).toBe(3 * 128 * 10);
  });

  it("gives two that are always busy the same time", () => {
    const { scheduler, cpu, pile, server } = workshop();
    const rival = workshop({ wake: 1, perItem: 10, perByte: 0 }, cpu);
    for (const each of [pile, rival.pile]) each.left = 1_000_000;
    server.wake();
    rival.server.wake();
    scheduler.runUntil(nanos(1_000_000));
    expect(Math.abs(pile.runs.length - rival.pile.runs.length)).toBeLessThanOrEqual(1);
  });

  it("counts what processes spend, but lets polls and interrupts in before them", () => {
    const { scheduler, cpu, pile, server } = workshop();
    pile.left = 128;
    pile.aside = 1000;
    pile.cpu = cpu;
    server.wake();
    scheduler.runUntil(nanos(100));
    cpu.spend(5000);
    scheduler.runUntil(nanos(100_000));
    expect(pile.runs.map(([time]) => time)).toEqual([100, 100 + 640]);
    expect(cpu.spent).toBe(2 * (640 + 1000) + 5000);
  });

  it("loses nothing while its domain is paused", () => {
    const { scheduler, cpu, pile, server } = workshop();
    pile.left = 100;
    server.wake();
    scheduler.runUntil(nanos(110));
    cpu.pause();
    pile.left += 50;
    server.wake();
    scheduler.runUntil(nanos(1_000_000));
    expect(pile.runs).toEqual([[100, 64]]);
    cpu.unpause();
    scheduler.runUntil(nanos(2_000_000));
    expect(pile.runs.map(([, taken]) => taken)).toEqual([64, 64, 22]);
    expect(pile.runs[1]![0]).toBe(1_000_000);
  });

  it("wakes a server that was called while it was paused", () => {
    const { scheduler, cpu, pile, server } = workshop();
    cpu.pause();
    server.wake();
    scheduler.runUntil(nanos(500));
    expect(pile.runs).toEqual([]);
    cpu.unpause();
    cpu.unpause();
    scheduler.runUntil(nanos(1000));
    expect(pile.runs.map(([time]) => time)).toEqual([500]);
  });

  it("does all the work, and never two things at once, whatever comes when", () => {
    const burst = fc.record({ at: fc.nat(5000), server: fc.nat(2), items: fc.integer({ min: 1, max: 200 }) });
    fc.assert(
      fc.property(fc.array(burst, { maxLength: 30 }), fc.array(fc.nat(20_000), { maxLength: 6 }), (bursts, flips) => {
        const cpu = new Cpu(new Scheduler());
        const shops = [0, 1, 2].map(() => workshop(COSTS, cpu));
        const { scheduler } = shops[0]!;
        const happenings = [
          ...bursts.map(({ at, server, items }) => ({ at, server, items })),
          ...flips.map((at) => ({ at, server: -1, items: 0 })),
        ].sort((a, b) => a.at - b.at);
        let total = 0;
        for (const { at, server, items } of happenings) {
          scheduler.runUntil(nanos(at));
          if (server < 0) {
            if (cpu.running) cpu.pause();
            else cpu.unpause();
          } else {
            shops[server]!.pile.left += items;
            shops[server]!.server.wake();
            total += items;
          }
        }
        cpu.unpause();
        while (scheduler.step());
        const runs = shops.flatMap((shop) => shop.pile.runs).sort((a, b) => a[0] - b[0]);
        expect(runs.reduce((sum, [, taken]) => sum + taken, 0)).toBe(total);
        for (let i = 1; i < runs.length; i++)
          expect(runs[i]![0]).toBeGreaterThanOrEqual(runs[i - 1]![0] + 10 * runs[i - 1]![1]);
      }),
    );
  });
});
