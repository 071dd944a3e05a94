/**
 * Is the packet worth an answer? nf_send_unreach does not answer one whose checksum is wrong: the sender named in it may
 * be wrong too. Follows nf_reject_verify_csum (include/net/netfilter/nf_reject.h) and nf_ip_checksum.
 */
import { fold, pseudoHeader, sum } from "../../packet/checksum.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as udp from "../../packet/udp.ts";

/** False when a checksum that should be right is wrong; of a protocol that nobody knows, the sum of all that it carries. Later fragments have none and are for the caller to judge. */
export function isIntact(frame: Frame): boolean {
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
    return fold(sum(bytes, at, end, pseudoHeader(source, destination, protocol, end - at))) === 0xffff;
  // Together with the IP header, which is right: nothing, or nothing but zeros, is right too.
  return OTHER_SUMS.includes(protocol) || fold(sum(bytes, at, end)) % 0xffff === 0;
}

/** GRE, ESP, AH, DCCP, SCTP and UDP-Lite have sums of other kinds, or none. */
const OTHER_SUMS = [47, 50, 51, 33, 132, 136];
