/**
 * The dump `nat-with-client` of a real libvirt 9.0: its default network, and one client on virbr0 that took a lease by
 * udhcpc, asked for a name from an address that it made up, and pinged the host (dhcp.pcap). The same host, client and
 * commands here, and what the tools say of the host then.
 *
 * What is not compared, and why:
 * - dates of iptables-save, and timers, which tell the instant of the command;
 * - IPv6 (addresses, routes, sysctls, 33:33:... in the fdb), which this Linux has not;
 * - VLANs of bridges: the kernel of the dump was built without CONFIG_BRIDGE_VLAN_FILTERING, distributions build with it;
 * - the two IGMP reports by which a bridge that snoops joins 224.0.0.106: this Linux sends none.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { Loopback } from "../../../src/device/loopback.ts";
import { Veth, VethPair } from "../../../src/device/veth.ts";
import { seconds } from "../../../src/engine/time.ts";
import { Machine } from "../../../src/machine/machine.ts";
import { Userland } from "../../../src/machine/userland.ts";
import { mac } from "../../kit/world.ts";
import { runFor, typed } from "../on-machine.ts";
import { created, fixture, libvirtHost } from "./libvirt-host.ts";

const recorded = (name: string): string => fixture(`nat-with-client/${name}`);

/** The recorded pair was made on the host, as 3 and 4, and 3 went to the client's namespace with its number. */
const skipNumber = (machine: Machine): unknown => typed(machine, "ip link add br9 type bridge; ip link del br9");

function veth(machine: Machine, name: string, address: string): Veth {
  const device = new Veth(machine.table, name, mac(address));
  machine.table.register(device);
  return device;
}

function clientOfLibvirt(): Machine {
  const host = libvirtHost(2);
  const guest = new Machine(host.world, { name: "guest1", cpus: 2 }, new Userland());
  created(host, fixture("default.dumpxml"));
  guest.table.register(new Loopback(guest.table));
  for (const each of [host, guest]) skipNumber(each);
  new VethPair(veth(guest, "gst0", "52:54:00:11:22:33"), veth(host, "vnet0", "fe:54:00:11:22:33"));
  typed(host, "ip link set vnet0 master virbr0; ip link set vnet0 up");
  typed(guest, "ip link set lo up; ip link set gst0 up");
  // Until the port forwards.
  runFor(host, seconds(4.1));
  typed(guest, "udhcpc -i gst0 -n -q -x hostname:guest1");
  typed(guest, "ip addr flush dev gst0; ip addr add 192.168.122.50/24 dev gst0");
  typed(guest, "dig +noedns @192.168.122.1 guest1; ping -c 1 192.168.122.1");
  return host;
}

let host: Machine;
beforeAll(() => {
  host = clientOfLibvirt();
});
const say = (line: string): string => {
  const { out, err } = typed(host, line);
  expect(err).toBe("");
  return out;
};

const undated = (text: string): string => text.replace(/ on \w+ \w+ +\d+ [\d:]+ \d+$/gm, "");
const without6 = (text: string): string => text.replace(/^ {4}inet6 .*\n( {7}valid_lft .*\n)?/gm, "");
const withoutTimers = (text: string): string => text.replace(/(_timer"?:? +)[\d.]+/g, "$1T");
const withoutVlans = (text: string): string =>
  text.replace(/ vlan_(protocol|default_pvid|stats_enabled|stats_per_port) \S+(?= )/g, "");

describe("libvirt's host with a client, beside the dump", () => {
  test("iptables-save", () => {
    expect(undated(say("iptables-save"))).toBe(undated(recorded("iptables-save.txt")));
  });

  test("iptables-save -c: what the exchange counted, but for the IGMP reports", () => {
    const REPORT = 40;
    // Two of them pass OUTPUT and POSTROUTING; the nat table sees the first alone, and a rule of libvirt's holds for it.
    const silent: Readonly<Record<string, readonly [packets: number, bytes: number]>> = {
      "-A POSTROUTING -j LIBVIRT_PRT": [2, 2 * REPORT],
      "-A OUTPUT -j LIBVIRT_OUT": [2, 2 * REPORT],
      "nat -A POSTROUTING -j LIBVIRT_PRT": [1, REPORT],
      "nat -A LIBVIRT_PRT -s 192.168.122.0/24 -d 224.0.0.0/24 -j RETURN": [1, REPORT],
    };
    let table = "";
    const lines = undated(recorded("iptables-save-c.txt")).split("\n");
    const expected = lines.map((line) => {
      if (line.startsWith("*")) table = line === "*nat" ? "nat " : "";
      const [, packets, bytes, rule] = /^\[(\d+):(\d+)\] (.*)$/.exec(line) ?? [];
      const [fewer, less] = silent[`${table}${rule}`] ?? [0, 0];
      return rule === undefined ? line : `[${Number(packets) - fewer}:${Number(bytes) - less}] ${rule}`;
    });
    expect(undated(say("iptables-save -c"))).toBe(expected.join("\n"));
    expect(expected.filter((line) => /^\[[1-9]/.test(line))).toHaveLength(8);
  });

  test("ip addr", () => {
    expect(say("ip addr")).toBe(without6(recorded("ip-addr.txt")));
  });

  test("ip -d link", () => {
    expect(withoutTimers(withoutVlans(say("ip -d link")))).toBe(withoutTimers(recorded("ip-d-link.txt")));
  });

  test("ip route", () => {
    expect(say("ip route")).toBe(recorded("ip-route.txt"));
  });

  test("ip -j route show table all", () => {
    const all = JSON.parse(recorded("ip-j-route.json")) as { readonly dst: string }[];
    expect(JSON.parse(say("ip -j route show table all"))).toEqual(all.filter(({ dst }) => !dst.includes(":")));
  });

  test("brctl show", () => {
    expect(say("brctl show")).toBe(recorded("brctl-show.txt"));
  });

  test("bridge -d link", () => {
    expect(say("bridge -d link")).toBe(recorded("bridge-link.txt"));
  });

  test("bridge -j fdb", () => {
    interface Line {
      readonly mac: string;
      readonly vlan?: number;
    }
    const theirs = JSON.parse(recorded("bridge-fdb.json")) as Line[];
    const ours = JSON.parse(say("bridge -j fdb")) as Line[];
    expect(ours.filter(({ vlan }) => vlan === undefined)).toEqual(
      theirs.filter(({ mac: m }) => !m.startsWith("33:33:")),
    );
  });

  test("sysctl -a: every one of net.ipv4 that is here has the recorded value", () => {
    const values = (text: string): Map<string, string> =>
      new Map([...text.matchAll(/^(net\.ipv4\.\S+) = (.*)$/gm)].map(([, key, value]) => [key!, value!]));
    const theirs = values(recorded("sysctl.txt"));
    const ours = [...values(say("sysctl -a"))].filter(([key]) => theirs.has(key));
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(ours.map(([key]) => [key, theirs.get(key)])));
    for (const name of ["all", "default", "lo", "virbr0", "vnet0"])
      expect(ours.filter(([key]) => key.startsWith(`net.ipv4.conf.${name}.`)).length, name).toBeGreaterThan(20);
  });

  test("the lease that the client was told, and the one that libvirt lists", () => {
    const told = Object.fromEntries(
      [...fixture("udhcpc.bound.env").matchAll(/^(\w+)=(.*)$/gm)].map(([, k, v]) => [k, v]),
    );
    const [lease] = say("virsh -q net-dhcp-leases default").trim().split("\n");
    expect(lease!.trim().split(/ {2,}/).slice(1)).toEqual([
      "52:54:00:11:22:33",
      "ipv4",
      `${told["ip"]}/${told["mask"]}`,
      told["hostname"],
      "01:52:54:00:11:22:33",
    ]);
  });
});
