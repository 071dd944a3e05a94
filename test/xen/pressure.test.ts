/** A guest that does not take its frames, and one that sends too many: where each frame waits, and how it ends. */
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { World } from "../../src/device/world.ts";
import { CLASSIC, CLASSIC_UNQUEUED } from "../../src/xen/border-classic.ts";
import type { BorderKind } from "../../src/xen/border-kind.ts";
import { MODERN } from "../../src/xen/border-modern.ts";
import { parseRate } from "../../src/xen/rate.ts";
import { Border, MILLISECOND, SECOND } from "../kit/border.ts";
import { expectBalanced } from "../kit/world.ts";

const LENGTH = 1000;
const border = (kind: BorderKind): Border => new Border(true, new World(3), kind);

/** How many frames ended in each fate that is not the guest's own. */
function fates({ world }: Border): Record<string, number> {
  const named: Record<string, number> = {};
  for (const [name, code] of Object.entries(Fate))
    if (code !== Fate.NONE && code !== Fate.CONSUMED && world.frames.count(code) > 0)
      named[name] = world.frames.count(code);
  return named;
}

/** Every frame that dom0 sent is with the guest or in a counter of the vif, and in a fate. */
function expectAllCounted(host: Border, sent: number): void {
  const { counters, qdisc } = host.vif;
  const lost = Object.values(fates(host)).reduce((sum, count) => sum + count, 0);
  expect(host.received.got.length + lost).toBe(sent);
  expect(host.front.counters.rxPackets).toBe(host.received.got.length);
  expect(counters.txPackets).toBe(host.received.got.length);
  expect(counters.rxDropped).toBe(host.world.frames.count(Fate.NETBACK_EXPIRED));
  const driver = [Fate.NETBACK_QUEUE_FULL, Fate.NETBACK_NO_SLOTS].map((fate) => host.world.frames.count(fate));
  expect(counters.txDropped).toBe(driver[0]! + driver[1]!);
  expect(qdisc?.dropped ?? 0).toBe(host.world.frames.count(Fate.QDISC_FULL));
  expectBalanced(host.world);
}

describe("a guest of today that is paused", () => {
  it("takes 256 frames, then 512 KiB, then the vif's queue; loses what waits 10 s; stalls after 60 s; and comes back", () => {
    const host = border(MODERN);
    const { vif } = host;
    const queue = vif.receiveQueue!;
    host.guest.pause();
    let sent = 0;
    const feed = (count: number) => {
      sent += count;
      return host.feed(count, LENGTH);
    };

    const inSlots = feed(256);
    host.run(MILLISECOND);
    expect([queue.fifoLength, vif.stopped]).toEqual([0, false]);

    // 524,288 bytes, looked at before a frame is added: one more than fits goes in.
    feed(525);
    expect([queue.fifoBytes, vif.stopped, fates(host)]).toEqual([525_000, false, {}]);
    feed(1);
    expect([vif.stopped, fates(host)]).toEqual([true, { NETBACK_QUEUE_FULL: 1 }]);

    feed(vif.txQueueLength);
    expect([vif.qdisc!.length, fates(host)]).toEqual([1000, { NETBACK_QUEUE_FULL: 1 }]);
    feed(50);
    expect(fates(host)).toEqual({ NETBACK_QUEUE_FULL: 1, QDISC_FULL: 50 });

    host.run(9 * SECOND);
    expect([queue.fifoLength, fates(host)]).toEqual([525, { NETBACK_QUEUE_FULL: 1, QDISC_FULL: 50 }]);
    host.run(2 * SECOND);
    // What has expired made room for the queue, and one frame more than room told the queue to stop again.
    expect([queue.fifoLength, vif.qdisc!.length]).toEqual([525, 474]);
    expect(fates(host)).toEqual({ NETBACK_QUEUE_FULL: 2, NETBACK_EXPIRED: 525, QDISC_FULL: 50 });

    let stalledAt = 0;
    for (let second = 12; second <= 70; second++) {
      if (second % 5 === 0) feed(1);
      host.run(SECOND);
      if (!vif.carrier && stalledAt === 0) stalledAt = second;
    }
    expect([stalledAt, host.log.at(-1)]).toEqual([60, "vif vif-1-0 vif1.0: Guest Rx stalled"]);
    const before = host.world.frames.count(Fate.NO_CARRIER);
    feed(5);
    expect(host.world.frames.count(Fate.NO_CARRIER)).toBe(before + 5);

    host.guest.unpause();
    host.run(10 * MILLISECOND);
    expect(host.received.ids.slice(0, 256)).toEqual(inSlots);
    expect([vif.carrier, host.log.at(-1)]).toEqual([true, "vif vif-1-0 vif1.0: Guest Rx ready"]);
    const again = feed(20);
    host.run(20 * SECOND);
    expect(host.received.ids.slice(-20)).toEqual(again);
    expectAllCounted(host, sent);
  });

  it("without feature-rx-notify: what waits is lost after 30 ms, and no stall is seen", () => {
    const host = new Border(false);
    host.features = { ...host.features, notifies: false };
    host.connect();
    host.guest.pause();
    host.feed(256 + 40, LENGTH);
    host.run(29 * MILLISECOND);
    expect([host.vif.receiveQueue!.fifoLength, host.vif.carrier]).toEqual([40, true]);
    host.run(2 * MILLISECOND);
    expect(fates(host)).toEqual({ NETBACK_EXPIRED: 40 });
    for (let second = 0; second < 70; second++) {
      host.feed(1, LENGTH);
      host.run(SECOND);
    }
    expect([host.vif.carrier, host.log.filter((line) => line.includes("Guest Rx"))]).toEqual([true, []]);
    host.guest.unpause();
    host.run();
    expectAllCounted(host, 256 + 40 + 70);
  });
});

describe("a guest of 2.6.18 that is paused", () => {
  /** Taken while 20 slots are posted: the last one leaves 19. */
  const taken = (posted: number): number => posted - 19;

  it("takes what leaves 20 of its slots posted, then the vif's queue of 32 for half a second, then drops", () => {
    const host = border(CLASSIC);
    const { vif } = host;
    host.guest.pause();
    const inSlots = host.feed(taken(64), LENGTH);
    expect([vif.stopped, fates(host)]).toEqual([true, {}]);
    host.feed(32, LENGTH);
    expect([vif.qdisc!.length, fates(host)]).toEqual([32, {}]);
    host.feed(7, LENGTH);
    expect(fates(host)).toEqual({ QDISC_FULL: 7 });
    host.run(499 * MILLISECOND);
    expect([vif.qdisc!.length, vif.receiveQueue!.fifoLength]).toEqual([32, 0]);
    host.run(2 * MILLISECOND);
    expect([vif.qdisc!.length, vif.stopped, fates(host)]).toEqual([0, false, { QDISC_FULL: 7, NETBACK_NO_SLOTS: 32 }]);
    host.feed(3, LENGTH);
    expect(fates(host)).toEqual({ QDISC_FULL: 7, NETBACK_NO_SLOTS: 35 });
    // No expiry, no stall: Linux sees nothing but drops.
    host.run(100 * SECOND);
    expect([vif.carrier, host.received.ids]).toEqual([true, []]);
    host.guest.unpause();
    host.run(MILLISECOND);
    expect(host.received.ids).toEqual(inSlots);
    const again = host.feed(10, LENGTH);
    host.run();
    expect(host.received.ids.slice(-10)).toEqual(again);
    expectAllCounted(host, 45 + 32 + 7 + 3 + 10);
  });

  it("goes on in time when the guest comes back within half a second: nothing is lost", () => {
    const host = border(CLASSIC);
    host.guest.pause();
    host.feed(taken(64) + 32, LENGTH);
    host.run(300 * MILLISECOND);
    host.guest.unpause();
    host.run();
    expect([host.received.got.length, fates(host)]).toEqual([77, {}]);
    expectAllCounted(host, 77);
  });

  it("has more slots to give when it was busy before: its target has grown to 256", () => {
    const host = border(CLASSIC);
    let sent = 0;
    for (; sent < 3000; sent += 30) {
      host.feed(30, LENGTH);
      host.run(15_000);
    }
    host.run();
    const { ring } = host.front.receiveRing!;
    expect(ring.used).toBeGreaterThan(128);
    host.guest.pause();
    const posted = ring.used;
    host.feed(taken(posted) + 32, LENGTH);
    expect([host.vif.stopped, host.vif.qdisc!.length]).toEqual([true, 32]);
    sent += taken(posted) + 32;
    host.guest.unpause();
    host.run();
    expectAllCounted(host, sent);
  });

  it("without feature-rx-notify its queue holds one, and never stops", () => {
    const host = new Border(false, new World(3), CLASSIC);
    host.features = { ...host.features, notifies: false };
    host.connect();
    host.guest.pause();
    host.feed(taken(64) + 5, LENGTH);
    expect([host.vif.txQueueLength, host.vif.stopped, fates(host)]).toEqual([1, false, { NETBACK_NO_SLOTS: 5 }]);
  });

  it("without scatter-gather a single slot is enough", () => {
    const host = new Border(false, new World(3), CLASSIC);
    host.features = { scatters: false, notifies: false, checksums: true };
    host.connect();
    host.guest.pause();
    host.feed(64 + 1, LENGTH);
    expect(fates(host)).toEqual({ NETBACK_NO_SLOTS: 1 });
    host.guest.unpause();
    host.run();
    expectAllCounted(host, 65);
  });

  it("on Xen 3.0.0 there is no queue before the vif at all", () => {
    const host = border(CLASSIC_UNQUEUED);
    host.guest.pause();
    host.feed(taken(64) + 9, LENGTH);
    expect([host.vif.qdisc, host.vif.txQueueLength, fates(host)]).toEqual([null, 0, { NETBACK_NO_SLOTS: 9 }]);
    host.guest.unpause();
    host.run();
    expectAllCounted(host, 45 + 9);
  });
});

describe.each([MODERN, CLASSIC])("rate=10Mb/s with the $name netback", (kind) => {
  /** Bytes that dom0 has got in each of the next `count` windows of 50 ms. */
  function windows(host: Border, count: number): number[] {
    return Array.from({ length: count }, () => {
      const before = host.host.got.length;
      host.run(50 * MILLISECOND);
      return host.host.got.slice(before).reduce((sum, { length }) => sum + length, 0);
    });
  }

  it("lets two windows' worth pass at once, never more than 128 KiB, then 62,500 bytes in 50 ms; only from the guest", () => {
    const host = border(kind);
    const { rate } = parseRate("10Mb/s");
    const { bytesPerInterval, intervalMicros } = rate!;
    expect([bytesPerInterval, intervalMicros]).toEqual([62_500, 50_000]);
    host.vif.transmitQueue!.credit.set(bytesPerInterval, intervalMicros, host.world.scheduler.now);
    host.run(10 * SECOND);
    const ids = host.send(900, 1514);
    const back = host.feed(40, LENGTH);
    host.run(3 * MILLISECOND);
    const burst = host.host.got.length * 1514;
    expect(burst).toBeGreaterThan(120_000);
    expect(burst).toBeLessThanOrEqual(131_072);
    expect(host.received.ids).toEqual(back);
    const steady = windows(host, 10);
    for (const bytes of steady) expect(Math.abs(bytes - 62_500)).toBeLessThan(1514);
    host.run(10 * SECOND);
    expect(host.host.ids).toEqual(ids);
    expect(fates(host)).toEqual({});
    expectBalanced(host.world);
  });
});
