/**
 * The IPv4 header: RFC 791, RFC 2474 (TOS byte), RFC 6864 (id).
 *
 *      0        1     2              4    6                8     9       10       12    16     20
 *     | ver ihl | tos | total length | id | flags offset   | ttl | proto | cksum  | src | dst  | options
 *
 * Options are carried as bytes here and read by ipv4-options.ts.
 */
import { get8, get16, get32, put8, put16, put32 } from "../base/bytes.ts";
import type { Ipv4 } from "./address.ts";
import { checksum, update16 } from "./checksum.ts";

export const MIN_HEADER_LENGTH = 20;
export const MAX_LENGTH = 65_535;
/** IPV4_MIN_MTU (RFC 791 3.2): a device that carries less has no IP. */
export const MIN_MTU = 68;
/** Fragments are counted in units of eight bytes. */
export const FRAGMENT_UNIT = 8;

/** IANA protocol numbers. */
export const Protocol = { ICMP: 1, IGMP: 2, TCP: 6, UDP: 17 } as const;

const TOS = 1;
const TOTAL_LENGTH = 2;
const ID = 4;
const FRAGMENT = 6;
const TTL = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;

const RESERVED = 0x8000;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

/**
 * Proves the getters safe and the lengths consistent: what Linux ip_rcv asks, apart from the checksum.
 * Bytes after the total length are Ethernet padding; `payloadEnd` cuts them off.
 */
export function check(b: Uint8Array, at: number, end: number): boolean {
  if (at + MIN_HEADER_LENGTH > end || end > b.length || version(b, at) !== 4) return false;
  const header = headerLength(b, at);
  const total = totalLength(b, at);
  return header >= MIN_HEADER_LENGTH && total >= header && at + total <= end;
}

export const version = (b: Uint8Array, at: number): number => get8(b, at) >>> 4;
/** Bytes, options included. */
export const headerLength = (b: Uint8Array, at: number): number => (get8(b, at) & 15) * 4;
export const tos = (b: Uint8Array, at: number): number => get8(b, at + TOS);
export const totalLength = (b: Uint8Array, at: number): number => get16(b, at + TOTAL_LENGTH);
export const id = (b: Uint8Array, at: number): number => get16(b, at + ID);
export const reservedFlag = (b: Uint8Array, at: number): boolean => (get16(b, at + FRAGMENT) & RESERVED) !== 0;
export const dontFragment = (b: Uint8Array, at: number): boolean => (get16(b, at + FRAGMENT) & DONT_FRAGMENT) !== 0;
export const moreFragments = (b: Uint8Array, at: number): boolean => (get16(b, at + FRAGMENT) & MORE_FRAGMENTS) !== 0;
/** Bytes into the whole datagram. */
export const fragmentOffset = (b: Uint8Array, at: number): number =>
  (get16(b, at + FRAGMENT) & OFFSET_MASK) * FRAGMENT_UNIT;
export const isFragment = (b: Uint8Array, at: number): boolean =>
  (get16(b, at + FRAGMENT) & (MORE_FRAGMENTS | OFFSET_MASK)) !== 0;
export const ttl = (b: Uint8Array, at: number): number => get8(b, at + TTL);
export const protocol = (b: Uint8Array, at: number): number => get8(b, at + PROTOCOL);
export const headerChecksum = (b: Uint8Array, at: number): number => get16(b, at + CHECKSUM);
export const source = (b: Uint8Array, at: number): Ipv4 => get32(b, at + SOURCE) as Ipv4;
export const destination = (b: Uint8Array, at: number): Ipv4 => get32(b, at + DESTINATION) as Ipv4;
export const optionsAt = (at: number): number => at + MIN_HEADER_LENGTH;
export const payloadAt = (b: Uint8Array, at: number): number => at + headerLength(b, at);
export const payloadEnd = (b: Uint8Array, at: number): number => at + totalLength(b, at);

export const setTos = (b: Uint8Array, at: number, value: number): void => put8(b, at + TOS, value);
export const setTotalLength = (b: Uint8Array, at: number, value: number): void => put16(b, at + TOTAL_LENGTH, value);
export const setId = (b: Uint8Array, at: number, value: number): void => put16(b, at + ID, value);
export const setTtl = (b: Uint8Array, at: number, value: number): void => put8(b, at + TTL, value);
export const setProtocol = (b: Uint8Array, at: number, value: number): void => put8(b, at + PROTOCOL, value);
export const setHeaderChecksum = (b: Uint8Array, at: number, value: number): void => put16(b, at + CHECKSUM, value);
export const setSource = (b: Uint8Array, at: number, ip: Ipv4): void => put32(b, at + SOURCE, ip);
export const setDestination = (b: Uint8Array, at: number, ip: Ipv4): void => put32(b, at + DESTINATION, ip);
/** `offset` in bytes, a multiple of eight. */
export const setFragment = (b: Uint8Array, at: number, offset: number, more: boolean, keepWhole: boolean): void =>
  put16(b, at + FRAGMENT, (keepWhole ? DONT_FRAGMENT : 0) | (more ? MORE_FRAGMENTS : 0) | (offset / FRAGMENT_UNIT));

export const verifyChecksum = (b: Uint8Array, at: number): boolean => checksum(b, at, payloadAt(b, at)) === 0;

export function fillChecksum(b: Uint8Array, at: number): void {
  setHeaderChecksum(b, at, 0);
  setHeaderChecksum(b, at, checksum(b, at, payloadAt(b, at)));
}

/** What a router does to each packet (Linux ip_decrease_ttl): one off the TTL, the checksum updated in place. */
export function decreaseTtl(b: Uint8Array, at: number): void {
  const before = get16(b, at + TTL);
  put8(b, at + TTL, ttl(b, at) - 1);
  setHeaderChecksum(b, at, update16(headerChecksum(b, at), before, get16(b, at + TTL)));
}

export interface Header {
  readonly tos: number;
  readonly id: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** Bytes, a multiple of eight. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** Raw options, at most 40 bytes; written with zeros up to a multiple of four. */
  readonly options: Uint8Array;
  readonly payloadLength: number;
}

export const NO_OPTIONS = new Uint8Array(0);

/** Null when `check` fails. A wrong checksum is for the caller to judge. The options are a copy. */
export function parse(b: Uint8Array, at: number, end: number): Header | null {
  if (!check(b, at, end)) return null;
  const header = headerLength(b, at);
  return {
    tos: tos(b, at),
    id: id(b, at),
    dontFragment: dontFragment(b, at),
    moreFragments: moreFragments(b, at),
    fragmentOffset: fragmentOffset(b, at),
    ttl: ttl(b, at),
    protocol: protocol(b, at),
    source: source(b, at),
    destination: destination(b, at),
    options: header === MIN_HEADER_LENGTH ? NO_OPTIONS : b.slice(optionsAt(at), at + header),
    payloadLength: totalLength(b, at) - header,
  };
}

/** Bytes of the header alone. */
export const length = (header: Header): number => MIN_HEADER_LENGTH + ((header.options.length + 3) & ~3);

/** Writes the header with its checksum; answers where the payload starts. */
export function emit(b: Uint8Array, at: number, header: Header): number {
  const size = length(header);
  put8(b, at, 0x40 | (size / 4));
  setTos(b, at, header.tos);
  setTotalLength(b, at, size + header.payloadLength);
  setId(b, at, header.id);
  setFragment(b, at, header.fragmentOffset, header.moreFragments, header.dontFragment);
  setTtl(b, at, header.ttl);
  setProtocol(b, at, header.protocol);
  setSource(b, at, header.source);
  setDestination(b, at, header.destination);
  b.fill(0, optionsAt(at), at + size);
  b.set(header.options, optionsAt(at));
  fillChecksum(b, at);
  return at + size;
}
