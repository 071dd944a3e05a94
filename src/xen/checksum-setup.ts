/**
 * Finds where the checksum of a csum_blank frame starts and goes: skb_checksum_setup (net/core/skbuff.c).
 * The ring carries only "not filled in"; the offsets come from the headers. IPv4 with TCP or UDP; IPv6 later.
 */
import { get8, get16 } from "../base/bytes.ts";
import { Checksum, type Frame } from "../packet/frame.ts";

const ETHERNET = 14;
const IPV4 = 0x0800;
const TCP = 6;
const UDP = 17;

/** False when the headers do not allow it: netback drops such a frame. */
export function setUpPartialChecksum(frame: Frame): boolean {
  const { bytes, at } = frame;
  if (frame.length < ETHERNET + 20 || get16(bytes, at + 12) !== IPV4) return false;
  const header = (get8(bytes, at + ETHERNET) & 15) * 4;
  const protocol = get8(bytes, at + ETHERNET + 9);
  const isFragment = (get16(bytes, at + ETHERNET + 6) & 0x3fff) !== 0;
  if (isFragment || header < 20 || (protocol !== TCP && protocol !== UDP)) return false;
  const transport = ETHERNET + header;
  if (frame.length < transport + (protocol === TCP ? 20 : 8)) return false;
  frame.checksum = Checksum.PARTIAL;
  frame.checksumStart = transport;
  frame.checksumOffset = protocol === TCP ? 16 : 6;
  return true;
}
