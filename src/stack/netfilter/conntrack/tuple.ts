/**
 * Reading, comparing and hashing tuples, who speaks to whom. Follows nf_conntrack_core.c (nf_ct_get_tuple,
 * hash_conntrack_raw) and nf_conntrack_proto_icmp.c (icmp_pkt_to_tuple, icmp_invert_tuple).
 *
 * A message of ICMP has no ports: its identifier stands in the place of the source's, type and code in that of the
 * destination's. Numbers are signed, so that V8 keeps them in the object itself.
 */
import { get8, get16, get32 } from "../../../base/bytes.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import type { Tuple } from "./flow.ts";

const SOURCE = 12;
const DESTINATION = 16;
const PORTS = 4;

export const equal = (a: Tuple, b: Tuple): boolean =>
  a.source === b.source &&
  a.destination === b.destination &&
  a.sourcePort === b.sourcePort &&
  a.destinationPort === b.destinationPort &&
  a.protocol === b.protocol;

export function assign(to: Tuple, from: Tuple): void {
  to.source = from.source;
  to.destination = from.destination;
  to.sourcePort = from.sourcePort;
  to.destinationPort = from.destinationPort;
  to.protocol = from.protocol;
}

/** Multiplications of murmur3's finish: a port more or less changes half of the bits. */
export function hashOf(tuple: Tuple): number {
  const ports = (tuple.sourcePort << 16) | tuple.destinationPort;
  let h = Math.imul(tuple.source, 0x85eb_ca6b) ^ Math.imul(tuple.destination, 0xc2b2_ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d) ^ Math.imul(ports, 0x9e37_79b1) ^ tuple.protocol;
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
  to.source = from.destination;
  to.destination = from.source;
  to.protocol = from.protocol;
  if (from.protocol !== ipv4.Protocol.ICMP) {
    to.sourcePort = from.destinationPort;
    to.destinationPort = from.sourcePort;
    return true;
  }
  const answer = REPLIES[from.icmpType]!;
  to.sourcePort = from.sourcePort;
  to.destinationPort = (answer << 8) | from.icmpCode;
  return answer >= 0;
}

/** Of the packet whose IP header stands at `ip`. False: a later fragment, or too short to tell. */
export function read(tuple: Tuple, b: Uint8Array, ip: number, end: number): boolean {
  if (ipv4.fragmentOffset(b, ip) !== 0) return false;
  const at = ipv4.payloadAt(b, ip);
  tuple.source = get32(b, ip + SOURCE) | 0;
  tuple.destination = get32(b, ip + DESTINATION) | 0;
  tuple.protocol = ipv4.protocol(b, ip);
  switch (tuple.protocol) {
    case ipv4.Protocol.TCP:
    case ipv4.Protocol.UDP:
      if (at + PORTS > end) return false;
      tuple.sourcePort = get16(b, at);
      tuple.destinationPort = get16(b, at + 2);
      return true;
    case ipv4.Protocol.ICMP:
      if (at + icmp.HEADER_LENGTH > end) return false;
      tuple.sourcePort = get16(b, at + 4);
      tuple.destinationPort = (get8(b, at) << 8) | get8(b, at + 1);
      return true;
    default:
      tuple.sourcePort = 0;
      tuple.destinationPort = 0;
      return at <= end;
  }
}
