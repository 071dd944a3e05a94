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

/**
 * The pieces in the order they are sent, each with room for a link header. Don't-fragment is the caller's matter. What was
 * put together from fragments is cut where it was joined, if those still fit, and else no longer than the longest.
 */
export function fragment(pool: FramePool, frame: Frame, mtu: number): Frame[] {
  completeChecksum(frame);
  const b = frame.bytes;
  const ip = frame.at + LINK;
  const header = ipv4.headerLength(b, ip);
  const size = ipv4.totalLength(b, ip) - header;
  const { fragments } = frame;
  const room = Math.min(mtu, fragments?.largest ?? mtu) - header;
  const known = knownSizes(frame, size, room);
  const base = ipv4.fragmentOffset(b, ip);
  const isLast = !ipv4.moreFragments(b, ip);
  const keepWhole = fragments === null ? ipv4.dontFragment(b, ip) : fragments.keepWhole && known === null;
  const sizes = known ?? equalSizes(size, room & ~(ipv4.FRAGMENT_UNIT - 1));
  const pieces = [frame];
  for (let i = 1, done = sizes[0]!; i < sizes.length; done += sizes[i++]!) {
    const piece = cut(pool, frame, header, done, sizes[i]!);
    finishHeader(piece, sizes[i]! + header, base + done, !isLast || i < sizes.length - 1, keepWhole);
    pieces.push(piece);
  }
  frame.length = LINK + header + sizes[0]!;
  finishHeader(frame, header + sizes[0]!, base, !isLast || sizes.length > 1, keepWhole);
  return pieces;
}

/** pskb_may_pull: so much of the payload is made one piece, if there is so much. What was joined of shorter fragments is cut anew. */
export function pull({ fragments }: Frame, payload: number): void {
  const sizes = fragments?.sizes ?? null;
  if (sizes !== null && sizes[0]! < payload && payload <= sumOf(sizes)) fragments!.sizes = null;
}

/** The quick way of ip_do_fragment; null where it cannot be gone. */
function knownSizes({ fragments }: Frame, size: number, room: number): readonly number[] | null {
  const sizes = fragments?.sizes ?? null;
  if (sizes === null || sumOf(sizes) !== size) return null;
  const fits = sizes.every((each, i) => each <= room && (each % ipv4.FRAGMENT_UNIT === 0 || i === sizes.length - 1));
  return fits ? sizes : null;
}

const sumOf = (sizes: readonly number[]): number => sizes.reduce((sum, each) => sum + each, 0);

const equalSizes = (size: number, room: number): number[] =>
  Array.from({ length: Math.ceil(size / room) }, (_, i) => Math.min(room, size - i * room));

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

/**
 * Linux leaves the room of options that belong to the first fragment only, filled with no-operation. Of options that make
 * no sense (a bridge passes them on) the rest stays as it is.
 */
function blankUncopiedOptions(b: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; ) {
    const type = get8(b, at);
    if (type === OptionType.END) return;
    if (type === OptionType.NO_OPERATION) {
      at++;
      continue;
    }
    const size = at + 1 < to ? get8(b, at + 1) : 0;
    if (size < 2 || at + size > to) return;
    if ((type & COPIED) === 0) b.fill(OptionType.NO_OPERATION, at, at + size);
    at += size;
  }
}
