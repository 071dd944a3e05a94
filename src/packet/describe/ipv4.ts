/**
 * IPv4 as tcpdump prints it (its print-ip.c), with the packets that ICMP errors quote.
 * Not modelled: what tcpdump decodes below IPv4 other than ICMP, UDP and TCP; those protocols get their number.
 */
import { get8, get16, get32 } from "../../base/bytes.ts";
import { formatIpv4, type Ipv4 } from "../address.ts";
import { checksum } from "../checksum.ts";
import * as icmp from "../icmp.ts";
import * as ipv4 from "../ipv4.ts";
import { OptionType } from "../ipv4-options.ts";
import { describeExtension, describeIcmp, shouldBe } from "./icmp.ts";
import { describeIpv4Options } from "./ipv4-options.ts";
import { IP_PROTOCOL_NAMES } from "./names.ts";
import { cut, has, type Printout, print, printColumn, truncated } from "./printout.ts";
import { describeTcp } from "./tcp.ts";
import { describeUdp } from "./udp.ts";

/** `length` is what the lower layer has for this packet, Ethernet padding included. */
export function describeIpv4(out: Printout, at: number, length: number): void {
  const b = out.bytes;
  if (!has(out, at, 1)) {
    cut(out, "ip");
    return;
  }
  const version = ipv4.version(b, at);
  if (version !== 4) {
    print(out, `${version === 6 ? "IP6, wrong link-layer encapsulation" : `IP${version}`} (invalid)`);
    return;
  }
  if (!out.link) printColumn(out, "IP ");
  if (!has(out, at, ipv4.MIN_HEADER_LENGTH)) {
    truncated(out, "ip");
    return;
  }
  const problem = lengthProblem(b, at, length);
  if (problem !== null) {
    print(out, problem);
    return;
  }
  const header = ipv4.headerLength(b, at);
  const total = ipv4.totalLength(b, at);
  print(out, missing(length, total));
  const outerEnd = out.end;
  out.end = Math.min(outerEnd, at + total);
  if (!out.verbose || headerLine(out, at, header)) packet(out, at, header, total - header);
  if (out.summary && ipv4.isFragment(b, at)) print(out, `, ${fragment(b, at)}`);
  out.end = outerEnd;
}

/** What stands instead of the packet when its lengths make no sense; null when they do. */
function lengthProblem(b: Uint8Array, at: number, length: number): string | null {
  const header = ipv4.headerLength(b, at);
  const total = ipv4.totalLength(b, at);
  if (length < ipv4.MIN_HEADER_LENGTH) return `truncated-ip ${length}`;
  if (header < ipv4.MIN_HEADER_LENGTH) return `bad-hlen ${header}`;
  return total < header ? `${missing(length, total)}bad-len ${total}` : null;
}

const missing = (length: number, total: number): string =>
  length < total ? `truncated-ip - ${total - length} bytes missing! ` : "";

const source = (b: Uint8Array, at: number): string => formatIpv4(ipv4.source(b, at));
const destination = (b: Uint8Array, at: number): string => formatIpv4(ipv4.destination(b, at));

const CONGESTION = ["", ",ECT(1)", ",ECT(0)", ",CE"] as const;

/** The part in parentheses; false when its options are cut and the packet cannot be followed. */
function headerLine(out: Printout, at: number, header: number): boolean {
  const b = out.bytes;
  const ttl = ipv4.ttl(b, at);
  const protocol = ipv4.protocol(b, at);
  print(out, `(tos 0x${ipv4.tos(b, at).toString(16)}${CONGESTION[ipv4.tos(b, at) & 3] ?? ""}`);
  if (ttl >= 1) print(out, `, ttl ${ttl}`);
  print(out, `, ${fragment(b, at)}`);
  print(out, `, proto ${IP_PROTOCOL_NAMES[protocol] ?? "unknown"} (${protocol}), length ${ipv4.totalLength(b, at)}`);
  const whole = header === ipv4.MIN_HEADER_LENGTH || describeIpv4Options(out, ipv4.optionsAt(at), at + header);
  if (has(out, at, header)) {
    const found = checksum(b, at, at + header);
    const field = ipv4.headerChecksum(b, at);
    if (found !== 0) print(out, `, bad cksum ${field.toString(16)} (->${shouldBe(field, found).toString(16)})!`);
  }
  print(out, ")\n    ");
  if (whole) return true;
  print(out, `${source(b, at)} > ${destination(b, at)}: `);
  truncated(out, "ip");
  return false;
}

const fragment = (b: Uint8Array, at: number): string =>
  `id ${ipv4.id(b, at)}, offset ${ipv4.fragmentOffset(b, at)}, flags [${flagNames(b, at)}]`;

function flagNames(b: Uint8Array, at: number): string {
  const names: string[] = [];
  if (ipv4.moreFragments(b, at)) names.push("+");
  if (ipv4.dontFragment(b, at)) names.push("DF");
  if (ipv4.reservedFlag(b, at)) names.push("rsvd");
  return names.length === 0 ? "none" : names.join(", ");
}

/** What stands after the header; `length` is what the header claims for it. */
function packet(out: Printout, at: number, header: number, length: number): void {
  const b = out.bytes;
  const protocol = ipv4.protocol(b, at);
  const ends = `${source(b, at)} > ${destination(b, at)}:`;
  if (ipv4.fragmentOffset(b, at) !== 0) {
    printColumn(out, `${ends} `);
    print(out, `ip-proto-${protocol}`);
    return;
  }
  const hasPorts = protocol === ipv4.Protocol.TCP || protocol === ipv4.Protocol.UDP;
  if (!hasPorts) printColumn(out, `${ends} `);
  if (!has(out, at, header)) {
    print(out, ` [remaining caplen(${out.end - at}) < header length(${header})]`);
    cut(out, "ip");
    return;
  }
  payload(out, at, at + header, length, protocol);
}

function payload(out: Printout, at: number, from: number, length: number, protocol: number): void {
  const b = out.bytes;
  const isFragment = ipv4.moreFragments(b, at);
  const names = [source(b, at), destination(b, at)] as const;
  switch (protocol) {
    case ipv4.Protocol.ICMP:
      describeIcmp(out, from, length, isFragment);
      if (out.verbose && !out.over && icmp.isError(icmp.type(b, from))) {
        quotedPacket(out, from);
        describeExtension(out, from, length);
      }
      return;
    case ipv4.Protocol.UDP:
      describeUdp(out, from, length, isFragment, names);
      return;
    case ipv4.Protocol.TCP: {
      const ends = { source: ipv4.source(b, at), destination: finalDestination(b, at, from), names };
      describeTcp(out, from, length, isFragment, ends);
      return;
    }
    default:
      print(out, ` ip-proto-${protocol} ${length}`);
  }
}

/** With -v, the packet that an ICMP error is about. It has its own length, which may exceed what was quoted. */
function quotedPacket(out: Printout, at: number): void {
  const quoted = icmp.dataAt(at);
  print(out, "\n\t");
  if (!has(out, quoted, 4)) {
    cut(out, "icmp");
    return;
  }
  const length = get16(out.bytes, quoted + 2);
  if (length < 4) {
    cut(out, "icmp");
    return;
  }
  const outerEnd = out.end;
  out.end = Math.min(outerEnd, quoted + length);
  describeIpv4(out, quoted, length);
  out.end = outerEnd;
}

/** The last hop of a source route counts in the pseudo-header (tcpdump's ip_finddst). */
function finalDestination(b: Uint8Array, at: number, headerEnd: number): Ipv4 {
  let place = ipv4.optionsAt(at);
  while (place < headerEnd && get8(b, place) !== OptionType.END) {
    const type = get8(b, place);
    const size = type === OptionType.NO_OPERATION ? 1 : place + 1 < headerEnd ? get8(b, place + 1) : 0;
    if (size === 0 || (size < 2 && type !== OptionType.NO_OPERATION) || place + size > headerEnd) break;
    const isSourceRoute = type === OptionType.LOOSE_SOURCE_ROUTE || type === OptionType.STRICT_SOURCE_ROUTE;
    if (isSourceRoute && size >= 7) return get32(b, place + size - 4) as Ipv4;
    place += size;
  }
  return ipv4.destination(b, at);
}
