/**
 * A frame as a tree of layers and fields with byte ranges: what a packet view draws. Never throws, whatever the bytes;
 * what is cut or malformed ends in a field that says so.
 *
 * Only named, not opened: IPv6, LLC, DHCP, DNS.
 */
import type { Ipv4 } from "./address.ts";
import * as dhcp from "./dhcp.ts";
import { dissectArp } from "./dissect/arp.ts";
import { dissectDhcp } from "./dissect/dhcp.ts";
import { dissectDns } from "./dissect/dns.ts";
import { dissectEthernet, dissectProviderVlan, dissectVlan } from "./dissect/ethernet.ts";
import { dissectIcmp } from "./dissect/icmp.ts";
import { dissectIpv4 } from "./dissect/ipv4.ts";
import {
  bytesField,
  count,
  type Dissected,
  type Dissector,
  field,
  type Layer,
  type Next,
  type Scope,
  type Space,
} from "./dissect/layer.ts";
import { dissectStp } from "./dissect/stp.ts";
import { dissectTcp } from "./dissect/tcp.ts";
import { dissectUdp } from "./dissect/udp.ts";
import * as dns from "./dns.ts";
import { EtherType } from "./ethernet.ts";
import { Protocol } from "./ipv4.ts";

export type { Field, Layer } from "./dissect/layer.ts";

/** Who reads what. A new protocol is a file in dissect/ and a line here. */
const DISSECTORS: readonly (readonly [Space, number, Dissector])[] = [
  ["link", 0, dissectEthernet],
  ["ethertype", EtherType.IPV4, dissectIpv4],
  ["ethertype", EtherType.ARP, dissectArp],
  ["ethertype", EtherType.RARP, dissectArp],
  ["ethertype", EtherType.VLAN, dissectVlan],
  ["ethertype", EtherType.PROVIDER_VLAN, dissectProviderVlan],
  ["ethertype", EtherType.IPV6, onlyNamed("ipv6", "Internet Protocol Version 6")],
  ["ethertype", EtherType.LLDP, onlyNamed("lldp", "Link Layer Discovery Protocol")],
  ["llc", 0x42, dissectStp],
  ["protocol", Protocol.ICMP, dissectIcmp],
  ["protocol", Protocol.TCP, dissectTcp],
  ["protocol", Protocol.UDP, dissectUdp],
  ["protocol", Protocol.IGMP, onlyNamed("igmp", "Internet Group Management Protocol")],
  ["port", dns.PORT, dissectDns],
  ["port", dhcp.SERVER_PORT, dissectDhcp],
  ["port", dhcp.CLIENT_PORT, dissectDhcp],
];

export interface DissectOptions {
  /** The frame's L4 checksum is not filled in yet (CHECKSUM_PARTIAL). */
  readonly checksumPartial?: boolean;
}

/** The layers of the frame in [at, end), outermost first; ranges are places in `bytes`. */
export function dissect(bytes: Uint8Array, at: number, end: number, options: DissectOptions = {}): Layer[] {
  const { checksumPartial = false } = options;
  const none = 0 as Ipv4;
  const scope: Scope = { bytes, checksumPartial, source: none, destination: none, isWhole: false };
  const layers: Layer[] = [];
  const trailing: Layer[] = [];
  let next: Next | null = { space: "link", keys: [0], from: at, to: end };
  while (next !== null) {
    const found: Dissected = dissectorOf(next)(scope, next.from, next.to);
    layers.push(found.layer);
    if (found.extent < next.to) trailing.unshift(padding(bytes, found.extent, next.to));
    next = found.next !== null && found.next.from < found.next.to ? found.next : null;
  }
  return [...layers, ...trailing];
}

function dissectorOf({ space, keys }: Next): Dissector {
  for (const key of keys) {
    const row = DISSECTORS.find(([rowSpace, rowKey]) => rowSpace === space && rowKey === key);
    if (row !== undefined) return row[2];
  }
  return space === "llc" ? dissectLlc : dissectData;
}

function onlyNamed(protocol: string, title: string): Dissector {
  return ({ bytes }, from, to) => ({
    layer: {
      protocol,
      title: `${title}, length ${to - from}`,
      ...{ from, to },
      fields: [bytesField(bytes, from, to, protocol, "Not decoded")],
    },
    next: null,
    extent: to,
  });
}

const dissectLlc = onlyNamed("llc", "Logical-Link Control");

function dissectData({ bytes }: Scope, from: number, to: number): Dissected {
  const fields = [
    bytesField(bytes, from, to, "data.data", "Data"),
    field("data.len", "Length", to - from, count(to - from), [from, to]),
  ];
  return { layer: { protocol: "data", title: `Data (${count(to - from)})`, from, to, fields }, next: null, extent: to };
}

/** Bytes that no length field claims: mostly what fills a short frame up to 60 bytes. */
function padding(bytes: Uint8Array, from: number, to: number): Layer {
  const fields = [bytesField(bytes, from, to, "eth.padding", "Padding")];
  return { protocol: "padding", title: `Padding (${count(to - from)})`, from, to, fields };
}
