/**
 * Rewriting addresses and ports with their checksums: net/netfilter/nf_nat_proto.c (nf_nat_manip_pkt, l4proto_manip_pkt,
 * nf_csum_update). Checksums are updated, never made anew (RFC 1624), so that what was wrong stays wrong. Of a frame whose
 * checksum is not yet filled in (PARTIAL) only the sum of the pseudo header moves.
 */
import { get16, put16 } from "../../../base/bytes.ts";
import type { Ipv4 } from "../../../packet/address.ts";
import { fold, update16, update32 } from "../../../packet/checksum.ts";
import { HEADER_LENGTH as LINK } from "../../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../../packet/frame.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import * as tcp from "../../../packet/tcp.ts";
import * as udp from "../../../packet/udp.ts";
import { pull } from "../../fragment.ts";
import type { Tuple } from "../conntrack/tuple.ts";
import { Manip, type ManipCode } from "./choose.ts";

const PORTS = 8;
const IDENTIFIER = 4;
const CHECKSUM = 2;

/** Gives the packet at `ip` the source or destination of `target`. False: it is too short. */
export function rewrite(frame: Frame, ip: number, target: Tuple, manip: ManipCode): boolean {
  const b = frame.bytes;
  if (frame.fragments !== null) pullHeaders(frame, ip, target.protocol);
  if (!rewriteTransport(frame, ip, target, manip)) return false;
  const before = manip === Manip.SRC ? ipv4.source(b, ip) : ipv4.destination(b, ip);
  const after = addressOf(target, manip);
  ipv4.setHeaderChecksum(b, ip, update32(ipv4.headerChecksum(b, ip), before, after));
  if (manip === Manip.SRC) ipv4.setSource(b, ip, after);
  else ipv4.setDestination(b, ip, after);
  return true;
}

/** skb_ensure_writable */
function pullHeaders(frame: Frame, ip: number, protocol: number): void {
  const at = ipv4.payloadAt(frame.bytes, ip);
  const isTcp = protocol === ipv4.Protocol.TCP && at + tcp.MIN_HEADER_LENGTH <= frame.end;
  pull(frame, at + (isTcp ? tcp.MIN_HEADER_LENGTH : PORTS) - ipv4.payloadAt(frame.bytes, frame.at + LINK));
}

const addressOf = (target: Tuple, manip: ManipCode): Ipv4 =>
  ((manip === Manip.SRC ? target.source : target.destination) >>> 0) as Ipv4;

/** Later fragments never come here: they have been put together. */
function rewriteTransport(frame: Frame, ip: number, target: Tuple, manip: ManipCode): boolean {
  const at = ipv4.payloadAt(frame.bytes, ip);
  switch (target.protocol) {
    case ipv4.Protocol.TCP:
      if (at + PORTS > frame.end) return false;
      return rewritePorts(
        frame,
        ip,
        at,
        target,
        manip,
        at + tcp.MIN_HEADER_LENGTH > frame.end ? -1 : at + tcp.CHECKSUM,
      );
    case ipv4.Protocol.UDP: {
      if (at + udp.HEADER_LENGTH > frame.end) return false;
      // RFC 768: zero says that there is none.
      const isSummed = udp.checksumField(frame.bytes, at) !== 0;
      rewritePorts(frame, ip, at, target, manip, isSummed ? at + udp.CHECKSUM : -1);
      if (isSummed && udp.checksumField(frame.bytes, at) === 0) put16(frame.bytes, at + udp.CHECKSUM, 0xffff);
      return true;
    }
    case ipv4.Protocol.ICMP:
      return at + icmp.HEADER_LENGTH <= frame.end && rewriteIdentifier(frame.bytes, at, target);
    default:
      return true;
  }
}

/** `sum` is where the checksum stands, or -1 when there is none to update. */
function rewritePorts(frame: Frame, ip: number, at: number, target: Tuple, manip: ManipCode, sum: number): true {
  const b = frame.bytes;
  const place = manip === Manip.SRC ? at : at + 2;
  const before = get16(b, place);
  const after = manip === Manip.SRC ? target.sourcePort : target.destinationPort;
  put16(b, place, after);
  if (sum < 0) return true;
  const old = manip === Manip.SRC ? ipv4.source(b, ip) : ipv4.destination(b, ip);
  const address = addressOf(target, manip);
  if (frame.checksum === Checksum.PARTIAL) put16(b, sum, movePartial(get16(b, sum), old, address));
  else put16(b, sum, update16(update32(get16(b, sum), old, address), before, after));
  return true;
}

/** The field holds the folded sum itself, not its complement. */
const movePartial = (sum: number, before: number, after: number): number =>
  fold(sum + (~(before >>> 16) & 0xffff) + (~before & 0xffff) + (after >>> 16) + (after & 0xffff));

/** Errors have none. */
function rewriteIdentifier(b: Uint8Array, at: number, target: Tuple): true {
  if (!HAS_IDENTIFIER.includes(icmp.type(b, at))) return true;
  const before = get16(b, at + IDENTIFIER);
  put16(b, at + CHECKSUM, update16(get16(b, at + CHECKSUM), before, target.sourcePort));
  put16(b, at + IDENTIFIER, target.sourcePort);
  return true;
}

const HAS_IDENTIFIER: readonly number[] = [
  ...[icmp.Type.ECHO_REQUEST, icmp.Type.ECHO_REPLY, icmp.Type.TIMESTAMP, icmp.Type.TIMESTAMP_REPLY],
  ...[icmp.Type.INFORMATION, icmp.Type.INFORMATION_REPLY, icmp.Type.MASK, icmp.Type.MASK_REPLY],
];
