/** DHCP: the fixed part, then each option with its length and value, in Wireshark's names. BOOTP where there is no cookie. */
import { get8, get16, get32, toText } from "../../base/bytes.ts";

import * as dhcp from "../dhcp.ts";
import type { Dissected, Field, Scope } from "./layer.ts";
import * as layer from "./layer.ts";

const TITLE = "Dynamic Host Configuration Protocol";
const MESSAGES: Readonly<Record<number, string>> = {
  ...{ 1: "Discover", 2: "Offer", 3: "Request", 4: "Decline", 5: "ACK", 6: "NAK", 7: "Release", 8: "Inform" },
};
const OPERATIONS: Readonly<Record<number, string>> = { 1: "Boot Request", 2: "Boot Reply" };

type Kind = "address" | "addresses" | "seconds" | "number" | "text" | "message" | "list" | "client" | "bytes";

/** Wireshark's words for the options that a lab meets: what it shows, and the last part of its filter's name. */
const OPTIONS: Readonly<Record<number, readonly [string, string, Kind]>> = {
  1: ["Subnet Mask", "subnet_mask", "address"],
  2: ["Time Offset", "time_offset", "number"],
  3: ["Router", "router", "addresses"],
  6: ["Domain Name Server", "domain_name_server", "addresses"],
  12: ["Host Name", "hostname", "text"],
  15: ["Domain Name", "domain_name", "text"],
  26: ["Interface MTU", "interface_mtu", "number"],
  28: ["Broadcast Address", "broadcast_address", "address"],
  42: ["Network Time Protocol Servers", "ntp_server", "addresses"],
  44: ["NetBIOS over TCP/IP Name Server", "netbios_over_tcpip_name_server", "addresses"],
  47: ["NetBIOS over TCP/IP Scope", "netbios_over_tcpip_scope", "text"],
  50: ["Requested IP Address", "requested_ip_address", "address"],
  51: ["IP Address Lease Time", "ip_address_lease_time", "seconds"],
  52: ["Option Overload", "option_overload", "number"],
  53: ["DHCP Message Type", "dhcp", "message"],
  54: ["DHCP Server Identifier", "dhcp_server_id", "address"],
  55: ["Parameter Request List", "request_list_item", "list"],
  56: ["Message", "message", "text"],
  57: ["Maximum DHCP Message Size", "dhcp_max_message_size", "number"],
  58: ["Renewal Time Value", "renewal_time_value", "seconds"],
  59: ["Rebinding Time Value", "rebinding_time_value", "seconds"],
  60: ["Vendor class identifier", "vendor_class_id", "text"],
  61: ["Client identifier", "client_id", "client"],
  81: ["Client Fully Qualified Domain Name", "client_fqdn", "bytes"],
  119: ["Domain Search", "domain_search", "bytes"],
  121: ["Classless Static Route", "classless_static_route", "bytes"],
};
const nameOf = (code: number): string => OPTIONS[code]?.[0] ?? "Unknown";

export function dissectDhcp({ bytes: b }: Scope, from: number, to: number): Dissected {
  if (from + dhcp.FIXED_LENGTH > to) return layer.cutShort("dhcp", TITLE, dhcp.FIXED_LENGTH, from, to);
  const fields = fixedPart(b, from);
  if (!dhcp.hasCookie(b, from, to)) {
    return { layer: { protocol: "dhcp", title: `${TITLE} (Bootp)`, from, to, fields }, next: null, extent: to };
  }
  const at = dhcp.optionsAt(from);
  fields.push(layer.field("dhcp.cookie", "Magic cookie", "99.130.83.99", "DHCP", [at - 4, at]));
  const { options, whole } = dhcp.placedOptions(b, at, to);
  fields.push(...options.map((option) => optionField(b, option)));
  const end = options.at(-1)?.to ?? at;
  if (!whole) fields.push(layer.malformed("an option is cut", end, to));
  else if (end < to) fields.push(layer.bytesField(b, end, to, "dhcp.option.padding", "Padding"));
  const type = options.find(({ code }) => code === dhcp.OptionCode.MESSAGE_TYPE);
  const kind = type === undefined || type.data >= type.to ? "Bootp" : MESSAGES[get8(b, type.data)];
  const title = `${TITLE} (${kind ?? "Unknown"})`;
  return { layer: { protocol: "dhcp", title, from, to, fields }, next: null, extent: to };
}

const fixedPart = (b: Uint8Array, from: number): Field[] => [
  layer.number8(b, from, "dhcp.type", "Message type", (v) => `${OPERATIONS[v] ?? "Unknown"} (${v})`),
  layer.number8(b, from + 1, "dhcp.hw.type", "Hardware type", (v) => (v === 1 ? "Ethernet (0x01)" : String(v))),
  layer.number8(b, from + 2, "dhcp.hw.len", "Hardware address length"),
  layer.number8(b, from + 3, "dhcp.hops", "Hops"),
  layer.number32(b, from + 4, "dhcp.id", "Transaction ID", (v) => `0x${v.toString(16).padStart(8, "0")}`),
  layer.number16(b, from + 8, "dhcp.secs", "Seconds elapsed"),
  flags(b, from + 10),
  layer.ipv4Field(b, from + 12, "dhcp.ip.client", "Client IP address"),
  layer.ipv4Field(b, from + 16, "dhcp.ip.your", "Your (client) IP address"),
  layer.ipv4Field(b, from + 20, "dhcp.ip.server", "Next server IP address"),
  layer.ipv4Field(b, from + 24, "dhcp.ip.relay", "Relay agent IP address"),
  layer.macField(b, from + 28, "dhcp.hw.mac_addr", "Client MAC address"),
  layer.bytesField(b, from + 34, from + 44, "dhcp.hw.addr_padding", "Client hardware address padding"),
  given(b, from + 44, from + 108, "dhcp.server", "Server host name"),
  given(b, from + 108, from + 236, "dhcp.file", "Boot file name"),
];

function flags(b: Uint8Array, at: number): Field {
  const value = get16(b, at);
  const isBroadcast = (value & dhcp.BROADCAST_FLAG) !== 0;
  const word = isBroadcast ? "Broadcast" : "Unicast";
  const range = [at, at + 2] as const;
  return layer.field("dhcp.flags", "Bootp flags", value, `${layer.hex(value)} (${word})`, range, [
    layer.field("dhcp.flags.bc", "Broadcast flag", isBroadcast ? 1 : 0, word, range),
    layer.field("dhcp.flags.reserved", "Reserved flags", value & 0x7fff, layer.hex(value & 0x7fff), range),
  ]);
}

function given(b: Uint8Array, from: number, to: number, name: string, label: string): Field {
  const text = textAt(b, from, to);
  return layer.field(name, label, text, text === "" ? "not given" : text, [from, to]);
}

function textAt(b: Uint8Array, from: number, to: number): string {
  const zero = b.subarray(from, to).indexOf(0);
  return toText(b.subarray(from, zero < 0 ? to : from + zero));
}

function optionField(b: Uint8Array, { code, from, data, to }: dhcp.PlacedOption): Field {
  if (code === dhcp.OptionCode.END) {
    const end = layer.field("dhcp.option.end", "Option End", code, "255", [from, to]);
    return layer.field("dhcp.option.type", "Option", code, "(255) End", [from, to], [end]);
  }
  const values = data < to ? valueFields(b, code, data, to) : [];
  const first = values[0];
  const kind = OPTIONS[code]?.[2];
  const shown = kind === "message" ? (first?.text.replace(/ \(\d+\)$/, "") ?? "") : (first?.text ?? "");
  const brief = (kind === "address" || kind === "message") && shown !== "" ? ` (${shown})` : "";
  const length = layer.field("dhcp.option.length", "Length", to - data, String(to - data), [from + 1, from + 2]);
  const text = `(${code}) ${nameOf(code)}${brief}`;
  return layer.field("dhcp.option.type", "Option", code, text, [from, to], [length, ...values]);
}

function valueFields(b: Uint8Array, code: number, from: number, to: number): Field[] {
  const [label, last, kind] = OPTIONS[code] ?? ["Value", "value", "bytes"];
  const name = `dhcp.option.${last}`;
  const size = to - from;
  const one = (value: string | number, text = String(value)): Field[] => [
    layer.field(name, kind === "message" ? "DHCP" : label, value, text, [from, to]),
  ];
  switch (kind) {
    case "address":
    case "addresses":
      if (size % 4 !== 0) return [layer.malformed("the length is no multiple of 4", from, to)];
      return Array.from({ length: size / 4 }, (_, i) => layer.ipv4Field(b, from + 4 * i, name, label));
    case "seconds":
      return size === 4 ? one(get32(b, from), timeText(get32(b, from))) : [layer.malformed("not 4 bytes", from, to)];
    case "number":
      return one(b.subarray(from, to).reduce((sum, byte) => sum * 256 + byte, 0));
    case "message":
      return one(get8(b, from), `${MESSAGES[get8(b, from)] ?? "Unknown"} (${get8(b, from)})`);
    case "text":
      return one(textAt(b, from, to));
    case "list":
      return Array.from({ length: size }, (_, i) => wish(b, from + i, name));
    case "client":
      return clientId(b, from, to);
    case "bytes":
      return [layer.bytesField(b, from, to, name, label)];
  }
}

const wish = (b: Uint8Array, at: number, name: string): Field =>
  layer.number8(b, at, name, "Parameter Request List Item", (v) => `(${v}) ${nameOf(v)}`);

function clientId(b: Uint8Array, from: number, to: number): Field[] {
  if (to - from !== 7 || get8(b, from) !== 1)
    return [layer.bytesField(b, from, to, "dhcp.client_id", "Client identifier")];
  return [
    layer.number8(b, from, "dhcp.hw.type", "Hardware type", () => "Ethernet (0x01)"),
    layer.macField(b, from + 1, "dhcp.hw.mac_addr", "Client MAC address"),
  ];
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** "(105s) 1 minute, 45 seconds" */
function timeText(seconds: number): string {
  if (seconds === 0xffff_ffff) return "infinity";
  let left = seconds;
  const words: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) words.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
  }
  return `(${seconds}s) ${words.length === 0 ? "0 seconds" : words.join(", ")}`;
}
