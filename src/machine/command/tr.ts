/** tr(1) of coreutils 9.1. Not modelled: --truncate-set1, and bytes that are not characters. */
import type { Command } from "../command.ts";
import { cookEscapes } from "../escapes.ts";
import { Filter } from "../filter.ts";
import { misused, type Options, readOptions } from "../options.ts";

export const tr: Command = {
  name: "tr",
  summary: "Translate, squeeze, and/or delete characters from standard input, writing to standard output.",
  usage: "tr [OPTION]... STRING1 [STRING2]",
  options: [
    { flag: "-c, -C, --complement", text: "use the complement of STRING1" },
    { flag: "-d, --delete", text: "delete characters in STRING1, do not translate" },
    { flag: "-s, --squeeze-repeats", text: "replace each sequence of a repeated character of the last STRING by one" },
  ],
  operands: ["text"],
  start(process) {
    const options = readOptions(process, tr, { inOrder: true });
    if (typeof options === "number") return options;
    const wrong = miscounted(options);
    if (wrong !== null) return misused(process, tr, wrong);
    try {
      return planned(options);
    } catch (error) {
      if (!(error instanceof Misspelt)) throw error;
      return process.fail(error.message);
    }
  },
};

class Misspelt extends Error {}

/** A sentence about too few or too many strings. */
function miscounted(options: Options): string | null {
  const { operands } = options;
  const deletes = options.has("d");
  const squeezes = options.has("s");
  const wanted = deletes === squeezes ? 2 : 1;
  const most = deletes && !squeezes ? 1 : 2;
  if (operands.length === 0) return "missing operand";
  if (operands.length < wanted)
    return `missing operand after '${operands[0]}'\nTwo strings must be given when ${deletes ? "both deleting and squeezing repeats" : "translating"}.`;
  if (operands.length <= most) return null;
  const rule =
    most === 1 && operands.length === 2
      ? "\nOnly one string may be given when deleting without squeezing repeats."
      : "";
  return `extra operand '${operands[most]}'${rule}`;
}

function planned(options: Options): Tr {
  const [one = "", two] = options.operands;
  const isComplement = options.has("c");
  const first = expand(one, null);
  const set = new CharacterSet(first, isComplement);
  if (options.has("d")) return new Tr(set, null, options.has("s") ? new CharacterSet(expand(two!, null), false) : null);
  if (two === undefined) return new Tr(null, null, set);
  if (two === "") throw new Misspelt("when not truncating set1, string2 must be non-empty");
  checkClasses(one, two);
  const second = expand(two, isComplement ? 1 : first.length);
  const squeezed = options.has("s") ? new CharacterSet(second, false) : null;
  return new Tr(null, new Translation(first, second, isComplement), squeezed);
}

/** Of classes string 2 may have only [:lower:] and [:upper:], where string 1 has one of them. */
function checkClasses(one: string, two: string): void {
  const classes = (text: string): string[] => [...text.matchAll(/\[:\w+:\]/g)].map(([name]) => name);
  const inTwo = classes(two);
  const isCase = (name: string): boolean => name === "[:lower:]" || name === "[:upper:]";
  if (inTwo.some((name) => !isCase(name)))
    throw new Misspelt(
      "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'",
    );
  if (inTwo.length > 0 && !classes(one).some(isCase))
    throw new Misspelt("misaligned [:upper:] and/or [:lower:] construct");
}

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i));
const ASCII = range(0, 127);
const matching = (pattern: RegExp): string[] => ASCII.filter((character) => pattern.test(character));

const CLASSES: Readonly<Record<string, readonly string[]>> = {
  alnum: matching(/[0-9A-Za-z]/),
  alpha: matching(/[A-Za-z]/),
  blank: ["\t", " "],
  cntrl: [...range(0, 31), "\x7f"],
  digit: matching(/[0-9]/),
  graph: range(33, 126),
  lower: matching(/[a-z]/),
  print: range(32, 126),
  punct: matching(/[!-/:-@[-`{-~]/),
  space: ["\t", "\n", "\v", "\f", "\r", " "],
  upper: matching(/[A-Z]/),
  xdigit: matching(/[0-9A-Fa-f]/),
};

/** One piece of a string: a class, an equivalence, a repetition, an escape or a character. */
const PIECE = /\[:(\w+):\]|\[=(.)=\]|\[(\\?.)\*(\d*)\]|(\\(?:[0-7]{1,3}|.)|.)/gsu;

/** `length` is what a string 2 with [x*] is filled up to; null: there it may not stand. */
function expand(text: string, length: number | null): string[] {
  const out: string[] = [];
  let fill: { readonly at: number; readonly character: string } | null = null;
  const pieces = [...text.matchAll(PIECE)];
  for (let i = 0; i < pieces.length; i++) {
    const [, name, same, repeated, times = "", single] = pieces[i]!;
    const end = pieces[i + 1]?.[5] === "-" ? pieces[i + 2]?.[5] : undefined;
    if (name !== undefined) out.push(...classNamed(name));
    else if (repeated !== undefined) {
      const count = countOf(times);
      if (count === 0) fill = { at: out.length, character: cooked(repeated) };
      else out.push(...Array<string>(count).fill(cooked(repeated)));
    } else if (single !== undefined && end !== undefined) {
      out.push(...rangeBetween(cooked(single), cooked(end)));
      i += 2;
    } else out.push(same ?? cooked(single!));
  }
  if (fill === null) return out;
  if (length === null) throw new Misspelt("the [c*] repeat construct may not appear in string1");
  return out.toSpliced(fill.at, 0, ...Array<string>(Math.max(0, length - out.length)).fill(fill.character));
}

/** Octal behind a 0; nothing is 0, which fills up. */
const countOf = (times: string): number => Number.parseInt(times || "0", times.startsWith("0") ? 8 : 10);

function classNamed(name: string): readonly string[] {
  const members = CLASSES[name];
  if (members === undefined) throw new Misspelt(`invalid character class '${name}'`);
  return members;
}

function rangeBetween(from: string, to: string): string[] {
  if (to < from) throw new Misspelt(`range-endpoints of '${from}-${to}' are in reverse collating sequence order`);
  return range(from.charCodeAt(0), to.charCodeAt(0));
}

const cooked = (piece: string): string => {
  if (!piece.startsWith("\\") || piece.length === 1) return piece;
  const { text } = cookEscapes(piece, "printf");
  return text === piece ? piece.slice(1) : text;
};

class CharacterSet {
  private readonly members: ReadonlySet<string>;
  private readonly isComplement: boolean;

  constructor(members: readonly string[], isComplement: boolean) {
    this.members = new Set(members);
    this.isComplement = isComplement;
  }

  has(character: string): boolean {
    return this.members.has(character) !== this.isComplement;
  }
}

class Translation {
  private readonly map = new Map<string, string>();
  /** What every character outside of string 1 becomes; null where it is not complemented. */
  private readonly other: string | null;

  constructor(from: readonly string[], to: readonly string[], isComplement: boolean) {
    this.other = isComplement ? to.at(-1)! : null;
    for (const [i, character] of from.entries())
      this.map.set(character, isComplement ? character : (to[i] ?? to.at(-1)!));
  }

  of(character: string): string {
    return this.map.get(character) ?? this.other ?? character;
  }
}

class Tr extends Filter {
  private readonly deleted: CharacterSet | null;
  private readonly translation: Translation | null;
  private readonly squeezed: CharacterSet | null;
  private last = "";

  constructor(deleted: CharacterSet | null, translation: Translation | null, squeezed: CharacterSet | null) {
    super([]);
    this.deleted = deleted;
    this.translation = translation;
    this.squeezed = squeezed;
  }

  protected override chunk(text: string): void {
    let out = "";
    for (const read of text) {
      if (this.deleted?.has(read)) continue;
      const character = this.translation?.of(read) ?? read;
      if (character === this.last && this.squeezed?.has(character)) continue;
      this.last = character;
      out += character;
    }
    this.emit(out);
  }

  protected line(): void {}
}
