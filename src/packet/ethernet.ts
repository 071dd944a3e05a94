/**
 * Ethernet II and 802.3 headers: IEEE 802.3 clause 3, RFC 894 (IP), RFC 1042 (length frames).
 *
 *      0      6       12      14
 *     | dest | source | type  | payload ...
 *
 * Not modelled: preamble and frame check sequence (captures do not have them either), LLC and SNAP below a length field.
 */
import { get8, get16, get48, getInt32, put16, put48 } from "../base/bytes.ts";
import type { Mac } from "./address.ts";

export const HEADER_LENGTH = 14;
/** Shortest frame on a wire, without its check sequence (IEEE 802.3 4.4.2); nothing pads inside a host. */
export const MIN_FRAME_LENGTH = 60;
/** A type field up to this value is the length of an 802.3 frame. */
export const MAX_LENGTH_FIELD = 1500;

const DESTINATION = 0;
const SOURCE = 6;
const TYPE = 12;

const LINK_LOCAL_HIGH = 0x0180;
const LINK_LOCAL_LOW = 0xc200_0000 | 0;

/** IEEE registration authority, EtherType. */
export const EtherType = {
  IPV4: 0x0800,
  ARP: 0x0806,
  RARP: 0x8035,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  LOOPBACK: 0x9000,
  PAUSE: 0x8808,
  SLOW: 0x8809,
  MPLS: 0x8847,
  PPPOE_DISCOVERY: 0x8863,
  PPPOE_SESSION: 0x8864,
  EAPOL: 0x888e,
  PROVIDER_VLAN: 0x88a8,
  LLDP: 0x88cc,
} as const;

/** Proves the getters safe. */
export const check = (b: Uint8Array, at: number, end: number): boolean => at + HEADER_LENGTH <= end && end <= b.length;

export const destination = (b: Uint8Array, at: number): Mac => get48(b, at + DESTINATION) as Mac;
export const source = (b: Uint8Array, at: number): Mac => get48(b, at + SOURCE) as Mac;
/** The EtherType, or a length when `isLength` says so. */
export const etherType = (b: Uint8Array, at: number): number => get16(b, at + TYPE);
export const isLength = (type: number): boolean => type <= MAX_LENGTH_FIELD;

/*
 * An address as two integers, for the frame path: a number of 48 bits costs an allocation wherever it is handed on.
 * `high` is its first two bytes, `low` the other four, signed.
 */
export const destinationHigh = (b: Uint8Array, at: number): number => get16(b, at + DESTINATION);
export const destinationLow = (b: Uint8Array, at: number): number => getInt32(b, at + DESTINATION + 2);
export const sourceHigh = (b: Uint8Array, at: number): number => get16(b, at + SOURCE);
export const sourceLow = (b: Uint8Array, at: number): number => getInt32(b, at + SOURCE + 2);

/** Broadcast or multicast. */
export const isToGroup = (b: Uint8Array, at: number): boolean => (get8(b, at + DESTINATION) & 1) === 1;
export const isToAll = (b: Uint8Array, at: number): boolean =>
  destinationLow(b, at) === -1 && destinationHigh(b, at) === 0xffff;
/** is_valid_ether_addr of the sender. */
export const isFromStation = (b: Uint8Array, at: number): boolean =>
  (get8(b, at + SOURCE) & 1) === 0 && (sourceLow(b, at) !== 0 || sourceHigh(b, at) !== 0);
/** The last digit of a link-local group (IEEE 802.1D table 7-10: 01:80:c2:00:00:0X), -1 of any other address. */
export const linkLocalGroup = (b: Uint8Array, at: number): number => {
  const low = destinationLow(b, at);
  return (low & ~15) === LINK_LOCAL_LOW && destinationHigh(b, at) === LINK_LOCAL_HIGH ? low & 15 : -1;
};

export const setDestination = (b: Uint8Array, at: number, mac: Mac): void => put48(b, at + DESTINATION, mac);
export const setSource = (b: Uint8Array, at: number, mac: Mac): void => put48(b, at + SOURCE, mac);
export const setEtherType = (b: Uint8Array, at: number, type: number): void => put16(b, at + TYPE, type);

export interface Header {
  readonly destination: Mac;
  readonly source: Mac;
  readonly etherType: number;
}

/** Null when the header is cut. */
export function parse(b: Uint8Array, at: number, end: number): Header | null {
  if (!check(b, at, end)) return null;
  return { destination: destination(b, at), source: source(b, at), etherType: etherType(b, at) };
}

/** Writes the header; answers where the payload starts. */
export function emit(b: Uint8Array, at: number, header: Header): number {
  setDestination(b, at, header.destination);
  setSource(b, at, header.source);
  setEtherType(b, at, header.etherType);
  return at + HEADER_LENGTH;
}
