import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { Loopback } from "../../src/device/loopback.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { DeviceSubject, deviceContract } from "../contract/device.ts";
import { ALICE, Collector, expectBalanced, frameOf, newTable, run } from "../kit/world.ts";

class LoopbackSubject extends DeviceSubject {
  readonly table = newTable();
  readonly world = this.table.world;
  readonly device = new Loopback(this.table);
  readonly stack = new Collector();

  constructor() {
    super();
    this.table.register(this.device);
    this.device.upper = this.stack;
  }
  start(): void {
    this.device.setUp(true);
  }
  arrive(frame: Frame): void {
    this.device.transmit(frame);
  }
  get sentIds(): number[] {
    return this.stack.ids;
  }
  get receivedIds(): number[] {
    return this.stack.ids;
  }
  loseCarrier(): boolean {
    return false;
  }
}

deviceContract("loopback", () => new LoopbackSubject());

describe("lo", () => {
  it("looks like the recorded one", () => {
    const { device } = new LoopbackSubject();
    const { traits, mtu, mac, multicast, carrier, qdisc, txQueueLength } = device;
    expect({ link: traits.link, mtu, mac, multicast, carrier, qdisc, txQueueLength }).toEqual({
      ...{ link: "loopback", mtu: 65_536, mac: 0, multicast: false, carrier: true, qdisc: null, txQueueLength: 1000 },
    });
    expect([traits.minMtu, traits.maxMtu]).toEqual([0, 0]);
  });

  it("counts each frame out and in", () => {
    const { device, world } = new LoopbackSubject();
    device.setUp(true);
    device.transmit(frameOf(world, 0 as never, 0 as never, 98));
    run(world);
    expect(device.counters).toMatchObject({ txPackets: 1, txBytes: 98, rxPackets: 1, rxBytes: 98 });
  });

  it("drops beyond its backlog", () => {
    const subject = new LoopbackSubject();
    subject.start();
    for (let i = 0; i < 1001; i++) subject.device.transmit(frameOf(subject.world, ALICE, ALICE));
    expect(subject.world.frames.count(Fate.BACKLOG_FULL)).toBe(1);
    run(subject.world);
    expectBalanced(subject.world);
  });
});
