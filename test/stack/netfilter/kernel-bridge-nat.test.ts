/** NAT of bridged frames, beside this machine's own kernel: what a bridged guest loses to a MASQUERADE rule, and DNAT to another port. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Mac } from "../../../src/packet/address.ts";
import * as ethernet from "../../../src/packet/ethernet.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { EmulatedBridge, throughKernel } from "./bridged-box.ts";
import { portMac, type Shot, stationMac } from "./grammar.ts";
import { datagram, echo, fragments } from "./segments.ts";

judges("bridge nat");

const canCompare =
  ["ip", "iptables", "python3"].every((tool) => requireTool(tool)) &&
  canMakeNamespaces() &&
  spawnSync("iptables", ["--version"], { encoding: "utf8" }).stdout.includes("nf_tables");

const LOAD = "iptables -A FORWARD -m physdev --physdev-is-bridged -j ACCEPT";
/** The bridge has the address of its first port. */
const BRIDGE = portMac(0);

/** As station `from` sends it: to another station's MAC, or to the bridge's. */
function linked({ port, bytes }: Shot, from: number, to: Mac): Shot {
  ethernet.setSource(bytes, 0, stationMac(from));
  ethernet.setDestination(bytes, 0, to);
  return { port, bytes };
}

const udp = (from: number, to: number, sourcePort: number, destinationPort: number, mac = stationMac(to - 1)): Shot =>
  linked(
    datagram({ port: from - 1, from: `10.0.0.${from}`, to: `10.0.0.${to}` }, sourcePort, destinationPort),
    from - 1,
    mac,
  );

const MASQUERADE = "iptables -t nat -A POSTROUTING -s 10.0.0.1 -j MASQUERADE";
const DNAT = "iptables -t nat -A PREROUTING -d 10.0.0.2 -p udp --dport 53 -j DNAT --to-destination 10.0.0.3:5353";
const FORWARD = "sysctl -q -w net.ipv4.ip_forward=1";
const SPOKEN = [
  udp(1, 2, 1000, 53),
  udp(2, 100, 53, 1000, BRIDGE),
  linked(echo({ port: 0, from: "10.0.0.1", to: "10.0.0.3" }, 8, 5), 0, stationMac(2)),
  linked(echo({ port: 2, from: "10.0.0.3", to: "10.0.0.100" }, 0, 5), 2, BRIDGE),
  udp(3, 2, 1000, 53),
  udp(2, 3, 53, 1000),
];
const REDIRECTED = [udp(1, 2, 1000, 53), udp(3, 1, 5353, 1000), udp(1, 2, 1000, 54)];

const stories: Readonly<Record<string, readonly [readonly string[], readonly Shot[]]>> = {
  "a bridged guest hit by MASQUERADE speaks with the bridge's address, and gets no answers": [
    [LOAD, MASQUERADE],
    SPOKEN,
  ],
  "it gets its answers where the host forwards": [[LOAD, MASQUERADE, FORWARD], SPOKEN],
  "DNAT of a bridged frame where the host forwards": [[LOAD, DNAT, FORWARD], REDIRECTED],
  "DNAT of a bridged frame to the host itself, by REDIRECT": [
    [LOAD, "iptables -t nat -A PREROUTING -d 10.0.0.2 -p icmp -j REDIRECT"],
    [linked(echo({ port: 0, from: "10.0.0.1", to: "10.0.0.2" }, 8, 5), 0, stationMac(1))],
  ],
  "only what leaves by the device of the rule: the bridge, not its port": [
    [
      LOAD,
      "iptables -t nat -A POSTROUTING -o p1 -j MASQUERADE",
      "iptables -t nat -A POSTROUTING -o br0 -m physdev --physdev-out p2 -j SNAT --to-source 10.0.0.100",
    ],
    [udp(1, 2, 1000, 53), udp(1, 3, 1000, 53)],
  ],
  "DNAT of a bridged frame where the host does not forward": [[LOAD, DNAT], REDIRECTED],
  "fragments are put together at the bridge, and cut again": [
    [LOAD, MASQUERADE],
    fragments(datagram({ port: 0, from: "10.0.0.1", to: "10.0.0.2" }, 1000, 53, 1600), 1000).map((shot) =>
      linked(shot, 0, stationMac(1)),
    ),
  ],
  "without the module's switch nothing bridged is touched": [
    [LOAD, MASQUERADE, "sysctl -q -w net.bridge.bridge-nf-call-iptables=0"],
    [udp(1, 2, 1000, 53)],
  ],
};

const ID = (14 + 4) * 2;
const CHECKSUM = (14 + 10) * 2;

/** What the host itself sends carries identifications of its own choice. */
const comparable = (lines: readonly string[]): string[] =>
  lines.map((line) => {
    const [device = "", hex = ""] = line.split(" ");
    if (hex.slice(12, 24) !== BRIDGE.toString(16).padStart(12, "0")) return line;
    return `${device} ${hex.slice(0, ID)}----${hex.slice(ID + 4, CHECKSUM)}----${hex.slice(CHECKSUM + 4)}`;
  });

describe.skipIf(!canCompare)("bridged frames and NAT, beside the kernel", () => {
  for (const [name, [lines, shots]] of Object.entries(stories))
    it(name, { timeout: 120_000 }, () => {
      const emulated = new EmulatedBridge(lines).run(shots);
      const real = throughKernel(lines, shots);
      expect(emulated.seen.map(comparable)).toEqual(real.seen.map(comparable));
    });
});
