/**
 * UDP: RFC 768, RFC 1122 4.1.
 *
 *      0        2        4        6        8
 *     | source | dest   | length | cksum  | data ...
 *
 * A checksum of 0 means that none was made. A frame that has not left the host may carry a partial one (checksum.ts).
 */
import { get16, put16 } from "../base/bytes.ts";
import type { Ipv4 } from "./address.ts";
import { finish, fold, partial, pseudoHeader, sum } from "./checksum.ts";
import { Protocol } from "./ipv4.ts";

export const HEADER_LENGTH = 8;
/** Offset of the checksum, for csum_start/csum_offset of an unfinished frame. */
export const CHECKSUM = 6;

const SOURCE = 0;
const DESTINATION = 2;
const LENGTH = 4;

/** Proves the getters safe and the length field consistent with the bytes (Linux __udp4_lib_rcv). */
export function check(b: Uint8Array, at: number, end: number): boolean {
  if (at + HEADER_LENGTH > end || end > b.length) return false;
  const size = datagramLength(b, at);
  return size >= HEADER_LENGTH && at + size <= end;
}

export const sourcePort = (b: Uint8Array, at: number): number => get16(b, at + SOURCE);
export const destinationPort = (b: Uint8Array, at: number): number => get16(b, at + DESTINATION);
/** Bytes, header included. */
export const datagramLength = (b: Uint8Array, at: number): number => get16(b, at + LENGTH);
export const checksumField = (b: Uint8Array, at: number): number => get16(b, at + CHECKSUM);
export const payloadAt = (at: number): number => at + HEADER_LENGTH;
export const payloadEnd = (b: Uint8Array, at: number): number => at + datagramLength(b, at);

export const setSourcePort = (b: Uint8Array, at: number, port: number): void => put16(b, at + SOURCE, port);
export const setDestinationPort = (b: Uint8Array, at: number, port: number): void => put16(b, at + DESTINATION, port);
export const setDatagramLength = (b: Uint8Array, at: number, size: number): void => put16(b, at + LENGTH, size);
export const setChecksumField = (b: Uint8Array, at: number, value: number): void => put16(b, at + CHECKSUM, value);

const total = (b: Uint8Array, at: number, source: Ipv4, destination: Ipv4): number =>
  sum(b, at, payloadEnd(b, at), pseudoHeader(source, destination, Protocol.UDP, datagramLength(b, at)));

/** True when the checksum is right or absent. */
export const verifyChecksum = (b: Uint8Array, at: number, source: Ipv4, destination: Ipv4): boolean =>
  checksumField(b, at) === 0 || fold(total(b, at, source, destination)) === 0xffff;

/** Computes the checksum over header and data; a sum of 0 is sent as 0xffff. */
export function fillChecksum(b: Uint8Array, at: number, source: Ipv4, destination: Ipv4): void {
  setChecksumField(b, at, 0);
  setChecksumField(b, at, finish(total(b, at, source, destination)) || 0xffff);
}

/** Leaves the data unsummed, as a sender with checksum offload does (xen.md 2.8a). */
export const fillPartialChecksum = (b: Uint8Array, at: number, source: Ipv4, destination: Ipv4): void =>
  setChecksumField(b, at, partial(source, destination, Protocol.UDP, datagramLength(b, at)));

export interface Datagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** Null when `check` fails. The payload is a view of `b`: copy it to keep it. */
export function parse(b: Uint8Array, at: number, end: number): Datagram | null {
  if (!check(b, at, end)) return null;
  return {
    sourcePort: sourcePort(b, at),
    destinationPort: destinationPort(b, at),
    payload: b.subarray(payloadAt(at), payloadEnd(b, at)),
  };
}

export const length = (datagram: Datagram): number => HEADER_LENGTH + datagram.payload.length;

/** Writes the datagram without a checksum (see `fillChecksum`); answers where it ends. */
export function emit(b: Uint8Array, at: number, datagram: Datagram): number {
  const size = length(datagram);
  setSourcePort(b, at, datagram.sourcePort);
  setDestinationPort(b, at, datagram.destinationPort);
  setDatagramLength(b, at, size);
  setChecksumField(b, at, 0);
  b.set(datagram.payload, payloadAt(at));
  return at + size;
}
