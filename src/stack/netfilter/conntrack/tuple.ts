/**
 * Reading, comparing and hashing tuples, who speaks to whom. Follows nf_conntrack_core.c (nf_ct_get_tuple,
 * hash_conntrack_raw) and nf_conntrack_proto_icmp.c (icmp_pkt_to_tuple, icmp_invert_tuple).
 *
 * A message of ICMP has no ports: its identifier stands in the place of the source's, type and code in that of the
 * destination's. Addresses are signed numbers.
 */
import { get16, getInt32 } from "../../../base/bytes.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";

const SOURCE = 12;
const DESTINATION = 16;
const PORTS = 4;

/** struct nf_conntrack_tuple: a window on numbers that lie in a flow's line, or in an array of its own. */
export class Tuple {
  private words: Int32Array;
  private at: number;
  private protocolAt: number;

  constructor(words: Int32Array = new Int32Array(4), at = 0, protocolAt = 3) {
    this.words = words;
    this.at = at;
    this.protocolAt = protocolAt;
  }

  moveTo(words: Int32Array, at: number, protocolAt: number): void {
    this.words = words;
    this.at = at;
    this.protocolAt = protocolAt;
  }

  get source(): number {
    return this.words[this.at]!;
  }
  set source(address: number) {
    this.words[this.at] = address;
  }

  get destination(): number {
    return this.words[this.at + 1]!;
  }
  set destination(address: number) {
    this.words[this.at + 1] = address;
  }

  /** Both ports, the source's above. */
  get ports(): number {
    return this.words[this.at + 2]!;
  }
  set ports(ports: number) {
    this.words[this.at + 2] = ports;
  }

  get sourcePort(): number {
    return this.ports >>> 16;
  }
  set sourcePort(port: number) {
    this.ports = (port << 16) | this.destinationPort;
  }

  get destinationPort(): number {
    return this.ports & 0xffff;
  }
  set destinationPort(port: number) {
    this.ports = (this.ports & ~0xffff) | port;
  }

  get protocol(): number {
    return this.words[this.protocolAt]!;
  }
  set protocol(protocol: number) {
    this.words[this.protocolAt] = protocol;
  }

  get icmpType(): number {
    return this.destinationPort >>> 8;
  }

  get icmpCode(): number {
    return this.destinationPort & 255;
  }
}

export const equal = (a: Tuple, b: Tuple): boolean =>
  a.source === b.source && a.destination === b.destination && a.ports === b.ports && a.protocol === b.protocol;

export function assign(to: Tuple, from: Tuple): void {
  to.source = from.source;
  to.destination = from.destination;
  to.ports = from.ports;
  to.protocol = from.protocol;
}

/** Multiplications of murmur3's finish: a port more or less changes half of the bits. */
export function hashOf({ source, destination, ports, protocol }: Tuple): number {
  let h = Math.imul(source, 0x85eb_ca6b) ^ Math.imul(destination, 0xc2b2_ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d) ^ Math.imul(ports, 0x9e37_79b1) ^ protocol;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}

/** What answers what: the type of the reply, 0 where there is none. */
const REPLIES = new Int16Array(256).fill(-1);
for (const [question, answer] of [
  [8, 0],
  [13, 14],
  [15, 16],
  [17, 18],
] as const) {
  REPLIES[question] = answer;
  REPLIES[answer] = question;
}

/** The other direction. False: nothing answers a message of this kind. */
export function invert(to: Tuple, from: Tuple): boolean {
  const { ports } = from;
  to.source = from.destination;
  to.destination = from.source;
  to.protocol = from.protocol;
  if (from.protocol !== ipv4.Protocol.ICMP) {
    to.ports = (ports << 16) | (ports >>> 16);
    return true;
  }
  const answer = REPLIES[from.icmpType]!;
  to.ports = (ports & ~0xff00) | ((answer & 0xff) << 8);
  return answer >= 0;
}

/** Of the packet whose IP header stands at `ip`. False: a later fragment, or too short to tell. */
export function read(tuple: Tuple, b: Uint8Array, ip: number, end: number): boolean {
  if (ipv4.fragmentOffset(b, ip) !== 0) return false;
  const at = ipv4.payloadAt(b, ip);
  tuple.source = getInt32(b, ip + SOURCE);
  tuple.destination = getInt32(b, ip + DESTINATION);
  tuple.protocol = ipv4.protocol(b, ip);
  switch (tuple.protocol) {
    case ipv4.Protocol.TCP:
    case ipv4.Protocol.UDP:
      if (at + PORTS > end) return false;
      tuple.ports = getInt32(b, at);
      return true;
    case ipv4.Protocol.ICMP:
      if (at + icmp.HEADER_LENGTH > end) return false;
      tuple.ports = (get16(b, at + 4) << 16) | get16(b, at);
      return true;
    default:
      tuple.ports = 0;
      return at <= end;
  }
}
