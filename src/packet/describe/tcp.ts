/**
 * TCP as `tcpdump -S` prints it (its print-tcp.c): sequence numbers are absolute, since one frame knows no others.
 * Not modelled: payloads of known ports (HTTP, DNS ...), data in RST, the rarer options beyond their bytes.
 */
import { get8, get16, get32, toHex } from "../../base/bytes.ts";
import type { Ipv4 } from "../address.ts";
import { finish, pseudoHeader, sum } from "../checksum.ts";
import { Protocol } from "../ipv4.ts";
import * as tcp from "../tcp.ts";
import { shouldBe } from "./icmp.ts";
import { cut, has, type Printout, ports, print, printColumn, truncated } from "./printout.ts";

const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [tcp.Flag.FIN, "F"],
  [tcp.Flag.SYN, "S"],
  [tcp.Flag.RST, "R"],
  [tcp.Flag.PSH, "P"],
  [tcp.Flag.ACK, "."],
  [tcp.Flag.URG, "U"],
  [tcp.Flag.ECE, "E"],
  [tcp.Flag.CWR, "W"],
];

/** `length` is what the IP header claims; `ends` are the addresses as numbers and as text. */
export function describeTcp(
  out: Printout,
  at: number,
  length: number,
  isFragment: boolean,
  ends: { readonly source: Ipv4; readonly destination: Ipv4; readonly names: readonly [string, string] },
): void {
  const b = out.bytes;
  const [source, destination] = ends.names;
  if (!has(out, at, 4)) {
    printColumn(out, `${source} > ${destination}:`);
    truncated(out, "tcp");
    return;
  }
  ports(out, ends.names, tcp.sourcePort(b, at), tcp.destinationPort(b, at));
  if (!has(out, at, tcp.MIN_HEADER_LENGTH)) {
    truncated(out, "tcp");
    return;
  }
  const header = tcp.headerLength(b, at);
  if (header < tcp.MIN_HEADER_LENGTH) {
    print(out, ` tcp ${(length - header) >>> 0} [bad hdr length ${header} - too short, < 20]`);
    return;
  }
  const flags = tcp.flags(b, at);
  print(out, `Flags [${flagLetters(flags)}]`);
  if (header > length) {
    print(out, ` [bad hdr length ${header} - too long, > ${length}]`);
    return;
  }
  if (out.verbose && !isFragment && has(out, at, length)) checksum(out, at, length, ends.source, ends.destination);
  numbers(out, at, flags, length - header);
  if (header > tcp.MIN_HEADER_LENGTH && !options(out, at, header)) return;
  print(out, `, length ${length - header}`);
  if (length > header && !has(out, at, header)) {
    print(out, ` [remaining caplen(${out.end - at}) < header length(${header})]`);
    cut(out, "tcp");
  }
}

function flagLetters(flags: number): string {
  const letters = FLAG_LETTERS.filter(([flag]) => (flags & flag) !== 0).map(([, letter]) => letter);
  return letters.length === 0 ? "none" : letters.join("");
}

function checksum(out: Printout, at: number, length: number, source: Ipv4, destination: Ipv4): void {
  const field = tcp.checksumField(out.bytes, at);
  const found = finish(sum(out.bytes, at, at + length, pseudoHeader(source, destination, Protocol.TCP, length)));
  const hex = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;
  print(out, `, cksum ${hex(field)} (${found === 0 ? "correct" : `incorrect -> ${hex(shouldBe(field, found))}`})`);
}

function numbers(out: Printout, at: number, flags: number, payload: number): void {
  const b = out.bytes;
  const first = tcp.sequence(b, at);
  if (payload > 0) print(out, `, seq ${first}:${(first + payload) >>> 0}`);
  else if ((flags & (tcp.Flag.SYN | tcp.Flag.FIN | tcp.Flag.RST)) !== 0) print(out, `, seq ${first}`);
  if ((flags & tcp.Flag.ACK) !== 0) print(out, `, ack ${tcp.acknowledgment(b, at)}`);
  print(out, `, win ${tcp.window(b, at)}`);
  if ((flags & tcp.Flag.URG) !== 0) print(out, `, urg ${tcp.urgentPointer(b, at)}`);
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  0: "eol",
  1: "nop",
  2: "mss",
  3: "wscale",
  4: "sackOK",
  5: "sack",
  6: "echo",
  7: "echoreply",
  8: "TS",
};

/** Bytes of data that a kind must have; the others take what their length says. */
const DATA_LENGTHS: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 2, 3: 1, 4: 0, 6: 4, 7: 4, 8: 8 };

/** False when the options end the line: malformed, or cut by the capture. */
function options(out: Printout, at: number, header: number): boolean {
  const end = at + header;
  print(out, ", options [");
  for (let place = tcp.optionsAt(at), separator = ""; place < end; separator = ",") {
    print(out, separator);
    const next = option(out, place, end, separator);
    if (next < 0) return false;
    place = next;
  }
  print(out, "]");
  return true;
}

/** Answers where the next option starts; -1 when there is no telling. */
function option(out: Printout, at: number, end: number, separator: string): number {
  const b = out.bytes;
  if (!has(out, at, 1)) return lost(out);
  const kind = get8(b, at);
  const short = kind === tcp.OptionKind.END || kind === tcp.OptionKind.NO_OPERATION;
  if (!short && !has(out, at, 2)) return lost(out);
  const size = short ? 1 : get8(b, at + 1);
  if (!short && (size < 2 || at + size > end)) return bad(out, separator);
  print(out, OPTION_NAMES[kind] ?? `unknown-${kind}`);
  const dataAt = at + (short ? 1 : 2);
  const used = DATA_LENGTHS[kind] ?? size - 2;
  if (dataAt + used > end) return bad(out, separator);
  if (!has(out, dataAt, used)) {
    truncated(out, "tcp");
    if (separator !== "") print(out, ">");
    return -1;
  }
  print(out, optionValue(b, kind, dataAt, used));
  if (dataAt + used !== at + size) print(out, `[len ${size}]`);
  return kind === tcp.OptionKind.END ? end : dataAt + used;
}

function lost(out: Printout): number {
  cut(out, "tcp");
  return -1;
}

function bad(out: Printout, separator: string): number {
  print(out, separator === "" ? "[bad opt]" : "[bad opt]]");
  return -1;
}

function optionValue(b: Uint8Array, kind: number, at: number, length: number): string {
  switch (kind) {
    case tcp.OptionKind.MAXIMUM_SEGMENT_SIZE:
      return ` ${get16(b, at)}`;
    case tcp.OptionKind.WINDOW_SCALE:
      return ` ${get8(b, at)}`;
    case tcp.OptionKind.SACK:
      return sack(b, at, length);
    case tcp.OptionKind.TIMESTAMPS:
      return ` val ${get32(b, at)} ecr ${get32(b, at + 4)}`;
    case 6:
    case 7:
      return ` ${get32(b, at)}`;
    default:
      return length === 0 ? "" : ` 0x${toHex(b, at, at + length)}`;
  }
}

function sack(b: Uint8Array, at: number, length: number): string {
  if (length % 8 !== 0) return " invalid sack";
  let text = ` ${length / 8} `;
  for (let edge = at; edge < at + length; edge += 8) text += `{${get32(b, edge)}:${get32(b, edge + 4)}}`;
  return text;
}
