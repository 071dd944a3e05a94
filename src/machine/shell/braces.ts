/**
 * Brace expansion, which bash does before everything else: a{b,c}d and {1..5}. Braces in quotes, and those without a comma
 * or a sequence in them, stay as they are.
 */
import { merged, type Part, type Word } from "./token.ts";

const MAX_WORDS = 10_000;
const SEQUENCE = /^(?:(-?\d+)\.\.(-?\d+)|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d+))?$/;

/** The words that a word stands for; null: too many. */
export function expandBraces(word: Word): Word[] | null {
  if (!word.some((part) => part.kind === "text" && !part.quoted && part.text.includes("{"))) return [word];
  const all: Word[] = [];
  return expand(letters(word), [], all) ? all : null;
}

/** Unquoted text letter by letter, everything else whole. */
const letters = (word: Word): Part[] =>
  word.flatMap((part) =>
    part.kind === "text" && !part.quoted ? [...part.text].map((text) => ({ ...part, text })) : [part],
  );

const is = (part: Part | undefined, letter: string): boolean =>
  part?.kind === "text" && !part.quoted && part.text === letter;

function expand(parts: readonly Part[], before: readonly Part[], into: Word[]): boolean {
  for (let from = 0; from < parts.length; from++) {
    const found = is(parts[from], "{") ? alternatives(parts, from) : null;
    if (found === null) continue;
    const start = [...before, ...parts.slice(0, from)];
    const rest = parts.slice(found.to + 1);
    return found.choices.every((choice) => expand([...choice, ...rest], start, into));
  }
  into.push(merged([...before, ...parts]));
  return into.length <= MAX_WORDS;
}

/** Of the brace at `from`; null when it is a plain one. */
function alternatives(parts: readonly Part[], from: number): { choices: Part[][]; to: number } | null {
  const cuts = [from];
  let depth = 0;
  for (let at = from; at < parts.length; at++) {
    if (is(parts[at], "{")) depth++;
    else if (is(parts[at], "}") && --depth === 0) {
      cuts.push(at);
      const choices = cuts.slice(1).map((cut, i) => parts.slice(cuts[i]! + 1, cut));
      const all = choices.length > 1 ? choices : sequence(choices[0]!);
      return all === null ? null : { choices: all, to: at };
    } else if (is(parts[at], ",") && depth === 1) cuts.push(at);
  }
  return null;
}

function sequence(parts: readonly Part[]): Part[][] | null {
  if (!parts.every((part) => part.kind === "text" && !part.quoted)) return null;
  const match = SEQUENCE.exec(parts.map((part) => (part.kind === "text" ? part.text : "")).join(""));
  if (match === null) return null;
  const [, low, high, first, last, step] = match;
  const isNumber = low !== undefined;
  const from = isNumber ? Number(low) : first!.charCodeAt(0);
  const to = isNumber ? Number(high) : last!.charCodeAt(0);
  const by = Math.abs(Number(step ?? 1)) || 1;
  const count = Math.min(Math.floor(Math.abs(to - from) / by), MAX_WORDS) + 1;
  const isPadded = isNumber && (/^-?0\d/.test(low) || /^-?0\d/.test(high!));
  const width = isPadded ? Math.max(low.length, high!.length) : 0;
  return Array.from({ length: count }, (_, i) => {
    const value = from + (to < from ? -i : i) * by;
    const text = isNumber ? padded(value, width) : String.fromCharCode(value);
    return [{ kind: "text", text, quoted: false }];
  });
}

const padded = (value: number, width: number): string =>
  value < 0 ? `-${String(-value).padStart(width - 1, "0")}` : String(value).padStart(width, "0");
