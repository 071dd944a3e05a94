import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { Veth, VethPair } from "../../src/device/veth.ts";
import { World } from "../../src/device/world.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { DeviceSubject, deviceContract } from "../contract/device.ts";
import { ALICE, BOB, Collector, expectBalanced, frameOf, newTable, run, runFor } from "../kit/world.ts";

class VethSubject extends DeviceSubject {
  readonly world = new World(7);
  readonly table = newTable(this.world, "xen1");
  readonly farTable = newTable(this.world, "container");
  readonly device = new Veth(this.table, "veth0", BOB);
  readonly peer = new Veth(this.farTable, "eth0", ALICE);
  readonly pair = new VethPair(this.device, this.peer);
  readonly stack = new Collector();
  readonly farStack = new Collector();

  constructor() {
    super();
    this.table.register(this.device);
    this.farTable.register(this.peer);
    this.device.upper = this.stack;
    this.peer.upper = this.farStack;
  }
  start(): void {
    this.device.setUp(true);
    this.peer.setUp(true);
  }
  arrive(frame: Frame): void {
    this.peer.transmit(frame);
  }
  get sentIds(): number[] {
    return this.farStack.ids;
  }
  get receivedIds(): number[] {
    return this.stack.ids;
  }
  loseCarrier(): boolean {
    this.peer.setUp(false);
    return true;
  }
}

deviceContract("veth", () => new VethSubject());

describe("a veth pair", () => {
  it("has carrier while both ends are up", () => {
    const { device, peer } = new VethSubject();
    const carriers = () => [device.carrier, peer.carrier];
    expect(carriers()).toEqual([false, false]);
    device.setUp(true);
    expect(carriers()).toEqual([false, false]);
    peer.setUp(true);
    expect(carriers()).toEqual([true, true]);
    device.setUp(false);
    expect(carriers()).toEqual([false, false]);
  });

  it("counts on both sides and takes a moment", () => {
    const subject = new VethSubject();
    subject.start();
    subject.device.transmit(frameOf(subject.world, ALICE, BOB, 100));
    expect(subject.farStack.got).toHaveLength(0);
    run(subject.world);
    expect(subject.farStack.got[0]).toMatchObject({ time: 1_000, length: 100 });
    expect(subject.device.counters).toMatchObject({ txPackets: 1, txBytes: 100 });
    expect(subject.peer.counters).toMatchObject({ rxPackets: 1, rxBytes: 100 });
  });

  it("drops beyond a backlog of 1000", () => {
    const subject = new VethSubject();
    subject.start();
    for (let i = 0; i < 1010; i++) subject.device.transmit(frameOf(subject.world, ALICE, BOB));
    expect(subject.world.frames.count(Fate.BACKLOG_FULL)).toBe(10);
    expect(subject.device.counters.txDropped).toBe(10);
    expect(subject.peer.counters.rxDropped).toBe(10);
    run(subject.world);
    expect(subject.farStack.got).toHaveLength(1000);
    expectBalanced(subject.world);
  });

  it("refuses what is longer than the peer's MTU with room for a tag", () => {
    const subject = new VethSubject();
    subject.start();
    subject.peer.setMtu(1000);
    subject.device.transmit(frameOf(subject.world, ALICE, BOB, 1018));
    subject.device.transmit(frameOf(subject.world, ALICE, BOB, 1019));
    run(subject.world);
    expect(subject.farStack.got).toHaveLength(1);
    expect(subject.world.frames.count(Fate.FRAME_TOO_LONG)).toBe(1);
  });

  it("goes as a pair: deleting one end deletes the other, in whatever table", () => {
    const subject = new VethSubject();
    subject.start();
    subject.peer.transmit(frameOf(subject.world, BOB, ALICE));
    subject.farTable.unregister(subject.peer);
    expect(subject.table.find("veth0")).toBeNull();
    expect(subject.farTable.find("eth0")).toBeNull();
    runFor(subject.world, 1e9);
    expectBalanced(subject.world);
  });
});
