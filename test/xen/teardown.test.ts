/** A device that goes with frames in flight at every stage: the ledger holds, the references come back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import type { FrameSink } from "../../src/device/device.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { rxEntry, txEntry } from "../../src/xen/netif.ts";
import { Border, MILLISECOND, SECOND, Tally } from "../kit/border.ts";
import { expectBalanced } from "../kit/world.ts";

class Keeper implements FrameSink {
  readonly kept: Frame[] = [];
  receive(frame: Frame): void {
    this.kept.push(frame);
  }
}

/** Both directions full: qdisc, ring, FIFO, slots. */
function crowded(length = 1000): Border {
  const border = new Border();
  border.guest.pause();
  border.feed(256 + 600, length);
  border.vif.setUp(false);
  border.vif.setUp(true);
  border.send(500, length);
  border.run(20_000);
  return border;
}

describe("a detach with frames in flight", () => {
  it.each<[string, (border: Border) => void]>([
    ["frontend first, as xl network-detach does", (border) => border.disconnect()],
    [
      "backend first, as a forced removal does",
      (border) => {
        border.vif.disconnect();
        border.run(MILLISECOND);
        border.front.disconnect();
      },
    ],
    [
      "both devices removed",
      (border) => {
        border.disconnect();
        border.inside.unregister(border.front);
        border.table.unregister(border.vif);
      },
    ],
  ])("%s: nothing is left, nothing is counted twice", (_name, remove) => {
    const border = crowded();
    expect(border.world.frames.alive).toBeGreaterThan(700);
    remove(border);
    border.guest.unpause();
    border.run();
    expectBalanced(border.world);
    expect(border.world.frames.count(Fate.RING_TORN_DOWN)).toBeGreaterThan(0);
    expect([border.front.used, border.vif.connected, border.vif.carrier]).toEqual([0, false, false]);
  });

  it("hands no answer of the old ring to the new one, and the device works again", () => {
    const border = crowded(60);
    border.disconnect();
    border.connect();
    border.guest.unpause();
    border.run(MILLISECOND);
    border.host.got.length = 0;
    border.received.got.length = 0;
    const [out, back] = [border.send(300, 1000), border.feed(300, 1000)];
    border.run();
    expect([border.host.ids, border.received.ids]).toEqual([out, back]);
    expect([border.front.broken, border.vif.disabled, border.front.used]).toEqual([false, false, 0]);
    expectBalanced(border.world);
  });

  it("does not wait for a slow user of the guest's frames: its answer comes too late and is not missed", () => {
    const border = new Border();
    const keeper = new Keeper();
    border.vif.rxHandler = keeper;
    border.send(50, 1000);
    border.run(MILLISECOND);
    border.disconnect();
    border.connect();
    for (const frame of keeper.kept.splice(0)) border.world.frames.finish(frame, Fate.DELIVERED);
    border.run();
    expect([border.front.used, border.transmitPage.responseProducer, border.front.broken]).toEqual([0, 0, false]);
    border.vif.rxHandler = null;
    border.send(10, 1000);
    border.run();
    expect(border.host.got.length).toBe(10);
    expectBalanced(border.world);
  });

  it("ends well at any instant, again and again", () => {
    const turn = fc.record({
      out: fc.nat(200),
      back: fc.nat(200),
      length: fc.constantFrom(60, 129, 1514, 9014, 20_000),
      wait: fc.nat(400_000),
      end: fc.constantFrom("front", "back", "both", "pause", "down", "none"),
    });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 6 }), (turns) => {
        const border = new Border();
        border.vif.upper = new Tally();
        border.front.upper = new Tally();
        for (const { out, back, length, wait, end } of turns) {
          border.send(out, length);
          border.feed(back, length);
          border.run(wait);
          if (end === "pause") border.guest.pause();
          else if (end === "down") border.front.setUp(false);
          else if (end !== "none") {
            if (end === "back") border.vif.disconnect();
            border.front.disconnect();
            border.vif.disconnect();
            if (end === "both") border.run(wait);
            border.guest.unpause();
            border.connect();
          }
        }
        border.guest.unpause();
        border.front.setUp(true);
        border.run(15 * SECOND);
        expect([border.front.broken, border.vif.disabled, border.front.used]).toEqual([false, false, 0]);
        expectBalanced(border.world);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a backend that lies", () => {
  it.each<[string, (border: Border) => void]>([
    ["Illegal number of responses 257", (border) => border.transmitPage.words.set([257], 2)],
    [
      "Response for inactive request",
      (border) => {
        border.transmitPage.words[txEntry(0)] = 200;
        border.transmitPage.words[2] = 1;
      },
    ],
  ])("%s: the device is disabled for further use, and what is sent is dropped", (sentence, lie) => {
    const border = new Border();
    border.vif.setUp(false);
    border.send(1);
    lie(border);
    border.dom0.events.find(8)!.notify();
    border.run();
    const lines = border.inside.log.lines.map(({ text }) => text);
    expect(lines.slice(-2)).toEqual([`net eth0: ${sentence}`, "net eth0: Disabled for further use"]);
    border.send(2);
    border.dom0.events.find(8)!.notify();
    border.run();
    expect([border.front.broken, border.world.frames.count(Fate.NETFRONT_BROKEN)]).toEqual([true, 2]);
    expect(border.inside.log.lines.length).toBe(lines.length);
    border.disconnect();
    expectBalanced(border.world);
  });

  it("on the receive ring too", () => {
    const border = new Border();
    border.receivePage.words[2] = 300;
    border.dom0.events.find(9)!.notify();
    border.run();
    expect(border.front.broken).toBe(true);
  });

  it("about a frame's size: the frame is an RX error", () => {
    const border = new Border();
    border.front.setUp(false);
    border.feed(2);
    border.run();
    border.receivePage.words[rxEntry(0) + 1] = 59 << 16;
    border.receivePage.words[rxEntry(1) + 1] = (60 << 16) | 4;
    border.front.setUp(true);
    border.run();
    expect(border.world.frames.count(Fate.NETFRONT_RX_ERROR)).toBe(1);
    expect(border.front.counters).toMatchObject({ rxErrors: 1, rxPackets: 1 });
    expectBalanced(border.world);
  });
});
