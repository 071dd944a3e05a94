/**
 * `ip` against the dumps of a real Xen 4.17 host (test/fixtures/xen-4.17). Documented differences: no IPv6, pfifo where
 * Debian has fq_codel, and counters and timers, which are the traffic's and not the printer's.
 */
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { Nic } from "../../../../src/device/nic.ts";
import { seconds } from "../../../../src/engine/time.ts";
import type { Machine } from "../../../../src/machine/machine.ts";
import { Hypervisor } from "../../../../src/xen/hypervisor.ts";
import { NETBACK_COSTS } from "../../../../src/xen/netback-costs.ts";
import { ModernVif } from "../../../../src/xen/vif-modern.ts";
import { judges } from "../../../kit/fidelity.ts";
import { mac, StubDevice } from "../../../kit/world.ts";
import { EmulatedBox, withLoopback } from "../twin.ts";

judges("ip recorded");

const FIXTURES = new URL("../../../fixtures/xen-4.17/", import.meta.url);

/** What the dump shows behind "$ command", without IPv6. */
function recorded(file: string, command: string): string {
  const dump = readFileSync(new URL(file, FIXTURES), "utf8");
  const [, rest = ""] = dump.split(`\n$ ${command}\n`);
  const text = rest.split(/^\n|\n\n/)[0]!;
  return withoutIpv6(text === "" ? "" : `${text}\n`).replaceAll("fq_codel", "pfifo");
}

const withoutIpv6 = (text: string): string => text.replace(/ {4}inet6 .*\n {7}valid_lft.*\n/g, "");

/** Timers and counters aside. */
const still = (text: string): string =>
  text
    .replace(/_timer +\d+\.\d\d/g, "_timer T")
    .replace(/^ +\d+( +\d+){5} $/gm, "COUNTERS")
    .replace(/promiscuity \d/g, "promiscuity P");

class Host {
  readonly machine: Machine = withLoopback();
  readonly box = new EmulatedBox(this.machine);
  readonly eth0 = new Nic(this.machine.table, "eth0", mac("00:30:48:aa:bb:01"));
  private readonly dom0 = new Hypervisor(this.machine.world).create("Domain-0", "", 512, this.machine.cpus);

  constructor() {
    this.machine.table.register(this.eth0);
    this.type("ip link set lo up");
  }

  type(...lines: string[]): void {
    for (const line of lines) expect({ line, ...this.box.run(line) }).toEqual({ line, out: "", err: "", code: 0 });
  }

  print(line: string): string {
    return this.box.run(line).out;
  }

  /** There is no cable: the link comes by hand. */
  link(): void {
    this.eth0.setCarrier(true);
  }

  addVif(domain: number, connected: boolean): void {
    const vif = new ModernVif({
      table: this.machine.table,
      domain: this.dom0,
      frontend: domain,
      handle: 0,
      costs: NETBACK_COSTS,
    });
    this.machine.table.register(vif);
    this.type(`ip link set ${vif.name} master xenbr0`, `ip link set ${vif.name} up`);
    if (connected) vif.setCarrier(true);
  }

  /** Devices that came and went count in ifindex. */
  skipIndices(count: number): void {
    for (let i = 0; i < count; i++) {
      const gone = new StubDevice(this.machine.table, "gone", mac("02:00:00:00:00:00"));
      this.machine.table.register(gone);
      this.machine.table.unregister(gone);
    }
  }
}

const BRIDGE_UP = [
  "ip link add xenbr0 type bridge forward_delay 0",
  "ip link set eth0 master xenbr0",
  "ip link set eth0 up",
  "ip link set xenbr0 up",
  "ip addr add 192.168.1.10/24 brd + dev xenbr0",
];

describe("a host in bridge mode", () => {
  let host: Host;
  const BEFORE = "bridge/01-ping-g1-g2/before.txt";
  const SETUP = "bridge/00-setup-and-boot";

  beforeEach(() => {
    host = new Host();
  });

  function setUp(): void {
    host.type(...BRIDGE_UP);
    host.link();
    host.type("ip route add default via 192.168.1.1");
  }

  it("before anything is set up", () => {
    for (const command of ["ip -br link", "ip addr", "ip route", "ip neigh", "ip -d -s link"]) {
      expect(still(host.print(command))).toBe(still(recorded(`${SETUP}/00-dom0-before.txt`, command)));
    }
  });

  it("with a vif that has no carrier yet", () => {
    setUp();
    host.addVif(1, false);
    for (const command of ["ip -br link", "ip addr", "ip route", "ip -d -s link"]) {
      expect(still(host.print(command))).toBe(still(recorded(`${SETUP}/02-g1-just-created.txt`, command)));
    }
  });

  it("with two guests", () => {
    setUp();
    host.skipIndices(2);
    host.addVif(3, true);
    host.addVif(4, true);
    for (const command of ["ip -br link", "ip addr", "ip route", "ip neigh", "ip -d -s link"]) {
      expect(still(host.print(command))).toBe(still(recorded(BEFORE, command)));
    }
  });

  it("prints the counters in the recorded columns", () => {
    setUp();
    Object.assign(host.eth0.counters, { rxBytes: 730, rxPackets: 9, txBytes: 6966, txPackets: 89 });
    const lines = recorded(BEFORE, "ip -d -s link").split("\n");
    const at = lines.findIndex((line) => line.startsWith("2: eth0"));
    expect(host.print("ip -s link show eth0").split("\n").slice(2, 6)).toEqual(lines.slice(at + 3, at + 7));
  });

  it("prints a reachable and a stale gateway", () => {
    setUp();
    host.type("ip neigh add 192.168.1.1 lladdr 00:50:56:00:00:01 nud reachable dev xenbr0");
    expect(host.print("ip neigh")).toBe(recorded(`${SETUP}/03-g1-ready.txt`, "ip neigh"));
    host.type("ip neigh replace 192.168.1.1 lladdr 00:50:56:00:00:01 nud stale dev xenbr0");
    expect(host.print("ip neigh")).toBe(recorded(`${SETUP}/04-g1-g2-ready.txt`, "ip neigh"));
  });
});

describe("the classic eight steps, typed as on the recorded host", () => {
  const STEPS = "classic/00-steps";
  /** Which lines of commands.log came before which dump. */
  const DUMPS: readonly (readonly [file: string, time: string])[] = [
    ["00-before", "00:29:13"],
    ["01-bridge-created", "00:29:19"],
    ["02-addr-copied-to-veth0", "00:29:20.9"],
    ["03-eth0-down", "00:29:22.8"],
    ["04-eth0-renamed-peth0", "00:29:24.6"],
    ["05-veth0-renamed-eth0", "00:29:26.5"],
    ["06-bridge-ports-set-up", "00:29:29.6"],
    ["07-ports-attached", "00:29:32.1"],
    ["08-eth0-up", "00:29:34.5"],
  ];

  function typedLines(): { time: string; line: string }[] {
    const log = readFileSync(new URL(`${STEPS}/commands.log`, FIXTURES), "utf8");
    return [...log.matchAll(/^(\d\d:\d\d:\d\d\.\d+) \[dom0\] ((?:ip|brctl) .*)$/gm)].map(([, time, line]) => ({
      time: time!,
      line: line!,
    }));
  }

  it("every dump of links, addresses and routes comes out as recorded", () => {
    const host = new Host();
    host.type("ip addr add 192.168.1.10/24 brd + dev eth0", "ip link set eth0 up");
    host.link();
    host.type("ip route add default via 192.168.1.1");
    host.skipIndices(7);
    host.type("ip link add veth0 address 00:16:3e:de:ad:00 type veth peer name vif0.0 address 00:16:3e:de:ad:01");
    const lines = typedLines();
    expect(lines).toHaveLength(34);
    for (const [dump, time] of DUMPS) {
      while (lines.length > 0 && lines[0]!.time < time) {
        host.type(lines.shift()!.line);
        if (host.eth0.up) host.link();
      }
      host.box.wait(seconds(1));
      const random = /(xenbr0 .*)\b5a:1f:37:86:6a:d2/;
      for (const command of ["ip -br link", "ip addr", "ip route"]) {
        const wanted = recorded(`${STEPS}/${dump}.txt`, command).replaceAll("5a:1f:37:86:6a:d2", "RANDOM");
        const bridge = host.machine.table.find("xenbr0");
        const own =
          bridge !== null && random.test(recorded(`${STEPS}/${dump}.txt`, "ip -br link")) ? shownMac(host) : "none";
        expect({ dump, command, text: host.print(command).replaceAll(own, "RANDOM") }).toEqual({
          dump,
          command,
          text: wanted,
        });
      }
    }
    expect(lines).toHaveLength(0);
  });

  const shownMac = (host: Host): string => /ether (\S+)/.exec(host.print("ip link show xenbr0"))![1]!;
});
