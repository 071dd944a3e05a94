/** ARP, and RARP which has the same layout. */
import { get8, get16 } from "../../base/bytes.ts";
import { formatIpv4 } from "../address.ts";
import * as arp from "../arp.ts";
import { ETHER_TYPE_NAMES } from "../describe/names.ts";
import type { Dissected, Field, Scope } from "./layer.ts";
import * as layer from "./layer.ts";

const FIXED_PART = 8;
const TITLE = "Address Resolution Protocol";
const OPERATIONS: Readonly<Record<number, string>> = {
  1: "request",
  2: "reply",
  3: "reverse request",
  4: "reverse reply",
  8: "inverse request",
  9: "inverse reply",
};

export function dissectArp({ bytes: b }: Scope, from: number, to: number): Dissected {
  if (from + FIXED_PART > to) return layer.cutShort("arp", TITLE, FIXED_PART, from, to);
  const fields = fixedPart(b, from);
  const extent = Math.min(to, from + FIXED_PART + 2 * (get8(b, from + 4) + get8(b, from + 5)));
  if (arp.check(b, from, to)) {
    fields.push(...addresses(b, from));
    return { layer: { protocol: "arp", title: title(b, from), from, to: extent, fields }, next: null, extent };
  }
  fields.push(layer.malformed("cut, or not for IPv4 over Ethernet", from + FIXED_PART, extent));
  return { layer: { protocol: "arp", title: `${TITLE} [malformed]`, from, to: extent, fields }, next: null, extent };
}

const fixedPart = (b: Uint8Array, from: number): Field[] => [
  layer.number16(b, from, "arp.hw.type", "Hardware type", (v) => layer.named(String(v), { 1: "Ethernet" }, v)),
  layer.number16(b, from + 2, "arp.proto.type", "Protocol type", (v) => layer.named(layer.hex(v), ETHER_TYPE_NAMES, v)),
  layer.number8(b, from + 4, "arp.hw.size", "Hardware size"),
  layer.number8(b, from + 5, "arp.proto.size", "Protocol size"),
  layer.number16(b, from + 6, "arp.opcode", "Opcode", (v) => layer.named(String(v), OPERATIONS, v)),
];

const addresses = (b: Uint8Array, from: number): Field[] => [
  layer.macField(b, from + 8, "arp.src.hw_mac", "Sender MAC address"),
  layer.ipv4Field(b, from + 14, "arp.src.proto_ipv4", "Sender IP address"),
  layer.macField(b, from + 18, "arp.dst.hw_mac", "Target MAC address"),
  layer.ipv4Field(b, from + 24, "arp.dst.proto_ipv4", "Target IP address"),
];

/** Probe and announcement are RFC 5227's words. */
function title(b: Uint8Array, from: number): string {
  const operation = arp.operation(b, from);
  const sender = arp.senderIp(b, from);
  const target = arp.targetIp(b, from);
  const purpose = sender === target ? "announcement" : sender === 0 ? "probe" : null;
  const kind = OPERATIONS[get16(b, from + 6)] ?? `operation ${operation}`;
  if (purpose !== null) return `${TITLE} (${purpose} of ${formatIpv4(target)}, ${kind})`;
  return `${TITLE} (${kind})`;
}
