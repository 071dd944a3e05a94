/**
 * The grammar of capture filters (libpcap's grammar.y, the part we model): `and` and `or` bind equally and to the left,
 * `not` binds tightest, and a bare value after them takes the qualifiers of the primitive before it ("port 80 or 443").
 */
import { EtherType } from "../ethernet.ts";
import { Protocol } from "../ipv4.ts";
import type { Direction } from "./primitives.ts";
import * as primitive from "./primitives.ts";
import { ANY, both, either, type Filter, negate } from "./tree.ts";
import { FilterError, type Qualifier, value } from "./values.ts";
import { NOT_MODELLED, nearestKeyword, split, type Word } from "./words.ts";

/** Keeps recursion shallow; nobody types this much. */
const MAX_WORDS = 2000;

const PROTOCOL_NAMES: readonly string[] = [
  ...["ether", "ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp"],
];

/** Where the parser stands. */
interface Reader {
  readonly words: readonly Word[];
  next: number;
  /** VLAN tags stepped over so far: libpcap counts them along the text. */
  tags: number;
}
interface Parsed {
  readonly filter: Filter;
  /** What a bare value after this would mean; null when it would mean nothing. */
  readonly qualifier: Qualifier | null;
}

export function parseFilter(
  text: string,
):
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly message: string; readonly column: number } {
  const words = split(text);
  if (words.length === 1) return { ok: true, filter: ANY };
  try {
    if (words.length > MAX_WORDS) throw new FilterError("the expression is too long", 1);
    const reader: Reader = { words, next: 0, tags: 0 };
    const { filter } = expression(reader, null);
    if (peek(reader).kind !== "end") throw syntaxError(peek(reader));
    return { ok: true, filter };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { ok: false, message: error.message, column: error.column };
  }
}

const peek = (reader: Reader, ahead = 0): Word =>
  reader.words[Math.min(reader.next + ahead, reader.words.length - 1)] as Word;

function take(reader: Reader): Word {
  const word = peek(reader);
  reader.next += 1;
  return word;
}

function accept(reader: Reader, ...texts: string[]): string | null {
  const word = peek(reader);
  if ((word.kind !== "keyword" && word.kind !== "sign") || !texts.includes(word.text)) return null;
  reader.next += 1;
  return word.text;
}

function expect(reader: Reader, text: string): void {
  if (accept(reader, text) === null) throw syntaxError(peek(reader));
}

function syntaxError(word: Word): FilterError {
  const start = "can't parse filter expression: syntax error";
  if (word.kind === "end") return new FilterError(`${start} at the end`, word.column);
  const place = `${start} at '${word.text}'`;
  if (NOT_MODELLED.includes(word.text)) return new FilterError(`'${word.text}' is not modelled`, word.column);
  if (word.text === "[" || word.text.includes("[")) {
    return new FilterError("expressions on bytes, such as tcp[13], are not modelled", word.column);
  }
  const near = word.kind === "name" ? nearestKeyword(word.text) : null;
  return new FilterError(
    near === null || near === word.text ? place : `${place}; did you mean '${near}'?`,
    word.column,
  );
}

/** Operands joined by `and` and `or`, strictly from left to right. */
function expression(reader: Reader, inherited: Qualifier | null): Parsed {
  return chain(reader, operand(reader, inherited), operand);
}

function chain(reader: Reader, first: Parsed, rest: (reader: Reader, qualifier: Qualifier | null) => Parsed): Parsed {
  let parsed = first;
  for (let word = accept(reader, "and", "or"); word !== null; word = accept(reader, "and", "or")) {
    const right = rest(reader, parsed.qualifier);
    const join = word === "and" ? both : either;
    parsed = { filter: join(parsed.filter, right.filter), qualifier: right.qualifier };
  }
  return parsed;
}

/** A primitive, a bare value, or either of them behind `not` or in parentheses. */
function operand(reader: Reader, inherited: Qualifier | null): Parsed {
  if (startsWithValue(reader)) return values(reader, inherited);
  if (accept(reader, "not") !== null) {
    const inner = operand(reader, inherited);
    return { filter: negate(inner.filter), qualifier: inner.qualifier };
  }
  if (accept(reader, "(") !== null) {
    const inner = expression(reader, inherited);
    expect(reader, ")");
    return { filter: inner.filter, qualifier: inherited };
  }
  return term(reader);
}

function startsWithValue(reader: Reader): boolean {
  let ahead = 0;
  while (peek(reader, ahead).text === "(" || peek(reader, ahead).text === "not") ahead += 1;
  return ["number", "address", "mac"].includes(peek(reader, ahead).kind) || isName(reader, peek(reader, ahead), ahead);
}

/** A name where a value may stand; a misspelt keyword at the start of a primitive is better reported as such. */
const isName = (reader: Reader, word: Word, ahead: number): boolean =>
  word.kind === "name" && reader.next + ahead > 0 && !NOT_MODELLED.includes(word.text);

/** What may follow the qualifiers: a value, or several in parentheses. */
function values(reader: Reader, qualifier: Qualifier | null): Parsed {
  if (accept(reader, "not") !== null) {
    return { filter: negate(values(reader, qualifier).filter), qualifier };
  }
  if (accept(reader, "(") !== null) {
    const inner = chain(reader, values(reader, qualifier), values);
    expect(reader, ")");
    return { filter: inner.filter, qualifier };
  }
  return { filter: oneValue(reader, qualifier), qualifier };
}

function oneValue(reader: Reader, qualifier: Qualifier | null): Filter {
  const word = take(reader);
  if (qualifier === null || !["number", "address", "mac", "name"].includes(word.kind)) throw syntaxError(word);
  if (word.kind !== "address") return value(word, null, null, qualifier, reader.tags);
  if (accept(reader, "/") !== null) return value(word, take(reader), null, qualifier, reader.tags);
  if (accept(reader, "mask") !== null) return value(word, null, take(reader), qualifier, reader.tags);
  return value(word, null, null, qualifier, reader.tags);
}

/** One primitive with its keyword. */
function term(reader: Reader): Parsed {
  const start = peek(reader);
  const plain = standalone(reader);
  if (plain !== null) return { filter: plain, qualifier: null };
  const protocol = accept(reader, ...PROTOCOL_NAMES);
  const cast = accept(reader, "broadcast", "multicast");
  if (cast !== null) return { filter: castTest(cast, protocol, reader.tags, start), qualifier: null };
  const qualifier = qualifiers(reader, protocol);
  if (qualifier !== null) return values(reader, qualifier);
  if (protocol === null) throw syntaxError(start);
  return { filter: protocolTest(protocol, reader.tags, start), qualifier: null };
}

/** `less`, `greater` and `vlan`, which take no qualifiers. */
function standalone(reader: Reader): Filter | null {
  const word = accept(reader, "less", "greater", "vlan");
  if (word === "less") return primitive.shorter(number(reader));
  if (word === "greater") return primitive.longer(number(reader));
  if (word !== "vlan") return null;
  const column = peek(reader).column;
  const id = peek(reader).kind === "number" ? number(reader) : null;
  if (id !== null && id > 4095) throw new FilterError(`VLAN tag ${id} greater than maximum 4095`, column);
  const filter = primitive.vlan(reader.tags, id);
  reader.tags += 1;
  return filter;
}

function number(reader: Reader): number {
  const word = take(reader);
  if (word.kind !== "number") throw syntaxError(word);
  return Number(word.text);
}

/** Direction and kind, when either stands here. */
function qualifiers(reader: Reader, protocol: string | null): Qualifier | null {
  if (accept(reader, "proto") !== null) return { protocol, direction: null, kind: "proto" };
  const direction = directionWords(reader);
  const kind = accept(reader, "host", "net", "port", "portrange");
  if (direction === null && kind === null) return null;
  return { protocol, direction, kind: kind === null ? "host" : (kind as Qualifier["kind"]) };
}

function directionWords(reader: Reader): Direction | null {
  const first = accept(reader, "src", "dst");
  if (first === null) return null;
  const other = first === "src" ? "dst" : "src";
  if (peek(reader, 1).text === other && peek(reader, 1).kind === "keyword") {
    const joined = accept(reader, "or", "and");
    if (joined !== null) {
      expect(reader, other);
      return joined === "or" ? "either" : "both";
    }
  }
  return first === "src" ? "source" : "destination";
}

function castTest(cast: string, protocol: string | null, tags: number, word: Word): Filter {
  if (protocol === null || protocol === "ether") {
    return cast === "broadcast" ? primitive.etherBroadcast : primitive.etherMulticast;
  }
  if (cast === "multicast" && protocol === "ip") return primitive.ipMulticast(tags);
  if (cast === "multicast" && protocol === "ip6") return primitive.ip6Multicast(tags);
  if (cast === "broadcast" && protocol === "ip") {
    throw new FilterError("netmask not known, so 'ip broadcast' not supported: name the address", word.column);
  }
  throw new FilterError(`'${protocol} ${cast}' means nothing: only ether and IP ${cast} filters exist`, word.column);
}

function protocolTest(name: string, tags: number, word: Word): Filter {
  switch (name) {
    case "ip":
      return primitive.etherProtocol(tags, EtherType.IPV4);
    case "ip6":
      return primitive.etherProtocol(tags, EtherType.IPV6);
    case "arp":
      return primitive.etherProtocol(tags, EtherType.ARP);
    case "rarp":
      return primitive.etherProtocol(tags, EtherType.RARP);
    case "tcp":
      return primitive.anyIpProtocol(tags, Protocol.TCP);
    case "udp":
      return primitive.anyIpProtocol(tags, Protocol.UDP);
    case "sctp":
      return primitive.anyIpProtocol(tags, 132);
    case "icmp":
      return primitive.ipProtocol(tags, Protocol.ICMP);
    case "igmp":
      return primitive.ipProtocol(tags, Protocol.IGMP);
    case "icmp6":
      return primitive.ip6Protocol(tags, 58);
    default:
      throw new FilterError(
        "'ether' needs something after it: host, src, dst, proto, broadcast or multicast",
        word.column,
      );
  }
}
