/** bridge(8) beside the real one, and the recorded host's answers. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Bridge } from "../../../src/device/bridge.ts";
import { copyGraph } from "../../../src/engine/copy.ts";
import { ms, seconds } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { learn } from "../../kit/bridge-bench.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, NetNamespace } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { mac, StubDevice } from "../../kit/world.ts";
import { newMachine, runFor, typed } from "../on-machine.ts";
import { bridgeLab, SETUP } from "./bridge-lab.ts";

judges("bridge tools");

const PORTS = [
  "brctl addbr br0",
  "ip link set br0 address 02:00:00:00:00:01",
  "brctl addif br0 v0",
  "brctl addif br0 w0",
  "ip link set br0 up",
  "ip link set v0 up",
  "ip link set v1 up",
];

const LINES = [
  "bridge",
  "bridge help",
  "bridge -V",
  "bridge foo",
  "bridge -x link",
  "bridge -br link",
  "bridge link",
  "bridge l",
  "bridge link foo",
  "bridge link help",
  "bridge link show dev v0",
  "bridge link show dev",
  "bridge link show dev nosuch",
  "bridge link show dev v0 dev w0",
  "bridge link show dev lo",
  "bridge link show foo bar",
  "bridge -d link",
  "bridge -j link",
  "bridge -j -p link",
  "bridge -d -j -p link show dev v0",
  "bridge -d -o link list",
  "bridge -j link show dev lo",
  "bridge -j -p link show dev lo",
  "bridge link set",
  "bridge link set dev",
  "bridge link set hairpin on",
  "bridge link set v0 hairpin on",
  "bridge link set dev v0",
  "bridge link set dev v0 foo on",
  "bridge link set dev v0 hairpin",
  "bridge link set dev v0 hairpin x",
  "bridge link set dev v0 hairpin on learning off flood off mcast_flood off bcast_flood off isolated on master",
  "bridge -d link show dev v0",
  "bridge link set dev v0 cost 0",
  "bridge link set dev v0 cost x",
  "bridge link set dev v0 cost 70000",
  "bridge link set dev v0 cost 77 priority 5",
  "bridge link set dev v0 priority 64",
  "bridge link show dev v0",
  "bridge link set dev v0 state 0",
  "bridge link show dev v0",
  "bridge link set dev v0 state blocking",
  "bridge link show dev v0",
  "bridge link set dev v0 state 5",
  "bridge link set dev v0 state foo",
  "bridge link set dev v0 state LISTENING",
  "bridge link set dev v0 state listening",
  "bridge link show dev v0",
  "bridge link set dev v0 state 3",
  "bridge link set dev w0 state 3",
  "bridge link set dev v1 hairpin on",
  "bridge link set dev br0 hairpin on",
  "bridge link set dev lo hairpin on",
  "bridge link set dev nosuch hairpin on",
  "bridge fdb",
  "bridge fdb show",
  "bridge fdb help",
  "bridge fdb foo",
  "bridge fdb show br br0",
  "bridge fdb show br nosuch",
  "bridge fdb show br v0",
  "bridge fdb show dev v0",
  "bridge fdb show dev nosuch",
  "bridge fdb show dev lo",
  "bridge fdb show brport v1",
  "bridge fdb show foo bar",
  "bridge fdb show br br0 dev v0",
  "bridge fdb show state permanent",
  "bridge fdb show state static",
  "bridge fdb show state foo",
  "bridge fdb show dynamic",
  "bridge fdb add",
  "bridge fdb add 00:11:22:33:44:55",
  "bridge fdb add 00:11:22:33:44 dev v0",
  "bridge fdb add 00:11:22:33:44:55 dev v0 master",
  "bridge fdb add 00:11:22:33:44:55 dev v0 master",
  "bridge fdb add 00:11:22:33:44:56 dev v0 master static",
  "bridge fdb add 00:11:22:33:44:57 dev v0 master dyn",
  "bridge fdb add to 00:11:22:33:44:5e dev w0 master local",
  "bridge fdb add 00:11:22:33:44:5c dev br0 master",
  "bridge fdb add 00:00:00:00:00:00 dev v0 master",
  "bridge fdb add 00:11:22:33:44:5d dev nosuch master",
  "bridge fdb add 00:11:22:33:44:5d dev lo master",
  "bridge fdb add 00:11:22:33:44:5d dev v1 master",
  "bridge fdb add 00:11:22:33:44:61 dev v0 master foo",
  "bridge fdb add 00:11:22:33:44:61 v0 master",
  "bridge fdb append 00:11:22:33:44:63 dev w0 master",
  "bridge fdb change 00:11:22:33:44:64 dev w0 master",
  "bridge fdb del 00:11:22:33:44:55 dev w0 master",
  "bridge fdb del 00:11:22:33:44:55 dev v0 master",
  "bridge fdb del 00:11:22:33:44:55 dev v0 master",
  "bridge fdb del 00:11:22:33:44:ff dev v0",
  "bridge fdb del 00:11:22:33:44:ff dev nosuch",
  "bridge fdb show",
  "bridge -s fdb show br br0",
  "bridge -j fdb show",
  "bridge -s -j -p fdb show dev v0",
  "brctl showmacs br0",
  "bridge fdb replace 00:11:22:33:44:56 dev w0 master static",
  "bridge fdb show dev w0 state static",
  "bridge monitor foo",
  "bridge monitor help",
];

/** IPv6 groups are not modelled; this kernel has no VLANs, so no second local entry; brctl shows ages of the moment. */
const comparable = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !line.startsWith("33:33:") && !line.includes(" vlan 1 "))
    .filter((line, i, all) => !line.includes("\tyes\t\t ") || all.indexOf(line) === i)
    .map((line) => line.replaceAll(/\{"mac":"33:33:[^}]*\},?/g, "").replaceAll(/\{[^{}]*"vlan":1,[^{}]*\},?/g, ""))
    .map((line) => line.replaceAll(",]", "]").replace(/\tno\t\t.*/, "\tno\t\t..."))
    .join("\n")
    .replaceAll(/\{\n\s*"mac": "33:33:[^}]*\}(, *)?/g, "")
    .replaceAll(/\{\n[^{}]*"vlan": 1,[^{}]*\},?/g, "")
    .replaceAll(/,? \]\n$/g, " ]\n")
    .replaceAll(/"(used|updated)": \d+/g, '"$1": 0')
    .replaceAll(/used \d+\/\d+/g, "used 0/0");

describe.runIf(requireTool("bridge") && canMakeNamespaces())("beside the real bridge", () => {
  let real: NetNamespace;
  let machine: Machine;
  beforeAll(() => {
    real = new NetNamespace();
    real.prepare(...SETUP, ...PORTS);
    machine = bridgeLab();
    for (const line of PORTS) expect(typed(machine, line)).toMatchObject({ code: 0, err: "" });
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
const recorded = (command: string): string =>
  `${readFileSync(RECORDED, "utf8").split(`$ ${command}\n`)[1]!.split("\n\n")[0]!}\n`;

/** The recorded host's bridge; only text that does not depend on the kind of device is compared. */
function recordedHost(): Machine {
  const machine = newMachine();
  machine.table.register(new StubDevice(machine.table, "lo0", mac("02:00:00:00:00:77")));
  const eth0 = new StubDevice(machine.table, "eth0", mac("00:30:48:aa:bb:01"));
  eth0.mbits = 1000;
  machine.table.register(eth0);
  typed(machine, "brctl addbr xenbr0; brctl setfd xenbr0 0; brctl addif xenbr0 eth0; ip link set eth0 up");
  typed(
    machine,
    "ip link set xenbr0 up; brctl addbr spare1; brctl addbr spare2; brctl delbr spare1; brctl delbr spare2",
  );
  for (const name of ["vif3.0", "vif4.0"]) {
    machine.table.register(new StubDevice(machine.table, name, mac("fe:ff:ff:ff:ff:ff")));
    typed(machine, `brctl addif xenbr0 ${name}; ip link set ${name} up`);
  }
  const bridge = machine.table.find("xenbr0") as Bridge;
  learn(bridge, mac("00:50:56:00:00:01"), 0);
  learn(bridge, mac("00:16:3e:00:00:01"), 1);
  learn(bridge, mac("00:16:3e:00:00:02"), 2);
  return machine;
}

describe("the recorded host", () => {
  test("bridge -d link", () => {
    expect(typed(recordedHost(), "bridge -d link").out).toBe(recorded("bridge -d link"));
  });

  test("bridge fdb show, but for the groups of IPv6", () => {
    const real = recorded("bridge fdb show").replaceAll(/^33:33:.*\n/gm, "");
    const ours = typed(recordedHost(), "bridge fdb show").out;
    expect(ours).toBe(real);
  });
});

describe("alone", () => {
  test.each([
    ["bridge vlan", "bridge: vlan: not modelled\n"],
    ["bridge mdb show", "bridge: mdb: not modelled\n"],
    ["bridge link set dev v0 guard on", "bridge: link set guard: not modelled\n"],
    ["bridge fdb flush dev br0", "bridge: fdb flush: not modelled\n"],
    ["bridge fdb add 00:11:22:33:44:55 dev v0", "bridge: fdb add without master, or with self: not modelled\n"],
    ["bridge -n x link", "bridge: -n: not modelled\n"],
  ])("%s is refused", (line, sentence) => {
    expect(typed(bridgeLab(), line)).toMatchObject({ out: "", err: sentence, code: 255 });
  });

  test("an entry past its time is stale until it is collected", () => {
    const machine = bridgeLab();
    for (const line of PORTS) typed(machine, line);
    const bridge = machine.table.find("br0") as Bridge;
    learn(bridge, mac("00:16:3e:00:00:09"), 0);
    runFor(machine, seconds(2));
    expect(typed(machine, "bridge -s fdb show dev v0 | grep :09").out).toMatch(
      /^00:16:3e:00:00:09 used 2\/2 master br0 \n/,
    );
    bridge.fdb.ageingTime = seconds(1);
    expect(typed(machine, "bridge fdb show dev v0 | grep :09").out).toBe("00:16:3e:00:00:09 master br0 stale\n");
  });

  test("monitor tells of entries and links as they change, also in a copy of the lab", () => {
    const machine = bridgeLab();
    for (const line of PORTS) typed(machine, line);
    const watching = machine.run("bridge monitor all");
    runFor(machine, ms(50));
    typed(machine, "bridge fdb add 00:11:22:33:44:55 dev v0 master static");
    runFor(machine, ms(50));
    const twin = copyGraph({ machine, watching });
    const rest = (each: { machine: Machine; watching: typeof watching }): string => {
      typed(each.machine, "bridge fdb del 00:11:22:33:44:55 dev v0 master; bridge link set dev v0 cost 9");
      runFor(each.machine, ms(50));
      return each.watching.console!.text("stdout");
    };
    const text = rest({ machine, watching });
    expect(text).toBe(
      "[NEIGH]00:11:22:33:44:55 dev v0 master br0 static\n" +
        "[NEIGH]Deleted 00:11:22:33:44:55 dev v0 master br0 static\n" +
        "[LINK]3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 9 \n",
    );
    expect(rest(twin)).toBe(text);
  });
});
