/** A varied collection of frames, by name, for tests that compare with real tools. Built with our own codecs. */
import { fromHex, fromText, put8, put16, put32 } from "../../src/base/bytes.ts";
import { BROADCAST_MAC, type Ipv4, type Mac, parseIpv4, parseMac } from "../../src/packet/address.ts";
import * as arp from "../../src/packet/arp.ts";
import { finish, pseudoHeader, sum } from "../../src/packet/checksum.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import { EtherType } from "../../src/packet/ethernet.ts";
import * as icmp from "../../src/packet/icmp.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import * as udp from "../../src/packet/udp.ts";
import * as vlan from "../../src/packet/vlan.ts";

const mac = (text: string): Mac => parseMac(text) as Mac;
export const ip = (text: string): Ipv4 => parseIpv4(text) as Ipv4;

export const WEB1 = mac("00:16:3e:00:00:01");
const WEB2 = mac("00:16:3e:00:00:02");
const web1 = ip("192.168.1.101");
const web2 = ip("192.168.1.102");
const outside = ip("10.0.0.1");

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));

/** Bytes from 0, as ping sends them. */
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 255);

function ether(etherType: number, payload: Uint8Array, to = WEB2, from = WEB1): Uint8Array {
  const frame = new Uint8Array(ethernet.HEADER_LENGTH + payload.length);
  frame.set(payload, ethernet.emit(frame, 0, { destination: to, source: from, etherType }));
  return frame;
}

function arpPacket(packet: Partial<arp.Packet>): Uint8Array {
  const bytes = new Uint8Array(arp.LENGTH);
  const zero = { targetMac: 0 as Mac, operation: arp.Operation.REQUEST };
  arp.emit(bytes, 0, { ...zero, senderMac: WEB1, senderIp: web1, targetIp: web2, ...packet });
  return bytes;
}

function ipPacket(protocol: number, payload: Uint8Array, changes: Partial<ipv4.Header> = {}): Uint8Array {
  const header: ipv4.Header = {
    ...{ tos: 0, id: 4711, dontFragment: true, moreFragments: false, fragmentOffset: 0, ttl: 64, protocol },
    ...{ source: web1, destination: web2, options: ipv4.NO_OPTIONS, payloadLength: payload.length, ...changes },
  };
  const bytes = new Uint8Array(ipv4.length(header) + payload.length);
  bytes.set(payload, ipv4.emit(bytes, 0, header));
  return bytes;
}

function icmpMessage(message: icmp.Message): Uint8Array {
  const bytes = new Uint8Array(icmp.length(message));
  icmp.emit(bytes, 0, message);
  return bytes;
}

function udpDatagram(sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(udp.HEADER_LENGTH + payload.length);
  udp.emit(bytes, 0, { sourcePort, destinationPort, payload });
  udp.fillChecksum(bytes, 0, web1, web2);
  return bytes;
}

interface SegmentShape {
  readonly flags: number;
  readonly options?: Uint8Array;
  readonly payload?: Uint8Array;
  readonly port?: number;
}
export function tcpSegment({
  flags,
  options = fromHex(""),
  payload = fromHex(""),
  port = 5001,
}: SegmentShape): Uint8Array {
  const header = 20 + options.length;
  const bytes = new Uint8Array(header + payload.length);
  put16(bytes, 0, 40_000);
  put16(bytes, 2, port);
  put32(bytes, 4, 0xfffffff0);
  put32(bytes, 8, 123_456_789);
  put8(bytes, 12, (header / 4) << 4);
  put8(bytes, 13, flags);
  put16(bytes, 14, 64_240);
  bytes.set(options, 20);
  bytes.set(payload, header);
  put16(bytes, 16, finish(sum(bytes, 0, bytes.length, pseudoHeader(web1, web2, 6, bytes.length))));
  return bytes;
}

function tagged(id: number, inner: Uint8Array, protocol: number = EtherType.VLAN, priority = 0): Uint8Array {
  const tag = new Uint8Array(vlan.TAG_LENGTH);
  vlan.emit(tag, 0, { protocol, priority, dropEligible: false, id });
  return join(inner.subarray(0, 12), tag, inner.subarray(12));
}

const inIp = (protocol: number, payload: Uint8Array, changes: Partial<ipv4.Header> = {}): Uint8Array =>
  ether(EtherType.IPV4, ipPacket(protocol, payload, changes));
const inIcmp = (message: icmp.Message): Uint8Array => inIp(1, icmpMessage(message));
const echo = (kind: "echo-request" | "echo-reply", data: Uint8Array): icmp.Message => ({
  ...{ kind, identifier: 122, sequence: 3, data },
});
const padded = (frame: Uint8Array): Uint8Array => join(frame, new Uint8Array(Math.max(0, 60 - frame.length)));
/** `frame` with the byte at `at` replaced. */
const broken = (frame: Uint8Array, at: number, value: number): Uint8Array => frame.with(at, value);

const ping = inIcmp(echo("echo-request", pattern(56)));
const quotedPing = ipPacket(1, icmpMessage(echo("echo-request", pattern(56))), { destination: outside });
const quotedUdp = ipPacket(17, udpDatagram(4000, 53_000, pattern(20)), { destination: outside });
const quotedTcp = ipPacket(6, tcpSegment({ flags: 2 }), { destination: outside });
const request = ether(EtherType.ARP, arpPacket({}), BROADCAST_MAC);
const reply = arpPacket({ operation: arp.Operation.REPLY, targetMac: WEB2 });
const recordRoute = fromHex("07 0b 08 c0a80101 00000000 00");
const synOptions = fromHex("020405b4 0402 080a 01020304 00000000 01 030307");

const unreachables = Array.from({ length: 17 }, (_, code): [string, Uint8Array] => [
  `unreachable ${code}`,
  inIcmp({
    kind: "unreachable",
    code,
    mtu: code === icmp.Unreachable.FRAGMENTATION_NEEDED ? 1400 : 0,
    quoted: quotedUdp,
  }),
]);
const redirects = Array.from({ length: 5 }, (_, code): [string, Uint8Array] => [
  `redirect ${code}`,
  inIcmp({ kind: "redirect", code, gateway: ip("192.168.1.254"), quoted: quotedPing }),
]);
const others = [4, 10, 13, 14, 15, 16, 17, 18, 30, 42].map((type): [string, Uint8Array] => [
  `icmp type ${type}`,
  inIcmp({ kind: "other", type, code: 0, rest: 0x0007_0001, data: quotedPing }),
]);

/** Whole and well-formed as far as their names say. */
/** Root, cost, bridge, port, times of a configuration BPDU. */
const STP_BODY = "8000fefffffffffe 00000005 8000fefffffffffd 8001 0101 1400 0200 0f00";

function bpdu(hex: string): Uint8Array {
  const body = fromHex(`424203 ${hex}`);
  return ether(body.length, body, mac("01:80:c2:00:00:00"));
}

export const SAMPLES: ReadonlyMap<string, Uint8Array> = new Map<string, Uint8Array>([
  ["arp request", request],
  ["arp request, padded", padded(request)],
  ["arp reply", ether(EtherType.ARP, reply)],
  ["arp announcement", ether(EtherType.ARP, arpPacket({ targetIp: web1 }), BROADCAST_MAC)],
  ["arp probe", ether(EtherType.ARP, arpPacket({ senderIp: 0 as Ipv4 }), BROADCAST_MAC)],
  ["arp request with target", ether(EtherType.ARP, arpPacket({ targetMac: WEB2 }))],
  ...[3, 4, 8, 9, 10, 77].map((operation): [string, Uint8Array] => [
    `arp operation ${operation}`,
    ether(EtherType.ARP, arpPacket({ operation })),
  ]),
  ["arp, other hardware", ether(EtherType.ARP, broken(arpPacket({}), 1, 6))],
  ["arp, unknown hardware", ether(EtherType.ARP, broken(arpPacket({}), 1, 99))],
  ["arp, other protocol", ether(EtherType.ARP, broken(arpPacket({}), 2, 0x99))],
  ["arp, no hardware length", ether(EtherType.ARP, broken(arpPacket({}), 4, 0))],
  ["arp, odd hardware length", ether(EtherType.ARP, broken(arpPacket({}), 4, 5))],
  ["arp, wrong protocol length", ether(EtherType.ARP, broken(arpPacket({}), 5, 3))],
  ["rarp request", ether(EtherType.RARP, arpPacket({ operation: 3 }), BROADCAST_MAC)],
  ["ping", ping],
  ["pong", inIcmp(echo("echo-reply", pattern(56)))],
  ["pong, padded", padded(inIcmp(echo("echo-reply", pattern(2))))],
  ["ping, wrong icmp checksum", broken(ping, 36, 0x55)],
  ["ping, wrong ip checksum", broken(ping, 24, 0x55)],
  ["ping, tos and ttl", inIp(1, icmpMessage(echo("echo-request", pattern(8))), { tos: 0xb9, ttl: 1 })],
  ["ping, ttl 0", inIp(1, icmpMessage(echo("echo-request", pattern(8))), { tos: 2, ttl: 0, dontFragment: false })],
  ["ping, congestion", inIp(1, icmpMessage(echo("echo-request", pattern(8))), { tos: 3 })],
  ["ping, record route", inIp(1, icmpMessage(echo("echo-request", pattern(8))), { options: recordRoute })],
  [
    "ping, timestamps",
    inIp(1, icmpMessage(echo("echo-request", pattern(8))), { options: fromHex("440c 0900 00000001 00000000") }),
  ],
  [
    "ping, timestamps with addresses",
    inIp(1, icmpMessage(echo("echo-request", pattern(8))), {
      options: fromHex("4414 0d21 c0a80101 00000005 00000000 00000000"),
    }),
  ],
  [
    "ping, timestamps, bad type",
    inIp(1, icmpMessage(echo("echo-request", pattern(8))), { options: fromHex("4408 0507 00000001") }),
  ],
  [
    "ping, source routes",
    inIp(1, icmpMessage(echo("echo-request", pattern(8))), {
      options: fromHex("8307 08 0a000001 01 8907 04 0a000002 00"),
    }),
  ],
  [
    "ping, router alert",
    inIp(1, icmpMessage(echo("echo-request", pattern(8))), { options: fromHex("94040000 94040005 0101 00 00") }),
  ],
  [
    "ping, odd options",
    inIp(1, icmpMessage(echo("echo-request", pattern(8))), { options: fromHex("07070501020304 01 55040000") }),
  ],
  ["ping, bad option length", inIp(1, icmpMessage(echo("echo-request", pattern(8))), { options: fromHex("07ff0401") })],
  [
    "first fragment",
    inIp(1, icmpMessage(echo("echo-request", pattern(1472))), { moreFragments: true, dontFragment: false }),
  ],
  ["later fragment", inIp(1, pattern(1480), { fragmentOffset: 1480, moreFragments: true, dontFragment: false })],
  ["last udp fragment", inIp(17, pattern(100), { fragmentOffset: 2960, dontFragment: false })],
  [
    "first udp fragment",
    inIp(17, broken(udpDatagram(1000, 2000, pattern(40)), 5, 200), { moreFragments: true, dontFragment: false }),
  ],
  ...unreachables,
  ["unreachable port, tcp", inIcmp({ kind: "unreachable", code: 3, mtu: 0, quoted: quotedTcp })],
  ["unreachable port, icmp", inIcmp({ kind: "unreachable", code: 3, mtu: 0, quoted: quotedPing })],
  ["unreachable, short quote", inIcmp({ kind: "unreachable", code: 1, mtu: 0, quoted: quotedUdp.subarray(0, 28) })],
  ["unreachable, tcp cut", inIcmp({ kind: "unreachable", code: 3, mtu: 0, quoted: quotedTcp.subarray(0, 28) })],
  ["unreachable, quote cut", inIcmp({ kind: "unreachable", code: 1, mtu: 0, quoted: quotedUdp.subarray(0, 12) })],
  ["fragmentation needed, no mtu", inIcmp({ kind: "unreachable", code: 4, mtu: 0, quoted: quotedUdp })],
  [
    "unreachable, long quote",
    inIcmp({ kind: "unreachable", code: 13, mtu: 0, quoted: ipPacket(17, udpDatagram(1, 2, pattern(400))) }),
  ],
  ...redirects,
  ["time exceeded", inIcmp({ kind: "time-exceeded", code: 0, quoted: quotedPing })],
  ["reassembly time exceeded", inIcmp({ kind: "time-exceeded", code: 1, quoted: quotedUdp })],
  ["time exceeded, unknown code", inIcmp({ kind: "time-exceeded", code: 9, quoted: quotedUdp })],
  ["parameter problem", inIcmp({ kind: "parameter-problem", code: 0, pointer: 20, quoted: quotedPing })],
  ["parameter problem, code", inIcmp({ kind: "parameter-problem", code: 1, pointer: 20, quoted: quotedPing })],
  ...others,
  ["udp", inIp(17, udpDatagram(39_392, 9999, fromText("hello xenlab")))],
  [
    "udp, broadcast",
    ether(
      EtherType.IPV4,
      ipPacket(17, udpDatagram(39_392, 9999, fromText("x")), { destination: ip("192.168.1.255") }),
      BROADCAST_MAC,
    ),
  ],
  [
    "udp, multicast",
    ether(
      EtherType.IPV4,
      ipPacket(17, udpDatagram(39_392, 9999, fromText("x")), { destination: ip("239.1.2.3") }),
      mac("01:00:5e:01:02:03"),
    ),
  ],
  ["udp, empty", inIp(17, udpDatagram(1000, 2000, fromText("")))],
  ["udp, no checksum", inIp(17, broken(broken(udpDatagram(1000, 2000, pattern(4)), 6, 0), 7, 0))],
  ["udp, bad length", inIp(17, broken(udpDatagram(1000, 2000, pattern(4)), 5, 100))],
  ["udp, tiny length", inIp(17, broken(udpDatagram(1000, 2000, pattern(4)), 5, 4))],
  ["udp, short length", inIp(17, broken(udpDatagram(1000, 2000, pattern(9)), 5, 12))],
  ["udp, header cut by ip", inIp(17, udpDatagram(1000, 2000, pattern(4)).subarray(0, 6))],
  ["udp, ports cut by ip", inIp(17, udpDatagram(1000, 2000, pattern(4)).subarray(0, 3))],
  ["tcp syn", inIp(6, tcpSegment({ flags: 2, options: synOptions }))],
  ["tcp syn-ack", inIp(6, tcpSegment({ flags: 0x12, options: fromHex("020405b4 01 01 0402") }))],
  ["tcp ack", inIp(6, tcpSegment({ flags: 0x10 }))],
  [
    "tcp data",
    inIp(6, tcpSegment({ flags: 0x18, payload: pattern(100), options: fromHex("0101080a0000000100000002") })),
  ],
  ["tcp fin", inIp(6, tcpSegment({ flags: 0x11 }))],
  ["tcp rst", inIp(6, tcpSegment({ flags: 0x14 }))],
  ["tcp odd flags", inIp(6, tcpSegment({ flags: 0xe1 | 0x08 }))],
  ["tcp no flags", inIp(6, tcpSegment({ flags: 0 }))],
  ["tcp sack", inIp(6, tcpSegment({ flags: 0x10, options: fromHex("0101 0512 00000001 00000002 00000003 00000004") }))],
  ["tcp unknown option", inIp(6, tcpSegment({ flags: 0x10, options: fromHex("6304abcd 00000000") }))],
  ["tcp bad option", inIp(6, tcpSegment({ flags: 0x10, options: fromHex("0100 0249") }))],
  ["tcp bad option length", inIp(6, tcpSegment({ flags: 0x10, options: fromHex("01020149") }))],
  ["tcp wrong checksum", broken(inIp(6, tcpSegment({ flags: 2 })), 50, 0x99)],
  ["tcp header too long", broken(inIp(6, tcpSegment({ flags: 2 })), 46, 0xf0)],
  ["tcp header too short", broken(inIp(6, tcpSegment({ flags: 2 })), 46, 0x40)],
  ["tcp cut by ip", inIp(6, tcpSegment({ flags: 2 }).subarray(0, 14))],
  ["tcp ports cut by ip", inIp(6, tcpSegment({ flags: 2 }).subarray(0, 3))],
  ["unknown protocol", inIp(253, pattern(20))],
  ["unknown protocol, fragment", inIp(253, pattern(20), { fragmentOffset: 80 })],
  ["ip version 6 in an ipv4 frame", broken(ping, 14, 0x65)],
  ["ip version 9", broken(ping, 14, 0x95)],
  ["ip short header", broken(ping, 14, 0x44)],
  ["ip long header", broken(inIp(1, pattern(4)), 14, 0x4f)],
  ["ip total length too long", broken(ping, 17, 99)],
  ["ip total length too short", broken(ping, 17, 10)],
  ["ip total length 0", broken(broken(ping, 17, 0), 16, 0)],
  ["ip total length of a part", broken(ping, 17, 40)],
  ["stp", bpdu(`0000 00 00 00 ${STP_BODY}`)],
  ["stp, topology change", bpdu(`0000 00 00 01 ${STP_BODY}`)],
  ["stp, acknowledged", bpdu(`0000 00 00 81 ${STP_BODY}`)],
  ["stp, notification", bpdu("0000 00 80")],
  ["stp, notification padded", join(bpdu("0000 00 80"), new Uint8Array(39))],
  ["stp, rapid", bpdu(`0000 02 02 7c ${STP_BODY} 00`)],
  ["stp, of nobody", bpdu(`0000 09 00 00 ${STP_BODY}`)],
  ["stp, another protocol", bpdu(`0007 00 00 00 ${STP_BODY}`)],
  ["stp, another type", bpdu(`0000 00 55 00 ${STP_BODY}`)],
  ["stp, too short", bpdu("0000 00 00 00 8000")],
  ["stp, hardly there", bpdu("0000")],
  ["vlan ping", tagged(10, ping)],
  ["vlan arp, priority", tagged(4095, request, EtherType.VLAN, 5)],
  ["provider vlan", tagged(100, tagged(20, ping), EtherType.PROVIDER_VLAN, 2)],
  ["vlan, unknown type", tagged(7, ether(0x1234, pattern(10)))],
  ["vlan, cut", tagged(7, request).subarray(0, 16)],
  ["unknown ethertype", ether(0x88b5, pattern(46))],
  ["unknown ethertype, odd", ether(0x88b5, fromText("Hello, world: 17!"))],
  ["unknown ethertype, empty", ether(0x88b5, pattern(0))],
  ["ip, empty", ether(EtherType.IPV4, pattern(0))],
  ["arp, empty", ether(EtherType.ARP, pattern(0))],
]);

/** For filters and dissection: things that describe only names. */
export const NAMED_ONLY: ReadonlyMap<string, Uint8Array> = new Map<string, Uint8Array>([
  [
    "ipv6 udp",
    ether(EtherType.IPV6, join(fromHex("60000000 000c 11 40"), pattern(32), udpDatagram(53, 4000, pattern(4)))),
  ],
  [
    "ipv6 icmp",
    ether(
      EtherType.IPV6,
      join(fromHex("60000000 0008 3a ff"), pattern(32), fromHex("8500000000000000")),
      mac("33:33:00:00:00:02"),
    ),
  ],
  [
    "ipv6 tcp, port 80",
    ether(EtherType.IPV6, join(fromHex("60000000 0014 06 ff"), pattern(32), tcpSegment({ flags: 2, port: 80 }))),
  ],
  ["dns", inIp(17, udpDatagram(40_000, 53, pattern(30)))],
  ["http", inIp(6, tcpSegment({ flags: 0x18, port: 80, payload: fromText("GET / HTTP/1.0\r\n\r\n") }))],
  ["igmp", inIp(2, fromHex("1600fafdef010203"))],
]);
