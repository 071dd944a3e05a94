/**
 * An ICMP error about a flow that is rewritten: the packet it quotes becomes what its sender had sent, and the error
 * itself goes to him. Follows nf_nat_icmp_reply_translation of net/netfilter/nf_nat_proto.c.
 */
import { put16 } from "../../../base/bytes.ts";
import { checksum } from "../../../packet/checksum.ts";
import { HEADER_LENGTH as LINK } from "../../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../../packet/frame.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import { pull } from "../../fragment.ts";
import type { Tuple } from "../conntrack/tuple.ts";
import { isIntact } from "../intact.ts";
import { Manip, type ManipCode } from "./choose.ts";
import { rewrite } from "./manip.ts";

const CHECKSUM = 2;

/** Whether it is translated or not: of what was put together from fragments its head is made one piece. */
export function mayTranslateError(frame: Frame): boolean {
  pull(frame, icmp.HEADER_LENGTH + ipv4.MIN_HEADER_LENGTH);
  const quote = icmp.dataAt(ipv4.payloadAt(frame.bytes, frame.at + LINK));
  return quote + ipv4.MIN_HEADER_LENGTH <= frame.end && isIntact(frame);
}

/** `quoted` is the tuple that the quoted packet shall have, `outer` that of the error. False: it cannot be. */
export function translateError(frame: Frame, quoted: Tuple, outer: Tuple, manip: ManipCode): boolean {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  const at = ipv4.payloadAt(b, ip);
  const quote = icmp.dataAt(at);
  // What was the source of the quoted packet is the destination of the error.
  if (!rewrite(frame, quote, quoted, manip === Manip.SRC ? Manip.DST : Manip.SRC)) return false;
  if (frame.checksum !== Checksum.PARTIAL) {
    put16(b, at + CHECKSUM, 0);
    put16(b, at + CHECKSUM, checksum(b, at, frame.end));
  }
  const { protocol } = outer;
  outer.protocol = ipv4.Protocol.ICMP;
  const isDone = rewrite(frame, ip, outer, manip);
  outer.protocol = protocol;
  return isDone;
}
