/**
 * The documented normalisation before frames of the emulator are compared with recorded ones. Taken out: times, the
 * IPv6 noise of real guests, IP ids, ICMP ids, the time stamp at the head of a ping's payload, the UDP port a socket is
 * given by chance. Ethernet padding goes too: QEMU's e1000 pads, ours pads. A checksum over one of these cannot be
 * compared as it is: what stays of it is its class, told from the frame as it was on the wire.
 */
import { get8, get16, get32, put16, toHex } from "../../src/base/bytes.ts";
import type { Ipv4 } from "../../src/packet/address.ts";
import { checksum, finish, partial, pseudoHeader, sum } from "../../src/packet/checksum.ts";

const ETHERNET = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ICMP = 1;
const TCP = 6;
const UDP = 17;
/** struct timeval, as ping writes it. */
const STAMP = 16;
const EPHEMERAL = 32_768;
/** More fragments, and the offset. */
const FRAGMENTED = 0x3fff;
const CHECKSUM_AT: Readonly<Record<number, number>> = { [ICMP]: 2, [TCP]: 16, [UDP]: 6 };

/** "pseudo-header only" is CHECKSUM_PARTIAL: whoever sent it left the rest to hardware that is not there. */
export type ChecksumClass = "valid" | "pseudo-header only" | "zero" | "wrong" | "not computable";

/** Null: noise. Else the frame as hex, with what may differ set to zero, and behind it the classes of its checksums. */
export function normalise(frame: Uint8Array): string | null {
  const type = get16(frame, 12);
  if (type === IPV6) return null;
  // Not slice: of a Buffer that is a view, and the frame itself would be normalised.
  const bytes = Uint8Array.from(
    frame.subarray(0, type === IPV4 ? ETHERNET + get16(frame, ETHERNET + 2) : ETHERNET + 28),
  );
  if (type !== IPV4) return toHex(bytes);
  const classes = `ip=${ipClass(bytes)} l4=${transportClass(bytes)}`;
  normaliseIpv4(bytes);
  return `${toHex(bytes)} ${classes}`;
}

const headerEnd = (b: Uint8Array): number => ETHERNET + (get8(b, ETHERNET) & 15) * 4;

export function ipClass(b: Uint8Array): ChecksumClass {
  if (get16(b, ETHERNET + 10) === 0) return "zero";
  return checksum(b, ETHERNET, headerEnd(b)) === 0 ? "valid" : "wrong";
}

/** Of ICMP, UDP or TCP in `b`, a whole frame without padding; a fragment's covers what is not in the frame. */
export function transportClass(b: Uint8Array): ChecksumClass {
  const protocol = get8(b, ETHERNET + 9);
  const field = CHECKSUM_AT[protocol];
  const end = ETHERNET + get16(b, ETHERNET + 2);
  if (field === undefined || (get16(b, ETHERNET + 6) & FRAGMENTED) !== 0 || b.length < end) return "not computable";
  const at = headerEnd(b);
  const found = get16(b, at + field);
  if (found === 0) return "zero";
  const source = get32(b, ETHERNET + 12) as Ipv4;
  const destination = get32(b, ETHERNET + 16) as Ipv4;
  const pseudo = protocol === ICMP ? 0 : pseudoHeader(source, destination, protocol, end - at);
  if (finish(sum(b, at, end, pseudo)) === 0) return "valid";
  return protocol !== ICMP && found === partial(source, destination, protocol, end - at)
    ? "pseudo-header only"
    : "wrong";
}

function normaliseIpv4(b: Uint8Array): void {
  const dontFragment = (get16(b, ETHERNET + 6) & 0x4000) !== 0;
  // An id of zero says something (RFC 6864 atomic, ping -M do); any other is a counter's.
  if (!(dontFragment && get16(b, ETHERNET + 4) === 0)) put16(b, ETHERNET + 4, 0xffff);
  put16(b, ETHERNET + 10, 0);
  const at = headerEnd(b);
  const isFirst = (get16(b, ETHERNET + 6) & 0x1fff) === 0;
  if (!isFirst) return;
  if (get8(b, ETHERNET + 9) === ICMP) {
    b.fill(0, at + 2, at + 6);
    b.fill(0, at + 8, Math.min(b.length, at + 8 + STAMP));
  } else if (get8(b, ETHERNET + 9) === UDP) {
    if (get16(b, at) >= EPHEMERAL) put16(b, at, EPHEMERAL);
    put16(b, at + 6, 0);
  }
}
