/** Routed situations in the model and in this machine's own kernel: what comes out of which wire, byte for byte. */
import { describe, expect, it } from "vitest";
import { put32 } from "../../src/base/bytes.ts";
import { BROADCAST_MAC, type Ipv4, type Mac, ZERO_MAC } from "../../src/packet/address.ts";
import * as arp from "../../src/packet/arp.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import * as icmp from "../../src/packet/icmp.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import * as udp from "../../src/packet/udp.ts";
import { judges } from "../kit/fidelity.ts";
import { canMakeNamespaces } from "../kit/netns.ts";
import { type Act, inKernel, inModel, routerMac, stationMac } from "../kit/router-twin.ts";
import { ip } from "../kit/stack.ts";
import { requireTool } from "../kit/tools.ts";

judges("router");

const canCompare = requireTool("ip") && requireTool("python3") && canMakeNamespaces();

interface Packet {
  readonly from: string;
  readonly to: string;
  readonly ttl?: number;
  readonly size?: number;
  readonly whole?: boolean;
  readonly protocol?: number;
  readonly mac?: Mac;
  /** Fragment offset in bytes, and whether more follow. */
  readonly offset?: number;
  readonly more?: boolean;
  /** In place of a datagram: an ICMP message, its checksum yet to be filled. */
  readonly message?: Uint8Array;
}

/** A UDP datagram to port 9 arrives on a wire. */
function packet(wire: number, { from, to, ttl = 64, size = 20, whole = false, protocol = 17, ...rest }: Packet): Act {
  const payload = new Uint8Array(size).fill(0x61);
  const length = rest.message?.length ?? 8 + size;
  const bytes = new Uint8Array(34 + length);
  const source = ip(from);
  const destination = ip(to);
  const mac = rest.mac ?? routerMac(wire);
  const at = ethernet.emit(bytes, 0, { destination: mac, source: stationMac(wire), etherType: 0x0800 });
  const header = {
    tos: 0,
    id: 7,
    dontFragment: whole,
    moreFragments: rest.more ?? false,
    fragmentOffset: rest.offset ?? 0,
    ttl,
    payloadLength: length,
    protocol: rest.message === undefined ? protocol : ipv4.Protocol.ICMP,
    source,
    destination,
    options: ipv4.NO_OPTIONS,
  };
  const body = ipv4.emit(bytes, at, header);
  if (rest.message !== undefined) {
    bytes.set(rest.message, body);
    icmp.fillChecksum(bytes, body, bytes.length);
    return { wire, bytes };
  }
  udp.emit(bytes, body, { sourcePort: 5000, destinationPort: 9, payload });
  udp.fillChecksum(bytes, body, source, destination);
  return { wire, bytes };
}

const echo = Uint8Array.of(icmp.Type.ECHO_REQUEST, 0, 0, 0, 0, 1, 0, 1);

function question(wire: number, from: string, target: string, to: Mac = BROADCAST_MAC): Act {
  const bytes = new Uint8Array(42);
  const sender = stationMac(wire);
  const at = ethernet.emit(bytes, 0, { destination: to, source: sender, etherType: ethernet.EtherType.ARP });
  const asked = { senderMac: sender, senderIp: ip(from), targetMac: ZERO_MAC, targetIp: ip(target) as Ipv4 };
  arp.emit(bytes, at, { operation: 1, ...asked });
  return { wire, bytes };
}

interface Advice {
  readonly better: string;
  readonly by: string;
  readonly code: number;
  /** Of the quoted packet. */
  readonly protocol: number;
  readonly type: number;
}

/** From wire 0 a redirect about what 10.0.1.1 answered 50.0.0.1. */
function advice({ better, by = "10.0.0.253", code = 1, protocol = 1, type = 0 }: Partial<Advice>): Act {
  const message = new Uint8Array(8 + 28);
  message.set([icmp.Type.REDIRECT, code]);
  put32(message, 4, ip(better ?? by));
  const of = { tos: 0, id: 9, dontFragment: false, moreFragments: false, fragmentOffset: 0, ttl: 64, payloadLength: 8 };
  const header = { ...of, protocol, source: ip("10.0.1.1"), destination: ip("50.0.0.1"), options: ipv4.NO_OPTIONS };
  message[ipv4.emit(message, 8, header)] = type;
  return packet(0, { from: by, to: "10.0.0.1", message });
}

const run = (line: string): Act => ({ run: line });
const set = (name: string, value: number): Act => run(`sysctl -q -w net.ipv4.${name}=${value}`);

const mac = (wire: number, n = 0): string =>
  stationMac(wire, n)
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?=.)/g, "$&:");

/** Everybody on the wires is known: .5 on each, the gateway .254 on wire 2, the better gateway .253. */
const NEIGHBOURS: readonly Act[] = [
  ...[0, 1, 2].map((i) => run(`ip neigh add 10.0.${i}.5 lladdr ${mac(i)} dev e${i}`)),
  ...[6, 7].map((n) => run(`ip neigh add 10.0.0.${n} lladdr ${mac(0, n)} dev e0`)),
  run(`ip neigh add 10.0.1.9 lladdr ${mac(1, 9)} dev e1`),
  run(`ip neigh add 10.0.0.253 lladdr ${mac(0, 3)} dev e0`),
  run(`ip neigh add 10.0.2.254 lladdr ${mac(2, 4)} dev e2`),
];

function same(...acts: readonly Act[]): void {
  const all = [...NEIGHBOURS, ...acts];
  const here = inModel(all);
  const there = inKernel(all);
  const told = all.map((act, i) => [i, "run" in act ? act.run : `wire ${act.wire}`]);
  expect(all.map((_, i) => [...told[i]!, ...here[i]!])).toEqual(all.map((_, i) => [...told[i]!, ...there[i]!]));
}

describe.skipIf(!canCompare)("a router beside the real kernel", { timeout: 60_000 }, () => {
  it("forwards, and refuses with the same errors", () => {
    const here = { from: "10.0.0.5", to: "10.0.1.5" };
    same(
      packet(0, here),
      packet(0, { ...here, ttl: 1 }),
      packet(0, { ...here, to: "10.0.0.1" }),
      packet(0, { ...here, to: "10.0.1.1" }),
      packet(0, { ...here, to: "10.0.1.1", protocol: 200 }),
      packet(0, { ...here, to: "99.0.0.1" }),
      run("ip route add unreachable 98.0.0.0/8"),
      run("ip route add prohibit 97.0.0.0/8"),
      run("ip route add blackhole 96.0.0.0/8"),
      run("ip route add throw 95.0.0.0/8"),
      ...["98.0.0.1", "97.0.0.1", "96.0.0.1", "95.0.0.1"].map((to) => packet(0, { from: "10.0.2.77", to })),
      ...["98.0.0.1", "97.0.0.1", "95.0.0.1"].map((to, i) => packet(0, { from: `10.0.0.${60 + i}`, to })),
      run("ip link set e1 mtu 800"),
      packet(0, { ...here, size: 1200, whole: true }),
      packet(0, { ...here, size: 1200 }),
      packet(0, { ...here, size: 1192, offset: 1480, more: true }),
      packet(0, { ...here, size: 1400, ttl: 1 }),
      packet(0, { ...here, offset: 1480, ttl: 1 }),
      packet(0, { ...here, mac: BROADCAST_MAC }),
      set("ip_forward", 0),
      packet(0, here),
    );
  });

  it("tells a peer of a missing route twice, then once a second", () => {
    same(
      set("icmp_ratelimit", 1000),
      ...Array.from({ length: 8 }, () => packet(0, { from: "10.0.0.5", to: "99.0.0.1" })),
      ...Array.from({ length: 8 }, () => packet(1, { from: "10.0.1.5", to: "10.0.0.5", ttl: 1 })),
    );
  });

  it("drops martians as it does, and by rp_filter", () => {
    const sources = [
      "127.0.0.1",
      "10.0.0.1",
      "10.0.1.9",
      "0.0.0.0",
      "224.0.0.1",
      "255.255.255.255",
      "10.0.0.255",
      "99.9.9.9",
    ];
    const targets = ["10.0.2.5", "10.0.0.1", "10.0.0.255", "255.255.255.255", "127.0.0.1", "0.0.0.0", "224.0.0.1"];
    const all = sources.flatMap((from) => targets.map((to) => packet(0, { from, to })));
    same(...all, set("conf.e0.rp_filter", 1), ...all, set("conf.e0.rp_filter", 2), ...all);
    same(set("conf.e0.accept_local", 1), ...all, set("conf.e0.route_localnet", 1), ...all);
  });

  it("passes directed broadcasts on only with bc_forwarding", () => {
    const shot = packet(0, { from: "10.0.0.5", to: "10.0.1.255" });
    same(shot, set("conf.all.bc_forwarding", 1), shot, set("conf.e0.bc_forwarding", 1), shot);
  });

  it("sends redirects, to whom and how often the kernel does", () => {
    const detour = packet(0, { from: "10.0.0.5", to: "50.0.0.1" });
    same(
      run("ip route add 50.0.0.0/8 via 10.0.0.253"),
      detour,
      { ...detour, wait: 0.1 } as Act,
      detour,
      packet(0, { from: "10.0.1.77", to: "50.0.0.1" }),
      packet(1, { from: "10.0.1.5", to: "50.0.0.1" }),
      set("conf.all.send_redirects", 0),
      set("conf.e0.send_redirects", 0),
      packet(0, { from: "10.0.0.6", to: "50.0.0.1" }),
      set("conf.e0.send_redirects", 1),
      set("conf.all.shared_media", 0),
      set("conf.e0.shared_media", 0),
      packet(0, { from: "10.0.0.7", to: "50.0.0.1" }),
    );
  });

  it("follows rules: sender, receiver, device, and those that refuse", () => {
    same(
      run("ip route add default via 10.0.2.254 table 100"),
      run("ip rule add from 10.0.0.128/25 lookup 100"),
      run("ip rule add iif e1 to 60.0.0.0/8 lookup 100"),
      run("ip rule add to 61.0.0.0/8 prohibit"),
      run("ip rule add to 62.0.0.0/8 unreachable"),
      run("ip rule add to 63.0.0.0/8 blackhole"),
      run("ip rule add not from 10.0.0.0/16 to 64.0.0.0/8 lookup 100"),
      ...["10.0.0.5", "10.0.0.200", "172.16.0.1"].flatMap((from) =>
        ["60.0.0.1", "61.0.0.1", "62.0.0.1", "63.0.0.1", "64.0.0.1", "10.0.1.5"].map((to) => packet(0, { from, to })),
      ),
      packet(1, { from: "10.0.1.5", to: "60.0.0.1" }),
    );
  });

  it("follows marks: of what comes in, of what is answered, of our own, and of the way back", () => {
    const all = ["10.0.0.5", "10.0.0.6", "10.0.0.7"].flatMap((from) => [
      packet(0, { from, to: "10.0.1.5" }),
      packet(0, { from, to: "10.0.1.5", ttl: 1 }),
      packet(0, { from, to: "10.0.0.1", message: echo }),
    ]);
    same(
      run("ip route add default via 10.0.2.254 table 100"),
      run("ip rule add fwmark 1 lookup 100"),
      run("ip rule add fwmark 0x80000000/0xf0000000 lookup 100"),
      run("iptables -t mangle -A PREROUTING -s 10.0.0.6 -j MARK --set-mark 1"),
      run("iptables -t mangle -A PREROUTING -s 10.0.0.7 -j MARK --set-mark 0x80000007"),
      ...all,
      set("fwmark_reflect", 1),
      ...all,
      set("fwmark_reflect", 0),
      set("conf.e0.rp_filter", 1),
      ...all,
      set("conf.e0.src_valid_mark", 1),
      ...all,
      set("conf.e0.rp_filter", 2),
      ...all,
      run("iptables -t mangle -F PREROUTING"),
      run("iptables -t mangle -A OUTPUT -p icmp -d 10.0.0.7 -j MARK --set-mark 1"),
      ...all,
    );
  });

  it("quotes packets in its errors as far as it can translate them back", () => {
    const stranger = { from: "10.0.0.5", to: "10.0.0.1" };
    const guest = { from: "10.0.1.5", to: "10.0.2.5" };
    same(
      run("iptables -t nat -A PREROUTING -i e0 -p udp --dport 9 -j DNAT --to-destination 10.0.1.5:99"),
      run("iptables -t nat -A POSTROUTING -o e2 -j MASQUERADE"),
      packet(0, { ...stranger, ttl: 1 }),
      packet(0, stranger),
      packet(0, { ...stranger, ttl: 1 }),
      packet(1, { ...guest, ttl: 1 }),
      packet(1, guest),
      packet(1, { ...guest, ttl: 1 }),
      run("ip link set e1 mtu 800"),
      packet(0, { ...stranger, size: 1200, whole: true }),
      packet(0, { ...stranger, from: "10.0.0.6", size: 1200, whole: true }),
      run("ip link set e1 mtu 1500; ip link set e2 mtu 800"),
      packet(1, { ...guest, size: 1200, whole: true }),
      packet(1, { ...guest, from: "10.0.1.9", size: 1200, whole: true }),
      run("iptables -A FORWARD -j REJECT"),
      packet(0, stranger),
      packet(0, { ...stranger, from: "10.0.0.7" }),
      packet(1, guest),
    );
  });

  it("obeys redirects of whom, about what and as far as the kernel does", () => {
    const speak = packet(1, { from: "50.0.0.1", to: "10.0.1.1", message: echo });
    const told = (better: string, more: Partial<Advice> = {}): Act[] => [advice({ better, ...more }), speak];
    const seen = run("ip route get 50.0.0.1 | grep -o redirected");
    const forget = run("ip route flush cache");
    // Nobody answers for .99: only the first question is in the comparison.
    const patience = set("neigh.e0.retrans_time_ms", 100_000);
    const all = [
      ...told("10.0.0.5", { by: "10.0.0.5" }),
      ...["10.0.0.253", "10.0.0.1", "224.0.0.1", "0.0.0.0"].flatMap((better) => told(better)),
      ...told("10.0.0.5", { code: 5 }),
      ...told("10.0.0.5", { type: icmp.Type.ECHO_REQUEST }),
      ...told("10.0.0.5", { protocol: 17 }),
      ...told("10.0.0.5", { protocol: 6 }),
      ...told("10.0.0.5", { protocol: 200 }),
      ...told("10.0.0.99"),
      ...told("10.0.1.9"),
      seen,
      ...told("10.0.0.5"),
      seen,
      packet(1, { from: "10.0.1.5", to: "50.0.0.1" }),
      packet(1, { from: "10.0.1.5", to: "50.0.0.2" }),
      ...told("10.0.0.6"),
      ...told("10.0.0.6", { by: "10.0.0.5", code: 0 }),
      seen,
      forget,
      speak,
    ];
    same(
      patience,
      run("ip route add 50.0.0.0/8 via 10.0.0.253"),
      speak,
      ...all,
      set("conf.all.accept_redirects", 1),
      set("conf.e0.accept_redirects", 1),
      ...all,
      set("conf.all.shared_media", 0),
      set("conf.e0.shared_media", 0),
      ...all,
      run("ip route add 51.0.0.0/8 via 10.0.0.5"),
      ...all,
      set("conf.all.secure_redirects", 0),
      set("conf.e0.secure_redirects", 0),
      ...all,
      ...told("10.0.0.5"),
      run("ip route replace 50.0.0.0/8 via 10.0.2.254"),
      speak,
    );
    same(
      patience,
      run("ip route add 50.0.0.0/8 via 10.0.0.253"),
      set("ip_forward", 0),
      set("conf.all.accept_redirects", 0),
      ...all,
      set("conf.e0.accept_redirects", 0),
      ...all,
    );
  });

  it("answers ARP for whom the kernel does", () => {
    const targets = [
      "10.0.0.1",
      "10.0.1.1",
      "10.0.1.5",
      "10.0.0.9",
      "50.0.0.1",
      "127.0.0.1",
      "224.0.0.1",
      "10.0.0.255",
    ];
    const askers = ["10.0.0.5", "0.0.0.0", "10.0.1.9", "10.0.0.1"];
    const all = askers.flatMap((from) => targets.map((target) => question(0, from, target)));
    same(
      set("neigh.e0.proxy_delay", 0),
      run("ip route add 50.0.0.0/8 via 10.0.2.254"),
      ...all,
      set("conf.e0.proxy_arp", 1),
      ...all,
      set("conf.e0.proxy_arp_pvlan", 1),
      ...all,
    );
    const ignoring = [1, 2, 3, 8].flatMap((level) => [set("conf.e0.arp_ignore", level), ...all]);
    same(set("neigh.e0.proxy_delay", 0), ...ignoring);
    same(
      set("neigh.e0.proxy_delay", 0),
      set("conf.e0.arp_filter", 1),
      ...all,
      run("ip neigh add proxy 10.0.1.5 dev e0"),
      ...all,
    );
  });

  it("names the source in its own questions that arp_announce allows", () => {
    const probe = packet(0, { from: "10.0.0.5", to: "10.0.1.77" });
    const ask = (level: number, n: number): Act[] => [
      set("conf.all.arp_announce", level),
      { ...packet(1, { from: `10.0.1.${n}`, to: "10.0.0.1" }), wait: 0.03 } as Act,
    ];
    same(probe, ...ask(0, 90), ...ask(1, 91), ...ask(2, 92));
  });
});
