/**
 * What the stack counts, beside the kernel: the same frames through a router, then /proc/net/snmp and /proc/net/netstat.
 * The kernel of 6.1, which is followed here, counted in OutRequests what later ones count in OutTransmits; those also count
 * each fragment there, as forwarded what is refused on its way, and as discarded what netfilter drops on the way out. What
 * such counters must say stands in the story itself.
 */

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/bytes.ts";
import { BROADCAST_MAC, type Mac } from "../../src/packet/address.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import { HEADER_LENGTH as LINK } from "../../src/packet/ethernet.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import { Flag } from "../../src/packet/tcp.ts";
import { judges } from "../kit/fidelity.ts";
import { canMakeNamespaces } from "../kit/netns.ts";
import { requireTool } from "../kit/tools.ts";
import { typed } from "../machine/on-machine.ts";
import type { Shot } from "./netfilter/grammar.ts";
import { EmulatedRouter, inRealRouter } from "./netfilter/routed-box.ts";
import { bytesOf, complaint, datagram, echo, fragments, packet, segment } from "./netfilter/segments.ts";

judges("snmp");

const canCompare = ["ip", "python3"].every((tool) => requireTool(tool)) && canMakeNamespaces();

const FORTH = { port: 0, from: "10.0.0.2", to: "203.0.113.5" };
const HERE = { port: 0, from: "10.0.0.2", to: "10.0.0.1" };
const { SYN, ACK, RST } = Flag;

/** The IP header changed, its checksum made right again. */
function headed({ port, bytes }: Shot, change: (b: Uint8Array) => void): Shot {
  const b = bytes.slice();
  change(b);
  ipv4.fillChecksum(b, LINK);
  return { port, bytes: b };
}

const linked = ({ port, bytes }: Shot, to: Mac): Shot => {
  const b = bytes.slice();
  ethernet.setDestination(b, 0, to);
  return { port, bytes: b };
};

function broken({ port, bytes }: Shot, at: number, value: number): Shot {
  const b = bytes.slice();
  b[at] = value;
  return { port, bytes: b };
}

const padded = ({ port, bytes }: Shot): Shot => ({ port, bytes: Uint8Array.from([...bytes, ...new Uint8Array(9)]) });
const cut = ({ port, bytes }: Shot, length: number): Shot => ({ port, bytes: bytes.slice(0, length) });
const ttl = (value: number) => (b: Uint8Array) => ipv4.setTtl(b, LINK, value);
const ecn = (bits: number) => (b: Uint8Array) => ipv4.setTos(b, LINK, bits);
const mayCut = (b: Uint8Array) => ipv4.setFragment(b, LINK, 0, false, false);
const toAll = (shot: Shot): Shot => linked(shot, BROADCAST_MAC);
const toGroup = (shot: Shot): Shot => linked(shot, 0x0100_5e00_0001 as Mac);

/** Counters that a later kernel counts otherwise: what 6.1 says. */
type Earlier = Counts;
type Counts = Record<string, number>;

const STORIES: Readonly<
  Record<string, readonly [lines: readonly string[], shots: readonly Shot[], earlier?: Earlier]>
> = {
  "what is forwarded": [
    [],
    [
      datagram(FORTH, 1, 2),
      padded(datagram(FORTH, 1, 2)),
      ...[1, 2, 3].map((bits) => headed(datagram(FORTH, 1, 2), ecn(bits))),
      headed(datagram(FORTH, 1, 2), ttl(1)),
      segment(FORTH, 1, 2, { flags: SYN, sequence: 1 }),
    ],
  ],
  "headers that are wrong": [
    [],
    [
      broken(datagram(FORTH, 1, 2), LINK + 10, 0xee),
      broken(datagram(FORTH, 1, 2), LINK, 0x55),
      broken(datagram(FORTH, 1, 2), LINK, 0x42),
      broken(datagram(FORTH, 1, 2), LINK, 0x4f),
      cut(datagram(FORTH, 1, 2), LINK + 10),
      headed(datagram(FORTH, 1, 2), (b) => ipv4.setTotalLength(b, LINK, 200)),
      headed(datagram(FORTH, 1, 2), (b) => ipv4.setTotalLength(b, LINK, 12)),
    ],
  ],
  "what is for the router itself": [
    [],
    [
      echo(HERE, 8, 1),
      echo(HERE, 0, 1),
      echo(HERE, 40, 1),
      datagram(HERE, 1, 2),
      broken(datagram(HERE, 1, 2), LINK + 30, 1),
      broken(echo(HERE, 8, 1), LINK + 30, 1),
      broken(datagram(HERE, 1, 2), LINK + 25, 200),
      segment(HERE, 1, 2, { flags: SYN, sequence: 1 }),
      segment(HERE, 1, 2, { flags: RST, sequence: 1 }),
      broken(segment(HERE, 1, 2, { flags: ACK, sequence: 1 }), LINK + 25, 7),
      packet(HERE, 99, new Uint8Array(8)),
      packet(HERE, 2, new Uint8Array(8)),
      complaint(HERE, 3, 3, datagram({ ...HERE, from: "10.0.0.1", to: "10.0.0.2" }, 7, 8).bytes),
      complaint(HERE, 3, 3, bytesOf(`q0 ${toHex(datagram(FORTH, 7, 8).bytes)}`), 10),
      complaint(HERE, 5, 1, datagram({ ...HERE, from: "10.0.0.1", to: "10.0.0.2" }, 7, 8).bytes),
    ],
  ],
  "what is for everybody": [
    [],
    [
      toAll(datagram({ ...HERE, to: "10.0.0.255" }, 1, 2)),
      toAll(datagram({ ...HERE, to: "255.255.255.255" }, 1, 2)),
      toAll(echo({ ...HERE, to: "10.0.0.255" }, 8, 1)),
      toGroup(echo({ ...HERE, to: "224.0.0.1" }, 8, 1)),
      toGroup(datagram({ ...HERE, to: "224.0.0.1" }, 1, 2)),
      linked(datagram({ ...HERE, to: "224.0.0.9" }, 1, 2), 0x0100_5e00_0009 as Mac),
      toAll(datagram(FORTH, 1, 2)),
      linked(datagram(FORTH, 1, 2), 0x0200_0000_0999 as Mac),
    ],
  ],
  "fragments, and packets that are too long": [
    ["ip link set p1 mtu 1000"],
    [
      datagram(FORTH, 1, 2, 1200),
      headed(datagram(FORTH, 1, 2, 1200), mayCut),
      ...fragments(headed(datagram(HERE, 1, 2, 2000), mayCut), 1000),
      ...fragments(headed(echo(HERE, 8, 1), mayCut), 8).slice(0, 1),
      ...fragments(headed(datagram(FORTH, 1, 2, 1400), mayCut), 800),
    ],
    // Forwarded: one that is cut, and two fragments; and two errors of 576 bytes.
    { IpForwDatagrams: 3, IpOutRequests: 5, IpExtOutOctets: 1228 + 820 + 628 + 2 * 576 },
  ],
  "where no route leads": [
    ["ip route del default", "ip route add unreachable 192.0.2.0/24", "ip route add blackhole 192.0.3.0/24"],
    [
      datagram(FORTH, 1, 2),
      datagram({ ...FORTH, to: "192.0.2.1" }, 1, 2),
      datagram({ ...FORTH, to: "192.0.3.1" }, 1, 2),
    ],
  ],
  "a host that does not forward": [["sysctl -qw net.ipv4.ip_forward=0"], [datagram(FORTH, 1, 2), echo(HERE, 8, 1)]],
  "senders that cannot be there": [
    ["sysctl -qw net.ipv4.conf.all.rp_filter=1"],
    [
      datagram({ ...FORTH, from: "198.51.100.3" }, 1, 2),
      datagram({ ...FORTH, from: "127.0.0.3" }, 1, 2),
      datagram({ ...FORTH, from: "10.0.0.1" }, 1, 2),
    ],
  ],
  detours: [["ip route add 192.0.2.0/24 via 10.0.0.9"], [datagram({ ...FORTH, to: "192.0.2.1" }, 1, 2)]],
  "what rules drop": [
    [
      "iptables -A INPUT -p udp --dport 9 -j DROP",
      "iptables -A FORWARD -p udp --dport 9 -j DROP",
      "iptables -A FORWARD -p udp --dport 10 -j REJECT",
      "iptables -A OUTPUT -p icmp --icmp-type 0 -j DROP",
      "iptables -t mangle -A POSTROUTING -p udp --dport 11 -j DROP",
    ],
    [datagram(HERE, 1, 9), datagram(FORTH, 1, 9), datagram(FORTH, 1, 10), datagram(FORTH, 1, 11), echo(HERE, 8, 1)],
    // One is forwarded and then dropped, one is answered by an error of 64 bytes.
    { IpForwDatagrams: 1, IpOutRequests: 2, IpExtOutOctets: 36 + 64, IpOutDiscards: 0 },
  ],
};

/** "IpInReceives": 5, of all that are not nought. */
function counts(text: string): Counts {
  const lines = text.trim().split("\n");
  const found: Counts = {};
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [head, ...names] = lines[i]!.split(" ");
    const [, ...values] = lines[i + 1]!.split(" ");
    for (const [j, name] of names.entries())
      if (values[j] !== "0") found[`${head!.slice(0, -1)}${name}`] = Number(values[j]);
  }
  return found;
}

/** What later kernels tell apart, as 6.1 tells it; MPTCP is not here. */
function asIn61({ IpOutTransmits = 0, ...rest }: Counts): Counts {
  const { IpOutRequests, IcmpOutRateLimitGlobal, IcmpOutRateLimitHost, ...others } = rest;
  return IpOutTransmits === 0 ? others : { ...others, IpOutRequests: IpOutTransmits };
}

/** What came since, without what does not move. */
const since = (now: Counts, before: Counts): Counts =>
  Object.fromEntries(
    Object.entries(now)
      .map(([name, value]) => [name, value - (before[name] ?? 0)] as const)
      .filter(([, value]) => value !== 0),
  );

/** The counters that `names` has, nought where there is none. */
const pick = (from: Counts, names: Counts): Counts =>
  Object.fromEntries(Object.keys(names).map((name) => [name, from[name] ?? 0]));

const READ = "cat /proc/net/snmp /proc/net/netstat";

describe.skipIf(!canCompare)("the counters of the stack beside the kernel's", () => {
  it.each(Object.entries(STORIES))("%s", { timeout: 60_000 }, (_, [lines, shots, earlier = {}]) => {
    const router = new EmulatedRouter(lines);
    const before = counts(typed(router.machine, READ).out);
    for (const shot of shots) router.fire(shot);
    const ours = since(counts(typed(router.machine, READ).out), before);
    const real = inRealRouter(lines, (box) => {
      const start = asIn61(counts(box.run(READ).out));
      const script = new URL("../kit/packet-twin.py", import.meta.url).pathname;
      const input = JSON.stringify(shots.map(({ port, bytes }) => [`q${port}`, toHex(bytes)]));
      spawnSync("ip", ["netns", "exec", box.name, "python3", script], { input });
      return since(asIn61(counts(box.run(READ).out)), start);
    });
    expect({ ...ours, ...pick(ours, earlier) }).toEqual({ ...real, ...earlier });
    expect(real["IpInReceives"]).toBeGreaterThan(0);
  });
});
