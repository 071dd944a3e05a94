import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { Bridge } from "../../src/device/bridge.ts";
import { portCost } from "../../src/device/bridge-port.ts";
import { Cable } from "../../src/device/cable.ts";
import { Loopback } from "../../src/device/loopback.ts";
import { Nic } from "../../src/device/nic.ts";
import { seconds } from "../../src/engine/time.ts";
import { type Mac, XEN_DUMMY_MAC, ZERO_MAC } from "../../src/packet/address.ts";
import { BridgeBench, HOST } from "../kit/bridge-bench.ts";
import { ALICE, BOB, mac, newTable, PlugProbe, runFor, StubDevice } from "../kit/world.ts";

const P1 = mac("00:00:00:00:00:11");
const P2 = mac("00:00:00:00:00:12");
const P3 = mac("00:00:00:00:00:13");

const three = () => new BridgeBench([P1, P2, P3]);

describe("ports", () => {
  it("have the lowest free number, an id, and a cost by speed", () => {
    const bench = three();
    bench.bridge.removePort(bench.ports[1]!);
    const again = bench.device(P2, "again");
    again.mbits = 1000;
    expect(bench.add(again)).toMatchObject({ number: 2, id: 0x8002, pathCost: 5, priority: 32 });
    expect(bench.bridge.ports.map((port) => port.number)).toEqual([1, 3, 2]);
    // Flood order is by joining, not by number.
    expect(bench.broadcast(0, ALICE)).toEqual(["again", "p3"]);
  });

  it.each([
    [0, 100],
    [10, 100],
    [100, 19],
    [1000, 5],
    [2500, 4],
    [10_000, 2],
    [25_000, 1],
    [333, 100],
  ])("%i Mbit/s cost %i", (speed, cost) => {
    expect(portCost(speed)).toBe(cost);
  });

  it("are refused with the kernel's answers", () => {
    const bench = three();
    const other = new Bridge(bench.table, "br1", HOST);
    expect(bench.bridge.addPort(bench.ports[0]!)).toBe("busy");
    expect(bench.bridge.addPort(other)).toBe("loop");
    expect(bench.bridge.addPort(new Loopback(bench.table))).toBe("invalid");
    expect(bench.bridge.addPort(new StubDevice(bench.table, "zero", ZERO_MAC))).toBe("invalid");
    expect(other.addPort(bench.ports[0]!)).toBe("busy");
    expect(other.removePort(bench.ports[0]!)).toBe("invalid");
  });

  it("number 1023 is the last", () => {
    const bench = new BridgeBench();
    for (let i = 1; i <= 1023; i++) bench.add(new StubDevice(bench.table, `v${i}`, (0x0200_0000_1000 + i) as Mac));
    const one = new StubDevice(bench.table, "v1024", HOST);
    expect(bench.bridge.addPort(one)).toBe("exfull");
    expect([one.master, one.promiscuity]).toEqual([null, 0]);
  });

  it("are promiscuous and mastered while they are ports", () => {
    const bench = three();
    const device = bench.ports[0]!;
    expect([device.promiscuity, device.master]).toEqual([1, bench.bridge]);
    bench.bridge.removePort(device);
    expect([device.promiscuity, device.master, device.rxHandler]).toEqual([0, null, null]);
  });

  it("that go down forget what was learnt there; traffic to it is flooded again", () => {
    const bench = three();
    bench.send(0, BOB, ALICE);
    bench.send(1, ALICE, BOB);
    bench.ports[0]!.setUp(false);
    expect(bench.fdb[0]).toBe("00163e00000b p2");
    expect(bench.send(1, ALICE, BOB)).toEqual(["p3"]);
    bench.ports[0]!.setUp(true);
    expect(bench.send(1, ALICE, BOB)).toEqual(["p3", "p1"]);
  });

  it("follow carrier as they follow the administrator", () => {
    const bench = three();
    const state = () => bench.bridge.ports[0]!.state;
    bench.ports[0]!.setCarrier(false);
    expect(state()).toBe(0);
    bench.ports[0]!.setCarrier(true);
    expect(state()).toBe(3);
  });

  it("leave when their device is deleted", () => {
    const bench = three();
    bench.send(0, BOB, ALICE);
    bench.table.unregister(bench.ports[0]!);
    expect(bench.bridge.ports).toHaveLength(2);
    expect(bench.fdb.some((line) => line.includes("p1"))).toBe(false);
  });

  it("are set free when the bridge is deleted", () => {
    const bench = three();
    bench.bridge.setUp(false);
    bench.table.unregister(bench.bridge);
    expect(bench.ports.every((port) => port.master === null && port.promiscuity === 0)).toBe(true);
    expect(bench.world.scheduler.step()).toBe(false);
  });
});

describe("the bridge device", () => {
  it("has the lowest MAC of its ports as its own and in its id", () => {
    const bench = new BridgeBench();
    expect([bench.bridge.mac, bench.bridge.idMac]).toEqual([HOST, ZERO_MAC]);
    bench.add(bench.device(P2));
    expect([bench.bridge.mac, bench.bridge.idMac]).toEqual([P2, P2]);
    bench.add(bench.device(P1));
    expect(bench.bridge.mac).toBe(P1);
    bench.ports[1]!.setMac(P3);
    expect(bench.bridge.mac).toBe(P2);
    for (const port of bench.ports) bench.bridge.removePort(port);
    expect([bench.bridge.mac, bench.bridge.idMac]).toEqual([ZERO_MAC, ZERO_MAC]);
  });

  it("keeps the MAC that the user gave it, and hears it", () => {
    const bench = three();
    bench.bridge.setMac(HOST);
    bench.add(bench.device(mac("00:00:00:00:00:01")));
    expect([bench.bridge.mac, bench.bridge.idMac]).toEqual([HOST, HOST]);
    expect(bench.send(0, HOST, ALICE)).toEqual([]);
    expect(bench.host.got).toHaveLength(1);
    expect(bench.fromHost(HOST)).toEqual([]);
    expect(bench.world.frames.count(Fate.BRIDGE_NO_PORT)).toBe(1);
  });

  it("keeps the MAC that the user gave it also when it was the same", () => {
    const bench = new BridgeBench();
    bench.bridge.setMac(HOST);
    bench.add(bench.device(P1));
    expect(bench.bridge.mac).toBe(HOST);
  });

  it("has the smallest MTU of its ports, unless the user gave it one", () => {
    const bench = three();
    bench.ports[0]!.setMtu(9000);
    expect(bench.bridge.mtu).toBe(1500);
    bench.ports[1]!.setMtu(1400);
    expect(bench.bridge.mtu).toBe(1400);
    bench.bridge.removePort(bench.ports[1]!);
    expect(bench.bridge.mtu).toBe(1500);
    bench.bridge.removePort(bench.ports[2]!);
    expect(bench.bridge.mtu).toBe(9000);
    bench.bridge.removePort(bench.ports[0]!);
    expect(bench.bridge.mtu).toBe(1500);
    bench.bridge.setMtu(1200);
    bench.add(bench.ports[0]!);
    expect(bench.bridge.mtu).toBe(1200);
  });

  it("has carrier while one port forwards; a new one until it first looks", () => {
    const bench = new BridgeBench();
    expect(bench.bridge.carrier).toBe(true);
    const device = bench.device(P1);
    bench.add(device);
    expect(bench.bridge.carrier).toBe(true);
    device.setCarrier(false);
    expect(bench.bridge.carrier).toBe(false);
    device.setCarrier(true);
    expect(bench.bridge.carrier).toBe(true);
    bench.bridge.removePort(device);
    expect(bench.bridge.carrier).toBe(false);
  });

  it("that is down lets nothing through, and says that it is down", () => {
    const bench = three();
    bench.bridge.setUp(false);
    expect(bench.broadcast(0, ALICE)).toEqual([]);
    expect(bench.world.frames.count(Fate.BRIDGE_DOWN)).toBe(1);
    bench.bridge.setUp(true);
    expect(bench.broadcast(0, ALICE)).toEqual(["p3", "p2"]);
  });
});

describe("spanning tree states", () => {
  const slow = (delay: number, stp: boolean): BridgeBench => {
    const bench = new BridgeBench();
    bench.bridge.stp.setForwardDelay(seconds(delay));
    bench.bridge.stp.setEnabled(stp);
    for (const each of [P1, P2]) bench.add(bench.device(each));
    return bench;
  };
  const states = (bench: BridgeBench) =>
    bench.log.filter((line) => line.includes("port 1")).map((line) => line.split(" ").at(-2));

  it("with STP on a port listens and learns for the forward delay each", () => {
    const bench = slow(4, true);
    runFor(bench.world, seconds(3.9));
    expect(bench.bridge.ports[0]!.state).toBe(1);
    bench.broadcast(0, ALICE);
    runFor(bench.world, seconds(0.2));
    expect(bench.bridge.carrier).toBe(false);
    bench.broadcast(0, BOB);
    expect(bench.world.frames.count(Fate.BRIDGE_PORT_NOT_FORWARDING)).toBe(2);
    expect(bench.fdb[0]).toBe("00163e00000b p1");
    expect(bench.fdb.some((line) => line.startsWith("00163e00000a"))).toBe(false);
    runFor(bench.world, seconds(4));
    expect(bench.bridge.carrier).toBe(true);
    expect(states(bench)).toEqual(["blocking", "disabled", "blocking", "listening", "learning", "forwarding"]);
    expect(bench.log.at(-1)).toBe("xenbr0: topology change detected, propagating");
  });

  it("with STP off a port forwards at once, whatever the forward delay", () => {
    expect(slow(15, false).bridge.ports[0]!.state).toBe(3);
  });

  it("switching STP on leaves forwarding ports alone and pulls the delay into 2 to 30 s", () => {
    const bench = slow(0, false);
    const { stp } = bench.bridge;
    stp.setEnabled(true);
    expect([stp.forwardDelay, bench.bridge.ports[0]!.state]).toEqual([seconds(2), 3]);
    expect(stp.setForwardDelay(seconds(1))).toBe("range");
    expect(stp.setForwardDelay(seconds(31))).toBe("range");
    expect(stp.setForwardDelay(seconds(30))).toBe("ok");
    stp.setEnabled(false);
    expect(stp.setForwardDelay(seconds(0))).toBe("ok");
    expect([stp.setHelloTime(seconds(11)), stp.setMaxAge(seconds(5))]).toEqual(["range", "range"]);
  });

  it("a topology change ages addresses fast, until it is over", () => {
    const bench = slow(2, true);
    runFor(bench.world, seconds(4.1));
    const { fdb, stp } = bench.bridge;
    // As libvirt's bridge was recorded: ageing_time 400 (hundredths) with forward delay 2 s.
    expect([stp.topologyChange, fdb.ageingTime, fdb.holdTime]).toEqual([true, seconds(4), seconds(2)]);
    expect(stp.topologyChangeTimer.due).toBe(seconds(26));
    runFor(bench.world, seconds(23));
    expect([stp.topologyChange, fdb.ageingTime, fdb.holdTime]).toEqual([false, seconds(300), seconds(300)]);
  });

  it("a port that goes down while it listens is disabled for good", () => {
    const bench = slow(2, true);
    bench.ports[0]!.setUp(false);
    runFor(bench.world, seconds(10));
    expect(bench.bridge.ports[0]!.state).toBe(0);
  });
});

describe("the kernel log", () => {
  const recorded = (name: string): string[] =>
    readFileSync(new URL(`../fixtures/device/${name}`, import.meta.url), "utf8")
      .split("\n")
      .map((line) => line.replace(/^\[ *[\d.]+\] /, ""))
      .filter((line) => /xenbr0: port|promiscuous|NIC Link/.test(line));

  it("reads as recorded when eth0 and two vifs join a Xen host's bridge", () => {
    const table = newTable();
    const { world } = table;
    const bridge = new Bridge(table, "xenbr0", HOST);
    const eth0 = new Nic(table, "eth0", mac("00:30:48:aa:bb:01"));
    const cable = new Cable(world, "lan:xen1-eth0");
    eth0.connect(cable.a);
    new PlugProbe(world, cable.b);
    for (const device of [bridge, eth0]) table.register(device);
    bridge.stp.setForwardDelay(seconds(0));
    bridge.addPort(eth0);
    eth0.setUp(true);
    bridge.setUp(true);
    runFor(world, seconds(1));
    for (const name of ["vif1.0", "vif2.0"]) {
      const vif = new StubDevice(table, name, XEN_DUMMY_MAC);
      vif.carrier = false;
      table.register(vif);
      vif.setUp(true);
      bridge.addPort(vif);
      runFor(world, seconds(6));
      vif.setCarrier(true);
    }
    expect(table.log.lines.map((line) => line.text)).toEqual(recorded("bridge-dmesg.txt"));
    expect(bridge.ports.map((port) => port.pathCost)).toEqual([5, 100, 100]);
    expect(bridge.mac).toBe(eth0.mac);
    const dump = bridge.fdb.entries.map((entry) => `${entry.port?.device.name} ${entry.vlan}`);
    expect(dump).toEqual(["vif1.0 1", "vif1.0 0", "eth0 1", "eth0 0"]);
  });

  it("reads as recorded when a vif is detached", () => {
    const bench = three();
    const before = bench.log.length;
    bench.ports[2]!.setCarrier(false);
    bench.table.unregister(bench.ports[2]!);
    expect(bench.log.slice(before)).toEqual([
      "xenbr0: port 3(p3) entered disabled state",
      "xenbr0: port 3(p3) entered disabled state",
      "device p3 left promiscuous mode",
      "xenbr0: port 3(p3) entered disabled state",
    ]);
  });

  it("warns of its own address coming in from outside, at most ten times in five seconds", () => {
    const bench = three();
    for (let i = 0; i < 30; i++) bench.broadcast(0, P2);
    const warnings = () => bench.log.filter((line) => line.includes("own address"));
    expect(warnings()).toHaveLength(10);
    expect(warnings()[0]).toBe(
      "xenbr0: received packet on p1 with own address as source address (addr:00:00:00:00:00:12, vlan:0)",
    );
    runFor(bench.world, seconds(6));
    bench.broadcast(0, P2);
    expect(warnings()).toHaveLength(11);
    expect(bench.send(0, P2, ALICE)).toEqual([]);
  });
});
