/** From the guest to dom0, with the transmit ring looked at word by word. */
import { describe, expect, it } from "vitest";
import { put16 } from "../../src/base/bytes.ts";
import { Fate } from "../../src/base/fate.ts";
import type { FrameSink } from "../../src/device/device.ts";
import { Checksum, type Frame } from "../../src/packet/frame.ts";
import { settle } from "../../src/packet/frame-pool.ts";
import { txEntry } from "../../src/xen/netif.ts";
import { ENTRIES } from "../../src/xen/ring.ts";
import { Border } from "../kit/border.ts";
import { judges } from "../kit/fidelity.ts";
import { ALICE, BOB, expectBalanced, frameOf } from "../kit/world.ts";

judges("rings");

const slot = (border: Border, index: number) => {
  const [reference, second, third] = border.transmitPage.words.subarray(txEntry(index), txEntry(index) + 3);
  return {
    reference: reference!,
    offset: second! & 0xffff,
    flags: second! >>> 16,
    id: third! & 0xffff,
    size: third! >>> 16,
  };
};

/** Another port of the bridge that keeps what it gets: a slow user. A stack would not do: lent pages go back before it. */
class Keeper implements FrameSink {
  readonly kept: Frame[] = [];
  receive(frame: Frame): void {
    this.kept.push(frame);
  }
}

function kept(length: number) {
  const border = new Border();
  const keeper = new Keeper();
  border.vif.rxHandler = keeper;
  border.send(1, length);
  border.run();
  return { border, keeper, frame: keeper.kept[0]! };
}

const answered = (border: Border): number => border.transmitPage.responseProducer;

describe("a frame on the transmit ring", () => {
  it("is one request: grant, offset in its page, no flags, id, length", () => {
    const border = new Border();
    border.send(2, 60);
    expect(slot(border, 0)).toEqual({ reference: 8, offset: 64, flags: 0, id: 0, size: 60 });
    expect(slot(border, 1)).toEqual({ reference: 9, offset: 64, flags: 0, id: 1, size: 60 });
    expect(border.transmitPage.requestProducer).toBe(2);
    border.run();
    expect(border.host.got.map(({ length }) => length)).toEqual([60, 60]);
    expectBalanced(border.world);
  });

  it.each([
    [Checksum.NONE, 0, Checksum.NONE],
    [Checksum.PARTIAL, 1 | 2, Checksum.PARTIAL],
    [Checksum.UNNECESSARY, 2, Checksum.UNNECESSARY],
  ])("says of its checksum (%i) csum_blank 1 and data_validated 2", (state, flags, arrives) => {
    const border = new Border();
    const keeper = new Keeper();
    border.vif.rxHandler = keeper;
    const frame = frameOf(border.world, BOB, ALICE, 80);
    put16(frame.bytes, frame.at + 12, 0x0800);
    frame.bytes.set([0x45, 0, 0, 66, 0, 0, 0x40, 0, 64, 17], frame.at + 14);
    frame.checksum = state;
    border.front.transmit(frame);
    expect(slot(border, 0).flags).toBe(flags);
    border.run();
    expect(keeper.kept[0]!.checksum).toBe(arrives);
    if (state === Checksum.PARTIAL) expect(keeper.kept[0]).toMatchObject({ checksumStart: 34, checksumOffset: 6 });
  });

  it.each([
    [9014, 3],
    [65_535, 17],
  ])("of %i bytes is %i requests: the first says the whole length, the others their own", (length, count) => {
    const border = new Border();
    border.send(1, length);
    const slots = Array.from({ length: count }, (_, i) => slot(border, i));
    expect(border.transmitPage.requestProducer).toBe(count);
    expect(slots.map(({ flags }) => flags)).toEqual([...new Array(count - 1).fill(4), 0]);
    expect(slots.map(({ offset }) => offset)).toEqual([64, ...new Array(count - 1).fill(0)]);
    expect(slots[0]!.size).toBe(length);
    const rest = slots.slice(1).reduce((sum, { size }) => sum + size, 0);
    expect(length - rest).toBe(4096 - 64);
    border.run();
    expect(border.host.got[0]!.length).toBe(length);
    expect(border.host.got[0]!.bytes.slice(28)).toBe("01".repeat(length - 14));
    expect(answered(border)).toBe(count);
    expectBalanced(border.world);
  });

  it("of no bytes at all is refused by netback, and said so", () => {
    const border = new Border();
    border.front.transmit(border.world.frames.create(0));
    border.run();
    expect(border.world.frames.count(Fate.NETBACK_TOO_SHORT)).toBe(1);
    expectBalanced(border.world);
  });

  it("too big for the wire format is dropped with the kernel's words", () => {
    const border = new Border();
    const frame = frameOf(border.world, BOB, ALICE, 65_535);
    frame.at -= 4;
    frame.length += 4;
    border.front.transmit(frame);
    expect(border.inside.log.lines.at(-1)!.text).toBe("xennet: skb->len = 65539, too big for wire format");
    expect([border.world.frames.count(Fate.NETFRONT_TOO_BIG), border.front.counters.txDropped]).toEqual([1, 1]);
  });

  it("goes round the ring many times in order, with guest TX counters equal to vif RX counters", () => {
    const border = new Border();
    const ids: number[] = [];
    for (let round = 0; round < 40; round++) {
      ids.push(...border.send(50, 60 + round));
      border.run(200_000);
    }
    border.run();
    expect(border.host.ids).toEqual(ids);
    const { front, vif } = border;
    expect([vif.counters.rxPackets, vif.counters.rxBytes]).toEqual([front.counters.txPackets, front.counters.txBytes]);
    expect(front.used).toBe(0);
    expectBalanced(border.world);
  });
});

describe("answers", () => {
  it("to 128 bytes come at once, whoever keeps the frame", () => {
    const { border } = kept(128);
    expect([answered(border), border.front.used, border.vif.transmitQueue!.zeroCopySent]).toEqual([1, 0, 0]);
  });

  it("to 129 bytes wait until the frame's last user is done", () => {
    const { border, frame } = kept(129);
    expect([answered(border), border.front.used]).toEqual([0, 1]);
    border.world.frames.finish(frame, Fate.DELIVERED);
    expect(answered(border)).toBe(0);
    border.run();
    expect([answered(border), border.front.used]).toEqual([1, 0]);
    expect(border.vif.statistics().slice(1, 3)).toEqual([
      ["tx_zerocopy_sent", 1],
      ["tx_zerocopy_success", 1],
    ]);
    expectBalanced(border.world);
  });

  it.each<[string, (border: Border, frame: Frame) => Frame[]]>([
    ["it is cloned for a flood", (border, frame) => [frame, border.world.frames.clone(frame)]],
    [
      "it leaves the host by cable",
      (_, frame) => {
        settle(frame);
        return [frame];
      },
    ],
    [
      "it is dropped",
      (border, frame) => {
        border.vif.drop(frame, Fate.NO_ROUTE);
        return [];
      },
    ],
  ])("come when %s", (_name, act) => {
    const { border, frame } = kept(1514);
    const rest = act(border, frame);
    border.run();
    expect([answered(border), border.front.used]).toEqual([1, 0]);
    for (const each of rest) border.world.frames.finish(each, Fate.CONSUMED);
    expectBalanced(border.world);
  });

  it("to a frame of three slots come together", () => {
    const { border, frame } = kept(9014);
    expect(border.front.used).toBe(3);
    border.world.frames.finish(frame, Fate.DELIVERED);
    border.run();
    expect(border.front.used).toBe(0);
  });
});

describe("the device is busy", () => {
  it("at exactly 237 used slots; the qdisc takes 1,000 more and then drops; below 237 it goes on, in order", () => {
    const border = new Border();
    const { front, world } = border;
    const first = border.send(236);
    expect([front.stopped, front.used]).toEqual([false, 236]);
    first.push(...border.send(1));
    expect([front.stopped, front.used, front.stops]).toEqual([true, 237, 1]);
    const held = border.send(1000);
    expect([front.used, front.qdisc!.length]).toEqual([237, 1000]);
    border.send(3);
    expect([world.frames.count(Fate.QDISC_FULL), front.qdisc!.dropped]).toEqual([3, 3]);
    border.run();
    expect(border.host.ids).toEqual([...first, ...held]);
    expect([front.stopped, front.used, front.qdisc!.length]).toEqual([false, 0, 0]);
    expectBalanced(world);
  });

  it("for as long as a slow user keeps the frames: then it is woken by the answers", () => {
    const border = new Border();
    const keeper = new Keeper();
    border.vif.rxHandler = keeper;
    border.send(300, 1000);
    border.run();
    expect([keeper.kept.length, border.front.used, border.front.stopped]).toEqual([237, 237, true]);
    for (const frame of keeper.kept.splice(0, 10)) border.world.frames.finish(frame, Fate.DELIVERED);
    border.run();
    expect([keeper.kept.length, border.front.used, border.front.stopped]).toEqual([237, 237, true]);
    expect(border.front.qdisc!.length).toBe(53);
  });

  it("while the vif is down: requests wait in the ring until it is up", () => {
    const border = new Border();
    border.vif.setUp(false);
    const ids = border.send(20);
    border.run();
    expect([border.host.got.length, border.front.used]).toEqual([0, 20]);
    border.vif.setUp(true);
    border.run();
    expect([border.host.ids, border.front.used]).toEqual([ids, 0]);
  });
});

describe("events", () => {
  it("are few when netback polls: a burst costs one", () => {
    const border = new Border();
    const channel = border.guest.events.find(8)!;
    const before = channel.sent;
    border.send(60);
    expect(channel.sent - before).toBe(1);
    border.run();
    border.send(1);
    expect(channel.sent - before).toBe(2);
    expect(ENTRIES).toBe(16);
  });

  it("do not flow at all while frames keep coming faster than netback sleeps", () => {
    const border = new Border();
    const channel = border.guest.events.find(8)!;
    const before = channel.sent;
    for (let i = 0; i < 400; i++) {
      border.send(2);
      border.run(1000);
    }
    expect(channel.sent - before).toBeLessThan(10);
    border.run();
    expect(border.host.got.length).toBe(800);
  });
});
