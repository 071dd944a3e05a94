/**
 * Is the packet worth an answer? nf_send_unreach does not answer one whose checksum is wrong: the sender named in it may
 * be wrong too. Follows nf_reject_verify_csum (include/net/netfilter/nf_reject.h) and nf_ip_checksum.
 */
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as tcp from "../../packet/tcp.ts";
import * as udp from "../../packet/udp.ts";

/** False when a checksum that should be right is wrong. Later fragments have none and are for the caller to judge. */
export function isIntact(frame: Frame): boolean {
  if (frame.checksum !== Checksum.NONE) return true;
  const { bytes, end } = frame;
  const ip = frame.at + LINK;
  const at = ipv4.payloadAt(bytes, ip);
  const source = ipv4.source(bytes, ip);
  const destination = ipv4.destination(bytes, ip);
  switch (ipv4.protocol(bytes, ip)) {
    case ipv4.Protocol.TCP:
      return tcp.check(bytes, at, end) && tcp.verifyChecksum(bytes, at, end, source, destination);
    case ipv4.Protocol.UDP:
      return udp.check(bytes, at, end) && udp.verifyChecksum(bytes, at, source, destination);
    case ipv4.Protocol.ICMP:
      return icmp.check(bytes, at, end) && icmp.verifyChecksum(bytes, at, end);
    default:
      return true;
  }
}
