/** brctl beside the real one: the same lines in an emulated machine and in a network namespace of the real kernel. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Bridge } from "../../../src/device/bridge.ts";
import { FdbEntry } from "../../../src/device/bridge-fdb.ts";
import { nanos, seconds } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { learn } from "../../kit/bridge-bench.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, NetNamespace } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { mac, StubDevice } from "../../kit/world.ts";
import { newMachine, runFor, typed } from "../on-machine.ts";
import { bridgeLab, SETUP } from "./bridge-lab.ts";

judges("bridge tools");

const LINES = [
  "brctl",
  "brctl foo",
  "brctl SHOW",
  "brctl --help",
  "brctl --version",
  "brctl stp -h",
  "brctl -x",
  "brctl --foo",
  "brctl setfd br0 -1",
  "brctl show",
  "brctl addbr",
  "brctl addbr br0",
  "brctl addbr br0",
  "brctl addbr a/b",
  "brctl addbr ''",
  "brctl addbr thisnameiswaytoolong",
  "brctl addbr thisnameiswaytoolong",
  "brctl show",
  "brctl show br0",
  "brctl show thisnameiswaytoolong",
  "brctl show nosuch",
  "brctl show lo",
  "brctl show br0 lo nosuch",
  "brctl show lo br0",
  "brctl delbr nosuch",
  "brctl delbr lo",
  "brctl addif",
  "brctl addif br0",
  "brctl addif br0 nosuch",
  "brctl addif nosuch lo",
  "brctl addif nosuch nosuch",
  "brctl addif br0 lo",
  "brctl addbr br1",
  "brctl addif br0 br1",
  "brctl addif br0 br0",
  "brctl addif lo lo",
  "brctl addif br0 w0",
  "brctl addif br0 w0",
  "brctl addif br1 w0",
  "brctl addif br0 v0",
  "brctl addif br1 v1 v0 w1",
  "brctl addif lo v0",
  "brctl show",
  "brctl delif br1 v0",
  "brctl delif br0 nosuch",
  "brctl delif nosuch v0",
  "brctl delif br0 lo",
  "brctl delif lo v0",
  "brctl delif br0",
  "brctl showstp br0",
  "brctl showmacs br0",
  "ip link set br0 up",
  "brctl delbr br0",
  "brctl stp br0",
  "brctl stp br0 foo",
  "brctl stp br0 yes",
  "brctl show br0",
  "brctl stp br0 off",
  "brctl stp br0 1",
  "brctl stp br0 no extra",
  "brctl show br0",
  "brctl stp nosuch on",
  "brctl stp lo on",
  "brctl stp nosuch foo",
  "brctl setfd br0 1",
  "brctl setfd br0 abc",
  "brctl setfd br0 4.5s",
  "brctl showstp br0",
  "brctl setfd br0 100",
  "brctl setfd nosuch 1",
  "brctl setfd lo 1",
  "brctl setfd nosuch abc",
  "brctl stp br0 on",
  "brctl setfd br0 1",
  "brctl setfd br0 31",
  "brctl setfd br0 30",
  "brctl sethello br0 0.5",
  "brctl sethello br0 11",
  "brctl sethello br0 3.999999",
  "brctl sethello br0 q",
  "brctl setmaxage br0 5",
  "brctl setmaxage br0 41",
  "brctl setmaxage br0 21.37",
  "brctl setmaxage br0 x",
  "brctl setageing br0 1e3",
  "brctl setageing br0 x",
  "brctl setageing nosuch 3",
  "brctl setbridgeprio br0 65537",
  "brctl show br0",
  "brctl setbridgeprio br0 0x1000",
  "brctl setbridgeprio br0 12x",
  "brctl setbridgeprio br0 zz",
  "brctl setbridgeprio nosuch 1",
  "brctl setpathcost br0 v0 0x10",
  "brctl setpathcost br0 v0 0",
  "brctl setpathcost br0 v0 65536",
  "brctl setpathcost br0 v0 x",
  "brctl setpathcost br0 nosuch 10",
  "brctl setpathcost br0 lo 10",
  "brctl setpathcost lo lo 10",
  "brctl setpathcost nosuch lo 10",
  "brctl setpathcost nosuch w0 010",
  "brctl setportprio br0 v0 64",
  "brctl setportprio br0 lo 1",
  "brctl setportprio br0 w0 x",
  "brctl hairpin br0 v0 on",
  "brctl hairpin br0 v0 foo",
  "brctl hairpin br0 v0",
  "brctl hairpin br0 nosuch on",
  "brctl hairpin br0 lo on",
  "brctl hairpin lo lo on",
  "brctl hairpin nosuch nosuch on",
  "brctl hairpin nosuch v0 on",
  "brctl setbridgeprio br0 0x8000",
  "brctl showstp br0",
  "brctl showstp nosuch",
  "brctl showstp lo",
  "brctl showstp",
  "brctl showmacs br1",
  "brctl showmacs nosuch",
  "brctl showmacs lo",
  "brctl delif br0 v0 v0",
  "brctl show br0 br1",
  "ip link set br0 down",
  "brctl delbr br0",
  "brctl delbr br0",
  "brctl addbr br%d",
  "brctl show",
];

/** Timers tick; this kernel is built without VLANs, so a local address has one entry and not two. */
function comparable(text: string): string {
  const lines = text
    .replace(/^( hello timer\t\t)[ \d.]+/gm, "$1...")
    .replace(/(gc timer\t\t|forward delay timer\t)[ \d.]+/g, "$1...")
    .split("\n");
  return lines.filter((line, i) => !line.includes("\tyes\t\t ") || lines.indexOf(line) === i).join("\n");
}

describe.runIf(requireTool("brctl") && canMakeNamespaces())("beside the real brctl", () => {
  let real: NetNamespace;
  let machine: Machine;
  beforeAll(() => {
    real = new NetNamespace();
    real.prepare(...SETUP);
    machine = bridgeLab();
  });
  afterAll(() => real.remove());

  test.each(LINES)("%s", (line) => {
    const theirs = real.run(line);
    const { out, err, code } = typed(machine, line);
    expect({ out: comparable(out), err, code }).toEqual({
      out: comparable(theirs.out),
      err: theirs.err,
      code: theirs.code,
    });
  });
});

const RECORDED = new URL("../../fixtures/xen-4.17/bridge/01-ping-g1-g2/before.txt", import.meta.url);

/** The answer below "$ command" in a dump of the recorded host. */
const recorded = (command: string): string =>
  readFileSync(RECORDED, "utf8").split(`$ ${command}\n`)[1]!.split("\n\n")[0]!;

/** The recorded host's bridge, with what it had learnt. */
function recordedHost(): Machine {
  const machine = newMachine();
  typed(machine, "brctl addbr xenbr0; brctl stp xenbr0 off; brctl setfd xenbr0 0");
  const bridge = machine.table.find("xenbr0") as Bridge;
  bridge.setUp(true);
  const vif = mac("fe:ff:ff:ff:ff:ff");
  for (const [name, address] of [
    ["eth0", mac("00:30:48:aa:bb:01")],
    ["vif4.0", vif],
    ["vif3.0", vif],
  ] as const) {
    const device = new StubDevice(machine.table, name, address);
    machine.table.register(device);
    device.setUp(true);
  }
  typed(machine, "brctl addif xenbr0 eth0; brctl addif xenbr0 vif3.0 vif4.0");
  const heard: readonly (readonly [string, number, number])[] = [
    ["00:50:56:00:00:01", 0, 149.31],
    ["00:16:3e:00:00:01", 1, 20.35],
    ["00:16:3e:00:00:02", 2, 16.74],
  ];
  const started = machine.world.scheduler.now;
  for (const [address, port, age] of heard) {
    machine.world.scheduler.runUntil(nanos(started + (150 - age) * 1e9));
    learn(bridge, mac(address), port);
  }
  // Half a tick later, less the millisecond that brctl takes to start.
  machine.world.scheduler.runUntil(nanos(started + 150e9 + 3e6));
  return machine;
}

describe("the recorded host", () => {
  test("brctl show", () => {
    expect(typed(recordedHost(), "brctl show").out).toBe(`${recorded("brctl show")}\n`);
  });

  test("brctl showmacs", () => {
    const rows = recorded("brctl showmacs/showstp").replace("# xenbr0\n", "");
    expect(typed(recordedHost(), "brctl showmacs xenbr0").out).toBe(`${rows}\n`);
  });
});

describe("what a comparison cannot show", () => {
  test("a new bridge has a random locally administered station address, the same in every run", () => {
    const [first, second] = [newMachine(), newMachine()].map((machine) => {
      typed(machine, "brctl addbr br0; brctl addbr br1");
      return machine.table.devices.map((each) => each.mac);
    });
    expect(first).toEqual(second);
    expect(new Set(first).size).toBe(2);
    for (const address of first!) expect(Math.floor(address / 2 ** 40) & 3).toBe(2);
  });

  test("the 1,024th port is refused", () => {
    const machine = newMachine();
    typed(machine, "brctl addbr br0");
    const bridge = machine.table.find("br0") as Bridge;
    for (let i = 0; i < 1024; i++) {
      const device = new StubDevice(machine.table, `p${i}`, mac("00:16:3e:00:00:01"));
      machine.table.register(device);
      if (i < 1023) bridge.addPort(device);
    }
    expect(typed(machine, "brctl addif br0 p1023")).toMatchObject({
      code: 1,
      err: "can't add p1023 to bridge br0: Exchange full\n",
    });
  });

  test("ageing is shown in hundredths, and what is past its time is not shown", () => {
    const machine = bridgeLab();
    typed(machine, "brctl addbr br0; brctl addif br0 v0; ip link set br0 up");
    const bridge = machine.table.find("br0") as Bridge;
    learn(bridge, mac("00:16:3e:00:00:09"), 0);
    expect(bridge.fdb.find(mac("00:16:3e:00:00:09"))).toBeInstanceOf(FdbEntry);
    runFor(machine, seconds(2.5));
    expect(typed(machine, "brctl showmacs br0 | grep 00:09").out).toMatch(/\tno\t\t {3}2\.5\d\n$/);
    bridge.fdb.ageingTime = seconds(1);
    expect(typed(machine, "brctl showmacs br0 | grep -c 00:09").out).toBe("0\n");
  });
});
