/** LLC with a spanning tree BPDU behind it, in Wireshark's names; rapid and multiple spanning trees as far as they agree. */
import { get8, get16 } from "../../base/bytes.ts";
import { formatMac } from "../address.ts";
import * as bpdu from "../bpdu.ts";
import type { Dissected, Field, Scope } from "./layer.ts";
import * as layer from "./layer.ts";

const TITLE = "Spanning Tree Protocol";
const RAPID = 2;
const TYPES: Readonly<Record<number, string>> = {
  [bpdu.BpduType.CONFIG]: "Configuration",
  [RAPID]: "Rapid/Multiple Spanning Tree",
  [bpdu.BpduType.TOPOLOGY_CHANGE]: "Topology Change Notification",
};

export function dissectStp({ bytes: b }: Scope, from: number, to: number): Dissected {
  const at = from + bpdu.LLC_LENGTH;
  if (at + bpdu.TOPOLOGY_CHANGE_LENGTH > to)
    return layer.cutShort("stp", TITLE, bpdu.LLC_LENGTH + bpdu.TOPOLOGY_CHANGE_LENGTH, from, to);
  const type = bpdu.type(b, at);
  const fields = head(b, from, at);
  const needed = at + (type === bpdu.BpduType.TOPOLOGY_CHANGE ? bpdu.TOPOLOGY_CHANGE_LENGTH : bpdu.CONFIG_LENGTH);
  const rest = Math.min(to, needed);
  if (needed > at + bpdu.TOPOLOGY_CHANGE_LENGTH && needed <= to) fields.push(...config(b, at));
  else if (needed > to) fields.push(layer.malformed("cut", at + bpdu.TOPOLOGY_CHANGE_LENGTH, to));
  if (type === RAPID && rest < to) fields.push(layer.number8(b, rest, "stp.version_1_length", "Version 1 length"));
  const extent = type === RAPID && rest < to ? rest + 1 : rest;
  const title = `${TITLE} (${TYPES[type] ?? `type ${type}`})`;
  return { layer: { protocol: "stp", title, from, to: extent, fields }, next: null, extent };
}

const head = (b: Uint8Array, from: number, at: number): Field[] => [
  layer.number8(b, from, "llc.dsap", "Destination access point", (v) => `0x${v.toString(16)}`),
  layer.number8(b, from + 1, "llc.ssap", "Source access point", (v) => `0x${v.toString(16)}`),
  layer.number8(b, from + 2, "llc.control", "Control", (v) => `0x${v.toString(16).padStart(2, "0")}`),
  layer.number16(b, at, "stp.protocol", "Protocol"),
  layer.number8(b, at + 2, "stp.version", "Version"),
  layer.number8(b, at + 3, "stp.type", "Type", (v) => layer.named(String(v), TYPES, v)),
];

function config(b: Uint8Array, at: number): Field[] {
  const range = [at + 4, at + 5] as const;
  const bits = get8(b, at + 4);
  const flags = [
    layer.flag("stp.flags.tcack", "Topology change acknowledged", (bits & bpdu.BpduFlag.ACKNOWLEDGED) !== 0, range),
    layer.flag("stp.flags.tc", "Topology change", (bits & bpdu.BpduFlag.TOPOLOGY_CHANGE) !== 0, range),
  ];
  const seconds = (value: number): string => `${(value / 256).toFixed(2)} s`;
  const time = (place: number, name: string, label: string): Field =>
    layer.number16(b, at + place, `stp.${name}`, label, seconds);
  return [
    layer.field("stp.flags", "Flags", bits, `0x${bits.toString(16).padStart(2, "0")}`, range, flags),
    ...id(b, at + 5, "root", "Root"),
    layer.number32(b, at + 13, "stp.root.cost", "Root path cost"),
    ...id(b, at + 17, "bridge", "Bridge"),
    layer.number16(b, at + 25, "stp.port", "Port", (v) => `0x${v.toString(16).padStart(4, "0")}`),
    time(27, "msg_age", "Message age"),
    time(29, "max_age", "Maximum age"),
    time(31, "hello", "Hello time"),
    time(33, "forward", "Forward delay"),
  ];
}

function id(b: Uint8Array, at: number, name: string, label: string): Field[] {
  const { mac } = bpdu.idAt(b, at);
  const priority = get16(b, at);
  return [
    layer.field(`stp.${name}.prio`, `${label} priority`, priority, String(priority), [at, at + 2]),
    layer.field(`stp.${name}.hw`, `${label} address`, formatMac(mac), formatMac(mac), [at + 2, at + 8]),
  ];
}
