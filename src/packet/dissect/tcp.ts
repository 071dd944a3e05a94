/** TCP headers with their options. Sequence numbers are those of the wire. */
import { get8, get16, get32 } from "../../base/bytes.ts";
import { pseudoHeader } from "../checksum.ts";
import { Protocol } from "../ipv4.ts";
import * as tcp from "../tcp.ts";
import type { Dissected, Field, Scope } from "./layer.ts";
import * as layer from "./layer.ts";

const TITLE = "Transmission Control Protocol";

export function dissectTcp(scope: Scope, from: number, to: number): Dissected {
  const b = scope.bytes;
  if (from + tcp.MIN_HEADER_LENGTH > to) return layer.cutShort("tcp", TITLE, tcp.MIN_HEADER_LENGTH, from, to);
  const title = `${TITLE}, Src Port: ${tcp.sourcePort(b, from)}, Dst Port: ${tcp.destinationPort(b, from)}`;
  const fields = fixedPart(scope, from, to);
  if (!tcp.check(b, from, to)) {
    fields.push(layer.malformed(`header length ${tcp.headerLength(b, from)} cannot be`, from + 12, to));
    return { layer: { protocol: "tcp", title: `${title} [malformed]`, from, to, fields }, next: null, extent: to };
  }
  const payload = tcp.payloadAt(b, from);
  const options = tcp.parseOptions(b, tcp.optionsAt(from), payload);
  for (const option of options) fields.push(optionField(b, option));
  const end = options.at(-1)?.to ?? payload;
  if (end < payload) fields.push(layer.bytesField(b, end, payload, "tcp.options", "Padding"));
  return {
    layer: { protocol: "tcp", title, from, to: payload, fields },
    next: { space: "data", keys: [], from: payload, to },
    extent: to,
  };
}

function fixedPart(scope: Scope, from: number, to: number): Field[] {
  const b = scope.bytes;
  const header = tcp.headerLength(b, from);
  const start = pseudoHeader(scope.source, scope.destination, Protocol.TCP, to - from);
  return [
    layer.number16(b, from, "tcp.srcport", "Source port"),
    layer.number16(b, from + 2, "tcp.dstport", "Destination port"),
    layer.number32(b, from + 4, "tcp.seq_raw", "Sequence number"),
    layer.number32(b, from + 8, "tcp.ack_raw", "Acknowledgment number"),
    layer.field("tcp.hdr_len", "Header length", header, layer.count(header), [from + 12, from + 13]),
    flags(b, from + 13),
    layer.number16(b, from + 14, "tcp.window_size_value", "Window"),
    layer.transportChecksum(scope, "tcp.checksum", from + tcp.CHECKSUM, [from, to], start),
    layer.number16(b, from + 18, "tcp.urgent_pointer", "Urgent pointer"),
  ];
}

const FLAGS: readonly (readonly [number, string, string])[] = [
  [tcp.Flag.CWR, "tcp.flags.cwr", "Congestion window reduced"],
  [tcp.Flag.ECE, "tcp.flags.ece", "ECN-Echo"],
  [tcp.Flag.URG, "tcp.flags.urg", "Urgent"],
  [tcp.Flag.ACK, "tcp.flags.ack", "Acknowledgment"],
  [tcp.Flag.PSH, "tcp.flags.push", "Push"],
  [tcp.Flag.RST, "tcp.flags.reset", "Reset"],
  [tcp.Flag.SYN, "tcp.flags.syn", "Syn"],
  [tcp.Flag.FIN, "tcp.flags.fin", "Fin"],
];

function flags(b: Uint8Array, at: number): Field {
  const value = get8(b, at);
  const range = [at, at + 1] as const;
  const set = FLAGS.filter(([bit]) => (value & bit) !== 0).map(([, name]) =>
    name.slice("tcp.flags.".length).toUpperCase(),
  );
  const bits = FLAGS.map(([bit, name, label]) => layer.flag(name, label, (value & bit) !== 0, range));
  const text = `0x${value.toString(16).padStart(3, "0")} (${set.length === 0 ? "none" : set.join(", ")})`;
  return layer.field("tcp.flags", "Flags", value, text, range, bits);
}

const OPTIONS: Readonly<Record<number, string>> = {
  [tcp.OptionKind.END]: "End of options",
  [tcp.OptionKind.NO_OPERATION]: "No operation",
  [tcp.OptionKind.MAXIMUM_SEGMENT_SIZE]: "Maximum segment size",
  [tcp.OptionKind.WINDOW_SCALE]: "Window scale",
  [tcp.OptionKind.SACK_PERMITTED]: "SACK permitted",
  [tcp.OptionKind.SACK]: "SACK",
  [tcp.OptionKind.TIMESTAMPS]: "Timestamps",
};

function optionField(b: Uint8Array, option: tcp.TcpOption): Field {
  const name = OPTIONS[option.kind] ?? `Kind ${option.kind}`;
  const text = option.whole ? name + optionValue(b, option) : `${name} [malformed: its length cannot be]`;
  return layer.field("tcp.option_kind", "Option", option.kind, text, [option.from, option.to]);
}

/** Nothing for a length that does not fit the kind. */
function optionValue(b: Uint8Array, { kind, from, to }: tcp.TcpOption): string {
  const length = to - from;
  if (kind === tcp.OptionKind.MAXIMUM_SEGMENT_SIZE && length === 4) return `: ${get16(b, from + 2)} bytes`;
  if (kind === tcp.OptionKind.WINDOW_SCALE && length === 3) return `: ${get8(b, from + 2)}`;
  if (kind === tcp.OptionKind.TIMESTAMPS && length === 10) return `: ${get32(b, from + 2)}, echo ${get32(b, from + 6)}`;
  if (kind !== tcp.OptionKind.SACK || length % 8 !== 2) return "";
  const edges: string[] = [];
  for (let at = from + 2; at < to; at += 8) edges.push(`${get32(b, at)}-${get32(b, at + 4)}`);
  return `: ${edges.join(" ")}`;
}
