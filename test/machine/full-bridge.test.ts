/** The 1,024th port of a bridge: what this machine's own kernel says to it, and what becomes of a guest that would be it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Bridge } from "../../src/device/bridge.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { canMakeNamespaces, NetNamespace } from "../kit/netns.ts";
import { requireTool } from "../kit/tools.ts";
import { mac, StubDevice } from "../kit/world.ts";
import { newMachine, typed } from "./on-machine.ts";
import { Dom0 } from "./xen-dom0.ts";

/** BR_MAX_PORTS less number 0. */
const PORTS = 1023;

/** Devices p0 and on, so many that the bridge has no number left. */
function fill(machine: Machine, name: string): void {
  const bridge = machine.table.find(name) as Bridge;
  for (let i = 0; bridge.ports.length < PORTS; i++) {
    const device = new StubDevice(machine.table, `p${i}`, mac("00:16:3e:00:00:01"));
    machine.table.register(device);
    expect(bridge.addPort(device)).toBe("ok");
  }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** One after another in one shell: the last port, one too many in both tools' ways, and the number that has become free. */
const LINES = [
  "bridge link show dev p1022 | grep -c 'master br0'",
  "ip link set dev p1023 master br0",
  "brctl addif br0 p1023",
  "ip link set dev p5 nomaster",
  "ip link set dev p1023 master br0",
  "ip -d link show dev p1023 | grep -o 'port_no [^ ]*'",
  "ip link set dev p5 master br0",
];

const tools = [requireTool("ip"), requireTool("brctl")];

describe.skipIf(tools.includes(false) || !canMakeNamespaces())("beside the kernel", () => {
  let real: NetNamespace;

  beforeAll(() => {
    real = new NetNamespace();
    const pairs = range((PORTS + 1) / 2).map((i) => `link add p${2 * i} type veth peer name p${2 * i + 1}`);
    const members = range(PORTS).map((i) => `link set p${i} master br0`);
    const script = ["link add br0 type bridge", ...pairs, ...members].join("\n");
    const { err, code } = real.run(`ip -batch - <<'END'\n${script}\nEND`, 120_000);
    if (code !== 0) throw new Error(err);
  }, 150_000);

  afterAll(() => real.remove());

  test("it is refused with the same words, and a number that is given back is the next one's", () => {
    const machine = newMachine();
    typed(machine, "brctl addbr br0");
    fill(machine, "br0");
    machine.table.register(new StubDevice(machine.table, "p1023", mac("00:16:3e:00:00:01")));
    const emulated = LINES.map((line) => typed(machine, line)).map(({ out, err, code }) => ({ out, err, code }));
    expect(emulated).toEqual(real.runAll(LINES));
    expect(emulated[1]).toEqual({ out: "", err: "RTNETLINK answers: Exchange full\n", code: 2 });
  }, 60_000);
});

describe("a guest that would be it", () => {
  test("vif-bridge ends with brctl's word in its log and none in xenstore, and the domain is destroyed", () => {
    const dom0 = new Dom0();
    fill(dom0.machine, "xenbr0");
    const { code, err } = dom0.type("xl create g1.cfg");
    expect(code).toBe(3);
    expect(err).toMatch(/libxl_report_child_exitstatus: .*vif-bridge online \[\d+\] exited with error status 1\n/);
    expect(err).toContain("libxl_create.c:1919:domcreate_attach_devices: Domain 1:unable to add vif devices\n");
    // `set -e` ends the script inside of a function, where bash does not run the trap that would write the sentence.
    expect(err).not.toContain("device_hotplug_child_death_cb");
    expect(dom0.type("cat /var/log/xen/xen-hotplug.log").out).toBe(
      "can't add vif1.0 to bridge xenbr0: Exchange full\n",
    );
    expect(dom0.machine.table.find("vif1.0")).toBeNull();
    expect(dom0.xen.guests.size).toBe(0);
  });

  test("it comes up once a port is free", () => {
    const dom0 = new Dom0();
    fill(dom0.machine, "xenbr0");
    dom0.type("ip link set dev p7 nomaster");
    expect(dom0.type("xl create -q g1.cfg").code).toBe(0);
    const bridge = dom0.machine.table.find("xenbr0");
    expect(bridge instanceof Bridge && bridge.portOf(dom0.machine.table.find("vif1.0")!)?.number).toBe(8);
  });
});
