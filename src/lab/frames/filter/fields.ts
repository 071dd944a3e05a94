/**
 * The fields a display filter can name, in Wireshark's words: where each stands in which header, and what its values
 * are. A new field is a line here. `ip.frag_offset` counts units of eight bytes, as Wireshark 4 compares it.
 */
import { Header, type HeaderKind } from "../../../packet/headers.ts";
import { INSIDE_FIELDS, INSIDE_PROTOCOLS } from "./inside-fields.ts";
import type { Place, RecordNumber, ValueKind } from "./tree.ts";

export interface HeaderField {
  readonly name: string;
  readonly kind: ValueKind;
  /** More than one where the name means either end: ip.addr, udp.port. */
  readonly places: readonly Place[];
}

const MOST = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff, 6: 0xffff_ffff_ffff } as const;

const at = (header: HeaderKind, offset: number, size: Place["size"]): Place => ({
  ...{ header, offset, size, shift: 0, most: MOST[size] },
});
const bits = (header: HeaderKind, offset: number, size: 1 | 2, shift: number, most: number): Place => ({
  ...{ header, offset, size, shift, most },
});

const number = (name: string, ...places: readonly Place[]): HeaderField => ({ name, kind: "number", places });
const ipv4 = (name: string, ...places: readonly Place[]): HeaderField => ({ name, kind: "ipv4", places });
const mac = (name: string, ...places: readonly Place[]): HeaderField => ({ name, kind: "mac", places });
const flag = (name: string, ...places: readonly Place[]): HeaderField => ({ name, kind: "boolean", places });

const { ETHERNET, ETHERNET_TYPE, ETHERNET_LENGTH, VLAN, PROVIDER_VLAN, ARP, IPV4, ICMP, UDP, TCP } = Header;

export const HEADER_FIELDS: readonly HeaderField[] = [
  mac("eth.dst", at(ETHERNET, 0, 6)),
  mac("eth.src", at(ETHERNET, 6, 6)),
  mac("eth.addr", at(ETHERNET, 0, 6), at(ETHERNET, 6, 6)),
  number("eth.type", at(ETHERNET_TYPE, 0, 2)),
  number("eth.len", at(ETHERNET_LENGTH, 0, 2)),
  number("vlan.priority", bits(VLAN, 0, 2, 13, 7)),
  flag("vlan.dei", bits(VLAN, 0, 2, 12, 1)),
  number("vlan.id", bits(VLAN, 0, 2, 0, 0xfff)),
  number("vlan.etype", at(VLAN, 2, 2)),
  number("ieee8021ad.priority", bits(PROVIDER_VLAN, 0, 2, 13, 7)),
  number("ieee8021ad.dei", bits(PROVIDER_VLAN, 0, 2, 12, 1)),
  number("ieee8021ad.id", bits(PROVIDER_VLAN, 0, 2, 0, 0xfff)),
  number("arp.hw.type", at(ARP, 0, 2)),
  number("arp.proto.type", at(ARP, 2, 2)),
  number("arp.hw.size", at(ARP, 4, 1)),
  number("arp.proto.size", at(ARP, 5, 1)),
  number("arp.opcode", at(ARP, 6, 2)),
  mac("arp.src.hw_mac", at(Header.ARP_SENDER_MAC, 0, 6)),
  ipv4("arp.src.proto_ipv4", at(Header.ARP_SENDER_IP, 0, 4)),
  mac("arp.dst.hw_mac", at(Header.ARP_TARGET_MAC, 0, 6)),
  ipv4("arp.dst.proto_ipv4", at(Header.ARP_TARGET_IP, 0, 4)),
  number("ip.dsfield", at(IPV4, 1, 1)),
  number("ip.dsfield.dscp", bits(IPV4, 1, 1, 2, 0x3f)),
  number("ip.dsfield.ecn", bits(IPV4, 1, 1, 0, 3)),
  number("ip.len", at(IPV4, 2, 2)),
  number("ip.id", at(IPV4, 4, 2)),
  number("ip.flags", bits(IPV4, 6, 2, 13, 7)),
  flag("ip.flags.rb", bits(IPV4, 6, 2, 15, 1)),
  flag("ip.flags.df", bits(IPV4, 6, 2, 14, 1)),
  flag("ip.flags.mf", bits(IPV4, 6, 2, 13, 1)),
  number("ip.frag_offset", bits(IPV4, 6, 2, 0, 0x1fff)),
  number("ip.ttl", at(IPV4, 8, 1)),
  number("ip.proto", at(IPV4, 9, 1)),
  number("ip.checksum", at(IPV4, 10, 2)),
  ipv4("ip.src", at(IPV4, 12, 4)),
  ipv4("ip.dst", at(IPV4, 16, 4)),
  ipv4("ip.addr", at(IPV4, 12, 4), at(IPV4, 16, 4)),
  number("icmp.type", at(ICMP, 0, 1)),
  number("icmp.code", at(ICMP, 1, 1)),
  number("icmp.checksum", at(ICMP, 2, 2)),
  number("icmp.ident", at(Header.ICMP_QUERY, 4, 2)),
  number("icmp.seq", at(Header.ICMP_QUERY, 6, 2)),
  number("icmp.mtu", at(Header.ICMP_MTU, 6, 2)),
  ipv4("icmp.redir_gw", at(Header.ICMP_GATEWAY, 4, 4)),
  number("icmp.pointer", at(Header.ICMP_POINTER, 4, 1)),
  number("udp.srcport", at(UDP, 0, 2)),
  number("udp.dstport", at(UDP, 2, 2)),
  number("udp.port", at(UDP, 0, 2), at(UDP, 2, 2)),
  number("udp.length", at(UDP, 4, 2)),
  number("udp.checksum", at(UDP, 6, 2)),
  number("tcp.srcport", at(TCP, 0, 2)),
  number("tcp.dstport", at(TCP, 2, 2)),
  number("tcp.port", at(TCP, 0, 2), at(TCP, 2, 2)),
  number("tcp.seq_raw", at(TCP, 4, 4)),
  number("tcp.ack_raw", at(TCP, 8, 4)),
  number("tcp.flags", bits(TCP, 12, 2, 0, 0xfff)),
  flag("tcp.flags.cwr", bits(TCP, 12, 2, 7, 1)),
  flag("tcp.flags.ece", bits(TCP, 12, 2, 6, 1)),
  flag("tcp.flags.urg", bits(TCP, 12, 2, 5, 1)),
  flag("tcp.flags.ack", bits(TCP, 12, 2, 4, 1)),
  flag("tcp.flags.push", bits(TCP, 12, 2, 3, 1)),
  flag("tcp.flags.reset", bits(TCP, 12, 2, 2, 1)),
  flag("tcp.flags.syn", bits(TCP, 12, 2, 1, 1)),
  flag("tcp.flags.fin", bits(TCP, 12, 2, 0, 1)),
  number("tcp.window_size_value", at(TCP, 14, 2)),
  number("tcp.checksum", at(TCP, 16, 2)),
  number("tcp.urgent_pointer", at(TCP, 18, 2)),
];

/** Words that stand alone: is there such a header? */
export const PROTOCOLS: ReadonlyMap<string, HeaderKind> = new Map([
  ["eth", ETHERNET],
  ["vlan", VLAN],
  ["ieee8021ad", PROVIDER_VLAN],
  ["arp", ARP],
  ["ip", IPV4],
  ["icmp", ICMP],
  ["udp", UDP],
  ["tcp", TCP],
]);

/** Numbers that a record has besides its bytes; the times are in seconds of virtual time, from the lab's start. */
export const RECORD_NUMBERS: ReadonlyMap<string, RecordNumber> = new Map([
  ["frame.number", "number"],
  ["frame.len", "length"],
  ["frame.time_relative", "time"],
  ["lineage", "lineage"],
]);

/** Names that a record has; they are compared with == and != only. */
export const RECORD_NAMES = ["port", "machine", "dir", "fate"] as const;
export type RecordName = (typeof RECORD_NAMES)[number];
export const isRecordName = (word: string): word is RecordName => (RECORD_NAMES as readonly string[]).includes(word);

const BY_NAME: ReadonlyMap<string, HeaderField> = new Map(HEADER_FIELDS.map((field) => [field.name, field]));

export const headerField = (name: string): HeaderField | null => BY_NAME.get(name) ?? null;

/** Everything that can be compared or asked for. */
export const FIELD_WORDS: readonly string[] = [
  "frame",
  ...PROTOCOLS.keys(),
  ...RECORD_NUMBERS.keys(),
  ...RECORD_NAMES,
  ...BY_NAME.keys(),
  ...INSIDE_PROTOCOLS.keys(),
  ...INSIDE_FIELDS.keys(),
];
