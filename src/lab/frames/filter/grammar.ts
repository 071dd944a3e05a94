/**
 * The grammar of display filters, as Wireshark 4 reads them (its grammar.lemon, the part we model): `not` binds tightest,
 * then `and`, then `or`. Not modelled, and refused: arithmetic, slices, sets, functions, `contains`, `matches`, one field
 * compared with another.
 */
import { FilterError } from "../../../packet/filter/values.ts";
import { nearestWord } from "../../topology/nearest.ts";
import { FIELD_WORDS, headerField, isRecordName, PROTOCOLS, RECORD_NUMBERS } from "./fields.ts";
import { INSIDE_FIELDS, INSIDE_PROTOCOLS } from "./inside-fields.ts";
import { ANY, both, type DisplayFilter, either, negate, type Relation } from "./tree.ts";
import { fieldTest, insideTest, nameTest, recordTest } from "./values.ts";
import { split, type Word } from "./words.ts";

/** Keeps recursion shallow; nobody types this much. */
const MAX_WORDS = 2000;

const RELATIONS: ReadonlyMap<string, Relation> = new Map([
  ["==", "=="],
  ["eq", "=="],
  ["!=", "!="],
  ["ne", "!="],
  [">", ">"],
  ["gt", ">"],
  ["<", "<"],
  ["lt", "<"],
  [">=", ">="],
  ["ge", ">="],
  ["<=", "<="],
  ["le", "<="],
]);
const JOINTS: readonly string[] = ["and", "or", "not"];
/** Wireshark knows them; saying so is better than "unexpected". */
const NOT_MODELLED: readonly string[] = ["contains", "matches", "in", "xor", "any", "all"];

/** What can be completed: fields, protocols, and the words between them. */
export const displayFilterWords: readonly string[] = [...FIELD_WORDS, ...JOINTS, ..."eq ne gt lt ge le".split(" ")];

export type DisplayFilterReading =
  | { readonly ok: true; readonly filter: DisplayFilter }
  | { readonly ok: false /** One sentence. */; readonly message: string /** From 1. */; readonly column: number };

/** Where the parser stands. */
interface Reader {
  readonly words: readonly Word[];
  next: number;
}

/** An empty text matches everything. */
export function parseDisplayFilter(text: string): DisplayFilterReading {
  const words = split(text);
  if (words.length === 1) return { ok: true, filter: ANY };
  try {
    if (words.length > MAX_WORDS) throw new FilterError("the filter is too long", 1);
    const reader: Reader = { words, next: 0 };
    const filter = alternatives(reader);
    if (peek(reader).kind !== "end") throw unexpected(peek(reader), "'and' or 'or'", JOINTS);
    return { ok: true, filter };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { ok: false, message: error.message, column: error.column };
  }
}

const peek = (reader: Reader): Word => reader.words[reader.next]!;

function take(reader: Reader): Word {
  const word = peek(reader);
  if (word.kind !== "end") reader.next += 1;
  return word;
}

function accept(reader: Reader, ...texts: readonly string[]): boolean {
  const word = peek(reader);
  if (word.kind === "quoted" || !texts.includes(word.text)) return false;
  reader.next += 1;
  return true;
}

function alternatives(reader: Reader): DisplayFilter {
  let filter = conjunction(reader);
  while (accept(reader, "or", "||")) filter = either(filter, conjunction(reader));
  return filter;
}

function conjunction(reader: Reader): DisplayFilter {
  let filter = operand(reader);
  while (accept(reader, "and", "&&")) filter = both(filter, operand(reader));
  return filter;
}

function operand(reader: Reader): DisplayFilter {
  if (accept(reader, "not", "!")) return negate(operand(reader));
  if (!accept(reader, "(")) return comparison(reader);
  const filter = alternatives(reader);
  if (!accept(reader, ")")) throw unexpected(peek(reader), "')'", JOINTS);
  return filter;
}

/** A field with its value, or a protocol or field alone. */
function comparison(reader: Reader): DisplayFilter {
  const name = take(reader);
  if (name.kind !== "word" || !FIELD_WORDS.includes(name.text)) throw unexpected(name, "a field", FIELD_WORDS);
  const sign = peek(reader);
  const relation = sign.kind === "quoted" ? undefined : RELATIONS.get(sign.text);
  if (relation === undefined) return presence(name.text);
  take(reader);
  const value = take(reader);
  if (value.kind !== "word" && value.kind !== "quoted")
    throw unexpected(value, `a value after ${name.text} ${sign.text}`, []);
  return compared(name, relation, sign, value);
}

function presence(name: string): DisplayFilter {
  const protocol = PROTOCOLS.get(name);
  if (protocol !== undefined) return { test: "header", header: protocol };
  const field = headerField(name);
  if (field !== null) return { test: "exists", places: field.places };
  if (INSIDE_PROTOCOLS.has(name)) return { test: "layer", protocol: name };
  const kind = INSIDE_FIELDS.get(name);
  if (kind !== undefined) return { test: "inside", name, kind, relation: null, value: 0, prefix: null };
  return name === "fate" ? { test: "fate", fate: "any" } : ANY;
}

function compared(name: Word, relation: Relation, sign: Word, value: Word): DisplayFilter {
  const field = headerField(name.text);
  if (field !== null) return fieldTest(field, relation, value);
  const kind = INSIDE_FIELDS.get(name.text);
  if (kind !== undefined) return insideTest(name.text, kind, relation, sign, value);
  const number = RECORD_NUMBERS.get(name.text);
  if (number !== undefined) return recordTest(name.text, number, relation, value);
  if (isRecordName(name.text)) return nameTest(name.text, relation, sign, value);
  throw new FilterError(`'${name.text}' is a protocol: it stands alone`, sign.column);
}

function unexpected(word: Word, wanted: string, known: readonly string[]): FilterError {
  const { text, column } = word;
  if (word.kind === "end") return new FilterError(`the filter ends where ${wanted} should follow`, column);
  if (NOT_MODELLED.includes(text)) return new FilterError(`'${text}' is not modelled`, column);
  if (text === "=") return new FilterError("'=' is not a comparison: write ==", column);
  if (text === '"') return new FilterError("a quote that does not end", column);
  const near = word.kind === "word" ? nearestWord(text, known) : null;
  const hint = near === null ? "" : `; did you mean '${near}'?`;
  return new FilterError(`'${text}' stands where ${wanted} should${hint}`, column);
}
