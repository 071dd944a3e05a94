/**
 * Is the IP header sound and the packet whole? Asked by a host that receives (ip_rcv_core of net/ipv4/ip_input.c) and by
 * a bridge that filters (br_validate_ipv4 of net/bridge/br_netfilter_hooks.c).
 */
import { Fate, type FateCode } from "../base/fate.ts";
import * as ipv4 from "../packet/ipv4.ts";
import type { IpCounters } from "./snmp.ts";

/** INET_ECN_MASK */
export const ECN = 3;

/** ip_rcv_core, in its order: NONE when the header is sound and the packet whole. */
export function checkHeader(b: Uint8Array, ip: number, end: number): FateCode {
  if (ip + ipv4.MIN_HEADER_LENGTH > end) return Fate.IP_TRUNCATED;
  const header = ipv4.headerLength(b, ip);
  if (ipv4.version(b, ip) !== 4 || header < ipv4.MIN_HEADER_LENGTH) return Fate.IP_MALFORMED;
  if (ip + header > end) return Fate.IP_TRUNCATED;
  if (!ipv4.verifyChecksum(b, ip)) return Fate.IP_BAD_CHECKSUM;
  const total = ipv4.totalLength(b, ip);
  if (ip + total > end) return Fate.IP_TRUNCATED;
  return total < header ? Fate.IP_MALFORMED : Fate.NONE;
}

/** The same order again, for the counters: who is too short for his own header has a wrong one. */
export function countFault(ip: IpCounters, fault: FateCode, b: Uint8Array, at: number, end: number): void {
  const hasHeader = at + ipv4.MIN_HEADER_LENGTH <= end;
  const isHeader = hasHeader && ipv4.version(b, at) === 4 && ipv4.headerLength(b, at) >= ipv4.MIN_HEADER_LENGTH;
  if (isHeader) ip.inByEcn[ipv4.tos(b, at) & ECN]!++;
  if (fault === Fate.IP_BAD_CHECKSUM) ip.inCsumErrors++;
  if (fault === Fate.IP_TRUNCATED && isHeader && at + ipv4.headerLength(b, at) <= end) ip.inTruncatedPkts++;
  else ip.inHdrErrors++;
}
