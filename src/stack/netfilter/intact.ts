/**
 * Is the packet worth an answer? nf_send_unreach does not answer one whose checksum is wrong: the sender named in it may
 * be wrong too. Follows nf_reject_verify_csum (include/net/netfilter/nf_reject.h) and nf_ip_checksum.
 */
import { fold, pseudoHeader, sum } from "../../packet/checksum.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as udp from "../../packet/udp.ts";

/**
 * False when a checksum that should be right is wrong; of a protocol that nobody knows, the sum of all that it carries.
 * Later fragments have none and are for the caller to judge. The IP header is summed with it: that of options whose end was
 * wiped (ip_options_compile) is wrong until they are sent on.
 */
export function isIntact(frame: Frame): boolean {
  const hasOptions = ipv4.headerLength(frame.bytes, frame.at + LINK) > ipv4.MIN_HEADER_LENGTH;
  return hasOptions ? isRight(frame, frame.at + LINK) : carriesIntact(frame);
}

/** The same for one whose IP header is right, or was when the sum was made. */
export const carriesIntact = (frame: Frame): boolean => isRight(frame, ipv4.payloadAt(frame.bytes, frame.at + LINK));

function isRight(frame: Frame, from: number): boolean {
  if (frame.checksum !== Checksum.NONE) return true;
  const { bytes, end } = frame;
  const ip = frame.at + LINK;
  const at = ipv4.payloadAt(bytes, ip);
  const source = ipv4.source(bytes, ip);
  const destination = ipv4.destination(bytes, ip);
  const protocol = ipv4.protocol(bytes, ip);
  if (protocol === ipv4.Protocol.UDP && at + udp.HEADER_LENGTH <= end && udp.checksumField(bytes, at) === 0)
    return true;
  if (protocol === ipv4.Protocol.TCP || protocol === ipv4.Protocol.UDP)
    // Over all that the packet carries, whatever a datagram says of its length.
    return fold(sum(bytes, from, end, pseudoHeader(source, destination, protocol, end - at))) === 0xffff;
  // Nothing, or nothing but zeros, is right too: the header is not.
  return OTHER_SUMS.includes(protocol) || fold(sum(bytes, from, end)) % 0xffff === 0;
}

/** GRE, ESP, AH, DCCP, SCTP and UDP-Lite have sums of other kinds, or none. */
const OTHER_SUMS = [47, 50, 51, 33, 132, 136];
