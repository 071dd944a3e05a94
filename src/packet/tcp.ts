/**
 * TCP headers, read only, for the views: RFC 9293 3.1, RFC 7323 (window scale, timestamps), RFC 2018 (SACK).
 *
 *      0     2      4     8     12         13      14       16      18        20
 *     | src | dst  | seq | ack | offset     | flags | window | cksum | urgent  | options ...
 *
 * Building segments belongs to the TCP of the stack.
 */
import { get8, get16, get32 } from "../base/bytes.ts";
import type { Ipv4 } from "./address.ts";
import { fold, pseudoHeader, sum } from "./checksum.ts";
import { Protocol } from "./ipv4.ts";

export const MIN_HEADER_LENGTH = 20;
/** Offset of the checksum, for csum_start/csum_offset of an unfinished frame. */
export const CHECKSUM = 16;

export const Flag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 } as const;
export const OptionKind = {
  END: 0,
  NO_OPERATION: 1,
  MAXIMUM_SEGMENT_SIZE: 2,
  WINDOW_SCALE: 3,
  SACK_PERMITTED: 4,
  SACK: 5,
  TIMESTAMPS: 8,
} as const;

/** Proves the getters safe and the header whole. */
export function check(b: Uint8Array, at: number, end: number): boolean {
  if (at + MIN_HEADER_LENGTH > end || end > b.length) return false;
  const header = headerLength(b, at);
  return header >= MIN_HEADER_LENGTH && at + header <= end;
}

export const sourcePort = (b: Uint8Array, at: number): number => get16(b, at);
export const destinationPort = (b: Uint8Array, at: number): number => get16(b, at + 2);
export const sequence = (b: Uint8Array, at: number): number => get32(b, at + 4);
export const acknowledgment = (b: Uint8Array, at: number): number => get32(b, at + 8);
/** Bytes, options included. */
export const headerLength = (b: Uint8Array, at: number): number => (get8(b, at + 12) >>> 4) * 4;
export const flags = (b: Uint8Array, at: number): number => get8(b, at + 13);
/** As sent, unscaled. */
export const window = (b: Uint8Array, at: number): number => get16(b, at + 14);
export const checksumField = (b: Uint8Array, at: number): number => get16(b, at + CHECKSUM);
export const urgentPointer = (b: Uint8Array, at: number): number => get16(b, at + 18);
export const optionsAt = (at: number): number => at + MIN_HEADER_LENGTH;
export const payloadAt = (b: Uint8Array, at: number): number => at + headerLength(b, at);

/** `end` is where the segment ends: TCP has no length of its own. */
export const verifyChecksum = (b: Uint8Array, at: number, end: number, source: Ipv4, destination: Ipv4): boolean =>
  fold(sum(b, at, end, pseudoHeader(source, destination, Protocol.TCP, end - at))) === 0xffff;

export interface TcpOption {
  readonly kind: number;
  /** The option's bytes [from, to), kind and length included. */
  readonly from: number;
  readonly to: number;
  /** False when its length cannot be; nothing follows such an option. */
  readonly whole: boolean;
}

/** All options in [from, to), up to and with the end mark. */
export function parseOptions(b: Uint8Array, from: number, to: number): TcpOption[] {
  const options: TcpOption[] = [];
  let at = from;
  while (at < to) {
    const kind = get8(b, at);
    const short = kind === OptionKind.END || kind === OptionKind.NO_OPERATION;
    const size = short ? 1 : at + 1 < to ? get8(b, at + 1) : 0;
    const whole = short || (size >= 2 && at + size <= to);
    options.push({ kind, from: at, to: whole ? at + size : to, whole });
    if (!whole || kind === OptionKind.END) break;
    at += size;
  }
  return options;
}
