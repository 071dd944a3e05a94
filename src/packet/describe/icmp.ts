/**
 * ICMP as tcpdump prints it (its print-icmp.c). The quoted packet is printed by ipv4.ts.
 * Not modelled: addresses in router advertisements, the objects of RFC 4884 extensions.
 */
import { get8, get16, get32 } from "../../base/bytes.ts";
import { formatIpv4 } from "../address.ts";
import { checksum, fold } from "../checksum.ts";
import * as icmp from "../icmp.ts";
import * as ipv4 from "../ipv4.ts";
import { cut, has, type Printout, print, printColumn, truncated } from "./printout.ts";

/** Up to the destination address of the quoted header. */
const WITH_QUOTED_ADDRESS = icmp.HEADER_LENGTH + 20;

/** `length` is what the IP header claims. */
export function describeIcmp(out: Printout, at: number, length: number, isFragment: boolean): void {
  const b = out.bytes;
  if (!has(out, at, 2)) {
    cut(out, "icmp");
    return;
  }
  const what = message(out, at);
  if (what === null) {
    cut(out, "icmp");
    return;
  }
  printColumn(out, "ICMP ");
  print(out, `${what}, length ${length}`);
  if (out.verbose && !isFragment && has(out, at, length)) {
    const found = checksum(b, at, at + length);
    if (found !== 0) {
      const field = icmp.checksumField(b, at);
      print(out, ` (wrong icmp cksum ${hex(field)} (->${hex(shouldBe(field, found))})!)`);
    }
  }
}

/** Where RFC 4884 puts its extensions in a message that does not say where. */
const EXTENSION_AT = 136;
const EXTENDED: readonly number[] = [icmp.Type.UNREACHABLE, icmp.Type.TIME_EXCEEDED, icmp.Type.PARAMETER_PROBLEM];

/** With -v, after the quoted packet of a long error: that there is a multi-part extension, and its version. */
export function describeExtension(out: Printout, at: number, length: number): void {
  const b = out.bytes;
  if (length <= EXTENSION_AT || !EXTENDED.includes(icmp.type(b, at))) return;
  if (!has(out, at, EXTENSION_AT + 5)) {
    truncated(out, "icmp");
    return;
  }
  const isWhole = has(out, at, length);
  const isMarked = get8(b, at + 5) !== 0;
  if (!isMarked && isWhole && checksum(b, at + EXTENSION_AT, at + length) !== 0) return;
  const version = get8(b, at + EXTENSION_AT) >>> 4;
  print(out, `\n\tICMP Multi-Part extension v${version}${version === 2 ? "" : " packet not supported"}`);
}

const hex = (value: number): string => value.toString(16);

/** The right checksum, from the one in the field and the sum over everything with it. */
export const shouldBe = (field: number, found: number): number => fold(field + found);

/** Null when the capture ends before what has to be said. */
function message(out: Printout, at: number): string | null {
  const b = out.bytes;
  const type = icmp.type(b, at);
  const needed = NEEDED[type] ?? 2;
  if (!has(out, at, needed)) return null;
  switch (type) {
    case icmp.Type.ECHO_REQUEST:
      return `echo request, id ${icmp.identifier(b, at)}, seq ${icmp.sequence(b, at)}`;
    case icmp.Type.ECHO_REPLY:
      return `echo reply, id ${icmp.identifier(b, at)}, seq ${icmp.sequence(b, at)}`;
    case icmp.Type.UNREACHABLE:
      return unreachable(out, at);
    case icmp.Type.REDIRECT:
      return redirect(b, at);
    case icmp.Type.TIME_EXCEEDED:
      return TIME_EXCEEDED[icmp.code(b, at)] ?? `time exceeded-#${icmp.code(b, at)}`;
    case icmp.Type.PARAMETER_PROBLEM:
      return parameterProblem(out, at);
    case icmp.Type.TIMESTAMP:
      return `time stamp query id ${icmp.identifier(b, at)} seq ${icmp.sequence(b, at)}`;
    case icmp.Type.TIMESTAMP_REPLY:
      return timestamps(b, at);
    case icmp.Type.MASK_REPLY:
      return `address mask is 0x${get32(b, at + 8)
        .toString(16)
        .padStart(8, "0")}`;
    default:
      return OTHERS[type] ?? `type-#${type}`;
  }
}

/** Bytes that each type's sentence reads. */
const NEEDED: Readonly<Record<number, number>> = {
  [icmp.Type.ECHO_REPLY]: 8,
  [icmp.Type.ECHO_REQUEST]: 8,
  [icmp.Type.UNREACHABLE]: WITH_QUOTED_ADDRESS,
  [icmp.Type.REDIRECT]: WITH_QUOTED_ADDRESS,
  [icmp.Type.TIMESTAMP]: 8,
  [icmp.Type.TIMESTAMP_REPLY]: 20,
  [icmp.Type.TIME_EXCEEDED]: WITH_QUOTED_ADDRESS,
  [icmp.Type.MASK_REPLY]: 12,
};
const TIME_EXCEEDED: Readonly<Record<number, string>> = {
  [icmp.TimeExceeded.IN_TRANSIT]: "time exceeded in-transit",
  [icmp.TimeExceeded.REASSEMBLY]: "ip reassembly time exceeded",
};
const OTHERS: Readonly<Record<number, string>> = {
  4: "source quench",
  9: "router advertisement",
  10: "router solicitation",
  15: "information request",
  16: "information reply",
  17: "address mask request",
};

const quotedDestination = (b: Uint8Array, at: number): string => formatIpv4(ipv4.destination(b, icmp.dataAt(at)));

/** Before and after the address that cannot be reached; the codes that need more are written out below. */
const UNREACHABLE: Readonly<Record<number, readonly [string, string]>> = {
  [icmp.Unreachable.NET]: ["net ", ""],
  [icmp.Unreachable.HOST]: ["host ", ""],
  [icmp.Unreachable.FRAGMENTATION_NEEDED]: ["", " - need to frag"],
  [icmp.Unreachable.SOURCE_ROUTE_FAILED]: ["", " - source route failed"],
  [icmp.Unreachable.NET_UNKNOWN]: ["net ", " - unknown"],
  [icmp.Unreachable.HOST_UNKNOWN]: ["host ", " - unknown"],
  [icmp.Unreachable.HOST_ISOLATED]: ["", " - source host isolated"],
  [icmp.Unreachable.NET_PROHIBITED]: ["net ", " - admin prohibited"],
  [icmp.Unreachable.HOST_PROHIBITED]: ["host ", " - admin prohibited"],
  [icmp.Unreachable.NET_TOS]: ["net ", " - tos prohibited"],
  [icmp.Unreachable.HOST_TOS]: ["host ", " - tos prohibited"],
  [icmp.Unreachable.FILTERED]: ["host ", " - admin prohibited filter"],
  [icmp.Unreachable.PRECEDENCE_VIOLATION]: ["host ", " - host precedence violation"],
  [icmp.Unreachable.PRECEDENCE_CUTOFF]: ["host ", " - precedence cutoff"],
};

function unreachable(out: Printout, at: number): string | null {
  const b = out.bytes;
  const code = icmp.code(b, at);
  if (code === icmp.Unreachable.PROTOCOL) {
    return `${quotedDestination(b, at)} protocol ${ipv4.protocol(b, icmp.dataAt(at))} unreachable`;
  }
  if (code === icmp.Unreachable.PORT) return unreachablePort(out, at);
  const [before, after] = UNREACHABLE[code] ?? ["", ` - #${code}`];
  const mtu = code === icmp.Unreachable.FRAGMENTATION_NEEDED ? icmp.mtu(b, at) : 0;
  return `${before}${quotedDestination(b, at)} unreachable${after}${mtu === 0 ? "" : ` (mtu ${mtu})`}`;
}

function unreachablePort(out: Printout, at: number): string | null {
  const b = out.bytes;
  const quoted = icmp.dataAt(at);
  const portAt = quoted + ipv4.headerLength(b, quoted) + 2;
  if (!has(out, portAt, 2)) return null;
  const port = get16(b, portAt);
  const protocol = ipv4.protocol(b, quoted);
  const names: Readonly<Record<number, string>> = { [ipv4.Protocol.TCP]: "tcp", [ipv4.Protocol.UDP]: "udp" };
  return `${quotedDestination(b, at)} ${names[protocol] ?? `protocol ${protocol}`} port ${port} unreachable`;
}

const REDIRECTS: Readonly<Record<number, readonly [string, string]>> = {
  [icmp.Redirect.NET]: ["redirect", "net "],
  [icmp.Redirect.HOST]: ["redirect", "host "],
  [icmp.Redirect.NET_TOS]: ["redirect-tos", "net "],
  [icmp.Redirect.HOST_TOS]: ["redirect-tos", "host "],
};

function redirect(b: Uint8Array, at: number): string {
  const [verb, what] = REDIRECTS[icmp.code(b, at)] ?? [`redirect-#${icmp.code(b, at)}`, ""];
  return `${verb} ${quotedDestination(b, at)} to ${what}${formatIpv4(icmp.gateway(b, at))}`;
}

function parameterProblem(out: Printout, at: number): string | null {
  const code = icmp.code(out.bytes, at);
  if (code !== 0) return `parameter problem - code ${code}`;
  return has(out, at, 5) ? `parameter problem - octet ${get8(out.bytes, at + 4)}` : null;
}

function timestamps(b: Uint8Array, at: number): string {
  const [origin, received, sent] = [8, 12, 16].map((offset) => timeOfDay(get32(b, at + offset)));
  const ids = `id ${icmp.identifier(b, at)} seq ${icmp.sequence(b, at)}`;
  return `time stamp reply ${ids}: org ${origin}, recv ${received}, xmit ${sent}`;
}

/** Milliseconds since midnight UT. */
function timeOfDay(milliseconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = String(milliseconds % 1000).padStart(3, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${rest}`;
}
