/**
 * The raw topology, key by key: the one source for validation, for the published JSON schema and for its descriptions.
 * A key that may be left out gets its default in `resolve`.
 */
import { z } from "zod";
import { DEFAULT_XEN, XEN_VERSIONS } from "../../machine/era.ts";
import { listWords } from "./diagnostic.ts";
import { checkDropped, checkExpectation, checkPattern } from "./expectation.ts";
import { SERVICES } from "./service-names.ts";
import { TIMINGS } from "./timing-names.ts";
import * as value from "./values.ts";

/** A value that may be left out, with the sentence an editor shows for it. */
const may = <T extends z.ZodType>(schema: T, description: string) => schema.describe(description).optional();
const must = <T extends z.ZodType>(schema: T, description: string) => schema.describe(description);
/** A mapping whose keys may all be left out may be empty: `lan:` alone is a network. */
const bare = <T extends z.ZodType>(schema: T) => schema.nullable();
const oneOrMany = <T extends z.ZodType>(schema: T) => z.union([schema, z.array(schema)]);

const sysctl = z.record(
  value.sysctlName,
  value.kind<string | number>({
    noun: "a value for sysctl",
    expected: "a number or a text",
    json: { type: ["string", "number"] },
    test: (v) => typeof v === "string" || typeof v === "number",
  }),
);
const commands = z.array(value.command);

const network = z.strictObject({
  kind: may(
    value.choice("a kind of network", ["switch", "hub", "cable"]),
    "switch: learns addresses (default); hub: repeats every frame; cable: joins exactly two NICs.",
  ),
  rate: may(value.bitRate, "Speed of each link: 1gbit, 100mbit, 10kbit; unlimited by default."),
  delay: may(value.duration, "Time a frame takes from end to end: 50us; default 0."),
  jitter: may(value.duration, "How far the delay of a frame varies to both sides, at random; default 0."),
  loss: may(value.share, "Share of the frames that get lost: 1% or 0.01; default 0."),
  duplicate: may(value.share, "Share of the frames that arrive twice; default 0."),
  reorder: may(value.share, "Share of the frames that are held back, so that others overtake them; default 0."),
  corrupt: may(value.share, "Share of the frames that get a flipped bit; default 0."),
  mtu: may(value.mtu, "Largest packet in bytes, without the Ethernet header; default 1500."),
});

const nic = z.strictObject({
  network: may(value.name, "Name of the network the cable leads to; may be left out when there is only one."),
  mac: may(value.mac, "MAC address; made from the seed when it is left out."),
  ip: may(oneOrMany(value.cidr), "Address with prefix length, 192.168.1.10/24, or a list of them."),
  gateway: may(value.ipv4, "Default gateway."),
  mtu: may(value.mtu, "MTU of the device; default is the network's."),
  dhcp: may(value.flag, "Ask a DHCP server for address, gateway and name servers; outside machines only."),
  dns: may(oneOrMany(value.ipv4), "Name servers, for /etc/resolv.conf."),
});
const nics = z.record(value.deviceName, bare(nic));

const bridge = z.strictObject({
  ports: may(z.array(value.deviceName), "NICs of the host that are ports of the bridge from the start."),
  ip: may(oneOrMany(value.cidr), "Address of dom0 on this bridge, or a list; also a port's address moves here."),
  gateway: may(value.ipv4, "Default gateway of dom0."),
  stp: may(value.flag, "Spanning tree protocol; default false."),
  "forward-delay": may(
    value.integer("a number of seconds", 0, 30),
    "Seconds until a port forwards; default 0, as Xen sets it.",
  ),
  ageing: may(
    value.integer("a number of seconds", 0, 1_000_000),
    "Seconds until a learned address is forgotten; default 300.",
  ),
  mtu: may(value.mtu, "MTU of the bridge; default is the smallest of its ports."),
});

const inside = z.strictObject({
  ip: may(oneOrMany(value.cidr), "Address the guest sets, or a list of them."),
  gateway: may(value.ipv4, "Default gateway of the guest."),
  mtu: may(value.mtu, "MTU the guest sets."),
  dhcp: may(value.flag, "Ask a DHCP server for address, gateway and name servers (udhcpc)."),
  dns: may(oneOrMany(value.ipv4), "Name servers, for /etc/resolv.conf."),
});

const vcpus = value.integer("a number of vCPUs", 1, 512);
const memory = value.integer("an amount of memory in MiB", 16, 16_777_216);

const domain = z.strictObject({
  vcpus: may(vcpus, "Virtual CPUs; default 1."),
  memory: may(memory, "Memory in MiB; default 256."),
  vif: may(
    oneOrMany(value.vif),
    "Network interfaces in the syntax of xl.cfg, 'mac=..., bridge=xenbr0, rate=10Mb/s'; default is one on the first bridge.",
  ),
  inside: may(z.record(value.deviceName, bare(inside)), "What the guest sets on its devices; eth0 is the first vif."),
  "on-boot": may(commands, "Commands the guest runs when it has booted."),
  autostart: may(value.flag, "Started with the lab; default true."),
});

const timing = z.strictObject(
  Object.fromEntries(Object.entries(TIMINGS).map(([name, about]) => [name, may(value.duration, `Time: ${about}.`)])),
);

const host = z.strictObject({
  xen: may(
    value.kind<string>({
      noun: "a version of Xen",
      expected: listWords(XEN_VERSIONS),
      json: { enum: [...XEN_VERSIONS, ...XEN_VERSIONS.map(Number)] },
      words: XEN_VERSIONS,
      test: (v) => XEN_VERSIONS.some((version) => version === String(v)),
    }),
    `Version of Xen, which decides scripts, tools, netback and names; default ${DEFAULT_XEN}.`,
  ),
  distro: may(
    value.choice("a distribution", ["upstream", "debian"]),
    "Whose scripts: upstream (default) or debian (no iptables rules for vifs).",
  ),
  vcpus: may(vcpus, "Virtual CPUs of dom0; default 4."),
  memory: may(memory, "Memory of dom0 in MiB; default 1024."),
  nics: may(nics, "Physical network cards of the host."),
  bridges: may(
    z.record(value.deviceName, bare(bridge)),
    "Bridges in dom0. Left out: xenbr0 with the first NIC as its port, or none where no vif needs one. { } for none.",
  ),
  telling: may(
    value.choice("a telling", ["script", "textbook", "textbook-dom0"]),
    "Set up as the scripts of that Xen do it (default), or in the steps of the textbook; textbook-dom0: where it leaves open whose address a routed vif gets, that of domain 0.",
  ),
  "network-script": may(
    oneOrMany(value.networkScript),
    "What xend runs when it starts (Xen 3.0 to 4.2), with arguments: network-bridge netdev=eth1, network-route, network-nat; a list for several; none. Default network-bridge.",
  ),
  interfaces: may(
    value.text,
    "/etc/network/interfaces of a host with xend, as it is; made from the NICs when it is left out.",
  ),
  "vif-script": may(
    value.text,
    "Script that connects vifs: vif-bridge (default), vif-route, vif-nat, one of `scripts`, or a file of your own such as ./my-script.sh; with xend also arguments: vif-route netdev=eth1.",
  ),
  scripts: may(
    z.record(value.name, value.script),
    "Scripts of your own in /etc/xen/scripts, by name: the text of each, plain commands of the lab's shell.",
  ),
  libvirt: may(
    z.array(value.libvirtNetwork),
    "Networks of libvirt: default (NAT behind virbr0), files of XML beside the topology such as default.xml, or the XML itself.",
  ),
  domains: may(z.record(value.name, bare(domain)), "Guests of this host, in the order they start."),
  sysctl: may(sysctl, "Kernel parameters of dom0: net.ipv4.ip_forward: 1."),
  timing: may(bare(timing), "Service times that differ from the model's own."),
  setup: may(commands, "Commands run in dom0 after the set-up."),
});

const machine = z.strictObject({
  nics: may(nics, "Network cards of the machine."),
  services: may(
    z.array(
      value.kind<string>({
        noun: "a service",
        expected: listWords(SERVICES),
        json: { enum: [...SERVICES] },
        words: SERVICES,
        test: (v) =>
          SERVICES.some((known) => known === v) ||
          (typeof v === "string" && LATER_SERVICES.includes(v) && notModelled(v)),
      }),
    ),
    "Servers that run on it: echo; dhcp and dns are one dnsmasq.",
  ),
  dnsmasq: may(
    z.array(value.text),
    "More lines for its /etc/dnsmasq.conf, in dnsmasq's own syntax: dhcp-range=192.168.1.50,192.168.1.99,12h.",
  ),
  sysctl: may(sysctl, "Kernel parameters."),
  forward: may(value.flag, "Routes packets between its devices; default false."),
  setup: may(commands, "Commands run at the start."),
});

const LATER_SERVICES: readonly string[] = ["http", "discard", "chargen", "daytime", "ntp", "tftp", "nat"];
const notModelled = (service: string): string =>
  `service ${service} is not modelled yet; known: ${SERVICES.join(", ")}`;

const point = value.kind<string>({
  noun: "a point",
  expected: "a machine and a device such as xen1:vif1.0",
  json: { type: "string", pattern: "^[^:]+:[^:]+$" },
  test: (v) => typeof v === "string" && /^[^:\s]+:[^:\s]+$/.test(v),
});

const capturePoint = z.strictObject({
  point: must(point, "Machine and device: xen1:vif1.0."),
  filter: may(value.text, "Which frames, in the language of tcpdump; default all."),
  promiscuous: may(value.flag, "Also frames for others, as tcpdump does by default; default true."),
  snaplen: may(value.integer("a number of bytes", 14, 262_144), "Bytes kept of a frame; default 262144."),
});

const capture = z.union([
  value.kind<"all" | "none">({
    noun: "a choice of capture points",
    expected: "all, none or a list of points such as [xen1:vif1.0, web1:eth0]",
    json: { enum: ["all", "none"] },
    words: ["all", "none"],
    test: (v) => v === "all" || v === "none",
  }),
  z.array(z.union([point, capturePoint])),
]);

const scenarioStep = z.strictObject({
  at: must(value.duration, "Virtual time since the start."),
  on: may(value.name, "Machine that runs the command; the name of a host means its dom0."),
  run: may(value.command, "Command line."),
  plug: may(point, "Plug the cable of this NIC in: xen1:eth0."),
  unplug: may(point, "Pull the cable of this NIC out: xen1:eth0."),
});

const expectation = z.union([
  value.kind<string>({
    noun: "an expectation",
    expected: "ok, fail, { exit: N }, { stdout: /re/ } or { dropped: CODE at POINT }",
    json: {
      type: "string",
      pattern: "^(ok|fail|exit:? \\d+|stdout:? .+|dropped:? .+)$",
    },
    words: ["ok", "fail"],
    test: (v) => typeof v === "string" && (v === "ok" || v === "fail" || checkExpectation(v)),
  }),
  z.strictObject({
    exit: may(value.integer("an exit code", 0, 255), "Exit code of the command."),
    stdout: may(
      value.kind<string>({
        noun: "a pattern",
        expected: "a regular expression such as /0% packet loss/, or a text to be found",
        json: { type: "string", minLength: 1 },
        test: (v) => typeof v === "string" && checkPattern(v),
      }),
      "What the command prints on stdout, without the end of its last line: /regular expression/ or a text in it.",
    ),
    dropped: may(
      value.kind<string>({
        noun: "a drop",
        expected: "a drop code, and a point if it matters: no-route at xen1:vif1.0",
        json: {
          type: "string",
          pattern: "^[a-zA-Z0-9_.-]+( at [^:\\s]+:[^:\\s]+)?$",
        },
        test: (v) => typeof v === "string" && checkDropped(v),
      }),
      "A frame ends with this code, anywhere or at a point.",
    ),
  }),
]);

const check = z.strictObject({
  name: may(value.text, "What is checked, in words; default is the command."),
  on: must(value.name, "Machine that runs the command."),
  run: must(value.command, "Command line."),
  expect: may(expectation, "ok (default), fail, { exit: N }, { stdout: /re/ } or { dropped: CODE at POINT }."),
  within: may(value.duration, "Virtual time the command may take; default 2s."),
  after: may(value.duration, "Virtual time at which it starts; default is after the scenario."),
});

const guest = z.strictObject({
  ip: must(
    value.guestAddress,
    "Address of the guest, without a prefix length the host's is meant; in mode nat also dhcp.",
  ),
  mac: may(value.mac, "MAC address; made from the seed when it is left out."),
  rate: may(value.xenRate, "Limit of what the guest may send, as in xl.cfg: 10Mb/s."),
  mtu: may(value.mtu, "MTU the guest sets."),
  vcpus: may(vcpus, "Virtual CPUs; default 1."),
  memory: may(memory, "Memory in MiB; default 256."),
});

export const topologySchema = z.strictObject({
  $schema: may(value.text, "Address of this schema, for editors."),
  name: may(value.name, "Name of the topology; the folder of its captures."),
  about: may(value.text, "What it shows, in a sentence or two."),
  seed: may(value.integer("a seed", 0, 0xffff_ffff), "Start of all chance: generated MACs, loss, jitter; default 1."),
  epoch: may(value.epoch, "What the virtual clock shows at the start; default 2026-01-01T00:00:00Z."),
  until: may(value.duration, "Virtual time at which the run ends; default is when nothing is left to do."),
  mode: may(value.choice("a mode", ["bridge", "route", "nat"]), "Short form: how guests reach the network."),
  guests: may(
    z.record(value.name, z.union([value.guestAddress, guest])),
    "Short form: guests and their addresses, web1: 192.168.1.11; in mode nat also web1: dhcp.",
  ),
  host: may(value.address, "Short form: address of dom0; default 192.168.1.10/24."),
  gateway: may(value.ipv4, "Short form: address of the outside machine gw; default is the first of the net."),
  outside: may(z.record(value.name, value.address), "Short form: more machines on the LAN and their addresses."),
  networks: may(z.record(value.name, bare(network)), "Networks outside the hosts; one named lan when left out."),
  hosts: may(z.record(value.name, bare(host)), "Xen hosts."),
  machines: may(z.record(value.name, bare(machine)), "Plain Linux machines outside."),
  capture: may(capture, "Where frames are recorded: all (default), none, or a list of points."),
  scenario: may(z.array(scenarioStep), "What happens, in virtual time."),
  checks: may(z.array(check), "What must be true."),
});

export type TopologyInput = z.infer<typeof topologySchema>;
export type NetworkInput = z.infer<typeof network>;
export type NicInput = z.infer<typeof nic>;
export type BridgeInput = z.infer<typeof bridge>;
export type DomainInput = z.infer<typeof domain>;
export type InsideInput = z.infer<typeof inside>;
export type HostInput = z.infer<typeof host>;
export type MachineInput = z.infer<typeof machine>;
export type CaptureInput = z.infer<typeof capture>;
export type ScenarioInput = z.infer<typeof scenarioStep>;
export type CheckInput = z.infer<typeof check>;
export type ExpectInput = z.infer<typeof expectation>;
export type GuestInput = z.infer<typeof guest>;
