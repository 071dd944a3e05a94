/** From dom0 to the guest: posted buffers, netback's FIFO, and what happens when the guest does not take its frames. */
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import type { FrameSink } from "../../src/device/device.ts";
import { Checksum, type Frame } from "../../src/packet/frame.ts";
import { FIFO_LIMIT } from "../../src/xen/netback-receive.ts";
import { rxEntry } from "../../src/xen/netif.ts";
import { Border, MILLISECOND, SECOND } from "../kit/border.ts";
import { judges } from "../kit/fidelity.ts";
import { ALICE, BOB, expectBalanced, frameOf } from "../kit/world.ts";

judges("rings");

const answer = (border: Border, index: number) => {
  const [first, second] = border.receivePage.words.subarray(rxEntry(index), rxEntry(index) + 2);
  return { id: first! & 0xffff, offset: first! >>> 16, flags: second! & 0xffff, status: second! >> 16 };
};

class Keeper implements FrameSink {
  readonly kept: Frame[] = [];
  receive(frame: Frame): void {
    this.kept.push(frame);
  }
}

describe("the guest's receive ring", () => {
  it("is full of posted buffers from the start: id and grant of each slot go together", () => {
    const { receivePage } = new Border();
    expect(receivePage.requestProducer).toBe(256);
    for (const i of [0, 1, 255])
      expect([...receivePage.words.subarray(rxEntry(i), rxEntry(i) + 2)]).toEqual([i, 264 + i]);
  });

  it("gets each frame in the slot of the request it used, and the slot is posted again", () => {
    const border = new Border();
    const ids = border.feed(300, 100);
    border.run();
    expect(border.received.ids).toEqual(ids);
    expect(border.receivePage.responseProducer).toBe(300);
    expect(border.receivePage.requestProducer).toBe(556);
    expect(border.vif.counters).toMatchObject({ txPackets: 300, txBytes: 30_000 });
    expect(border.front.counters).toMatchObject({ rxPackets: 300, rxBytes: 30_000 });
    expectBalanced(border.world);
  });

  it.each([
    [Checksum.NONE, 0],
    [Checksum.UNNECESSARY, 1],
    [Checksum.PARTIAL, 2 | 1],
  ])("says of the checksum (%i) data_validated 1 and csum_blank 2: not the numbers of TX", (state, flags) => {
    const border = new Border();
    const keeper = new Keeper();
    border.front.upper = keeper;
    border.front.setUp(false);
    const frame = frameOf(border.world, ALICE, BOB);
    Object.assign(frame, { checksum: state, checksumStart: 34, checksumOffset: 16 });
    border.vif.transmit(frame);
    border.run();
    expect(answer(border, 0)).toEqual({ id: 0, offset: 0, flags, status: 60 });
    border.front.setUp(true);
    border.run();
    expect(keeper.kept[0]).toMatchObject({ checksum: state, checksumStart: 34, checksumOffset: 16 });
  });

  it.each([
    [9014, [4096, 4096, 822]],
    [65_535, [...new Array(15).fill(4096), 4095]],
    [4096, [4096]],
    [4097, [4096, 1]],
  ])("takes %i bytes in slots that each say their own size", (length, sizes) => {
    const border = new Border();
    border.front.setUp(false);
    border.feed(1, length);
    border.run();
    const answers = sizes.map((_, i) => answer(border, i));
    expect(answers.map(({ status }) => status)).toEqual(sizes);
    expect(answers.map(({ flags }) => flags)).toEqual([...new Array(sizes.length - 1).fill(4), 0]);
    border.front.setUp(true);
    border.run();
    expect(border.received.got[0]).toMatchObject({ length });
    expect(border.received.got[0]!.bytes.slice(28)).toBe("01".repeat(length - 14));
    expectBalanced(border.world);
  });

  it("keeps what comes while the guest's device is down, until it is opened", () => {
    const border = new Border();
    border.front.setUp(false);
    const ids = border.feed(10);
    border.run();
    expect([border.received.ids, border.world.frames.alive]).toEqual([[], 10]);
    border.front.setUp(true);
    border.run();
    expect(border.received.ids).toEqual(ids);
  });

  it("carries an answer with an error as an RX error, and the frame is netback's to explain", () => {
    const border = new Border();
    border.front.setUp(false);
    border.guest.grants.end(264);
    border.feed(2);
    border.run();
    expect([answer(border, 0).status, answer(border, 1).status]).toEqual([-3, 60]);
    border.front.setUp(true);
    border.run();
    expect([border.front.counters.rxErrors, border.front.counters.rxPackets]).toEqual([1, 1]);
    expect(border.world.frames.count(Fate.NETBACK_GRANT_REFUSED)).toBe(1);
    expectBalanced(border.world);
  });
});

describe("a paused guest", () => {
  it("loses nothing in a pause of 3.5 s: all replies come in one burst (recorded)", () => {
    const border = new Border();
    border.guest.pause();
    const ids: number[] = [];
    for (let i = 0; i < 8; i++) {
      ids.push(...border.feed(1));
      border.run(SECOND / 2);
    }
    border.guest.unpause();
    border.run(MILLISECOND);
    expect(border.received.ids).toEqual(ids);
  });

  it("holds 256 frames in its slots and 512 KiB in netback; then the queue stops, the qdisc fills, and frames drop", () => {
    const border = new Border();
    border.guest.pause();
    border.feed(256, 1000);
    border.run(MILLISECOND);
    expect([border.vif.receiveQueue!.fifoLength, border.receivePage.responseProducer]).toEqual([0, 256]);
    const fits = Math.ceil(FIFO_LIMIT / 1000);
    border.feed(fits, 1000);
    expect([border.vif.receiveQueue!.fifoBytes, border.vif.stopped]).toEqual([fits * 1000, false]);
    border.feed(1, 1000);
    expect([border.vif.stopped, border.world.frames.count(Fate.NETBACK_QUEUE_FULL)]).toEqual([true, 1]);
    border.feed(1001, 1000);
    expect([border.vif.qdisc!.length, border.world.frames.count(Fate.QDISC_FULL)]).toEqual([1000, 1]);
    expect(border.vif.counters.txDropped).toBe(1);
    border.guest.unpause();
    border.run();
    // The FIFO learns that it is full by a frame that it refuses: one each time the qdisc fills it again.
    const refused = border.world.frames.count(Fate.NETBACK_QUEUE_FULL);
    expect(refused).toBeLessThan(30);
    expect(border.received.got.length).toBe(256 + fits + 1 + 1000 - refused);
    expect([border.vif.stopped, border.vif.counters.txDropped]).toEqual([false, refused]);
    expectBalanced(border.world);
  });

  it("loses what waited 10 s in the FIFO, counted as RX dropped; what lay in its slots it still gets", () => {
    const border = new Border();
    border.guest.pause();
    const inSlots = border.feed(256);
    border.run(MILLISECOND);
    border.feed(5);
    border.run(9 * SECOND);
    expect(border.vif.receiveQueue!.fifoLength).toBe(5);
    border.run(SECOND + MILLISECOND);
    expect([border.vif.receiveQueue!.fifoLength, border.vif.counters.rxDropped]).toEqual([0, 5]);
    expect(border.world.frames.count(Fate.NETBACK_EXPIRED)).toBe(5);
    border.guest.unpause();
    border.run();
    expect(border.received.ids).toEqual(inSlots);
    expectBalanced(border.world);
  });

  it("stalls after 60 s in which it took nothing: carrier off, and on again when it has taken slots", () => {
    const border = new Border();
    border.guest.pause();
    border.feed(256);
    border.run(MILLISECOND);
    for (let second = 0; second < 59; second++) {
      border.feed(1);
      border.run(SECOND);
    }
    expect(border.vif.carrier).toBe(true);
    border.feed(1);
    border.run(SECOND);
    expect([border.vif.carrier, border.log.at(-1)]).toEqual([false, "vif vif-1-0 vif1.0: Guest Rx stalled"]);
    border.feed(1);
    expect(border.world.frames.count(Fate.NO_CARRIER)).toBe(1);
    border.guest.unpause();
    border.run();
    expect([border.vif.carrier, border.log.at(-1)]).toEqual([true, "vif vif-1-0 vif1.0: Guest Rx ready"]);
    const ids = border.feed(3);
    border.run();
    expect(border.received.ids.slice(-3)).toEqual(ids);
    expectBalanced(border.world);
  });

  it("does not stall while it is only slow: a minute counts from the last frame it took", () => {
    const border = new Border();
    border.guest.pause();
    border.feed(256);
    for (let second = 0; second < 150; second++) {
      border.feed(300);
      border.guest.unpause();
      border.run(10_000);
      border.guest.pause();
      border.run(SECOND - 10_000);
    }
    expect(border.log.filter((line) => line.includes("stalled"))).toEqual([]);
    border.guest.unpause();
    border.run(20 * SECOND);
    expectBalanced(border.world);
  });
});

describe("a sender behind a paused guest", () => {
  it("has its slots back as soon as the frames are copied, or have expired", () => {
    const border = new Border();
    const other = new Border(true, border.world);
    border.vif.upper = null;
    border.vif.rxHandler = { receive: (frame) => other.vif.transmit(frame) };
    other.guest.pause();
    border.send(237, 1000);
    border.run(MILLISECOND);
    expect(border.front.used).toBe(0);
    border.send(200, 1000);
    border.run(SECOND);
    expect([border.front.used, other.vif.receiveQueue!.fifoLength]).toEqual([181, 181]);
    border.run(10 * SECOND);
    expect([border.front.used, border.world.frames.count(Fate.NETBACK_EXPIRED)]).toEqual([0, 181]);
  });
});
