/** The options of an IPv4 header as `tcpdump -v` prints them (its print-ip.c). */
import { get8, get16, get32 } from "../../base/bytes.ts";
import { formatIpv4, type Ipv4 } from "../address.ts";
import { isRoute, OptionType, TimestampFlag } from "../ipv4-options.ts";
import { cut, has, type Printout, print } from "./printout.ts";

const NAMES: Readonly<Record<number, string>> = {
  [OptionType.END]: "EOL",
  [OptionType.NO_OPERATION]: "NOP",
  [OptionType.RECORD_ROUTE]: "RR",
  [OptionType.TIMESTAMP]: "timestamp",
  [OptionType.SECURITY]: "security",
  [OptionType.LOOSE_SOURCE_ROUTE]: "LSRR",
  [OptionType.STRICT_SOURCE_ROUTE]: "SSRR",
  [OptionType.ROUTER_ALERT]: "RA",
  82: "traceroute",
};

/** Prints ", options (...)"; false when the capture ends inside an option. */
export function describeIpv4Options(out: Printout, from: number, to: number): boolean {
  print(out, ", options (");
  const whole = list(out, from, to);
  print(out, whole ? ")" : " [truncated-option])");
  return whole;
}

function list(out: Printout, from: number, to: number): boolean {
  const b = out.bytes;
  for (let at = from, separator = ""; at < to; separator = ",") {
    print(out, separator);
    if (!has(out, at, 1)) return lost(out);
    const type = get8(b, at);
    print(out, NAMES[type] ?? `unknown ${type}`);
    const short = type === OptionType.NO_OPERATION || type === OptionType.END;
    if (!short && !has(out, at, 2)) return lost(out);
    const size = short ? 1 : get8(b, at + 1);
    if ((!short && size < 2) || at + size > to) {
      print(out, ` [bad length ${size}]`);
      return true;
    }
    if (!has(out, at, size)) return false;
    if (type === OptionType.END) return true;
    print(out, details(b, type, at, size));
    at += size;
  }
  return true;
}

/** The line ends here, so what is answered does not matter. */
function lost(out: Printout): boolean {
  cut(out, "ip");
  return true;
}

function details(b: Uint8Array, type: number, at: number, size: number): string {
  if (isRoute(type)) return route(b, at, size);
  if (type === OptionType.TIMESTAMP) return timestamp(b, at, size);
  if (type !== OptionType.ROUTER_ALERT) return "";
  if (size < 4) return ` [bad length ${size}]`;
  const value = get16(b, at + 2);
  return value === 0 ? "" : ` value ${value}`;
}

/** Pointers count from 1; that of 0 becomes very large, as in tcpdump's unsigned arithmetic. */
const previous = (pointer: number): number => (pointer - 1) >>> 0;

/** A comma stands behind the addresses that the pointer has passed. */
function route(b: Uint8Array, at: number, size: number): string {
  if (size < 3) return ` [bad length ${size}]`;
  const pointer = get8(b, at + 2);
  const next = previous(pointer);
  let text = ((size + 1) & 3) === 0 ? "" : ` [bad length ${size}]`;
  if (next < 3 || ((next + 1) & 3) !== 0 || next > size + 1) text += ` [bad ptr ${pointer}]`;
  for (let offset = 3; offset < size; offset += 4) {
    text += ` ${formatIpv4(get32(b, at + offset) as Ipv4)}${next > offset ? "," : ""}`;
  }
  return text;
}

const FLAG_NAMES: Readonly<Record<number, string>> = {
  [TimestampFlag.ONLY]: "TSONLY",
  [TimestampFlag.WITH_ADDRESS]: "TS+ADDR",
  [TimestampFlag.PRESPECIFIED]: "PRESPEC",
};

/** A caret shows where the next hop writes. */
function timestamp(b: Uint8Array, at: number, size: number): string {
  if (size < 4) return `[bad length ${size}]`;
  const flag = get8(b, at + 3) & 15;
  const missed = get8(b, at + 3) >>> 4;
  const step = flag === TimestampFlag.ONLY ? 4 : 8;
  const pointer = get8(b, at + 2);
  const next = previous(pointer);
  let text = " TS{";
  if (((size - 4) & (step - 1)) !== 0) text += `[bad length ${size}]`;
  if (next < 4 || ((next - 4) & (step - 1)) !== 0 || next > size + 1) text += `[bad ptr ${pointer}]`;
  text += FLAG_NAMES[flag] ?? `[bad ts type ${flag}]`;
  if (FLAG_NAMES[flag] !== undefined) text += hops(b, at, size, step, next);
  return text + (missed === 0 ? "}" : ` [${missed} hops not recorded]} `);
}

function hops(b: Uint8Array, at: number, size: number, step: number, next: number): string {
  let text = "";
  let offset = 4;
  for (; offset < size; offset += step) {
    const address = step === 8 ? formatIpv4(get32(b, at + offset) as Ipv4) : "";
    text += `${next === offset ? " ^ " : " "}${get32(b, at + offset + step - 4)}@${address}`;
  }
  return next === offset ? `${text} ^ ` : text;
}
