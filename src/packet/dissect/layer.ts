/**
 * What a dissection is made of, and what the dissectors of the protocols share.
 * Names are Wireshark's display-filter names, so that what is learnt here works there.
 */
import { get8, get16, get32, get48, hex16, toHex } from "../../base/bytes.ts";
import { formatIpv4, formatMac, type Ipv4, type Mac } from "../address.ts";
import { finish, fold, sum } from "../checksum.ts";

/** A value with its bytes [from, to) in the buffer that was dissected. Bit fields share the bytes of their parent. */
export interface Field {
  /** ip.ttl, arp.opcode, eth.src ... */
  readonly name: string;
  readonly label: string;
  /** Addresses are text; numbers are as on the wire, lengths in bytes. */
  readonly value: string | number;
  /** The value as a person reads it. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly fields?: readonly Field[];
}

/** One protocol's header (with the payload where nothing below is known). */
export interface Layer {
  /** Wireshark's short name: eth, vlan, arp, ip, icmp, udp, tcp, data ... */
  readonly protocol: string;
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly fields: readonly Field[];
}

/** What follows a layer: looked up by kind of number and number in the table of dissect.ts. */
export interface Next {
  readonly space: Space;
  /** The first that has a dissector is taken. */
  readonly keys: readonly number[];
  readonly from: number;
  readonly to: number;
}
export type Space = "link" | "ethertype" | "llc" | "protocol" | "port" | "data";

export interface Dissected {
  readonly layer: Layer;
  readonly next: Next | null;
  /** Where the layer with its payload ends; bytes up to the end of what contains it are padding. */
  readonly extent: number;
}

/** What the layers above left for those below. */
export interface Scope {
  readonly bytes: Uint8Array;
  /** The frame has not left the host: its L4 checksum is not filled in yet. */
  readonly checksumPartial: boolean;
  /** Addresses of the innermost IP header. */
  source: Ipv4;
  destination: Ipv4;
  /** All bytes of the datagram are here: neither a fragment nor cut. */
  isWhole: boolean;
}

export type Dissector = (scope: Scope, from: number, to: number) => Dissected;

export function field(
  name: string,
  label: string,
  value: string | number,
  text: string,
  [from, to]: readonly [number, number],
  fields: readonly Field[] = [],
): Field {
  return fields.length === 0 ? { name, label, value, text, from, to } : { name, label, value, text, from, to, fields };
}

/** Shows a number; without `show` in decimal. */
type Show = (value: number) => string;

export function number8(b: Uint8Array, at: number, name: string, label: string, show: Show = String): Field {
  const value = get8(b, at);
  return field(name, label, value, show(value), [at, at + 1]);
}
export function number16(b: Uint8Array, at: number, name: string, label: string, show: Show = String): Field {
  const value = get16(b, at);
  return field(name, label, value, show(value), [at, at + 2]);
}
export function number32(b: Uint8Array, at: number, name: string, label: string, show: Show = String): Field {
  const value = get32(b, at);
  return field(name, label, value, show(value), [at, at + 4]);
}
export function macField(b: Uint8Array, at: number, name: string, label: string): Field {
  const text = formatMac(get48(b, at) as Mac);
  return field(name, label, text, text, [at, at + 6]);
}
export function ipv4Field(b: Uint8Array, at: number, name: string, label: string): Field {
  const text = formatIpv4(get32(b, at) as Ipv4);
  return field(name, label, text, text, [at, at + 4]);
}
/** One bit of the number that stands in [from, to). */
export function flag(name: string, label: string, isSet: boolean, range: readonly [number, number]): Field {
  return field(name, label, isSet ? 1 : 0, isSet ? "Set" : "Not set", range);
}

export const hex = (value: number): string => `0x${hex16(value)}`;
/** "2048 (IPv4)" becomes "0x0800 (IPv4)". */
export const named = (text: string, names: Readonly<Record<number, string>>, value: number): string =>
  names[value] === undefined ? text : `${text} (${names[value]})`;

const SHOWN_BYTES = 32;

/** Bytes without a meaning of their own. */
export function bytesField(b: Uint8Array, from: number, to: number, name: string, label: string): Field {
  const shown = toHex(b, from, Math.min(to, from + SHOWN_BYTES));
  const text = to - from > SHOWN_BYTES ? `${shown}...` : shown;
  return field(name, label, text, text, [from, to]);
}

export const count = (bytes: number): string => (bytes === 1 ? "1 byte" : `${bytes} bytes`);

/** Says that the bytes make no sense from here on. */
export const malformed = (what: string, from: number, to: number): Field =>
  field("_ws.malformed", "Malformed", what, what, [from, to]);

/** A header of which only the beginning is there. */
export function cutShort(protocol: string, title: string, needed: number, from: number, to: number): Dissected {
  const what = `${count(to - from)} of at least ${needed} are there`;
  const fields = [field("_ws.short", "Truncated", what, what, [from, to])];
  return { layer: { protocol, title: `${title} [truncated]`, from, to, fields }, next: null, extent: to };
}

/** Verdict on a transport checksum; `start` is the pseudo-header's unfolded sum. */
export function transportChecksum(
  scope: Scope,
  name: string,
  at: number,
  [from, to]: readonly [number, number],
  start: number,
): Field {
  const value = get16(scope.bytes, at);
  const verdict = scope.checksumPartial
    ? "[partial: not filled in yet]"
    : scope.isWhole
      ? checksumVerdict(value, sum(scope.bytes, from, to, start))
      : "[unverified: not all of the data is here]";
  return field(name, "Checksum", value, `${hex(value)} ${verdict}`, [at, at + 2]);
}

/** `total` is the unfolded sum over everything, the field included. */
export const checksumVerdict = (value: number, total: number): string =>
  fold(total) === 0xffff ? "[correct]" : `[incorrect, should be ${hex(finish(total - value))}]`;
