/** Ethernet headers, VLAN tags and, by name only, LLC. */
import { get8, get16 } from "../../base/bytes.ts";
import { formatMac } from "../address.ts";
import { ETHER_TYPE_NAMES } from "../describe/names.ts";
import * as ethernet from "../ethernet.ts";
import { cutShort, type Dissected, type Field, field, hex, macField, named, number16, type Scope } from "./layer.ts";

const TYPE = 12;

const typeText = (value: number): string => named(hex(value), ETHER_TYPE_NAMES, value);

export function dissectEthernet({ bytes: b }: Scope, from: number, to: number): Dissected {
  if (!ethernet.check(b, from, to)) return cutShort("eth", "Ethernet", ethernet.HEADER_LENGTH, from, to);
  const isLength = ethernet.isLength(ethernet.etherType(b, from));
  const kind = isLength ? "IEEE 802.3 Ethernet" : "Ethernet II";
  const title = `${kind}, Src: ${formatMac(ethernet.source(b, from))}, Dst: ${formatMac(ethernet.destination(b, from))}`;
  const fields = [
    macField(b, from, "eth.dst", "Destination"),
    macField(b, from + 6, "eth.src", "Source"),
    isLength ? number16(b, from + TYPE, "eth.len", "Length") : number16(b, from + TYPE, "eth.type", "Type", typeText),
  ];
  const payload = from + ethernet.HEADER_LENGTH;
  return { layer: { protocol: "eth", title, from, to: payload, fields }, ...following(b, payload, to) };
}

/** The type or length field ends at `payload`. */
function following(b: Uint8Array, payload: number, to: number): Pick<Dissected, "next" | "extent"> {
  const type = get16(b, payload - 2);
  if (!ethernet.isLength(type)) {
    return { next: { space: "ethertype", keys: [type], from: payload, to }, extent: to };
  }
  const extent = Math.min(to, payload + type);
  const keys = payload < extent ? [get8(b, payload)] : [];
  return { next: { space: "llc", keys, from: payload, to: extent }, extent };
}

const CONTROL_AND_TYPE = 4;

/** The tag's second half and the type after it: its first half is the type field of the layer before. */
export const dissectVlan = (scope: Scope, from: number, to: number): Dissected =>
  dissectTag(scope, from, to, "vlan", "802.1Q Virtual LAN", "vlan.etype");

/** The tag of a provider around a customer's. */
export const dissectProviderVlan = (scope: Scope, from: number, to: number): Dissected =>
  dissectTag(scope, from, to, "ieee8021ad", "802.1ad Provider Bridge", "ieee8021ah.etype");

function dissectTag(
  { bytes: b }: Scope,
  from: number,
  to: number,
  protocol: string,
  kind: string,
  typeName: string,
): Dissected {
  if (from + CONTROL_AND_TYPE > to) return cutShort(protocol, kind, CONTROL_AND_TYPE, from, to);
  const control = get16(b, from);
  const id = control & 0xfff;
  const range = [from, from + 2] as const;
  const bit = (name: string, label: string, value: number): Field =>
    field(`${protocol}.${name}`, label, value, String(value), range);
  const fields = [
    bit("priority", "Priority", control >>> 13),
    bit("dei", "Drop eligible", (control >>> 12) & 1),
    bit("id", "ID", id),
    number16(b, from + 2, typeName, "Type", typeText),
  ];
  const payload = from + CONTROL_AND_TYPE;
  const title = `${kind}, PRI: ${control >>> 13}, DEI: ${(control >>> 12) & 1}, ID: ${id}`;
  return { layer: { protocol, title, from, to: payload, fields }, ...following(b, payload, to) };
}
