/**
 * The same pulled cable on this machine's own kernel: the NIC, netloop's pair and a guest's vif are veth pairs on both
 * sides, so a far end that goes down is the cable. What every tool says then must be the same, word for word.
 *
 * What cannot be the same: a real NIC's driver prints "NIC Link is Down", a veth prints nothing; without
 * carrier a veth is LOWERLAYERDOWN where a NIC is DOWN; the real link watch takes up to a second.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seconds } from "../../src/engine/time.ts";
import { counted, judges } from "../kit/fidelity.ts";
import { canMakeNamespaces } from "../kit/netns.ts";
import { requireTool } from "../kit/tools.ts";
import { EmulatedBox, mayMakeNamespaces, RealBox } from "../machine/command/twin.ts";

judges("pulled cable");

const TOOLS = ["ip", "brctl", "bridge", "ethtool", "ifconfig"];
const isPossible = TOOLS.map((tool) => requireTool(tool)).every(Boolean) && mayMakeNamespaces() && canMakeNamespaces();

const GATEWAY = "02:00:00:00:00:01";

/** A bridge with the NIC `peth0` in it, whose far end is `wire`. */
const host = (bridge: string, address: string): string[] => [
  `ip link add wire address ${GATEWAY} type veth peer name peth0 address ${address}`,
  `brctl addbr ${bridge}`,
  `brctl setfd ${bridge} 0`,
  `ip link set ${bridge} up`,
  "ip link set wire up",
  "ip link set peth0 up",
  `brctl addif ${bridge} peth0`,
];

const NETLOOP = [
  "ip link add eth0 address 02:00:00:00:00:10 type veth peer name vif0.0 address fe:ff:ff:ff:ff:ff",
  "ip link set eth0 up",
  "ip link set vif0.0 up",
  "brctl addif xenbr0 vif0.0",
];

const guest = (bridge: string): string[] => [
  "ip link add far address 00:16:3e:00:00:01 type veth peer name vif1.0 address fe:ff:ff:ff:ff:ff",
  "ip link set far up",
  "ip link set vif1.0 up",
  `brctl addif ${bridge} vif1.0`,
];

const addressed = (holder: string): string[] => [
  `ip addr add 192.168.1.10/24 brd + dev ${holder}`,
  "ip route add default via 192.168.1.1",
];

const DUMMY = "fe:ff:ff:ff:ff:ff";
const NIC_MAC = "02:00:00:00:00:10";
const CASES = [
  { what: "3.x", bridge: "xenbr0", holder: "eth0", lines: [...host("xenbr0", DUMMY), ...NETLOOP] },
  {
    what: "3.x and a guest",
    bridge: "xenbr0",
    holder: "eth0",
    lines: [...host("xenbr0", DUMMY), ...NETLOOP, ...guest("xenbr0")],
  },
  { what: "4.2", bridge: "eth0", holder: "eth0", lines: host("eth0", NIC_MAC) },
  { what: "4.2 and a guest", bridge: "eth0", holder: "eth0", lines: [...host("eth0", NIC_MAC), ...guest("eth0")] },
  { what: "4.17", bridge: "xenbr0", holder: "xenbr0", lines: host("xenbr0", NIC_MAC) },
  {
    what: "4.17 and a guest",
    bridge: "xenbr0",
    holder: "xenbr0",
    lines: [...host("xenbr0", NIC_MAC), ...guest("xenbr0")],
  },
];

/** Timers and counters are a run's own; this kernel may be built without VLANs in bridges and has newer link modes. */
const settled = (text: string): string =>
  text
    .replaceAll(/(timer[\t ]+)[\d.]+/g, "$1T")
    .replaceAll(/(no\t\t) +[\d.]+$/gm, "$1AGE")
    .replaceAll(/^ +[RT]X (packets|errors).*\n/gm, "")
    // Its local entry of VLAN 1.
    .replaceAll(/^( +\d+\t\S+\tyes\t\t.*\n)\1/gm, "$1");

const LOOKS = (bridge: string, holder: string): string[] =>
  [...new Set(["peth0", bridge, holder])].flatMap((device) => [
    `ip link show ${device}`,
    `ip -br link show ${device}`,
    `ip addr show ${device}`,
    `ethtool ${device}`,
    `ifconfig ${device}`,
    `cat /sys/class/net/${device}/carrier`,
    `cat /sys/class/net/${device}/operstate`,
  ]);

describe.skipIf(!isPossible)("a pulled cable on this kernel and here", () => {
  let real: RealBox;
  let emulated: EmulatedBox;
  let compared = 0;

  beforeEach(() => {
    real = new RealBox();
    emulated = new EmulatedBox();
  });
  afterEach(() => real.close());

  const typed = (...lines: string[]): void => {
    for (const line of lines)
      for (const box of [real, emulated]) expect({ line, ...box.run(line) }).toMatchObject({ line, code: 0 });
  };
  const settle = (): void => {
    real.run("sleep 1.3");
    emulated.wait(seconds(2));
  };
  const look = (bridge: string, holder: string): void => {
    for (const line of [
      ...LOOKS(bridge, holder),
      "ip route",
      `brctl show`,
      `brctl showstp ${bridge}`,
      `brctl showmacs ${bridge}`,
    ]) {
      const [there, here] = [real.run(line), emulated.run(line)];
      expect.soft({ line, out: settled(here.out) }).toEqual({ line, out: settled(there.out) });
      compared++;
      counted("pulled cable", "texts");
    }
  };

  test.each(CASES)("$what", ({ bridge, holder, lines }) => {
    typed(...lines, ...addressed(holder));
    settle();
    look(bridge, holder);
    // Learnt by the user's word, as no station speaks here: what is dynamic goes with the carrier.
    typed("bridge fdb add 02:00:00:00:00:99 dev peth0 master dynamic");
    look(bridge, holder);
    typed("ip link set wire down");
    settle();
    look(bridge, holder);
    expect(emulated.run(`brctl showmacs ${bridge}`).out).not.toContain("02:00:00:00:00:99");
    typed("ip link set wire up");
    settle();
    look(bridge, holder);
  });

  test("the count", () => {
    console.log(`${compared} texts of a pulled cable are this kernel's`);
    expect(compared).toBeGreaterThan(CASES.length * 60);
  });
});
