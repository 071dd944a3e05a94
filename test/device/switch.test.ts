import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { Cable, type CableOptions } from "../../src/device/cable.ts";
import { Hub } from "../../src/device/hub.ts";
import { Switch } from "../../src/device/switch.ts";
import { World } from "../../src/device/world.ts";
import { copyGraph } from "../../src/engine/copy.ts";
import { seconds, us } from "../../src/engine/time.ts";
import type { Mac } from "../../src/packet/address.ts";
import {
  ALICE,
  BOB,
  broadcastFrom,
  CAROL,
  expectBalanced,
  frameOf,
  PlugProbe,
  run,
  runFor,
  TapLog,
} from "../kit/world.ts";

class Lan<Kind extends Switch | Hub> {
  readonly world: World;
  readonly fabric: Kind;
  readonly cables: Cable[] = [];
  readonly stations: PlugProbe[] = [];

  constructor(world: World, fabric: Kind, count: number, options: Partial<CableOptions> = {}) {
    this.world = world;
    this.fabric = fabric;
    for (let i = 0; i < count; i++) {
      const cable = new Cable(world, `lan:${i}`, { rate: 1e9, delay: us(1), ...options });
      this.cables.push(cable);
      this.stations.push(new PlugProbe(world, cable.a));
      fabric.connect(cable.b);
    }
  }

  /** From station `from`, as soon as its wire is free; answers how many frames each station has now. */
  send(from: number, destination: Mac, source: Mac, length = 60, intact = true): number[] {
    while (this.cables[from]!.a.busy) this.world.scheduler.step();
    this.cables[from]!.a.send(frameOf(this.world, destination, source, length), intact);
    runFor(this.world, 1e6);
    return this.counts;
  }

  get counts(): number[] {
    return this.stations.map((station) => station.got.length);
  }
}

const switchLan = (count = 3, options: Partial<CableOptions> = {}) => {
  const world = new World(7);
  return new Lan(world, new Switch(world, "lan"), count, options);
};
const hubLan = (count = 3) => {
  const world = new World(7);
  return new Lan(world, new Hub(world, "lan"), count);
};

describe("a switch", () => {
  it("floods what it does not know and learns where answers go", () => {
    const lan = switchLan();
    expect(lan.send(0, BOB, ALICE)).toEqual([0, 1, 1]);
    expect(lan.send(1, ALICE, BOB)).toEqual([1, 1, 1]);
    expect(lan.send(0, BOB, ALICE)).toEqual([1, 2, 1]);
    expectBalanced(lan.world);
  });

  it("stores and forwards: two wires, two serialisations", () => {
    const lan = switchLan();
    lan.cables[0]!.a.send(frameOf(lan.world, BOB, ALICE, 1514), true);
    run(lan.world);
    expect(lan.stations[1]!.got[0]!.time).toBe(2 * (12_304 + 1_000));
  });

  it("forgets after 300 seconds of silence, and when a port loses its link", () => {
    const lan = switchLan();
    lan.send(1, ALICE, BOB);
    runFor(lan.world, seconds(299));
    expect(lan.fabric.portOf(BOB)?.number).toBe(2);
    runFor(lan.world, seconds(2));
    expect(lan.fabric.portOf(BOB)).toBeNull();
    lan.send(1, ALICE, BOB);
    lan.cables[1]!.setPlugged(false);
    expect(lan.fabric.portOf(BOB)).toBeNull();
  });

  it("follows a station that moves", () => {
    const lan = switchLan();
    lan.send(1, ALICE, BOB);
    lan.send(2, ALICE, BOB);
    const before = lan.counts;
    expect(lan.send(0, BOB, CAROL)).toEqual([before[0], before[1], before[2]! + 1]);
  });

  it("drops what stays on its port, what is damaged, and link-local groups; each with its fate", () => {
    const lan = switchLan();
    const taps = new TapLog(lan.world).listenEverywhere();
    lan.send(0, CAROL, ALICE);
    lan.send(0, ALICE, BOB);
    lan.send(0, BOB, ALICE, 60, false);
    lan.send(0, 0x0180_c200_000e as Mac, ALICE);
    const { frames } = lan.world;
    const fates = [Fate.SWITCH_SAME_PORT, Fate.CABLE_CORRUPT, Fate.BRIDGE_LINK_LOCAL];
    expect(fates.map((fate) => frames.count(fate))).toEqual([1, 1, 1]);
    expect(taps.lines.every((line) => line.includes("lan:1 drop"))).toBe(true);
    expectBalanced(lan.world);
  });

  it("has nowhere to flood to when it is alone", () => {
    const lan = switchLan(1);
    lan.send(0, BOB, ALICE);
    expect(lan.world.frames.count(Fate.SWITCH_NO_PORT)).toBe(1);
  });

  it("queues up to 512 KiB for a slow port and drops the rest", () => {
    const lan = switchLan(2, { rate: 0 });
    lan.cables[1]!.options = { ...lan.cables[1]!.options, rate: 1e6 };
    for (let i = 0; i < 400; i++) lan.cables[0]!.a.send(frameOf(lan.world, BOB, ALICE, 1514), true);
    runFor(lan.world, us(10));
    // One is on the wire, 346 wait: 346 * 1514 is the last multiple below 524,288.
    expect(lan.world.frames.count(Fate.SWITCH_QUEUE_FULL)).toBe(400 - 347);
    expect(lan.fabric.ports[1]!.backlogBytes).toBe(346 * 1514);
    run(lan.world);
    expect(lan.stations[1]!.got).toHaveLength(347);
    expectBalanced(lan.world);
  });

  it("empties the queue of a port whose cable is pulled", () => {
    const lan = switchLan(2, { rate: 0 });
    lan.cables[1]!.options = { ...lan.cables[1]!.options, rate: 1e6 };
    for (let i = 0; i < 10; i++) lan.cables[0]!.a.send(frameOf(lan.world, BOB, ALICE, 1514), true);
    runFor(lan.world, us(10));
    lan.cables[1]!.setPlugged(false);
    run(lan.world);
    expect(lan.world.frames.count(Fate.CABLE_UNPLUGGED)).toBe(10);
    expectBalanced(lan.world);
  });

  it("does not learn more than its table holds", () => {
    const lan = switchLan(2, { rate: 0 });
    for (let i = 0; i < 9_000; i++) lan.cables[0]!.a.send(frameOf(lan.world, BOB, (0x0200_0000_0000 + i) as Mac), true);
    run(lan.world);
    expect(lan.fabric.portOf((0x0200_0000_0000 + 8_191) as Mac)?.number).toBe(1);
    expect(lan.fabric.portOf((0x0200_0000_0000 + 8_192) as Mac)).toBeNull();
    runFor(lan.world, seconds(301));
    lan.send(0, BOB, CAROL);
    expect(lan.fabric.portOf(CAROL)?.number).toBe(1);
  });

  it("can be copied in the middle of traffic", () => {
    const lan = switchLan(3, { rate: 1e8 });
    for (let i = 0; i < 10; i++) lan.send(0, BOB, ALICE, 1000);
    lan.cables[2]!.a.send(broadcastFrom(lan.world, CAROL), true);
    runFor(lan.world, 7_000);
    const twin = copyGraph(lan);
    for (const each of [lan, twin]) {
      each.send(1, ALICE, BOB);
      run(each.world);
    }
    expect(twin.stations.map((each) => each.got)).toEqual(lan.stations.map((each) => each.got));
    expectBalanced(twin.world);
  });
});

describe("a hub", () => {
  it("shows every frame to everybody else, also damaged ones", () => {
    const lan = hubLan();
    expect(lan.send(0, BOB, ALICE)).toEqual([0, 1, 1]);
    expect(lan.send(1, ALICE, BOB)).toEqual([1, 1, 2]);
    lan.send(0, BOB, ALICE, 60, false);
    expect(lan.stations[1]!.got.at(-1)!.intact).toBe(false);
    expect(lan.stations[2]!.got.at(-1)!.intact).toBe(false);
    expectBalanced(lan.world);
  });
});
