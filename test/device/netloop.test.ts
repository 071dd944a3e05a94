import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { addNetloopPair, type Netloop } from "../../src/device/netloop.ts";
import { Checksum, type Frame } from "../../src/packet/frame.ts";
import { DeviceSubject, deviceContract } from "../contract/device.ts";
import { ALICE, BOB, Collector, expectBalanced, frameOf, newTable, run } from "../kit/world.ts";

class NetloopSubject extends DeviceSubject {
  readonly table = newTable();
  readonly world = this.table.world;
  readonly device: Netloop;
  readonly peer: Netloop;
  readonly stack = new Collector();
  readonly bridge = new Collector();

  constructor() {
    super();
    addNetloopPair(this.table, 0);
    this.device = this.table.find("veth0") as Netloop;
    this.peer = this.table.find("vif0.0") as Netloop;
    this.device.upper = this.stack;
    this.peer.upper = this.bridge;
  }
  start(): void {
    this.device.setUp(true);
    this.peer.setUp(true);
  }
  arrive(frame: Frame): void {
    this.peer.transmit(frame);
  }
  get sentIds(): number[] {
    return this.bridge.ids;
  }
  get receivedIds(): number[] {
    return this.stack.ids;
  }
  loseCarrier(): boolean {
    return false;
  }
}

deviceContract("netloop", () => new NetloopSubject());

describe("netloop", () => {
  it("is born as the module makes it: the bridge's end with the dummy MAC, the host's with none, down, with carrier", () => {
    const { device, peer, table } = new NetloopSubject();
    expect(table.devices.map(({ name }) => name)).toEqual(["vif0.0", "veth0"]);
    expect([peer.mac, device.mac]).toEqual([0xfeff_ffff_ffff, 0]);
    for (const each of [device, peer])
      expect(each).toMatchObject({ up: false, carrier: true, qdisc: null, mtu: 1500, traits: { driver: "netloop" } });
  });

  it("keeps its carrier when the other end goes down: the frames end there", () => {
    const { device, peer, world } = new NetloopSubject();
    device.setUp(true);
    expect(device.running).toBe(true);
    device.transmit(frameOf(world, ALICE, BOB));
    run(world);
    expect(world.frames.count(Fate.DEVICE_DOWN)).toBe(1);
    expect(peer.carrierChanges).toBe(0);
    expectBalanced(world);
  });

  it("leaves a checksum that is still to be filled in as it is", () => {
    const subject = new NetloopSubject();
    subject.start();
    const frame = frameOf(subject.world, ALICE, BOB);
    frame.checksum = Checksum.PARTIAL;
    const seen: number[] = [];
    subject.peer.upper = {
      receive(received) {
        seen.push(received.checksum);
        subject.world.end(received, Fate.DELIVERED, subject.peer.lost);
      },
    };
    subject.device.transmit(frame);
    run(subject.world);
    expect(seen).toEqual([Checksum.PARTIAL]);
  });
});
