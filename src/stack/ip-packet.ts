/** Frames for IP packets that the kernel makes itself: of our own, or put together from fragments. */
import { HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import { type FramePool, MAX_FRAME } from "../packet/frame-pool.ts";
import * as ipv4 from "../packet/ipv4.ts";

/** Room for link and IP header and `payload` bytes; the payload starts `PAYLOAD` bytes behind `at`. */
export const PAYLOAD = LINK + ipv4.MIN_HEADER_LENGTH;
export const newPacket = (pool: FramePool, payload: number): Frame => createLarge(pool, PAYLOAD + payload);

/**
 * The longest IP packet with its link header is 14 bytes longer than what the pool hands out by name; its large buffers
 * hold it. Such a frame is fragmented before a device sees it, or stays on loopback.
 */
export function createLarge(pool: FramePool, length: number): Frame {
  const frame = pool.create(Math.min(length, MAX_FRAME));
  frame.length = length;
  return frame;
}
