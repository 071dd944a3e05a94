/**
 * One frame as the line that tcpdump 4.99.3 prints for it (`-nn`, without the time stamp).
 *
 * The same text, byte for byte, for Ethernet, VLAN tags, STP, ARP, RARP, IPv4, ICMP, UDP and TCP (-S: absolute sequence
 * numbers), truncated and malformed ones included. Simplified: IPv6 ("IP6, length N") and LLC are named with their length;
 * DNS and DHCP as far as describe/dns.ts and describe/dhcp.ts say; IP protocols other than ICMP, UDP and TCP, and the
 * payloads of known ports, are not decoded.
 */
import { get8, get16, hex16 } from "../base/bytes.ts";
import { formatMac } from "./address.ts";
import { describeArp } from "./describe/arp.ts";
import { describeIpv4 } from "./describe/ipv4.ts";
import { ETHER_TYPE_NAMES } from "./describe/names.ts";
import { cut, dump, has, type Printout, print, printColumn, truncated } from "./describe/printout.ts";
import { describeStp } from "./describe/stp.ts";
import * as ethernet from "./ethernet.ts";
import { EtherType } from "./ethernet.ts";
import * as vlan from "./vlan.ts";

export interface DescribeOptions {
  /** Addresses, type and length of the frame first, like -e. */
  readonly link?: boolean;
  /** The IP header in parentheses and checksums, like -v; lines after the first start with blanks or a tab. */
  readonly verbose?: boolean;
  /** For a list with columns for addresses and protocol: without these, and never more than one line. */
  readonly summary?: boolean;
  /** Bytes that the frame had on the wire, when [at, end) is only their beginning. */
  readonly wireLength?: number;
}

/** What is printed for a payload of each EtherType. A new protocol is a file in describe/ and a line here. */
const PRINTERS: Readonly<Record<number, (out: Printout, at: number, length: number) => void>> = {
  [EtherType.IPV4]: describeIpv4,
  [EtherType.ARP]: describeArp,
  [EtherType.RARP]: describeArp,
  [EtherType.IPV6]: (out, _at, length) => {
    printColumn(out, "IP6, ");
    print(out, `length ${length}`);
  },
};

/** The frame in [at, end). Never fails, whatever the bytes. */
export function describe(bytes: Uint8Array, at: number, end: number, options: DescribeOptions = {}): string {
  const { link = false, verbose = false, summary = false, wireLength = end - at } = options;
  const out: Printout = { bytes, end, link, verbose, summary, text: "", over: false };
  describeFrame(out, at, Math.max(wireLength, end - at));
  return out.text;
}

function describeFrame(out: Printout, at: number, length: number): void {
  if (!has(out, at, ethernet.HEADER_LENGTH)) {
    truncated(out, "ether");
    return;
  }
  if (out.link) print(out, `${macs(out, at)}, `);
  const typeAt = tags(out, at, length);
  if (typeAt < 0) {
    cut(out, "vlan");
    return;
  }
  const isTagged = typeAt > at + ethernet.HEADER_LENGTH - 2;
  const type = get16(out.bytes, typeAt);
  const payloadAt = typeAt + 2;
  const payloadLength = length - (payloadAt - at);
  if (ethernet.isLength(type)) {
    llc(out, payloadAt, Math.min(type, payloadLength), isTagged);
    return;
  }
  if (out.link) print(out, `${typeName(type)}, ${isTagged ? "" : `length ${length}: `}`);
  const printer = PRINTERS[type];
  if (printer !== undefined) {
    printer(out, payloadAt, payloadLength);
    return;
  }
  if (!out.link) {
    printColumn(out, `${macs(out, at)}, `);
    print(out, `${typeName(type)}, length ${length}`);
    printColumn(out, ": ");
  }
  dump(out, payloadAt, out.end);
}

const macs = (out: Printout, at: number): string =>
  `${formatMac(ethernet.source(out.bytes, at))} > ${formatMac(ethernet.destination(out.bytes, at))}`;

const typeName = (type: number): string => `ethertype ${ETHER_TYPE_NAMES[type] ?? "Unknown"} (0x${hex16(type)})`;

/** Prints the tags and answers where the last type field is; -1 when a tag is cut. */
function tags(out: Printout, at: number, length: number): number {
  let typeAt = at + ethernet.HEADER_LENGTH - 2;
  for (let first = true; vlan.isTag(get16(out.bytes, typeAt)); first = false) {
    if (!has(out, typeAt + 2, vlan.TAG_LENGTH)) return -1;
    if (out.link) print(out, typeName(get16(out.bytes, typeAt)) + (first ? `, length ${length}: ` : ", "));
    if (out.link) print(out, tagText(out.bytes, typeAt));
    typeAt += vlan.TAG_LENGTH;
  }
  return typeAt;
}

const tagText = (b: Uint8Array, at: number): string =>
  `vlan ${vlan.id(b, at)}, p ${vlan.priority(b, at)}${vlan.dropEligible(b, at) ? ", DEI" : ""}, `;

/** Service access point of the spanning tree protocol. */
const STP_SAP = 0x42;
const LLC_HEADER = 3;

function llc(out: Printout, at: number, length: number, isTagged: boolean): void {
  if (out.link) print(out, `802.3${isTagged ? "" : `, length ${length}: `}`);
  if (!has(out, at, LLC_HEADER) || length < LLC_HEADER) {
    truncated(out, "llc");
    dump(out, at, out.end);
    return;
  }
  const isStp = get8(out.bytes, at) === STP_SAP && get8(out.bytes, at + 1) === STP_SAP;
  if (isStp) {
    if (out.link) print(out, "LLC, dsap STP (0x42) Individual, ssap STP (0x42) Command, ctrl 0x03: ");
    return describeStp(out, at + LLC_HEADER, length - LLC_HEADER);
  }
  printColumn(out, "LLC, ");
  print(out, `length ${length}`);
}
