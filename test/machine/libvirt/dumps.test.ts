/** The emulated host after each network's start, beside the dumps of a real libvirt 9.0. */
import { describe, expect, test } from "vitest";
import type { Machine } from "../../../src/machine/machine.ts";
import { judges } from "../../kit/fidelity.ts";
import { started } from "../on-machine.ts";
import { created, fixture, libvirtHost, virsh } from "./libvirt-host.ts";

judges("libvirt state");

const say = (machine: Machine, line: string): string => started(machine, ...line.split(" ")).out;

/** Dates are those of the recording; nothing else of iptables-save is touched. */
const undated = (text: string): string => text.replace(/ on \w+ \w+ +\d+ [\d:]+ \d+$/gm, "");

/**
 * What is not libvirt's in `ip addr` of the dumps: IPv6 addresses, which this Linux has not; the test client's veth, which
 * is left over in two of them; numbers of devices. The dump of `route` was taken in the instant of the start, before the
 * kernel had looked whether the bridge has carrier: it has none, as in the others.
 */
function addresses(text: string): string {
  const blocks = text.split(/^(?=\d+: )/m).filter((block) => !/^\d+: vnet0@/.test(block));
  return blocks
    .map((block) => block.replace(/^\d+: /, ""))
    .join("")
    .replace(/^ {4}inet6 .*\n {7}valid_lft .*\n/gm, "")
    .replace("<BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UNKNOWN", NO_CARRIER);
}
const NO_CARRIER = "<NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN";

/** Likewise: the route of a device without carrier says so. */
const routes = (text: string): string => text.trimEnd();
const isRace = (name: string): boolean => name === "route";

const NETWORKS = [
  ["nat", "default.dumpxml"],
  ["route", "route.dumpxml"],
  ["isolated", "isolated.dumpxml"],
] as const;

describe.each(NETWORKS)("the network of the dump %s", (name, xml) => {
  const machine = libvirtHost();
  const answer = created(machine, fixture(xml));

  test("starts", () => {
    expect(answer.err).toBe("");
    expect(answer.code).toBe(0);
  });

  test("iptables-save", () => {
    expect(undated(say(machine, "iptables-save"))).toBe(undated(fixture(`${name}/iptables-save.txt`)));
  });

  test("ip addr", () => {
    expect(addresses(say(machine, "ip addr"))).toBe(addresses(fixture(`${name}/ip-addr.txt`)));
  });

  test("ip route", () => {
    const recorded = routes(fixture(`${name}/ip-route.txt`));
    expect(routes(say(machine, "ip route"))).toBe(isRace(name) ? `${recorded} linkdown` : recorded);
  });

  test("brctl show", () => {
    expect(say(machine, "brctl show")).toBe(fixture(`${name}/brctl-show.txt`));
  });

  test("net-dumpxml gives the XML back, NAT with its ports", () => {
    expect(virsh(machine, "net-dumpxml", name === "nat" ? "default" : name).out).toBe(fixture(xml));
  });
});

test("net-destroy takes the rules away and leaves the chains and the jumps", () => {
  const machine = libvirtHost();
  created(machine, fixture("default.dumpxml"));
  expect(virsh(machine, "net-destroy", "default").out).toBe("Network default destroyed\n\n");
  expect(undated(say(machine, "iptables-save"))).toBe(undated(fixture("iptables-save.after-destroy")));
  expect(say(machine, "brctl show")).toBe("");
  expect(say(machine, "sysctl net.ipv4.ip_forward")).toBe("net.ipv4.ip_forward = 1\n");
});

/** name = value, of the dump and of the machine. */
function sysctls(text: string): Map<string, string> {
  const lines = [...text.matchAll(/^(\S+) = (.*)$/gm)];
  return new Map(lines.map(([, key, value]) => [key!, value!]));
}

describe("sysctls", () => {
  const before = sysctls(say(libvirtHost(), "sysctl -a"));

  test("what net-start changes, and no more", () => {
    const machine = libvirtHost();
    created(machine, fixture("default.dumpxml"));
    const after = sysctls(say(machine, "sysctl -a"));
    const changed = [...after].filter(([key, value]) => before.has(key) && before.get(key) !== value);
    const forwarding = changed
      .filter(([key]) => /\.forwarding$/.test(key) && !key.includes(".all."))
      .map(([key]) => key);
    expect(forwarding).toEqual(["net.ipv4.conf.default.forwarding", "net.ipv4.conf.lo.forwarding"]);
    expect(Object.fromEntries(changed.filter(([key]) => !forwarding.includes(key)))).toMatchObject({
      "net.ipv4.ip_forward": "1",
      "net.ipv4.conf.all.forwarding": "1",
      "net.ipv4.conf.all.accept_redirects": "0",
    });
    const bridge = [...after].filter(([key]) => key.startsWith("net.ipv6.conf.virbr0."));
    expect(Object.fromEntries(bridge)).toMatchObject({
      "net.ipv6.conf.virbr0.disable_ipv6": "1",
      "net.ipv6.conf.virbr0.accept_ra": "0",
      "net.ipv6.conf.virbr0.autoconf": "0",
    });
  });

  test.each(["nat", "route", "isolated"])("forwarding and the bridge's IPv6 as in the dump %s", (name) => {
    const recorded = sysctls(fixture(`${name}/sysctl.txt`));
    const machine = libvirtHost();
    // The recorded host had run the networks one after another: forwarding was on since the first.
    created(machine, fixture("default.dumpxml"));
    if (name !== "nat") {
      virsh(machine, "net-destroy", "default");
      created(machine, fixture(`${name}.dumpxml`));
    }
    const ours = sysctls(say(machine, "sysctl -a"));
    const bridge = [...recorded.keys()].find((key) => /\.conf\.virbr\d\.autoconf$/.test(key))!.split(".")[3]!;
    const keys = [
      "net.ipv4.ip_forward",
      "net.ipv4.conf.all.forwarding",
      "net.ipv4.conf.default.forwarding",
      "net.ipv4.conf.all.accept_redirects",
      `net.ipv4.conf.${bridge}.forwarding`,
      `net.ipv6.conf.${bridge}.disable_ipv6`,
      `net.ipv6.conf.${bridge}.accept_ra`,
      `net.ipv6.conf.${bridge}.autoconf`,
    ];
    const those = (values: Map<string, string>) => Object.fromEntries(keys.map((key) => [key, values.get(key)]));
    expect(those(ours)).toEqual(those(recorded));
    expect(Object.values(those(recorded))).not.toContain(undefined);
  });
});
