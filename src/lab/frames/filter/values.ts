/**
 * The values of a display filter, and what a comparison with one of them tests. Numbers are decimal, or hexadecimal
 * after 0x. Not modelled: the names that Wireshark has for some numbers (`arp.opcode == request`), host names, parts of
 * MAC addresses.
 */
import { Fate, type FateCode } from "../../../base/fate.ts";
import { parseCidr, parseMac } from "../../../packet/address.ts";
import { FilterError } from "../../../packet/filter/values.ts";
import { Header } from "../../../packet/headers.ts";
import { FATE_NAMES } from "../../fates.ts";
import { nearestWord } from "../../topology/nearest.ts";
import { DIRECTION_WORDS, type DirectionCode } from "../frame-view.ts";
import { FIELD_WORDS, type HeaderField, type RecordName } from "./fields.ts";
import { both, type DisplayFilter, type InsideKind, negate, type RecordNumber, type Relation } from "./tree.ts";
import type { Word } from "./words.ts";

const DROPPED = "dropped";
const FATE_WORDS: readonly string[] = [DROPPED, ...FATE_NAMES.filter((name) => name !== "")];

export function fieldTest(field: HeaderField, relation: Relation, value: Word): DisplayFilter {
  const { name, kind, places } = field;
  const compared = (wanted: number, prefix: number | null = null): DisplayFilter => ({
    ...{ test: "field", places, relation, value: wanted, prefix },
  });
  switch (kind) {
    case "number":
      return compared(wholeNumber(name, value, places[0]!.most));
    case "boolean":
      return compared(truth(name, value));
    case "mac": {
      const mac = parseMac(value.text);
      if (mac === null) throw notA("a MAC address such as 00:16:3e:00:00:01", name, value);
      return compared(mac);
    }
    case "ipv4": {
      const cidr = parseCidr(value.text);
      if (cidr === null) throw notA("an address such as 10.0.0.1 or 10.0.0.0/24", name, value);
      return compared(cidr.address, cidr.prefix);
    }
  }
}

/** A field of DHCP or DNS. Texts and MAC addresses are the same or are not. */
export function insideTest(name: string, kind: InsideKind, relation: Relation, sign: Word, value: Word): DisplayFilter {
  const isOrdered = kind !== "text" && kind !== "mac";
  if (!isOrdered && relation !== "==" && relation !== "!=")
    throw new FilterError(`'${name}' is compared with == or !=, not ${sign.text}`, sign.column);
  const compared = (wanted: string | number, prefix: number | null = null): DisplayFilter => ({
    ...{ test: "inside", name, kind, relation, value: wanted, prefix },
  });
  if (kind === "text") return compared(value.text);
  const place = { header: Header.UDP, offset: 0, size: 4, shift: 0, most: 0xffff_ffff } as const;
  const like = fieldTest({ name, kind, places: [place] }, relation, value);
  return like.test === "field" ? compared(like.value, like.prefix) : like;
}

export function recordTest(name: string, what: RecordNumber, relation: Relation, value: Word): DisplayFilter {
  const wanted = what === "time" ? nanoseconds(name, value) : wholeNumber(name, value, Number.MAX_SAFE_INTEGER);
  return { test: "record", what, relation, value: wanted };
}

export function nameTest(name: RecordName, relation: Relation, sign: Word, value: Word): DisplayFilter {
  if (relation !== "==" && relation !== "!=")
    throw new FilterError(`'${name}' is a name: compare it with == or !=, not ${sign.text}`, sign.column);
  const test = isNamed(name, value);
  if (relation === "==") return test;
  // Only a frame that ended somewhere has a fate that may differ.
  return name === "fate" ? both({ test: "fate", fate: "any" }, negate(test)) : negate(test);
}

function isNamed(name: RecordName, value: Word): DisplayFilter {
  const { text } = value;
  switch (name) {
    case "machine":
      return { test: "machine", name: text };
    case "port": {
      const colon = text.indexOf(":");
      const machine = colon < 0 ? null : text.slice(0, colon);
      return { test: "device", machine, name: text.slice(colon + 1) };
    }
    case "dir": {
      const direction = DIRECTION_WORDS.indexOf(text as (typeof DIRECTION_WORDS)[number]);
      if (direction < 0) throw notA("in, out or drop", name, value, DIRECTION_WORDS);
      return { test: "direction", direction: direction as DirectionCode };
    }
    case "fate": {
      if (text === DROPPED) return { test: "fate", fate: DROPPED };
      const fate = text === "" ? Fate.NONE : FATE_NAMES.indexOf(text);
      if (fate <= Fate.NONE) throw notA("'dropped' or the name of a fate", name, value, FATE_WORDS);
      return { test: "fate", fate: fate as FateCode };
    }
  }
}

function wholeNumber(name: string, value: Word, most: number): number {
  const { text } = value;
  if (/^0\d+$/.test(text))
    throw new FilterError(`'${text}' starts with 0, which Wireshark reads as octal: leave the 0 away`, value.column);
  const number = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) throw notA("a number", name, value);
  if (number > most) throw new FilterError(`${text} is too big for ${name}: the highest is ${most}`, value.column);
  return number;
}

function truth(name: string, value: Word): number {
  const text = value.text.toLowerCase();
  if (text === "1" || text === "true") return 1;
  if (text === "0" || text === "false") return 0;
  throw notA("1 or 0", name, value, ["true", "false"]);
}

/** Seconds with up to nine decimals, exactly. */
function nanoseconds(name: string, value: Word): number {
  const found = /^(\d+)(?:\.(\d{1,9}))?$/.exec(value.text);
  const number = found === null ? Number.NaN : Number(found[1]) * 1e9 + Number((found[2] ?? "").padEnd(9, "0"));
  if (Number.isNaN(number)) throw notA("a time in seconds such as 1.25", name, value);
  if (number > Number.MAX_SAFE_INTEGER) throw new FilterError(`${value.text} s is later than any run`, value.column);
  return number;
}

function notA(what: string, name: string, value: Word, words: readonly string[] = []): FilterError {
  if (value.kind === "word" && FIELD_WORDS.includes(value.text) && !words.includes(value.text))
    return new FilterError(`'${value.text}' is a field: ${name} is compared with a value`, value.column);
  const near = nearestWord(value.text, words);
  const hint = near === null ? "" : `; did you mean '${near}'?`;
  return new FilterError(`${name} is compared with ${what}, not '${value.text}'${hint}`, value.column);
}
