import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/lab/topology/plan.ts";
import { printPlan } from "../../../src/lab/topology/print-plan.ts";
import { loadTopology } from "../../../src/lab/topology/resolve.ts";
import {
  formatCidr,
  formatIpv4,
  formatMac,
  type Mac,
  parseCidr,
  parseIpv4,
  parseMac,
} from "../../../src/packet/address.ts";
import { readShipped } from "../../kit/lab.ts";

function plan(text: string): Plan {
  const { plan: made, diagnostics } = loadTopology(text);
  expect(diagnostics).toEqual([]);
  return made!;
}

const shipped = (name: string): string => readFileSync(`topologies/${name}`, "utf8");
const macsOf = (made: Plan): Mac[] => [
  ...made.hosts.flatMap((host) => [
    ...host.nics.map((nic) => nic.mac),
    ...host.domains.flatMap((d) => d.vifs.map((vif) => vif.mac)),
  ]),
  ...made.machines.flatMap((machine) => machine.nics.map((nic) => nic.mac)),
];

describe("the shipped topologies", () => {
  const names = readdirSync("topologies").filter((name) => name.endsWith(".yaml"));

  it("are there", () =>
    expect(names).toEqual(expect.arrayContaining(["bridge-busy.yaml", "bridge-short.yaml", "bridge-xl.yaml"])));

  /** What a topology that shows trouble is warned of is told by test/story/shipped.test.ts. */
  const read = (text: string): Plan => loadTopology(text, readShipped).plan!;

  it.each(names)("%s can be read, and its plan prints as itself", (name) => {
    const made = read(shipped(name));
    expect(made.name).toBe(name.replace(".yaml", ""));
    const printed = printPlan(made);
    expect(read(printed)).toEqual(made);
    expect(printPlan(read(printed))).toBe(printed);
  });

  it("bridge-xl is the recorded host", () => {
    const { hosts, machines, networks } = plan(shipped("bridge-xl.yaml"));
    const [host] = hosts;
    expect(networks).toEqual([
      {
        name: "lan",
        kind: "switch",
        rate: 1e9,
        delay: 50_000,
        jitter: 0,
        loss: 0,
        duplicate: 0,
        reorder: 0,
        corrupt: 0,
        mtu: 1500,
      },
    ]);
    expect(host!.nics).toEqual([
      { name: "eth0", network: "lan", mac: parseMac("00:30:48:aa:bb:01"), addresses: [], gateway: null, mtu: 1500 },
    ]);
    expect(host!.bridges).toEqual([
      {
        name: "xenbr0",
        ports: ["eth0"],
        addresses: [parseCidr("192.168.1.10/24")],
        gateway: parseIpv4("192.168.1.1"),
        stp: false,
        forwardDelay: 0,
        ageing: 300,
        mtu: null,
      },
    ]);
    expect(host!.domains.map((d) => [d.name, d.vifs[0]!.text, formatCidr(d.inside[0]!.addresses[0]!)])).toEqual([
      ["web1", "mac=00:16:3e:00:00:01,bridge=xenbr0,script=vif-bridge", "192.168.1.101/24"],
      ["web2", "mac=00:16:3e:00:00:02,bridge=xenbr0,script=vif-bridge", "192.168.1.102/24"],
    ]);
    expect(machines[0]).toMatchObject({
      name: "outside",
      services: ["echo"],
      nics: [{ mac: parseMac("00:50:56:00:00:01") }],
    });
  });

  it("bridge-busy limits a vif and slows a host", () => {
    const { hosts, capture } = plan(shipped("bridge-busy.yaml"));
    expect(hosts[0]!.domains[0]!.vifs[0]!.rate).toEqual({ bytesPerInterval: 2500, intervalMicros: 50_000 });
    expect(hosts[0]!.timing).toEqual({
      "netback-tx-per-frame": 40_000,
      "netback-rx-per-frame": 40_000,
      "guest-per-frame": 2000,
    });
    expect(capture.points.map(({ machine, device }) => `${machine}:${device}`)).toContain("xen1:vif1.0");
  });
});

describe("the short form", () => {
  it("is a host, a bridge, an outside machine and a first ping", () => {
    const made = plan(
      "guests: { web1: 192.168.1.11, web2: { ip: 192.168.1.12, rate: 10Mb/s, mtu: 1400, memory: 512 } }\n",
    );
    const [host] = made.hosts;
    expect(made.hosts.map(({ name, xen }) => [name, xen])).toEqual([["xen1", "4.17"]]);
    expect(formatCidr(host!.bridges[0]!.addresses[0]!)).toBe("192.168.1.10/24");
    expect(host!.domains[1]).toMatchObject({
      name: "web2",
      memory: 512,
      vifs: [{ bridge: "xenbr0", rate: { bytesPerInterval: 62_500, intervalMicros: 50_000 } }],
      inside: [
        { device: "eth0", mtu: 1400, addresses: [parseCidr("192.168.1.12/24")], gateway: parseIpv4("192.168.1.1") },
      ],
    });
    expect(made.machines.map(({ name, nics }) => [name, formatCidr(nics[0]!.addresses[0]!)])).toEqual([
      ["gw", "192.168.1.1/24"],
    ]);
    expect(made.capture).toEqual({ all: true, points: [] });
    expect(made.scenario).toEqual([
      { kind: "run", at: 1e9, on: "web1", run: "ping -c 3 192.168.1.12" },
      { kind: "run", at: 5e9, on: "web1", run: "ping -c 3 192.168.1.1" },
    ]);
  });

  it("of mode nat is libvirt's default network, and a guest may ask it for a lease", () => {
    const made = plan("mode: nat\nguests: { web1: dhcp, web2: 192.168.122.200 }\n");
    const [host] = made.hosts;
    expect(host!.libvirt.map(({ bridge }) => bridge)).toEqual(["virbr0"]);
    expect(host!.domains.map(({ vifs }) => vifs[0]!.bridge)).toEqual(["virbr0", "virbr0"]);
    expect(host!.domains.map(({ inside }) => inside[0])).toMatchObject([
      { dhcp: true, addresses: [], gateway: null },
      { addresses: [parseCidr("192.168.122.200/24")], gateway: parseIpv4("192.168.122.1") },
    ]);
  });

  it("takes the net from the guests, and addresses that nobody has", () => {
    const made = plan("guests: { a: 10.0.0.1, b: 10.0.0.10 }\n");
    expect(formatCidr(made.hosts[0]!.bridges[0]!.addresses[0]!)).toBe("10.0.0.11/24");
    expect(formatCidr(made.machines[0]!.nics[0]!.addresses[0]!)).toBe("10.0.0.2/24");
  });

  it("takes what is given", () => {
    const made = plan(
      "host: 10.1.0.5/16\ngateway: 10.1.9.9\noutside: { pc: 10.1.7.7 }\nguests: { a: 10.1.3.3 }\nscenario: []\n",
    );
    expect(made.hosts[0]!.bridges[0]).toMatchObject({
      addresses: [parseCidr("10.1.0.5/16")],
      gateway: parseIpv4("10.1.9.9"),
    });
    expect(made.machines.map(({ name, nics }) => [name, formatCidr(nics[0]!.addresses[0]!)])).toEqual([
      ["gw", "10.1.9.9/16"],
      ["pc", "10.1.7.7/16"],
    ]);
    expect(made.scenario).toEqual([]);
  });
});

describe("defaults", () => {
  const made = plan(`hosts:
  xen1:
    nics:
      eth0: { ip: [192.168.1.10/24, 10.0.0.1/8], gateway: 192.168.1.1 }
      eth1:
    domains: { web1: , web2: { vif: '' } }
machines: { pc: { nics: { eth0: } } }
checks: [{ on: pc, run: "true" }]
`);

  it("are a network, a bridge with the first NIC and its addresses, a vif on it", () => {
    const [host] = made.hosts;
    expect(made.networks.map(({ name, kind }) => [name, kind])).toEqual([["lan", "switch"]]);
    expect(host!.bridges[0]).toMatchObject({
      name: "xenbr0",
      ports: ["eth0"],
      addresses: [parseCidr("192.168.1.10/24"), parseCidr("10.0.0.1/8")],
      gateway: parseIpv4("192.168.1.1"),
    });
    expect(host!.nics.map(({ addresses, gateway }) => [addresses, gateway])).toEqual([
      [[], null],
      [[], null],
    ]);
    expect(host!.domains[0]!.vifs[0]!.text).toMatch(/^mac=00:16:3e:[0-7].:..:..,bridge=xenbr0$/);
    expect(host!.domains[1]!.vifs[0]).toMatchObject({ bridge: null, text: expect.stringMatching(/^mac=[^,]+$/) });
    expect(host).toMatchObject({
      vcpus: 4,
      memory: 1024,
      distro: "upstream",
      vifScript: "vif-bridge",
      timing: {},
      setup: [],
    });
  });

  it("are a date, a seed, everything captured, two seconds for a check", () => {
    expect(made).toMatchObject({ name: "lab", seed: 1, epoch: 1_767_225_600, until: null, capture: { all: true } });
    expect(made.checks).toEqual([
      { name: "true", on: "pc", run: "true", expect: { kind: "ok" }, within: 2e9, after: null },
    ]);
  });

  it("`bridges: {}` means none", () => {
    const { plan: without, diagnostics } = loadTopology(
      "hosts: { a: { nics: { eth0: { ip: 10.0.0.1/8 } }, bridges: {}, domains: { b: } } }",
    );
    expect(diagnostics).toEqual([]);
    expect(without!.hosts[0]!.nics[0]!.addresses.map(formatCidr)).toEqual(["10.0.0.1/8"]);
    expect(without!.hosts[0]!.domains[0]!.vifs).toEqual([]);
  });
});

describe("what happens", () => {
  const made = plan(`guests: { web1: 192.168.1.11 }
until: 1m
capture:
  - web1:eth0
  - { point: xen1:vif1.0, filter: icmp, promiscuous: false, snaplen: 96 }
scenario:
  - { at: 100ms, on: xen1, run: xl list }
  - { at: 2, unplug: xen1:eth0 }
  - { at: 3s, plug: xen1:eth0 }
checks:
  - { name: a, on: web1, run: pwd, expect: fail, within: 5s, after: 10s }
  - { on: web1, run: pwd, expect: { exit: 3 } }
  - { on: web1, run: pwd, expect: { stdout: "/0% LOSS/i" } }
  - { on: web1, run: pwd, expect: { stdout: "0% loss (all)" } }
  - { on: web1, run: pwd, expect: "dropped: no-route at xen1:vif1.0" }
  - { on: web1, run: pwd, expect: { dropped: no-route } }
`);

  it("is a scenario in nanoseconds", () => {
    expect(made.until).toBe(60e9);
    expect(made.scenario).toEqual([
      { kind: "run", at: 1e8, on: "xen1", run: "xl list" },
      { kind: "unplug", at: 2e9, machine: "xen1", device: "eth0" },
      { kind: "plug", at: 3e9, machine: "xen1", device: "eth0" },
    ]);
  });

  it("is captured with tcpdump's defaults", () => {
    expect(made.capture.points).toEqual([
      { machine: "web1", device: "eth0", filter: null, promiscuous: true, snaplen: 262_144 },
      { machine: "xen1", device: "vif1.0", filter: "icmp", promiscuous: false, snaplen: 96 },
    ]);
  });

  it("is checked", () => {
    expect(made.checks.map(({ expect: wanted }) => wanted)).toEqual([
      { kind: "fail" },
      { kind: "exit", code: 3 },
      { kind: "stdout", pattern: "0% LOSS", flags: "i" },
      { kind: "stdout", pattern: "0% loss \\(all\\)", flags: "" },
      { kind: "dropped", code: "no-route", at: "xen1:vif1.0" },
      { kind: "dropped", code: "no-route", at: null },
    ]);
    expect(made.checks[0]).toMatchObject({ name: "a", within: 5e9, after: 10e9 });
  });

  it("is printed and read again", () => expect(plan(printPlan(made))).toEqual(made));
});

describe("generated MAC addresses", () => {
  const many = (seed: number, extra = ""): Plan => {
    const guests = Array.from({ length: 200 }, (_, i) => `  g${i}: 10.0.${i >> 6}.${(i & 63) + 20}`);
    return plan(`seed: ${seed}\nguests:\n${extra}${guests.join("\n")}\nhost: 10.0.0.5/16\n`);
  };

  it("are Xen's for guests, others for cards, and all different", () => {
    const made = many(1);
    const guests = made.hosts[0]!.domains.map((domain) => formatMac(domain.vifs[0]!.mac));
    expect(guests.every((mac) => /^00:16:3e:[0-7]/.test(mac))).toBe(true);
    expect(formatMac(made.hosts[0]!.nics[0]!.mac)).toMatch(/^00:1e:c9:/);
    expect(formatMac(made.machines[0]!.nics[0]!.mac)).toMatch(/^52:54:00:/);
    expect(new Set(macsOf(made)).size).toBe(202);
  });

  it("are the same for the same seed, others for another, and not moved by a new guest", () => {
    expect(macsOf(many(1))).toEqual(macsOf(many(1)));
    const first = macsOf(many(1));
    expect(macsOf(many(2)).some((mac) => first.includes(mac))).toBe(false);
    const more = macsOf(many(1, "  first: 10.0.9.9\n"));
    expect(first.every((mac) => more.includes(mac))).toBe(true);
  });

  it("avoid those that the file gives", () => {
    const generated = formatMac(plan("guests: { a: 10.0.0.20 }\n").hosts[0]!.domains[0]!.vifs[0]!.mac);
    const made = plan(`guests: { a: 10.0.0.20, b: { ip: 10.0.0.21, mac: "${generated}" } }\n`);
    const [a, b] = made.hosts[0]!.domains.map((domain) => formatMac(domain.vifs[0]!.mac));
    expect(b).toBe(generated);
    expect(a).not.toBe(generated);
  });
});

it("two nets that do not touch may use one address", () => {
  const { diagnostics } = loadTopology(`networks: { a: , b: }
machines:
  x: { nics: { eth0: { network: a, ip: 10.0.0.1/8 } } }
  y: { nics: { eth0: { network: b, ip: 10.0.0.1/8 } } }
`);
  expect(diagnostics).toEqual([]);
});

it("a guest and an outside machine meet behind the bridge", () => {
  const { diagnostics } = loadTopology(`hosts:
  h: { nics: { eth0: }, domains: { g: { inside: { eth0: { ip: 10.0.0.1/8 } } } } }
machines:
  y: { nics: { eth0: { ip: 10.0.0.1/8 } } }
`);
  expect(diagnostics.map(({ line, column, code }) => [line, column, code])).toEqual([[4, 28, "duplicate-ip"]]);
  expect(formatIpv4(parseIpv4("10.0.0.1")!)).toBe("10.0.0.1");
});
