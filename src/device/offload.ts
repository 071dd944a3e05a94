/**
 * What hardware does to a frame on its way out, for a stack that left it undone: checksums and padding.
 */
import { put8, put16 } from "../base/bytes.ts";
import { finish, sum } from "../packet/checksum.ts";
import * as ethernet from "../packet/ethernet.ts";
import { Checksum, type Frame } from "../packet/frame.ts";

/** Fills in a partial checksum: the field holds the pseudo-header's sum, the rest is added (skb_checksum_help). */
export function completeChecksum(frame: Frame): void {
  if (frame.checksum !== Checksum.PARTIAL) return;
  frame.checksum = Checksum.NONE;
  const start = frame.at + frame.checksumStart;
  const field = start + frame.checksumOffset;
  if (field + 2 > frame.end) return;
  // All ones instead of zero (CSUM_MANGLED_0): zero means "no checksum" in UDP, and is the same number elsewhere.
  put16(frame.bytes, field, finish(sum(frame.bytes, start, frame.end)) || 0xffff);
}

/** Zeroes up to the shortest frame of a wire (eth_skb_pad). */
export function pad(frame: Frame): void {
  const wanted = frame.at + ethernet.MIN_FRAME_LENGTH;
  for (let at = frame.end; at < wanted; at++) put8(frame.bytes, at, 0);
  if (frame.length < ethernet.MIN_FRAME_LENGTH) frame.length = ethernet.MIN_FRAME_LENGTH;
}
