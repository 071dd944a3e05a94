/**
 * Random rules of ebtables and random frames, through the emulated bridge and through the one of this machine's kernel: what
 * comes out where, and what each rule counted. Without --logical-in and -out, for which a kernel needs a module of its own.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { put16 } from "../../../src/base/bytes.ts";
import { Random } from "../../../src/engine/random.ts";
import { BROADCAST_MAC, formatMac, type Mac, ZERO_MAC } from "../../../src/packet/address.ts";
import * as arp from "../../../src/packet/arp.ts";
import * as ethernet from "../../../src/packet/ethernet.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { comparable, EmulatedBridge, throughKernel } from "./bridged-box.ts";
import { HOST, PORTS, portMac, type Shot, shot, stationIp, stationMac } from "./grammar.ts";

judges("ebtables frames");

const canCompare =
  ["ip", "iptables", "ebtables", "python3"].every((tool) => requireTool(tool)) &&
  canMakeNamespaces() &&
  spawnSync("ebtables", ["--version"], { encoding: "utf8" }).stdout.includes("nf_tables");

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.below(items.length)]!;
const not = (random: Random): string => (random.chance(0.25) ? "! " : "");
const CHAINS = ["e0", "e1"];

const MACS = [
  ...[0, 1, 2].map((i) => formatMac(stationMac(i))),
  "02:00:00:00:01:00/ff:ff:ff:ff:ff:fc",
  formatMac(portMac(0)),
  "Unicast",
  "Multicast",
  "Broadcast",
  "BGA",
];
const NETWORKS = ["10.0.0.1", "10.0.0.2", "10.0.0.0/30", "10.0.0.100", "10.0.0.0/255.255.255.1", "10.0.0.255"];
const PORT_RANGES = ["7", "53:1000", "1000", "40000:65535"];
const DEVICES = ["p0", "p1", "p+"];

function protocol(random: Random): string {
  switch (random.below(5)) {
    case 0:
      return `-p ${not(random)}${pick(random, ["IPv4", "ARP", "LENGTH", "0x88b5", "802_1Q"])} `;
    case 1: {
      const ports = random.chance(0.5) ? `--ip-dport ${not(random)}${pick(random, PORT_RANGES)} ` : "";
      const from = random.chance(0.3) ? `--ip-sport ${not(random)}${pick(random, PORT_RANGES)} ` : "";
      return `-p IPv4 --ip-proto ${pick(random, ["udp", "tcp"])} ${from}${ports}`;
    }
    case 2: {
      const side = pick(random, ["src", "dst"]);
      return `-p IPv4 --ip-${side} ${not(random)}${pick(random, NETWORKS)} `;
    }
    case 3: {
      const words = ["--arp-op", "--arp-ip-src", "--arp-ip-dst", "--arp-mac-src", "--arp-mac-dst"] as const;
      const word = pick(random, words);
      const value =
        word === "--arp-op"
          ? pick(random, ["Request", "Reply", "3"])
          : pick(random, word.includes("-ip-") ? NETWORKS : MACS.slice(0, 4));
      return `-p ARP ${word} ${not(random)}${value} `;
    }
    default:
      return "";
  }
}

/** In `e0` and `e1` nothing is asked that one of the built-in chains would not take. */
function rule(random: Random, chain: string, later: readonly string[]): string {
  const maybe = (chance: number, text: () => string): string => (random.chance(chance) ? `${text()} ` : "");
  const source = maybe(0.25, () => `-s ${not(random)}${pick(random, MACS)}`);
  const destination = maybe(0.25, () => `-d ${not(random)}${pick(random, MACS)}`);
  const input = chain === "INPUT" || chain === "FORWARD";
  const output = chain === "OUTPUT" || chain === "FORWARD";
  const from = input ? maybe(0.3, () => `-i ${not(random)}${pick(random, DEVICES)}`) : "";
  const to = output ? maybe(0.3, () => `-o ${not(random)}${pick(random, DEVICES)}`) : "";
  const type = maybe(
    0.15,
    () => `--pkttype-type ${not(random)}${pick(random, ["host", "broadcast", "multicast", "otherhost"])}`,
  );
  const target =
    later.length > 0 && random.chance(0.3)
      ? pick(random, later)
      : pick(random, ["ACCEPT", "DROP", "CONTINUE", "CONTINUE"]);
  return `ebtables -A ${chain} ${protocol(random)}${source}${destination}${from}${to}${type}-j ${target}`;
}

function ruleSet(random: Random): string[] {
  const lines = CHAINS.map((name) => `ebtables -N ${name} -P ${pick(random, ["RETURN", "RETURN", "ACCEPT", "DROP"])}`);
  for (const chain of ["INPUT", "FORWARD", "OUTPUT"]) if (random.chance(0.3)) lines.push(`ebtables -P ${chain} DROP`);
  for (const [i, chain] of CHAINS.entries())
    for (let n = random.below(4); n > 0; n--) lines.push(rule(random, chain, CHAINS.slice(i + 1)));
  for (const chain of ["FORWARD", "FORWARD", "INPUT", "OUTPUT"])
    for (let n = 1 + random.below(4); n > 0; n--) lines.push(rule(random, chain, CHAINS));
  return lines;
}

function arpShot(random: Random): Shot {
  const port = random.below(PORTS);
  const operation = pick(random, [1, 1, 2, 3]);
  const target = random.chance(0.3) ? HOST : stationIp(random.below(PORTS));
  const bytes = new Uint8Array(ethernet.HEADER_LENGTH + arp.LENGTH);
  const destination = operation === 1 ? BROADCAST_MAC : stationMac(random.below(PORTS));
  const source = stationMac(port);
  ethernet.emit(bytes, 0, { destination, source, etherType: ethernet.EtherType.ARP });
  arp.emit(bytes, ethernet.HEADER_LENGTH, {
    ...{ operation, senderMac: random.chance(0.8) ? source : stationMac(random.below(PORTS)) },
    ...{ senderIp: stationIp(port), targetMac: operation === 1 ? ZERO_MAC : destination, targetIp: target },
  });
  return { port, bytes };
}

/** Neither IP nor ARP: an experiment, a length, to a station, to a group, to nobody who is known. */
function strange(random: Random): Shot {
  const port = random.below(PORTS);
  const destination = pick<Mac>(random, [
    stationMac(random.below(PORTS)),
    0x0100_5e00_0001 as Mac,
    0x0200_0000_0999 as Mac,
    BROADCAST_MAC,
  ]);
  const bytes = new Uint8Array(60).fill(0x41, 14);
  ethernet.emit(bytes, 0, { destination, source: stationMac(port), etherType: 0x88b5 });
  if (random.chance(0.5)) put16(bytes, 12, 46);
  return { port, bytes };
}

const shots = (seed: number, count: number): Shot[] => {
  const random = new Random(seed, "ebtables-shots");
  return Array.from({ length: count }, () => pick(random, [shot, shot, arpShot, strange])(random));
};

/** The far ends of the ports, which are the same machine's, would answer for the bridge's address too. */
const ONLY_BRIDGE = "sysctl -q -w net.ipv4.conf.all.arp_ignore=1";
/** br_netfilter, which is part of some kernels, takes the padding off. */
const LOAD = "iptables -A FORWARD -m physdev --physdev-is-in -j RETURN";

describe.skipIf(!canCompare)("ebtables beside the real kernel", () => {
  it("does with random rules and frames what the kernel does", { timeout: 300_000 }, () => {
    for (let seed = 1; seed <= 6; seed++) {
      const lines = [ONLY_BRIDGE, LOAD, ...ruleSet(new Random(seed, "ebtables-rules"))];
      const fired = shots(seed + 500, 80);
      const model = new EmulatedBridge(lines).run(fired, "ebtables -L --Lc");
      const kernel = throughKernel(lines, fired, "ebtables -L --Lc");
      for (const [i, { port }] of fired.entries()) {
        // Which of two ports is served first is the schedule of the softirqs.
        const told = (seen: readonly string[]) => ({ lines, i, port, seen: seen.map(comparable).sort() });
        expect(told(model.seen[i]!)).toEqual(told(kernel.seen[i]!));
      }
      expect({ lines, list: model.list }).toEqual({ lines, list: kernel.list });
    }
  });
});
