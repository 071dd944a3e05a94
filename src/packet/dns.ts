/**
 * DNS messages: RFC 1035 4, names compressed as in 4.1.4; RFC 6891 (EDNS) as an OPT record among the additional ones.
 *
 *      0    2       4         6         8         10        12
 *     | id | flags | qdcount | ancount | nscount | arcount | questions, answers, authority, additional
 *
 * Names are text in presentation form without the last dot; the root is "". Record data is meaning where it has one
 * (A, AAAA, NS, CNAME, PTR, MX, TXT, SOA, SRV) and bytes otherwise.
 */
import { get8, get16, get32, put8, put16, put32 } from "../base/bytes.ts";
import type { Ipv4 } from "./address.ts";
import { Type } from "./dns-words.ts";

export { addressOfReverse, reverseName, Type, typeName, typeOfName } from "./dns-words.ts";

export const PORT = 53;
export const HEADER_LENGTH = 12;
/** RFC 1035 4.2.1: the most a UDP message may have when nothing else is said. */
export const UDP_LIMIT = 512;

export const CLASS_IN = 1;

export const Flag = { QR: 0x8000, AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080, AD: 0x0020, CD: 0x0010 } as const;
export const ResponseCode = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

export const check = (b: Uint8Array, at: number, end: number): boolean => at + HEADER_LENGTH <= end && end <= b.length;
export const id = (b: Uint8Array, at: number): number => get16(b, at);
export const flags = (b: Uint8Array, at: number): number => get16(b, at + 2);
export const opcodeOf = (flagBits: number): number => (flagBits >>> 11) & 15;
export const responseCodeOf = (flagBits: number): number => flagBits & 15;
/** How many there are of questions, answers, authority and additional records. */
export const counts = (b: Uint8Array, at: number): readonly [number, number, number, number] => [
  get16(b, at + 4),
  get16(b, at + 6),
  get16(b, at + 8),
  get16(b, at + 10),
];

export interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export type Data =
  | { readonly kind: "address"; readonly address: Ipv4 }
  /** NS, CNAME, PTR */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "mx"; readonly preference: number; readonly name: string }
  | {
      readonly kind: "srv";
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly name: string;
    }
  | { readonly kind: "soa"; readonly primary: string; readonly mailbox: string; readonly numbers: readonly number[] }
  | { readonly kind: "text"; readonly texts: readonly Uint8Array[] }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

export interface ResourceRecord {
  readonly name: string;
  readonly type: number;
  /** Of an OPT record: the sender's UDP buffer. */
  readonly class: number;
  readonly ttl: number;
  readonly data: Data;
}

export interface Message {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

/** RFC 1035 3.1 */
const MAX_NAME = 255;
const MAX_LABEL = 63;
const POINTER = 0xc0;

/** A name and where what follows it stands; null when it is cut, too long or its pointers do not lead backwards. */
export function readName(b: Uint8Array, start: number, at: number, end: number): { name: string; next: number } | null {
  const labels: string[] = [];
  let next = -1;
  let place = at;
  let size = 1;
  // A pointer must lead before everything read so far: so no chain of them can be a loop.
  let limit = at;
  for (;;) {
    if (place >= end) return null;
    const byte = get8(b, place);
    if ((byte & POINTER) === POINTER) {
      const target = pointerAt(b, start, place, end);
      if (target >= limit) return null;
      if (next < 0) next = place + 2;
      place = target;
      limit = target;
      continue;
    }
    if (byte === 0) return { name: labels.join("."), next: next < 0 ? place + 1 : next };
    size += byte + 1;
    if (byte > MAX_LABEL || size > MAX_NAME || place + 1 + byte > end) return null;
    labels.push(escapeLabel(b, place + 1, place + 1 + byte));
    place += 1 + byte;
  }
}

/** Where a pointer leads: endless where it is cut, or points into the header. */
function pointerAt(b: Uint8Array, start: number, place: number, end: number): number {
  if (place + 2 > end) return Number.POSITIVE_INFINITY;
  const target = start + (get16(b, place) & 0x3fff);
  return target < start + HEADER_LENGTH ? Number.POSITIVE_INFINITY : target;
}

/** RFC 1035 5.1: a dot or backslash inside of a label, and what cannot be printed. */
function escapeLabel(b: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) {
    const byte = get8(b, i);
    const character = String.fromCharCode(byte);
    if (byte <= 32 || byte > 126) text += `\\${String(byte).padStart(3, "0")}`;
    else text += '.\\"();@$'.includes(character) ? `\\${character}` : character;
  }
  return text;
}

/** The labels of a name as bytes; null when it is no name. A last dot is nothing. */
export function labelsOf(name: string): Uint8Array[] | null {
  const labels: number[][] = [[]];
  for (let i = 0; i < name.length; i++) {
    const character = name.charAt(i);
    if (character === ".") labels.push([]);
    else if (character === "\\" && /^\d{3}/.test(name.slice(i + 1))) {
      labels.at(-1)!.push(Number(name.slice(i + 1, i + 4)) & 255);
      i += 3;
    } else labels.at(-1)!.push((character === "\\" ? name.charCodeAt(++i) : character.charCodeAt(0)) & 255);
  }
  if (labels.at(-1)!.length === 0) labels.pop();
  const size = labels.reduce((sum, label) => sum + label.length + 1, 1);
  const isSound = size <= MAX_NAME && labels.every((label) => label.length > 0 && label.length <= MAX_LABEL);
  return isSound ? labels.map((label) => Uint8Array.from(label)) : null;
}

export const isName = (text: string): boolean => labelsOf(text) !== null;
/** RFC 4343 */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Null when something is cut or makes no sense. What stands behind the last record is nobody's. */
export function parse(b: Uint8Array, at: number, end: number): Message | null {
  if (!check(b, at, end)) return null;
  const [questionCount, ...recordCounts] = counts(b, at);
  const questions: Question[] = [];
  let place = at + HEADER_LENGTH;
  for (let i = 0; i < questionCount; i++) {
    const found = readQuestion(b, at, place, end);
    if (found === null) return null;
    questions.push(found.question);
    place = found.next;
  }
  const sections: ResourceRecord[][] = [[], [], []];
  for (const [section, count] of recordCounts.entries()) {
    for (let i = 0; i < count; i++) {
      const found = readRecord(b, at, place, end);
      if (found === null) return null;
      sections[section]!.push(found.record);
      place = found.next;
    }
  }
  const [answers, authority, additional] = sections as [ResourceRecord[], ResourceRecord[], ResourceRecord[]];
  return { id: id(b, at), flags: flags(b, at), questions, answers, authority, additional };
}

export function readQuestion(b: Uint8Array, start: number, at: number, end: number) {
  const found = readName(b, start, at, end);
  if (found === null || found.next + 4 > end) return null;
  const { name, next } = found;
  const question: Question = { name, type: get16(b, next), class: get16(b, next + 2) };
  return { question, typeAt: next, next: next + 4 };
}

export function readRecord(b: Uint8Array, start: number, at: number, end: number) {
  const found = readName(b, start, at, end);
  if (found === null || found.next + 10 > end) return null;
  const fixed = found.next;
  const dataAt = fixed + 10;
  const next = dataAt + get16(b, fixed + 8);
  if (next > end) return null;
  const type = get16(b, fixed);
  const data = readData(b, start, type, dataAt, next);
  if (data === null) return null;
  const { name } = found;
  const record: ResourceRecord = { name, type, class: get16(b, fixed + 2), ttl: get32(b, fixed + 4), data };
  return { record, typeAt: fixed, dataAt, next };
}

function readData(b: Uint8Array, start: number, type: number, from: number, to: number): Data | null {
  const size = to - from;
  switch (type) {
    case Type.A:
      return size === 4 ? { kind: "address", address: get32(b, from) as Ipv4 } : null;
    case Type.NS:
    case Type.CNAME:
    case Type.PTR: {
      const found = readName(b, start, from, to);
      return found === null ? null : { kind: "name", name: found.name };
    }
    case Type.MX: {
      const found = size < 3 ? null : readName(b, start, from + 2, to);
      return found === null ? null : { kind: "mx", preference: get16(b, from), name: found.name };
    }
    case Type.SRV: {
      const found = size < 7 ? null : readName(b, start, from + 6, to);
      if (found === null) return null;
      const [priority, weight, port] = [get16(b, from), get16(b, from + 2), get16(b, from + 4)];
      return { kind: "srv", priority, weight, port, name: found.name };
    }
    case Type.SOA:
      return readSoa(b, start, from, to);
    case Type.TXT:
      return readTexts(b, from, to);
    default:
      return { kind: "bytes", bytes: b.slice(from, to) };
  }
}

const SOA_NUMBERS = 5;

function readSoa(b: Uint8Array, start: number, from: number, to: number): Data | null {
  const primary = readName(b, start, from, to);
  const mailbox = primary === null ? null : readName(b, start, primary.next, to);
  if (primary === null || mailbox === null || mailbox.next + 4 * SOA_NUMBERS !== to) return null;
  const numbers = Array.from({ length: SOA_NUMBERS }, (_, i) => get32(b, mailbox.next + 4 * i));
  return { kind: "soa", primary: primary.name, mailbox: mailbox.name, numbers };
}

function readTexts(b: Uint8Array, from: number, to: number): Data | null {
  const texts: Uint8Array[] = [];
  for (let at = from; at < to; ) {
    const next = at + 1 + get8(b, at);
    if (next > to) return null;
    texts.push(b.slice(at + 1, next));
    at = next;
  }
  return { kind: "text", texts };
}

/**
 * Bytes of a message of their own, names compressed; those in the data of records only with `compressesData`. Null when a
 * name in it is none.
 */
export function encode(message: Message, compressesData = true): Uint8Array | null {
  const writer = new Writer(compressesData);
  const sections = [message.answers, message.authority, message.additional];
  writer.number16(message.id);
  writer.number16(message.flags);
  for (const { length } of [message.questions, ...sections]) writer.number16(length);
  for (const { name, type, class: kind } of message.questions) {
    writer.name(name);
    writer.number16(type);
    writer.number16(kind);
  }
  for (const record of sections.flat()) writer.record(record);
  return writer.failed ? null : writer.bytes();
}

/** Offsets that a pointer can hold. */
const POINTER_REACH = 0x4000;

class Writer {
  failed = false;
  private buffer = new Uint8Array(UDP_LIMIT);
  private at = 0;
  /** Where a name stands that ends with these labels. */
  private readonly places = new Map<string, number>();
  private readonly compressesData: boolean;

  constructor(compressesData: boolean) {
    this.compressesData = compressesData;
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.at);
  }

  number16(value: number): void {
    const at = this.room(2);
    put16(this.buffer, at, value);
  }

  number32(value: number): void {
    const at = this.room(4);
    put32(this.buffer, at, value);
  }

  name(text: string, compresses = true): void {
    const labels = labelsOf(text);
    if (labels === null) {
      this.failed = true;
      return;
    }
    for (let i = 0; i < labels.length; i++) {
      const rest = labels.slice(i).map(keyOf).join(".");
      const place = this.places.get(rest);
      if (place !== undefined && compresses) return this.number16((POINTER << 8) | place);
      if (place === undefined && this.at < POINTER_REACH) this.places.set(rest, this.at);
      this.label(labels[i]!);
    }
    const at = this.room(1);
    put8(this.buffer, at, 0);
  }

  record({ name, type, class: kind, ttl, data }: ResourceRecord): void {
    this.name(name);
    this.number16(type);
    this.number16(kind);
    this.number32(ttl);
    const lengthAt = this.room(2);
    this.data(data);
    put16(this.buffer, lengthAt, this.at - lengthAt - 2);
  }

  private data(data: Data): void {
    switch (data.kind) {
      case "address":
        return this.number32(data.address);
      case "name":
        return this.name(data.name, this.compressesData);
      case "mx":
        this.number16(data.preference);
        return this.name(data.name, this.compressesData);
      case "srv":
        for (const number of [data.priority, data.weight, data.port]) this.number16(number);
        return this.name(data.name, this.compressesData);
      case "soa":
        this.name(data.primary, this.compressesData);
        this.name(data.mailbox, this.compressesData);
        for (const number of data.numbers) this.number32(number);
        return;
      case "text":
        for (const text of data.texts) this.label(text);
        return;
      case "bytes": {
        const at = this.room(data.bytes.length);
        this.buffer.set(data.bytes, at);
      }
    }
  }

  private label(bytes: Uint8Array): void {
    const at = this.room(1 + bytes.length);
    put8(this.buffer, at, bytes.length);
    this.buffer.set(bytes, at + 1);
  }

  /** Where `size` more bytes go; the buffer may be another one from here on. */
  private room(size: number): number {
    const at = this.at;
    this.at += size;
    if (this.at > this.buffer.length) {
      const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.at));
      larger.set(this.buffer);
      this.buffer = larger;
    }
    return at;
  }
}

/** Compression compares as sameName does. */
const keyOf = (label: Uint8Array): string =>
  Array.from(label, (byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte).toString(16).padStart(2, "0")).join("");

export const record = (name: string, type: number, ttl: number, data: Data): ResourceRecord => ({
  ...{ name, type, ttl, data },
  class: CLASS_IN,
});
