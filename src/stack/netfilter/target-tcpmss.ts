/** TCPMSS: the segment size that a SYN offers, made smaller: net/netfilter/xt_TCPMSS.c (tcpmss_mangle_packet). */
import { get8, get16, put8, put16 } from "../../base/bytes.ts";
import { fold, update16 } from "../../packet/checksum.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as tcp from "../../packet/tcp.ts";
import { pull } from "../fragment.ts";
import type { Packet } from "./packet.ts";

const OPTION = 4;
const HEADERS = ipv4.MIN_HEADER_LENGTH + tcp.MIN_HEADER_LENGTH;
/** RFC 9293 3.7.1: what a SYN without the option offers. */
const DEFAULT = 536;
const OFFSET_WORD = 12;
const LONGEST = 60;

/** `mss` null: what fits both ways. False: the segment is broken, or nothing fits. */
export function setMss(mss: number | null, packet: Packet): boolean {
  const { frame } = packet;
  const b = frame.bytes;
  const ip = frame.at + LINK;
  if (ipv4.fragmentOffset(b, ip) !== 0) return true;
  const at = ipv4.payloadAt(b, ip);
  pull(frame, frame.end - at);
  if (!tcp.check(b, at, frame.end)) return false;
  const wanted = mss ?? clamped(packet, ip);
  if (wanted === null) return false;
  const header = tcp.headerLength(b, at);
  const option = findOption(b, at + tcp.MIN_HEADER_LENGTH, at + header);
  if (option >= 0) lower(frame, at, option, wanted);
  // A segment with data might grow too long.
  else if (at + header === frame.end && header < LONGEST) append(frame, ip, at, Math.min(wanted, DEFAULT));
  return true;
}

/** The smaller of the MTUs towards the destination and back to the source. */
function clamped({ frame, output, host }: Packet, ip: number): number | null {
  const source = ipv4.source(frame.bytes, ip);
  const destination = ipv4.destination(frame.bytes, ip);
  const back = host.fib.lookup(source)?.device ?? null;
  const inward = back === null ? Number.POSITIVE_INFINITY : host.pathMtus.towards(source, back.mtu);
  const outward = output === null ? Number.POSITIVE_INFINITY : host.pathMtus.towards(destination, output.mtu);
  const least = Math.min(inward, outward, ipv4.MAX_LENGTH);
  return least > HEADERS ? least - HEADERS : null;
}

function findOption(b: Uint8Array, from: number, to: number): number {
  for (let at = from; at <= to - OPTION; ) {
    const kind = get8(b, at);
    if (kind === tcp.OptionKind.MAXIMUM_SEGMENT_SIZE && get8(b, at + 1) === OPTION) return at;
    at += kind <= tcp.OptionKind.NO_OPERATION ? 1 : Math.max(get8(b, at + 1), 1);
  }
  return -1;
}

/** Never raised, not even by --set-mss. */
function lower(frame: Frame, at: number, option: number, wanted: number): void {
  const b = frame.bytes;
  const before = get16(b, option + 2);
  if (before <= wanted) return;
  put16(b, option + 2, wanted);
  if (frame.checksum === Checksum.PARTIAL) return;
  put16(b, at + tcp.CHECKSUM, update16(tcp.checksumField(b, at), before, wanted));
}

/** In front of all other options. */
function append(frame: Frame, ip: number, at: number, mss: number): void {
  const b = frame.bytes;
  const options = at + tcp.MIN_HEADER_LENGTH;
  b.copyWithin(options + OPTION, options, frame.end);
  const length = frame.end - at;
  frame.length += OPTION;
  put8(b, options, tcp.OptionKind.MAXIMUM_SEGMENT_SIZE);
  put8(b, options + 1, OPTION);
  put16(b, options + 2, mss);
  const offset = get16(b, at + OFFSET_WORD);
  put8(b, at + OFFSET_WORD, get8(b, at + OFFSET_WORD) + 0x10);
  let sum = tcp.checksumField(b, at);
  if (frame.checksum === Checksum.PARTIAL) sum = fold(sum + OPTION);
  else {
    sum = update16(sum, length, length + OPTION);
    sum = update16(sum, 0, get16(b, options));
    sum = update16(sum, 0, mss);
    sum = update16(sum, offset, get16(b, at + OFFSET_WORD));
  }
  put16(b, at + tcp.CHECKSUM, sum);
  const total = ipv4.totalLength(b, ip);
  ipv4.setTotalLength(b, ip, total + OPTION);
  ipv4.setHeaderChecksum(b, ip, update16(ipv4.headerChecksum(b, ip), total, total + OPTION));
}
