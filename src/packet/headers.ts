/**
 * Where the headers of a frame stand: one walk from the Ethernet header inwards into lists that are used again for the
 * next frame, so that a filter can look at many frames a second. What `dissect` shows as a tree is here a few numbers.
 *
 * The packet that an ICMP error quotes is walked too, as Wireshark does: its headers follow those of the error. A later
 * fragment has no headers behind IP. Where a header is cut or cannot be, the walk ends as Wireshark's does.
 * Not modelled: IPv6 and what it carries, LLC, tunnels (IP in IP, GRE, VXLAN).
 */
import { get8, get16 } from "../base/bytes.ts";
import * as ethernet from "./ethernet.ts";
import { EtherType } from "./ethernet.ts";
import * as icmp from "./icmp.ts";
import * as ipv4 from "./ipv4.ts";
import { Protocol } from "./ipv4.ts";

/** A header, or a part of one that not every header of its kind has. */
export const Header = {
  ETHERNET: 0,
  /** The type field, where it is not a length. */
  ETHERNET_TYPE: 1,
  ETHERNET_LENGTH: 2,
  /** From behind the TPID on: control, then the next type. */
  VLAN: 3,
  PROVIDER_VLAN: 4,
  ARP: 5,
  ARP_SENDER_MAC: 6,
  ARP_SENDER_IP: 7,
  ARP_TARGET_MAC: 8,
  ARP_TARGET_IP: 9,
  IPV4: 10,
  ICMP: 11,
  /** Identifier and sequence number. */
  ICMP_QUERY: 12,
  ICMP_MTU: 13,
  ICMP_GATEWAY: 14,
  ICMP_POINTER: 15,
  UDP: 16,
  TCP: 17,
} as const;

export type HeaderKind = (typeof Header)[keyof typeof Header];

const HARDWARE_WITH_MACS: readonly number[] = [1, 6];
const ARP_FIXED_PART = 8;
const VLAN_LENGTH = 4;
/** The two of UDP or TCP. */
const PORTS = 4;
/** Bytes: with less Wireshark has nothing of the header. */
const LEAST: Readonly<Record<HeaderKind, number>> = {
  [Header.ETHERNET]: ethernet.HEADER_LENGTH,
  [Header.ETHERNET_TYPE]: 2,
  [Header.ETHERNET_LENGTH]: 2,
  [Header.VLAN]: 2,
  [Header.PROVIDER_VLAN]: VLAN_LENGTH,
  [Header.ARP]: 2,
  [Header.ARP_SENDER_MAC]: 6,
  [Header.ARP_SENDER_IP]: 4,
  [Header.ARP_TARGET_MAC]: 6,
  [Header.ARP_TARGET_IP]: 4,
  [Header.IPV4]: 1,
  [Header.ICMP]: 6,
  [Header.ICMP_QUERY]: 6,
  [Header.ICMP_MTU]: icmp.HEADER_LENGTH,
  [Header.ICMP_GATEWAY]: icmp.HEADER_LENGTH,
  [Header.ICMP_POINTER]: 6,
  [Header.UDP]: PORTS,
  [Header.TCP]: PORTS,
};
/** With less of a TCP header Wireshark names the ports alone. */
const TCP_LEAST = 16;
/** Types that have an identifier and a sequence number: echo, timestamp, information, mask. */
const QUERIES: readonly number[] = [
  ...[icmp.Type.ECHO_REPLY, icmp.Type.ECHO_REQUEST, icmp.Type.TIMESTAMP, icmp.Type.TIMESTAMP_REPLY],
  ...[icmp.Type.INFORMATION, icmp.Type.INFORMATION_REPLY, icmp.Type.MASK, icmp.Type.MASK_REPLY],
];

/** Headers after which quotes are not opened: an error about an error is against RFC 1122, a longer chain is an attack. */
const MOST_QUOTING = 64;

export class Headers {
  count = 0;
  /** Bit by kind: is there one at all? */
  present = 0;
  readonly kinds: HeaderKind[] = [];
  /** Places in the bytes; those of a header that can be read are [at, end). */
  readonly at: number[] = [];
  readonly end: number[] = [];

  has(kind: HeaderKind): boolean {
    return (this.present & (1 << kind)) !== 0;
  }

  /** Place of the outermost header of the kind; -1 when there is none. */
  first(kind: HeaderKind): number {
    for (let i = 0; i < this.count; i++) if (this.kinds[i] === kind) return this.at[i]!;
    return -1;
  }

  /** Of the innermost. */
  last(kind: HeaderKind): number {
    for (let i = this.count - 1; i >= 0; i--) if (this.kinds[i] === kind) return this.at[i]!;
    return -1;
  }

  /** Forgets the last frame and walks the one in [at, end). Never fails, whatever the bytes. */
  walk(b: Uint8Array, at: number, end: number): void {
    this.count = 0;
    this.present = 0;
    if (this.push(Header.ETHERNET, at, end)) this.tagged(b, at + ethernet.HEADER_LENGTH - 2, end);
  }

  /** True when enough of it is there. */
  private push(kind: HeaderKind, at: number, end: number): boolean {
    if (at + LEAST[kind]! > end) return false;
    const index = this.count++;
    this.kinds[index] = kind;
    this.at[index] = at;
    this.end[index] = end;
    this.present |= 1 << kind;
    return true;
  }

  /** `typeAt` is the place of the frame's type or length field. */
  private tagged(b: Uint8Array, typeAt: number, end: number): void {
    let type = get16(b, typeAt);
    this.push(ethernet.isLength(type) ? Header.ETHERNET_LENGTH : Header.ETHERNET_TYPE, typeAt, end);
    let place = typeAt + 2;
    while (type === EtherType.VLAN || type === EtherType.PROVIDER_VLAN) {
      this.push(type === EtherType.VLAN ? Header.VLAN : Header.PROVIDER_VLAN, place, end);
      if (place + VLAN_LENGTH > end) return;
      type = get16(b, place + 2);
      place += VLAN_LENGTH;
    }
    if (type === EtherType.IPV4) this.internet(b, place, end);
    else if (type === EtherType.ARP || type === EtherType.RARP) this.resolution(b, place, end);
  }

  private resolution(b: Uint8Array, at: number, end: number): void {
    this.push(Header.ARP, at, end);
    if (at + ARP_FIXED_PART > end) return;
    const hardware = get8(b, at + 4);
    const protocol = get8(b, at + 5);
    const sender = at + ARP_FIXED_PART;
    const target = sender + hardware + protocol;
    if (target + hardware + protocol > end) return;
    if (hardware === 6 && HARDWARE_WITH_MACS.includes(get16(b, at))) {
      this.push(Header.ARP_SENDER_MAC, sender, end);
      this.push(Header.ARP_TARGET_MAC, target, end);
    }
    if (protocol === 4 && get16(b, at + 2) === EtherType.IPV4) {
      this.push(Header.ARP_SENDER_IP, sender + hardware, end);
      this.push(Header.ARP_TARGET_IP, target + hardware, end);
    }
  }

  private internet(b: Uint8Array, at: number, outerEnd: number): void {
    if (at >= outerEnd) return;
    const header = ipv4.headerLength(b, at);
    const total = at + 4 > outerEnd ? 0 : ipv4.totalLength(b, at);
    if (ipv4.version(b, at) !== 4 || header < ipv4.MIN_HEADER_LENGTH) this.push(Header.IPV4, at, at + 1);
    else if (total < header && total !== 0) this.push(Header.IPV4, at, at + 4);
    // 0: a segment that the card will cut into packets of their own lengths.
    else this.payload(b, at, total === 0 ? outerEnd : Math.min(outerEnd, at + total));
  }

  private payload(b: Uint8Array, ip: number, end: number): void {
    this.push(Header.IPV4, ip, end);
    const at = ipv4.payloadAt(b, ip);
    if (at >= end || ipv4.fragmentOffset(b, ip) !== 0) return;
    const protocol = ipv4.protocol(b, ip);
    if (protocol === Protocol.ICMP) this.control(b, at, end);
    else if (protocol === Protocol.UDP) this.push(Header.UDP, at, end);
    else if (protocol === Protocol.TCP)
      this.push(Header.TCP, at, at + TCP_LEAST > end ? Math.min(end, at + PORTS) : end);
  }

  private control(b: Uint8Array, at: number, end: number): void {
    if (!this.push(Header.ICMP, at, end)) return;
    const type = icmp.type(b, at);
    const part = controlPart(type, icmp.code(b, at));
    if (part !== null) this.push(part, at, end);
    if (icmp.isError(type) && this.count < MOST_QUOTING) this.internet(b, icmp.dataAt(at), end);
  }
}

/** What the four bytes behind the checksum are. */
function controlPart(type: number, code: number): HeaderKind | null {
  if (QUERIES.includes(type)) return Header.ICMP_QUERY;
  if (type === icmp.Type.REDIRECT) return Header.ICMP_GATEWAY;
  if (type === icmp.Type.PARAMETER_PROBLEM) return Header.ICMP_POINTER;
  const isMtu = type === icmp.Type.UNREACHABLE && code === icmp.Unreachable.FRAGMENTATION_NEEDED;
  return isMtu ? Header.ICMP_MTU : null;
}
