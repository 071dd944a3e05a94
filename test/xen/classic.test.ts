/** Frames across the border of 2.6.18: where its netfront and netback count otherwise than today's. */
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import type { FrameSink } from "../../src/device/device.ts";
import { World } from "../../src/device/world.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { CLASSIC } from "../../src/xen/border-classic.ts";
import { type ClassicNetfront, ReceiveTarget } from "../../src/xen/netfront-classic.ts";
import { rxEntry } from "../../src/xen/netif.ts";
import { Border, MILLISECOND, Rogue } from "../kit/border.ts";
import { judges } from "../kit/fidelity.ts";
import { expectBalanced } from "../kit/world.ts";

judges("classic border");

const MORE = 4;
const EXTRA = 8;
const OKAY = 0;
const ERROR = -1;

const border = (): Border => new Border(true, new World(3), CLASSIC);
const targetOf = ({ front }: Border): number => (front as ClassicNetfront).target.current;

class Keeper implements FrameSink {
  readonly kept: Frame[] = [];
  receive(frame: Frame): void {
    this.kept.push(frame);
  }
}

describe("netfront of 2.6.18", () => {
  it("stops its queue at exactly 236 used slots, and the qdisc takes 1,000 more", () => {
    const host = border();
    host.vif.setUp(false);
    host.send(235);
    expect([host.front.used, host.front.stopped]).toEqual([235, false]);
    host.send(1);
    expect([host.front.used, host.front.stopped]).toEqual([236, true]);
    host.send(1001);
    expect([host.front.qdisc!.length, host.world.frames.count(Fate.QDISC_FULL)]).toEqual([1000, 1]);
    host.vif.setUp(true);
    host.run();
    expect([host.host.got.length, host.front.used]).toEqual([1236, 0]);
    expectBalanced(host.world);
  });

  it("asks for an event only when half of what is out is answered", () => {
    const host = border();
    host.vif.setUp(false);
    host.send(100);
    expect(host.transmitPage.responseEvent).toBe(51);
  });

  it("posts 64 buffers at the start and wants 128 the next time: it had none", () => {
    const host = border();
    expect([host.receivePage.requestProducer, targetOf(host)]).toEqual([64, 128]);
    host.feed(1);
    host.run();
    expect([host.receivePage.requestProducer, targetOf(host)]).toEqual([129, 128]);
  });

  it("grows its target to 256 under load, and lets it sink to 64 by one a poll", () => {
    const host = border();
    for (let burst = 0; burst < 40; burst++) {
      host.guest.pause();
      host.feed(200);
      host.run(100_000);
      host.guest.unpause();
      host.run(MILLISECOND);
    }
    expect(targetOf(host)).toBeGreaterThan(250);
    for (let i = 0; i < 400; i++) {
      host.feed(1);
      host.run(MILLISECOND);
    }
    expect(targetOf(host)).toBe(64);
    expect(host.received.got.length + host.world.frames.count(Fate.QDISC_FULL)).toBe(40 * 200 + 400);
    expectBalanced(host.world);
  });

  it("lets rxbuf_min be 8 and not less, rxbuf_max 256 and not more", () => {
    const target = new ReceiveTarget();
    target.setLeast(0);
    for (let i = 0; i < 300; i++) target.shrink();
    expect(target.current).toBe(8);
    target.setMost(1000);
    for (let i = 0; i < 10; i++) target.grow();
    expect(target.current).toBe(256);
    target.setMost(100);
    expect(target.current).toBe(100);
    target.setLeast(200);
    expect(target.current).toBe(200);
  });

  it("has no carrier of its own to lose: what it sends without a backend it drops itself", () => {
    const host = border();
    host.front.disconnect();
    host.send(2);
    expect([host.front.carrier, host.front.counters.txDropped]).toEqual([true, 2]);
    expect(host.world.frames.count(Fate.NETFRONT_NO_CARRIER)).toBe(2);
  });
});

describe("netback of 2.6.18", () => {
  it("answers to 64 bytes at once and to 65 when the last user of the frame is done", () => {
    const host = border();
    const keeper = new Keeper();
    host.vif.rxHandler = keeper;
    host.send(1, 64);
    host.run(MILLISECOND);
    expect(host.front.used).toBe(0);
    host.send(1, 65);
    host.run(MILLISECOND);
    expect(host.front.used).toBe(1);
    for (const frame of keeper.kept) host.world.frames.finish(frame, Fate.DELIVERED);
    host.run(MILLISECOND);
    expect(host.front.used).toBe(0);
  });

  it("fails a whole frame with one word when one of its pages is refused", () => {
    const host = border();
    host.front.setUp(false);
    host.guest.grants.end(265);
    host.feed(1, 9000);
    host.run();
    const statuses = [0, 1, 2].map((index) => host.receivePage.words[rxEntry(index) + 1]! >> 16);
    expect(statuses).toEqual([ERROR, ERROR, ERROR]);
    expect(host.world.frames.count(Fate.NETBACK_GRANT_REFUSED)).toBe(1);
  });

  it.each<[string, (rogue: Rogue) => void, number[]]>([
    [
      "a slot that crosses its page",
      (rogue) => rogue.write({ reference: rogue.page(), offset: 4000, size: 100 }),
      [ERROR],
    ],
    [
      "an extra info of a type that was invented later",
      (rogue) => {
        rogue.write({ reference: rogue.page(), flags: EXTRA, size: 60 });
        rogue.writeExtra(2);
      },
      [ERROR, 1],
    ],
    [
      "a promise of more that nothing follows: the frame is taken as it is",
      (rogue) => rogue.write({ reference: rogue.page(), flags: MORE, size: 60 }),
      [OKAY],
    ],
    [
      "21 slots: nineteen are refused, the other two taken for a frame of their own",
      (rogue) => {
        rogue.write({ reference: rogue.page(), flags: MORE, size: 2100 });
        for (let i = 1; i <= 20; i++)
          rogue.write({ reference: rogue.page(), flags: i < 20 ? MORE : 0, size: i === 19 ? 200 : 60 });
      },
      [...new Array<number>(19).fill(ERROR), OKAY, OKAY],
    ],
  ])("survives %s", (_name, misbehave, statuses) => {
    const rogue = new Rogue(CLASSIC);
    misbehave(rogue);
    rogue.publish();
    expect(rogue.answers.map(([, status]) => status).slice(0, statuses.length)).toEqual(statuses);
    expect([rogue.vif.disabled, rogue.vif.carrier]).toEqual([false, true]);
    rogue.write({ reference: rogue.page(), id: 77, size: 60 });
    rogue.publish();
    expect(rogue.answers.at(-1)).toEqual([77, OKAY]);
  });

  it("works on and on through an index that cannot be, and lets the device be taken away", () => {
    const rogue = new Rogue(CLASSIC);
    rogue.front2.requestProducer = 2 ** 31;
    rogue.publish();
    expect(rogue.vif.disabled).toBe(false);
    rogue.vif.disconnect();
    rogue.run();
    expect(rogue.world.scheduler.next()).toBeNull();
  });
});
