/** IPv4 headers with their options. */
import { get8, get16 } from "../../base/bytes.ts";
import { formatIpv4 } from "../address.ts";
import { sum } from "../checksum.ts";
import { IP_PROTOCOL_NAMES } from "../describe/names.ts";
import * as ipv4 from "../ipv4.ts";
import { type Hop, type Ipv4Option, OptionType, parse } from "../ipv4-options.ts";
import type { Dissected, Field, Scope } from "./layer.ts";
import * as layer from "./layer.ts";

const TITLE = "Internet Protocol Version 4";

export function dissectIpv4(scope: Scope, from: number, to: number): Dissected {
  const b = scope.bytes;
  if (from + ipv4.MIN_HEADER_LENGTH > to) return layer.cutShort("ip", TITLE, ipv4.MIN_HEADER_LENGTH, from, to);
  const header = ipv4.headerLength(b, from);
  const total = ipv4.totalLength(b, from);
  const headerEnd = Math.min(to, from + Math.max(header, ipv4.MIN_HEADER_LENGTH));
  const fields = fixedPart(b, from, headerEnd);
  const mistake = mistakeIn(b, from, to);
  const title = `${TITLE}, Src: ${formatIpv4(ipv4.source(b, from))}, Dst: ${formatIpv4(ipv4.destination(b, from))}`;
  if (mistake !== null) {
    fields.push(layer.malformed(mistake, from, to));
    return { layer: { protocol: "ip", title: `${title} [malformed]`, from, to, fields }, next: null, extent: to };
  }
  fields.push(...optionFields(b, ipv4.optionsAt(from), headerEnd));
  const extent = Math.min(to, from + total);
  scope.source = ipv4.source(b, from);
  scope.destination = ipv4.destination(b, from);
  scope.isWhole = from + total <= to && !ipv4.isFragment(b, from);
  const isFirst = ipv4.fragmentOffset(b, from) === 0;
  const next = { keys: [ipv4.protocol(b, from)], from: headerEnd, to: extent };
  return {
    layer: { protocol: "ip", title, from, to: headerEnd, fields },
    next: { ...next, space: isFirst ? "protocol" : "data" },
    extent,
  };
}

/** Why nothing below this header can be read; null when it can. */
function mistakeIn(b: Uint8Array, from: number, to: number): string | null {
  const header = ipv4.headerLength(b, from);
  if (ipv4.version(b, from) !== 4) return `version ${ipv4.version(b, from)} is not 4`;
  if (header < ipv4.MIN_HEADER_LENGTH) return `header length ${header} is less than 20`;
  if (ipv4.totalLength(b, from) < header) return `total length ${ipv4.totalLength(b, from)} is less than the header's`;
  return from + header > to ? `the options are cut: the header has ${header} bytes` : null;
}

function fixedPart(b: Uint8Array, from: number, headerEnd: number): Field[] {
  const protocol = (v: number): string => layer.named(String(v), IP_PROTOCOL_NAMES, v);
  const firstByte = [from, from + 1] as const;
  const header = ipv4.headerLength(b, from);
  return [
    layer.field("ip.version", "Version", ipv4.version(b, from), String(ipv4.version(b, from)), firstByte),
    layer.field("ip.hdr_len", "Header length", header, layer.count(header), firstByte),
    services(b, from + 1),
    layer.number16(b, from + 2, "ip.len", "Total length"),
    layer.number16(b, from + 4, "ip.id", "Identification", (v) => `${layer.hex(v)} (${v})`),
    ...fragmentation(b, from),
    layer.number8(b, from + 8, "ip.ttl", "Time to live"),
    layer.number8(b, from + 9, "ip.proto", "Protocol", protocol),
    headerChecksum(b, from, headerEnd),
    layer.ipv4Field(b, from + 12, "ip.src", "Source address"),
    layer.ipv4Field(b, from + 16, "ip.dst", "Destination address"),
  ];
}

const CONGESTION = ["Not-ECT", "ECT(1)", "ECT(0)", "CE"] as const;

function services(b: Uint8Array, at: number): Field {
  const value = get8(b, at);
  const range = [at, at + 1] as const;
  return layer.field(
    "ip.dsfield",
    "Differentiated services",
    value,
    `0x${value.toString(16).padStart(2, "0")}`,
    range,
    [
      layer.field("ip.dsfield.dscp", "Codepoint", value >>> 2, String(value >>> 2), range),
      layer.field("ip.dsfield.ecn", "Congestion", value & 3, CONGESTION[value & 3] ?? "", range),
    ],
  );
}

function fragmentation(b: Uint8Array, from: number): Field[] {
  const range = [from + 6, from + 8] as const;
  const flags = get16(b, from + 6) >>> 13;
  // In units of eight bytes, as Wireshark's filters count it; it shows bytes, and so do we.
  const offset = ipv4.fragmentOffset(b, from);
  const units = offset / ipv4.FRAGMENT_UNIT;
  return [
    layer.field("ip.flags", "Flags", flags, `0x${flags}`, range, [
      layer.flag("ip.flags.rb", "Reserved bit", ipv4.reservedFlag(b, from), range),
      layer.flag("ip.flags.df", "Don't fragment", ipv4.dontFragment(b, from), range),
      layer.flag("ip.flags.mf", "More fragments", ipv4.moreFragments(b, from), range),
    ]),
    layer.field("ip.frag_offset", "Fragment offset", units, layer.count(offset), range),
  ];
}

function headerChecksum(b: Uint8Array, from: number, headerEnd: number): Field {
  const value = ipv4.headerChecksum(b, from);
  const verdict = layer.checksumVerdict(value, sum(b, from, headerEnd));
  return layer.field("ip.checksum", "Header checksum", value, `${layer.hex(value)} ${verdict}`, [from + 10, from + 12]);
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  [OptionType.RECORD_ROUTE]: "Record route",
  [OptionType.LOOSE_SOURCE_ROUTE]: "Loose source route",
  [OptionType.STRICT_SOURCE_ROUTE]: "Strict source route",
  [OptionType.SECURITY]: "Security",
};

function optionFields(b: Uint8Array, from: number, to: number): Field[] {
  const options = parse(b, from, to);
  const fields = options.map((option) => {
    const text = optionText(option);
    return layer.field("ip.opt.type", "Option", get8(b, option.from), text, [option.from, option.to]);
  });
  const end = options.at(-1)?.to ?? to;
  return end < to ? [...fields, layer.bytesField(b, end, to, "ip.opt.padding", "Padding")] : fields;
}

function optionText(option: Ipv4Option): string {
  switch (option.kind) {
    case "end":
      return "End of options";
    case "no-operation":
      return "No operation";
    case "route":
      return `${OPTION_NAMES[option.type] ?? ""}: ${option.addresses.map(formatIpv4).join(", ")} (pointer ${option.pointer})`;
    case "timestamp":
      return `Timestamps: ${option.hops.map(hopText).join(", ")} (pointer ${option.pointer}, overflow ${option.overflow})`;
    case "router-alert":
      return `Router alert: ${option.value}`;
    case "other":
      return OPTION_NAMES[option.type] ?? `Type ${option.type}`;
    case "malformed":
      return `Type ${option.type} [malformed: its length cannot be]`;
  }
}

const hopText = (hop: Hop): string =>
  hop.address === null ? `${hop.time} ms` : `${formatIpv4(hop.address)} ${hop.time} ms`;
