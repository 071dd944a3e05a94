/** `rate=`: what a guest transmits is held back, never dropped (recorded: 600 kB at 200KB/s take 3.25 s). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Nanos, ZERO } from "../../src/engine/time.ts";
import { Credit } from "../../src/xen/credit.ts";
import { Border, MILLISECOND, SECOND } from "../kit/border.ts";
import { judges } from "../kit/fidelity.ts";
import { expectBalanced } from "../kit/world.ts";

judges("rings");

/** 200KB/s as xl writes it: 10,000 bytes in 50 ms. */
function limited(): Border {
  const border = new Border();
  border.vif.transmitQueue!.credit.set(10_000, 50_000, border.world.scheduler.now);
  return border;
}

describe("a vif with rate=200KB/s", () => {
  it("lets 600 kB through in about 3 s, in order, without a loss", () => {
    const border = limited();
    const ids = border.send(600, 1000);
    const start = border.world.scheduler.now;
    border.run(10 * SECOND);
    expect(border.host.ids).toEqual(ids);
    const seconds = (border.host.got.at(-1)!.time - start) / SECOND;
    expect(seconds).toBeGreaterThan(2.85);
    expect(seconds).toBeLessThan(3.3);
    expect(border.vif.transmitQueue!.rateLimited).toBeGreaterThan(50);
    expect(border.world.frames.created).toBe(border.world.frames.count(2));
    expectBalanced(border.world);
  });

  it("does not hold back what the guest receives", () => {
    const border = limited();
    border.feed(500, 1000);
    border.run(200 * MILLISECOND);
    expect(border.received.got.length).toBe(500);
  });

  it("fills the guest's ring: its queue stops", () => {
    const border = limited();
    border.send(400, 1000);
    border.run(MILLISECOND);
    expect([border.front.stopped, border.front.used]).toEqual([true, 237]);
  });

  it("lets the largest frame pass when seven windows have saved up for it", () => {
    const border = limited();
    const start = border.world.scheduler.now;
    border.send(1, 65_535);
    border.run(SECOND);
    const waited = (border.host.got[0]!.time - start) / MILLISECOND;
    expect(waited).toBeGreaterThan(250);
    expect(waited).toBeLessThan(330);
  });

  it("is followed live: a faster rate lets go of a guest that waits", () => {
    const border = limited();
    border.send(200, 1000);
    border.run(60 * MILLISECOND);
    expect(border.host.got.length).toBe(20);
    border.vif.transmitQueue!.changeRate(10_000_000, 50_000);
    border.run(60 * MILLISECOND);
    expect(border.host.got.length).toBe(200);
  });

  it("can be lifted", () => {
    const border = limited();
    border.send(200, 1000);
    border.run(10 * MILLISECOND);
    border.vif.transmitQueue!.changeRate(0xffff_ffff, 0);
    border.run(10 * MILLISECOND);
    expect(border.host.got.length).toBe(200);
  });
});

describe("the credit window", () => {
  it("without a rate lets everything pass", () => {
    expect(new Credit().charge(65_535, ZERO)).toBe(0);
  });

  it("catches up tick by tick with windows that went by unused", () => {
    const credit = new Credit();
    credit.set(100, 50_000, ZERO);
    let now = 10 * SECOND;
    let asked = 0;
    for (let again = credit.charge(1514, now as Nanos); again !== 0; again = credit.charge(1514, now as Nanos)) {
      expect(again).toBe(now + 4 * MILLISECOND);
      now = again;
      credit.replenish(1514);
      asked++;
    }
    expect([asked, now]).toEqual([7, 10 * SECOND + 28 * MILLISECOND]);
  });

  it("saves up 128 KiB at most, or one window when that is more", () => {
    for (const [bytes, burst] of [
      [10_000, 131_072],
      [5_000_000, 5_000_000],
    ] as const) {
      const credit = new Credit();
      credit.set(bytes, 50_000, ZERO);
      for (let i = 0; i < 100; i++) credit.replenish(1514);
      let passed = 0;
      while (credit.charge(1, ZERO) === 0) passed++;
      expect(passed).toBe(burst);
    }
  });

  it("never lets more pass than its rate and one burst, and never forgets a sender", () => {
    const frames = fc.array(fc.record({ size: fc.integer({ min: 14, max: 65_535 }), pause: fc.nat(40) }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 1_000_000 }),
        fc.integer({ min: 1, max: 200 }),
        frames,
        (bytes, ms, list) => {
          const credit = new Credit();
          credit.set(bytes, ms * 1000, ZERO);
          let now = 0;
          let passed = 0;
          for (const { size, pause } of list) {
            now += pause * MILLISECOND;
            for (
              let again = credit.charge(size, now as Nanos);
              again !== 0;
              again = credit.charge(size, now as Nanos)
            ) {
              expect(again).toBeGreaterThan(now);
              now = again;
              credit.replenish(1514);
            }
            passed += size;
            const windows = Math.floor(now / (ms * MILLISECOND));
            // A window replenished late and its successor's timer may overlap by one; ticks of 4 ms bound the rest.
            const ticks = ms < 4 ? windows : 1;
            expect(passed).toBeLessThanOrEqual(bytes * (windows + ticks + 2) + Math.max(131_072, bytes));
          }
        },
      ),
    );
  });
});
