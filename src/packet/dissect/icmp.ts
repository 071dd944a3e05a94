/** ICMP. An error's quoted packet becomes the layers that follow. */
import { sum } from "../checksum.ts";
import { EtherType } from "../ethernet.ts";
import * as icmp from "../icmp.ts";
import type { Dissected, Field, Scope } from "./layer.ts";
import * as layer from "./layer.ts";

const TITLE = "Internet Control Message Protocol";

const TYPES: Readonly<Record<number, string>> = {
  [icmp.Type.ECHO_REPLY]: "Echo reply",
  [icmp.Type.UNREACHABLE]: "Destination unreachable",
  [icmp.Type.SOURCE_QUENCH]: "Source quench",
  [icmp.Type.REDIRECT]: "Redirect",
  [icmp.Type.ECHO_REQUEST]: "Echo request",
  [icmp.Type.TIME_EXCEEDED]: "Time exceeded",
  [icmp.Type.PARAMETER_PROBLEM]: "Parameter problem",
  [icmp.Type.TIMESTAMP]: "Timestamp request",
  [icmp.Type.TIMESTAMP_REPLY]: "Timestamp reply",
};

const CODES: Readonly<Record<number, readonly string[]>> = {
  [icmp.Type.UNREACHABLE]: [
    ...["Network unreachable", "Host unreachable", "Protocol unreachable", "Port unreachable", "Fragmentation needed"],
    ...["Source route failed", "Network unknown", "Host unknown", "Source host isolated", "Network prohibited"],
    ...["Host prohibited", "Network unreachable for TOS", "Host unreachable for TOS", "Prohibited by a filter"],
    ...["Host precedence violation", "Precedence cutoff"],
  ],
  [icmp.Type.REDIRECT]: ["For the network", "For the host", "For TOS and network", "For TOS and host"],
  [icmp.Type.TIME_EXCEEDED]: ["TTL exceeded in transit", "Fragment reassembly time exceeded"],
  [icmp.Type.PARAMETER_PROBLEM]: ["Pointer indicates the error", "Required option missing", "Bad length"],
};

export function dissectIcmp(scope: Scope, from: number, to: number): Dissected {
  const b = scope.bytes;
  if (!icmp.check(b, from, to)) return layer.cutShort("icmp", TITLE, icmp.HEADER_LENGTH, from, to);
  const type = icmp.type(b, from);
  const codes = CODES[type];
  const codeText = (v: number): string => (codes?.[v] === undefined ? String(v) : `${v} (${codes[v]})`);
  const fields = [
    layer.number8(b, from, "icmp.type", "Type", (v) => layer.named(String(v), TYPES, v)),
    layer.number8(b, from + 1, "icmp.code", "Code", codeText),
    checksum(scope, from, to),
    ...rest(b, from),
  ];
  const title = `${TITLE}, ${TYPES[type] ?? `type ${type}`}`;
  const payload = icmp.dataAt(from);
  const isQuoted = icmp.isError(type);
  const next = { from: payload, to, keys: isQuoted ? [EtherType.IPV4] : [] };
  return {
    layer: { protocol: "icmp", title, from, to: payload, fields },
    next: { ...next, space: isQuoted ? "ethertype" : "data" },
    extent: to,
  };
}

function checksum(scope: Scope, from: number, to: number): Field {
  const value = icmp.checksumField(scope.bytes, from);
  const verdict = scope.isWhole
    ? layer.checksumVerdict(value, sum(scope.bytes, from, to))
    : "[unverified: not all of the data is here]";
  return layer.field("icmp.checksum", "Checksum", value, `${layer.hex(value)} ${verdict}`, [from + 2, from + 4]);
}

/** The four bytes whose meaning depends on the type. */
function rest(b: Uint8Array, from: number): Field[] {
  switch (icmp.type(b, from)) {
    case icmp.Type.ECHO_REQUEST:
    case icmp.Type.ECHO_REPLY:
    case icmp.Type.TIMESTAMP:
    case icmp.Type.TIMESTAMP_REPLY:
    case icmp.Type.INFORMATION:
    case icmp.Type.INFORMATION_REPLY:
    case icmp.Type.MASK:
    case icmp.Type.MASK_REPLY:
      return [
        layer.number16(b, from + 4, "icmp.ident", "Identifier"),
        layer.number16(b, from + 6, "icmp.seq", "Sequence number"),
      ];
    case icmp.Type.UNREACHABLE:
      if (icmp.code(b, from) !== icmp.Unreachable.FRAGMENTATION_NEEDED) return [unused(b, from + 4, from + 8)];
      return [unused(b, from + 4, from + 6), layer.number16(b, from + 6, "icmp.mtu", "MTU of next hop")];
    case icmp.Type.REDIRECT:
      return [layer.ipv4Field(b, from + 4, "icmp.redir_gw", "Gateway address")];
    case icmp.Type.PARAMETER_PROBLEM:
      return [layer.number8(b, from + 4, "icmp.pointer", "Pointer"), unused(b, from + 5, from + 8)];
    case icmp.Type.SOURCE_QUENCH:
    case icmp.Type.TIME_EXCEEDED:
      return [unused(b, from + 4, from + 8)];
    default:
      return [layer.bytesField(b, from + 4, from + 8, "icmp.reserved", "Rest of the header")];
  }
}

const unused = (b: Uint8Array, from: number, to: number): Field =>
  layer.bytesField(b, from, to, "icmp.unused", "Unused");
