/** Values of options that several matches and targets read alike: xtopt_parse_* of libxtables/xtoptions.c, 1.8.9. */
import { type Ipv4, maskOf } from "../../../packet/address.ts";
import type { Box } from "../../box.ts";
import { addressOf, parseNumericHost } from "../../program/resolve.ts";
import { anyServicePort } from "./names.ts";
import { wrong } from "./problem.ts";
import { readNumber } from "./values.ts";

export const ALL_BITS = 0xffff_ffff;

/** XTTYPE_UINT8, 16 and 32. */
export function readInteger(owner: string, name: string, text: string, most: number, least = 0): number {
  const value = readNumber(text, most);
  if (value === null || value < least)
    throw wrong(`${owner}: bad value for option "--${name}", or out of range (${least}-${most}).\n`);
  return value;
}

export interface MarkAndMask {
  readonly mark: number;
  readonly mask: number;
}

/** XTTYPE_MARKMASK32: "0x5/0xff" */
export function readMark(owner: string, name: string, text: string): MarkAndMask {
  const first = leadingNumber(text);
  let rest = text.slice(first.length);
  const mark = readNumber(first, ALL_BITS);
  let mask: number | null = ALL_BITS;
  if (mark !== null && rest.startsWith("/")) {
    const second = leadingNumber(rest.slice(1));
    mask = readNumber(second, ALL_BITS);
    rest = rest.slice(1 + second.length);
  }
  if (mark === null || mask === null)
    throw wrong(`${owner}: bad integer value for option "--${name}", or out of range.\n`);
  if (rest !== "") throw wrong(`${owner}: trailing garbage after value for option "--${name}".\n`);
  return { mark, mask };
}

/** As far as strtoul reads. */
const leadingNumber = (text: string): string => /^\+?(0x[0-9a-f]+|\d+)/i.exec(text)?.[0] ?? "";

export const hexText = (value: number): string => `0x${value.toString(16)}`;

/** xtables_print_mark_mask */
export const markText = ({ mark, mask }: MarkAndMask): string =>
  mask === ALL_BITS ? hexText(mark) : `${hexText(mark)}/${hexText(mask)}`;

/** XTTYPE_HOST */
export function readHost(text: string, machine: Box): Ipv4 {
  const address = parseNumericHost(text) ?? addressOf(machine, text)?.address ?? null;
  if (address === null) throw wrong("getaddrinfo: Name or service not known\n");
  return address;
}

/** XTTYPE_HOSTMASK: "10.0.0.0/8", "10.0.0.0/255.0.0.0"; a mask with holes counts as none, as 1.8.9 has it. */
export function readHostMask(owner: string, name: string, text: string, machine: Box): { address: Ipv4; mask: Ipv4 } {
  const slash = text.indexOf("/");
  if (slash < 0) return { address: readHost(text, machine), mask: maskOf(32) };
  const address = readHost(text.slice(0, slash), machine);
  const rest = text.slice(slash + 1);
  const bits = readNumber(rest, 32);
  const mask = bits !== null ? maskOf(bits) : parseNumericHost(rest);
  if (mask === null)
    throw wrong(`${owner}: bad value for option "--${name}", neither a valid network mask nor valid CIDR (0-32).\n`);
  return { address, mask: maskOf(Math.clz32(~mask)) === mask ? mask : maskOf(32) };
}

/** XTTYPE_PORTRC: "22", "22:80", ":80" */
export function readPortRange(owner: string, name: string, text: string): { from: number; to: number } {
  const parts = text.split(":");
  const range: [number, number] = [0, 0xffff];
  for (const [i, part] of parts.entries()) {
    if (i === 2) throw wrong(`${owner}: Too many components for option "--${name}" (max: 2)\n`);
    if (part === "") continue;
    const port = /^\d+$/.test(part) ? Number(part) & 0xffff : anyServicePort(part);
    if (port === null) throw wrong(`Port "${part}" does not resolve to anything.\n`);
    range[i] = port;
  }
  return { from: range[0], to: parts.length === 1 ? range[0] : range[1] };
}

/** XTTYPE_UINT32RC: "5", "5:10", ":10" */
export function readRange(owner: string, name: string, text: string): { from: number; to: number } {
  const values: number[] = [];
  for (let rest: string | null = text; rest !== null; ) {
    if (values.length === 2) throw wrong(`${owner}: Too many components for option "--${name}" (max: 2)\n`);
    const colon: number = rest.indexOf(":");
    const isOpen = rest === "" || colon === 0;
    values.push(isOpen ? (values.length === 1 ? ALL_BITS : 0) : readComponent(owner, name, rest));
    rest = colon < 0 ? null : rest.slice(colon + 1);
  }
  return { from: values[0]!, to: values[1] ?? values[0]! };
}

function readComponent(owner: string, name: string, rest: string): number {
  const digits = leadingNumber(rest);
  const value = readNumber(digits, ALL_BITS);
  if (value === null)
    throw wrong(`${owner}: bad value for option "--${name}" near "${rest}", or out of range (0-${ALL_BITS}).\n`);
  const behind = rest.slice(digits.length);
  if (behind !== "" && !behind.startsWith(":"))
    throw wrong(`${owner}: Argument to "--${name}" has unexpected characters near "${behind}".\n`);
  return value;
}

export type BitNames = readonly (readonly [name: string, bits: number])[];

/** "NEW,RELATED" by prefixes of names, whatever their case; the text from the first wrong word on when there is one. */
export function readBits(text: string, names: BitNames): number | string {
  let bits = 0;
  let rest = text;
  for (let comma = rest.indexOf(","); ; comma = rest.indexOf(",")) {
    const word = comma < 0 ? rest : rest.slice(0, comma);
    const found = names.find(([name]) => name.startsWith(word.toUpperCase()));
    if (word === "" || found === undefined) return rest;
    bits |= found[1];
    if (comma < 0) return bits;
    rest = rest.slice(comma + 1);
  }
}

export const bitsText = (bits: number, names: BitNames): string =>
  names
    .filter(([, bit]) => (bits & bit) !== 0)
    .map(([name]) => name)
    .join(",");
