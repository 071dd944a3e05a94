/** feature-multicast-control: a guest that names the groups it wants to hear. */
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import type { Mac } from "../../src/packet/address.ts";
import { BROADCAST_MAC } from "../../src/packet/address.ts";
import { expectAlive, Rogue } from "../kit/border.ts";
import { ALICE, BOB, frameOf, mac } from "../kit/world.ts";
import { FE, XenbusHost } from "../kit/xenbus.ts";

const GROUP = mac("01:00:5e:00:00:fb");
const OTHER = mac("33:33:00:00:00:01");
const EXTRA = 8;
const ADD = 2;
const REMOVE = 3;

/** Two halves of an extra's union: the group's six bytes lie behind type and flags. */
function ask(rogue: Rogue, type: number, group: number): number {
  const bytes = Array.from({ length: 6 }, (_, i) => Math.floor(group / 2 ** (8 * (5 - i))) & 255);
  rogue.write({ reference: 0, flags: EXTRA, size: 0, id: 5 });
  rogue.writeExtra(
    type,
    false,
    bytes[0]! | (bytes[1]! << 8),
    (bytes[2]! | (bytes[3]! << 8) | (bytes[4]! << 16) | (bytes[5]! << 24)) >>> 0,
  );
  rogue.publish();
  const [[id, status], [, placeholder]] = rogue.answers as [[number, number], [number, number]];
  expect([id, placeholder]).toEqual([5, 1]);
  return status;
}

const filtered = (rogue: Rogue): number => rogue.world.frames.count(Fate.NETBACK_MULTICAST_FILTER);

function sendTo(rogue: Rogue, ...destinations: Mac[]): void {
  for (const destination of destinations) rogue.vif.transmit(frameOf(rogue.world, destination, BOB));
}

describe("a guest that asks for multicast control", () => {
  it("gets unicast and broadcast, and of groups those it has joined, until it leaves", () => {
    const rogue = new Rogue();
    rogue.vif.groups.wanted = true;
    sendTo(rogue, ALICE, BROADCAST_MAC);
    expect(filtered(rogue)).toBe(0);
    sendTo(rogue, GROUP, OTHER);
    expect([filtered(rogue), rogue.vif.counters.txDropped]).toEqual([2, 2]);
    expect(ask(rogue, ADD, GROUP)).toBe(0);
    sendTo(rogue, GROUP, OTHER);
    expect(filtered(rogue)).toBe(3);
    expect(ask(rogue, REMOVE, GROUP)).toBe(0);
    sendTo(rogue, GROUP);
    expect(filtered(rogue)).toBe(4);
    expectAlive(rogue);
  });

  it("names 64 groups and no more; a group it never joined it may leave", () => {
    const rogue = new Rogue();
    for (let i = 0; i < 64; i++) expect(ask(rogue, ADD, OTHER + i)).toBe(0);
    expect(ask(rogue, ADD, GROUP)).toBe(-1);
    expect(rogue.log.at(-1)).toBe("vif vif-1-0 vif1.0: Too many multicast addresses");
    expect(ask(rogue, REMOVE, GROUP)).toBe(0);
    expect(ask(rogue, REMOVE, OTHER + 63)).toBe(0);
    expect(ask(rogue, ADD, GROUP)).toBe(0);
    expect(rogue.vif.groups.count).toBe(64);
    expectAlive(rogue);
  });

  it("says so in its directory, at the connect or later; the list does not outlive the connection", () => {
    const host = new XenbusHost();
    host.attach();
    host.store.write(`${FE}/request-multicast-control`, "1");
    host.boot();
    expect(host.vif!.groups.wanted).toBe(true);
    host.store.write(`${FE}/request-multicast-control`, "0");
    host.settle();
    expect(host.vif!.groups.wanted).toBe(false);
    host.store.write(`${FE}/request-multicast-control`, "1");
    host.settle();
    host.vif!.groups.add(GROUP);
    host.netfront!.unload();
    host.settle();
    expect(host.vif!.groups).toMatchObject({ wanted: false, count: 0 });
  });
});
