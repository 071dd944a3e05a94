/**
 * A frame as one row of a packet list: addresses and protocol in columns of their own, as Wireshark has them, and what
 * tcpdump says about the rest.
 */
import { get8, get16, hex16 } from "../base/bytes.ts";
import { formatIpv4, formatMac } from "./address.ts";
import { ETHER_TYPE_NAMES, IP_PROTOCOL_NAMES } from "./describe/names.ts";
import { describe } from "./describe.ts";
import * as ethernet from "./ethernet.ts";
import { EtherType } from "./ethernet.ts";
import * as ipv4 from "./ipv4.ts";
import * as udp from "./udp.ts";
import * as vlan from "./vlan.ts";

export interface Summary {
  /** IP addresses; MAC addresses where there is no IPv4; empty when not even these are there. */
  readonly source: string;
  readonly destination: string;
  /** The innermost that is known: "ICMP", "TCP", "ARP", "DNS" ... "IPv4" for a fragment that is not the first. */
  readonly protocol: string;
  readonly info: string;
}

/** The frame in [at, end). Never fails, whatever the bytes. */
export function summarise(bytes: Uint8Array, at: number, end: number): Summary {
  const info = describe(bytes, at, end, { summary: true }).trim();
  if (!ethernet.check(bytes, at, end)) return { source: "", destination: "", protocol: "Ethernet", info };
  const typeAt = vlan.typeAt(bytes, at, end);
  const isIpv4 = typeAt >= 0 && get16(bytes, typeAt) === EtherType.IPV4 && hasIpv4(bytes, typeAt + 2, end);
  if (isIpv4) {
    const ip = typeAt + 2;
    const [source, destination] = [formatIpv4(ipv4.source(bytes, ip)), formatIpv4(ipv4.destination(bytes, ip))];
    return { source, destination, protocol: ipProtocol(bytes, ip, end), info };
  }
  const source = formatMac(ethernet.source(bytes, at));
  const destination = formatMac(ethernet.destination(bytes, at));
  return { source, destination, protocol: typeAt < 0 ? "VLAN" : linkProtocol(bytes, typeAt, end), info };
}

/** The fixed part of a header whose lengths make sense. */
function hasIpv4(b: Uint8Array, ip: number, end: number): boolean {
  if (ip + ipv4.MIN_HEADER_LENGTH > end || ipv4.version(b, ip) !== 4) return false;
  const header = ipv4.headerLength(b, ip);
  return header >= ipv4.MIN_HEADER_LENGTH && ipv4.totalLength(b, ip) >= header;
}

const PORT_NAMES: Readonly<Record<number, string>> = { 53: "DNS", 67: "DHCP", 68: "DHCP" };

function ipProtocol(b: Uint8Array, ip: number, end: number): string {
  if (ipv4.fragmentOffset(b, ip) !== 0) return "IPv4";
  const protocol = ipv4.protocol(b, ip);
  const payload = ipv4.payloadAt(b, ip);
  const name = IP_PROTOCOL_NAMES[protocol] ?? "IPv4";
  if (protocol !== ipv4.Protocol.UDP || payload + udp.HEADER_LENGTH > end) return name;
  return PORT_NAMES[udp.sourcePort(b, payload)] ?? PORT_NAMES[udp.destinationPort(b, payload)] ?? name;
}

const STP_SAP = 0x42;
const SHORT_NAMES: Readonly<Record<number, string>> = { [EtherType.RARP]: "RARP", [EtherType.IPV6]: "IPv6" };

function linkProtocol(b: Uint8Array, typeAt: number, end: number): string {
  const type = get16(b, typeAt);
  if (ethernet.isLength(type)) return typeAt + 2 < end && get8(b, typeAt + 2) === STP_SAP ? "STP" : "LLC";
  return SHORT_NAMES[type] ?? ETHER_TYPE_NAMES[type] ?? `0x${hex16(type)}`;
}
