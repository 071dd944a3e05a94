/**
 * The documented normalisation before frames of the emulator are compared with recorded ones. Taken out: times, the
 * IPv6 noise of real guests, IP ids, ICMP ids, the time stamp at the head of a ping's payload, the UDP port a socket is
 * given by chance, and every checksum over one of these. Ethernet padding goes too: QEMU's e1000 pads, ours pads.
 */
import { get8, get16, put16, toHex } from "../../src/base/bytes.ts";

const ETHERNET = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ICMP = 1;
const UDP = 17;
/** struct timeval, as ping writes it. */
const STAMP = 16;
const EPHEMERAL = 32_768;

/** Null: noise. Else the frame as hex, with what may differ set to zero. */
export function normalise(frame: Uint8Array): string | null {
  const type = get16(frame, 12);
  if (type === IPV6) return null;
  const bytes = frame.slice(0, type === IPV4 ? ETHERNET + get16(frame, ETHERNET + 2) : ETHERNET + 28);
  if (type === IPV4) normaliseIpv4(bytes);
  return toHex(bytes);
}

function normaliseIpv4(b: Uint8Array): void {
  const dontFragment = (get16(b, ETHERNET + 6) & 0x4000) !== 0;
  // An id of zero says something (RFC 6864 atomic, ping -M do); any other is a counter's.
  if (!(dontFragment && get16(b, ETHERNET + 4) === 0)) put16(b, ETHERNET + 4, 0xffff);
  put16(b, ETHERNET + 10, 0);
  const at = ETHERNET + (get8(b, ETHERNET) & 15) * 4;
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
