/** The handshake of 2.6.18's netfront and netback, with each other and with their successors. */
import { describe, expect, it } from "vitest";
import { CLASSIC, CLASSIC_UNQUEUED } from "../../src/xen/border-classic.ts";
import type { BorderKind } from "../../src/xen/border-kind.ts";
import { MODERN } from "../../src/xen/border-modern.ts";
import { ALICE, BOB, expectBalanced, frameOf } from "../kit/world.ts";
import { BE, FE, XenbusHost } from "../kit/xenbus.ts";

function attached(host = new XenbusHost(CLASSIC), guest?: BorderKind): XenbusHost {
  host.attach();
  host.boot(guest);
  return host;
}

/** A frame each way. */
function expectTraffic(host: XenbusHost): void {
  const { vif, front } = host;
  for (const device of [vif!, front!]) device.setUp(true);
  const before = [front!.counters.rxPackets, vif!.counters.rxPackets];
  vif!.transmit(frameOf(host.world, ALICE, BOB));
  front!.transmit(frameOf(host.world, BOB, ALICE));
  host.settle();
  expect([front!.counters.rxPackets - before[0]!, vif!.counters.rxPackets - before[1]!]).toEqual([1, 1]);
}

describe("a guest and a host of 2.6.18", () => {
  it("write these keys in this order; Connected waits for no hotplug script", () => {
    const host = new XenbusHost(CLASSIC);
    host.attach();
    expect(host.written).toEqual([
      "BE/feature-sg = 1",
      "BE/feature-gso-tcpv4 = 1",
      "BE/feature-rx-copy = 1",
      "BE/feature-rx-flip = 0",
      "BE/state = 2",
    ]);
    host.written = [];
    host.boot();
    expect(host.written).toEqual([
      "FE/tx-ring-ref = 520",
      "FE/rx-ring-ref = 521",
      "FE/event-channel = 8",
      "FE/request-rx-copy = 1",
      "FE/feature-rx-notify = 1",
      "FE/feature-sg = 1",
      "FE/feature-gso-tcpv4 = 1",
      "FE/state = 4",
      "BE/state = 4",
    ]);
    expect(host.store.read(`${BE}/hotplug-status`)).toBe("");
    expectTraffic(host);
    expectBalanced(host.world);
  });

  it("share one event channel for both rings", () => {
    const host = attached();
    expectTraffic(host);
    expect(host.front!.transmitRing!.channel).toBe(host.front!.receiveRing!.channel);
    expect([host.dom0.events.find(8) !== null, host.dom0.events.find(9)]).toEqual([true, null]);
  });

  it("have a vif that always has carrier, with a queue of 32; on Xen 3.0.0 of none", () => {
    const host = new XenbusHost(CLASSIC);
    host.attach();
    expect(host.vif).toMatchObject({ carrier: true, txQueueLength: 32, connected: false });
    const old = new XenbusHost(CLASSIC_UNQUEUED);
    old.attach();
    expect(old.vif).toMatchObject({ txQueueLength: 0, qdisc: null });
  });

  it("have a device in the guest before the backend is there, and an announcement when the frontend is Connected", () => {
    const host = new XenbusHost(CLASSIC);
    const changes: string[] = [];
    host.inside.watchers.add({ deviceChanged: (_device, change) => changes.push(change) });
    host.netback.storeChanged = () => {};
    attached(host);
    expect([host.states, host.front?.name, changes]).toEqual([["1", "1"], "eth0", ["registered"]]);
    const other = new XenbusHost(CLASSIC);
    other.inside.watchers.add({ deviceChanged: (_device, change) => changes.push(change) });
    changes.length = 0;
    attached(other);
    expect(changes).toEqual(["registered", "fake-arp"]);
  });

  it("part on network-detach: the guest says 6, netback 6, and the vif is gone", () => {
    const host = attached();
    host.written = [];
    host.detach();
    expect(host.written).toEqual(["BE/state = 5", "BE/online = 0", "FE/state = 6", "BE/state = 6"]);
    expect([host.vif, host.table.find("vif1.0")]).toEqual([null, null]);
    host.store.remove(FE);
    host.settle();
    expect(host.front).toBeNull();
    expect(host.guest.events.find(8)).toBeNull();
    expectBalanced(host.world);
  });

  it("begin anew with another vif when the guest closes and comes again", () => {
    const host = attached();
    const first = host.vif!;
    host.netfront!.unload();
    host.settle();
    expect([host.states, host.vif, host.front]).toEqual([["6", "6"], first, null]);
    host.netfront!.load();
    host.settle();
    expect(host.states).toEqual(["4", "4"]);
    expect(host.vif).not.toBe(first);
    expect(host.vif!.index).toBeGreaterThan(first.index);
    expect(host.log).toContain("frontend_changed: backend/vif/1/0: prepare for reconnect");
    expectTraffic(host);
  });

  it("do not find each other again when the guest starts anew without a good-bye: the old rings stay mapped", () => {
    const host = attached();
    const rings = host.vif!.transmitQueue;
    host.store.write(`${FE}/state`, "1");
    host.settle();
    expect([host.states[1], host.vif!.transmitQueue === rings]).toEqual(["4", true]);
  });

  it("end at a state that netback does not know, or a key it cannot read", () => {
    const host = new XenbusHost(CLASSIC);
    host.attach();
    host.store.write(`${FE}/state`, "7");
    host.settle();
    expect([host.states[1], host.log.at(-1)]).toEqual(["5", "vif vif-1-0: 22 saw state 7 at frontend"]);
    const other = new XenbusHost(CLASSIC);
    other.attach();
    other.store.write(`${FE}/state`, "4");
    other.settle();
    expect(other.log.at(-1)).toBe(`vif vif-1-0: 2 reading ${FE}/ring-ref and event-channel`);
  });
});

describe("an old guest on a new host", () => {
  it("has its one event channel bound for both rings, and traffic", () => {
    const host = new XenbusHost(MODERN);
    host.attach();
    host.scriptDone();
    host.boot(CLASSIC);
    expect(host.states).toEqual(["4", "4"]);
    expect(host.store.read(`${FE}/event-channel-tx`)).toBeNull();
    expectTraffic(host);
    host.detach();
    host.store.remove(FE);
    host.settle();
    expect([host.dom0.events.find(8), host.guest.events.find(8), host.vif]).toEqual([null, null, null]);
    expectBalanced(host.world);
  });
});

describe("a new guest on an old host", () => {
  it("asks neither for split channels nor for queues, and has traffic", () => {
    const host = new XenbusHost(CLASSIC);
    host.attach();
    host.boot(MODERN);
    expect(host.states).toEqual(["4", "4"]);
    const keys = host.store.list(FE)!;
    expect(keys).toContain("event-channel");
    expect(keys.filter((key) => /queue|event-channel-/.test(key))).toEqual([]);
    expectTraffic(host);
  });
});
