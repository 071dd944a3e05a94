/**
 * Cutting a packet to an MTU: RFC 791 3.2; net/ipv4/ip_output.c (ip_do_fragment), ip_options.c (ip_options_fragment).
 * The first piece keeps the frame; the others are new frames of the same lineage.
 */
import { get8 } from "../base/bytes.ts";
import { completeChecksum } from "../device/offload.ts";
import { HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import type { FramePool } from "../packet/frame-pool.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { OptionType } from "../packet/ipv4-options.ts";

/** Set in the type byte of options that every fragment carries. */
const COPIED = 0x80;

/** The pieces in the order they are sent, each with room for a link header. Don't-fragment is the caller's matter. */
export function fragment(pool: FramePool, frame: Frame, mtu: number): Frame[] {
  completeChecksum(frame);
  const b = frame.bytes;
  const ip = frame.at + LINK;
  const header = ipv4.headerLength(b, ip);
  const size = ipv4.totalLength(b, ip) - header;
  const room = (mtu - header) & ~(ipv4.FRAGMENT_UNIT - 1);
  const base = ipv4.fragmentOffset(b, ip);
  const isLast = !ipv4.moreFragments(b, ip);
  const keepWhole = ipv4.dontFragment(b, ip);
  const pieces = [frame];
  for (let done = room; done < size; done += room) {
    const length = Math.min(room, size - done);
    const piece = cut(pool, frame, header, done, length);
    const more = !isLast || done + length < size;
    finishHeader(piece, length + header, base + done, more, keepWhole);
    pieces.push(piece);
  }
  const first = Math.min(room, size);
  frame.length = LINK + header + first;
  finishHeader(frame, header + first, base, !isLast || first < size, keepWhole);
  return pieces;
}

function cut(pool: FramePool, whole: Frame, header: number, from: number, length: number): Frame {
  const piece = pool.create(LINK + header + length);
  piece.id = whole.id;
  const start = whole.at + LINK + header + from;
  piece.bytes.set(whole.bytes.subarray(whole.at, whole.at + LINK + header), piece.at);
  piece.bytes.set(whole.bytes.subarray(start, start + length), piece.at + LINK + header);
  blankUncopiedOptions(piece.bytes, ipv4.optionsAt(piece.at + LINK), piece.at + LINK + header);
  return piece;
}

function finishHeader(piece: Frame, total: number, offset: number, more: boolean, keepWhole: boolean): void {
  const ip = piece.at + LINK;
  ipv4.setTotalLength(piece.bytes, ip, total);
  ipv4.setFragment(piece.bytes, ip, offset, more, keepWhole);
  ipv4.fillChecksum(piece.bytes, ip);
}

/** Linux leaves the room of options that belong to the first fragment only, filled with no-operation. */
function blankUncopiedOptions(b: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; ) {
    const type = get8(b, at);
    if (type === OptionType.END) return;
    const size = type === OptionType.NO_OPERATION || at + 1 >= to ? 1 : Math.max(get8(b, at + 1), 2);
    if ((type & COPIED) === 0) b.fill(OptionType.NO_OPERATION, at, Math.min(at + size, to));
    at += size;
  }
}
