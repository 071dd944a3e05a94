/**
 * The primitives of a capture filter, built from byte comparisons in the order in which libpcap makes them
 * (gencode.c: gen_host, gen_port, gen_proto, gen_vlan_no_bpf_extensions). `tags` is the number of VLAN tags that
 * earlier `vlan` primitives of the text stepped over.
 */
import { BROADCAST_MAC, type Ipv4, type Mac } from "../address.ts";
import { EtherType, MAX_LENGTH_FIELD } from "../ethernet.ts";
import { Protocol } from "../ipv4.ts";
import { both, either, type Filter, field } from "./tree.ts";

export type Direction = "source" | "destination" | "either" | "both";
/** An address as libpcap compares it: with a mask. */
export interface Net {
  readonly address: Ipv4;
  readonly mask: number;
}

const TAG = 4;
const TYPE_AT = 12;
const PAYLOAD_AT = 14;
const IPV6_HEADER = 40;
const IPV6_FRAGMENT = 44;
const SCTP = 132;
const DESTINATION_MAC = 0;
const SOURCE_MAC = 6;

const payload = (tags: number): number => PAYLOAD_AT + TAG * tags;
const typeField = (tags: number): number => TYPE_AT + TAG * tags;

/** A value up to 1500 names an LLC service access point instead (a simplification: the destination's alone). */
export function etherProtocol(tags: number, value: number): Filter {
  const at = typeField(tags);
  if (value > MAX_LENGTH_FIELD) return field(at, 2, value);
  return both(field(at, 2, MAX_LENGTH_FIELD, { relation: "<=" }), field(at + 2, 1, value));
}

export const ipProtocol = (tags: number, value: number): Filter =>
  both(etherProtocol(tags, EtherType.IPV4), field(payload(tags) + 9, 1, value));

export function ip6Protocol(tags: number, value: number): Filter {
  const next = payload(tags) + 6;
  const behindFragment = both(field(next, 1, IPV6_FRAGMENT), field(payload(tags) + IPV6_HEADER, 1, value));
  return both(etherProtocol(tags, EtherType.IPV6), either(field(next, 1, value), behindFragment));
}

export const anyIpProtocol = (tags: number, value: number): Filter =>
  either(ipProtocol(tags, value), ip6Protocol(tags, value));

function directed(direction: Direction, source: Filter, destination: Filter): Filter {
  if (direction === "source") return source;
  if (direction === "destination") return destination;
  return direction === "both" ? both(source, destination) : either(source, destination);
}

const ADDRESS_OFFSETS = {
  ip: { type: EtherType.IPV4, source: 12, destination: 16 },
  arp: { type: EtherType.ARP, source: 14, destination: 24 },
  rarp: { type: EtherType.RARP, source: 14, destination: 24 },
} as const;

/** An IPv4 address inside one protocol. */
export function addressIn(kind: keyof typeof ADDRESS_OFFSETS, tags: number, net: Net, direction: Direction): Filter {
  const { type, source, destination } = ADDRESS_OFFSETS[kind];
  const at = (offset: number): Filter => field(payload(tags) + offset, 4, net.address, { mask: net.mask });
  const carrier = etherProtocol(tags, type);
  return net.mask === 0 ? carrier : both(carrier, directed(direction, at(source), at(destination)));
}

export const address = (tags: number, net: Net, direction: Direction): Filter =>
  either(
    either(addressIn("ip", tags, net, direction), addressIn("arp", tags, net, direction)),
    addressIn("rarp", tags, net, direction),
  );

/** Ports `low` to `high`; `protocols` is one of TCP and UDP, or both with SCTP. */
export function ports(
  tags: number,
  low: number,
  high: number,
  protocols: readonly number[],
  direction: Direction,
): Filter {
  const start = payload(tags);
  const ip4 = protocols.map((protocol) => portsIn4(start, low, high, protocol, direction)).reduce(either);
  const ip6 = protocols.map((protocol) => portsIn6(start, low, high, protocol, direction)).reduce(either);
  return either(both(etherProtocol(tags, EtherType.IPV6), ip6), both(etherProtocol(tags, EtherType.IPV4), ip4));
}

export const ANY_TRANSPORT: readonly number[] = [Protocol.TCP, Protocol.UDP, SCTP];

function portsIn4(start: number, low: number, high: number, protocol: number, direction: Direction): Filter {
  const firstFragment = field(start + 6, 2, 0, { mask: 0x1fff });
  const at = (offset: number): Filter => within(start + offset, low, high, start);
  return both(both(field(start + 9, 1, protocol), firstFragment), directed(direction, at(0), at(2)));
}

function portsIn6(start: number, low: number, high: number, protocol: number, direction: Direction): Filter {
  const at = (offset: number): Filter => within(start + IPV6_HEADER + offset, low, high, -1);
  return both(field(start + 6, 1, protocol), directed(direction, at(0), at(2)));
}

const within = (offset: number, low: number, high: number, afterIpHeader: number): Filter =>
  low === high
    ? field(offset, 2, low, { afterIpHeader })
    : both(
        field(offset, 2, low, { relation: ">=", afterIpHeader }),
        field(offset, 2, high, { relation: "<=", afterIpHeader }),
      );

const macAt = (offset: number, mac: Mac): Filter =>
  both(field(offset + 2, 4, mac % 0x1_0000_0000), field(offset, 2, Math.floor(mac / 0x1_0000_0000)));

export const mac = (value: Mac, direction: Direction): Filter =>
  directed(direction, macAt(SOURCE_MAC, value), macAt(DESTINATION_MAC, value));

export const etherBroadcast: Filter = macAt(DESTINATION_MAC, BROADCAST_MAC);
/** The group bit: broadcast counts too. */
export const etherMulticast: Filter = field(DESTINATION_MAC, 1, 1, { mask: 1 });
export const ipMulticast = (tags: number): Filter =>
  both(etherProtocol(tags, EtherType.IPV4), field(payload(tags) + 16, 1, 224, { relation: ">=" }));
export const ip6Multicast = (tags: number): Filter =>
  both(etherProtocol(tags, EtherType.IPV6), field(payload(tags) + 24, 1, 255));

/** A tag at this depth, with `id` unless it is null. */
export function vlan(tags: number, id: number | null): Filter {
  const tagged = [EtherType.VLAN, EtherType.PROVIDER_VLAN, 0x9100]
    .map((type) => etherProtocol(tags, type))
    .reduce(either);
  return id === null ? tagged : both(tagged, field(payload(tags), 2, id, { mask: 0xfff }));
}

export const shorter = (limit: number): Filter => ({ test: "length", relation: "<=", value: limit });
export const longer = (limit: number): Filter => ({ test: "length", relation: ">=", value: limit });
