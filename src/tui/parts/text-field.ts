/** One line of text being typed: readline's everyday keys on a plain value. */
import type { KeyEvent } from "../keys/key-event.ts";
import { cellWidth, fitLeft } from "../screen/surface.ts";

export interface TextField {
  readonly text: string;
  /** 0 to text.length */
  readonly cursor: number;
}

export const EMPTY_FIELD: TextField = { text: "", cursor: 0 };

export const fieldOf = (text: string): TextField => ({ text, cursor: text.length });

/** The field after a key or paste; null when the key is none of its own. Line ends in a paste become spaces. */
export function edit(field: TextField, event: KeyEvent): TextField | null {
  if (event.kind === "paste") return insert(field, event.text.replaceAll(/\s*[\r\n]+\s*/g, " "));
  if (event.kind !== "key") return null;
  if (event.text !== "") return insert(field, event.text);
  return EDITS[event.name]?.(field) ?? null;
}

export function insert({ text, cursor }: TextField, added: string): TextField {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = added.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, "");
  return { text: text.slice(0, cursor) + clean + text.slice(cursor), cursor: cursor + clean.length };
}

/** The field with [from, cursor) replaced. */
export function replaceFrom({ text, cursor }: TextField, from: number, by: string): TextField {
  return { text: text.slice(0, from) + by + text.slice(cursor), cursor: from + by.length };
}

/** What of it is shown in `width` cells, exactly: the cursor, at cell `x`, is always in sight. */
export function inSight({ text, cursor }: TextField, width: number): { readonly text: string; readonly x: number } {
  const before = cellWidth(text.slice(0, cursor));
  if (before < width) return { text: fitLeft(text, width), x: before };
  const room = Math.max(0, width - cellWidth("…") - 1);
  let from = cursor;
  for (let next = from; next > 0 && cellWidth(text.slice(next, cursor)) <= room; ) {
    from = next;
    next = stepBefore({ text, cursor: next });
  }
  return {
    text: fitLeft(`…${text.slice(from)}`, width),
    x: Math.min(Math.max(0, width - 1), 1 + cellWidth(text.slice(from, cursor))),
  };
}

const cut = ({ text }: TextField, from: number, to: number): TextField => ({
  text: text.slice(0, from) + text.slice(to),
  cursor: from,
});

const at = ({ text }: TextField, cursor: number): TextField => ({
  text,
  cursor: Math.min(text.length, Math.max(0, cursor)),
});

/** A surrogate pair is one step. */
const stepBefore = ({ text, cursor }: TextField): number =>
  cursor - (/[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(0, cursor)) ? 2 : 1);
const stepAfter = ({ text, cursor }: TextField): number => cursor + (text.codePointAt(cursor)! > 0xffff ? 2 : 1);

function wordStart({ text, cursor }: TextField): number {
  return text.slice(0, cursor).replace(/\S+\s*$/, "").length;
}

function wordEnd({ text, cursor }: TextField): number {
  return cursor + /^\s*\S*/.exec(text.slice(cursor))![0].length;
}

const EDITS: Readonly<Record<string, (field: TextField) => TextField>> = {
  left: (field) => at(field, stepBefore(field)),
  right: (field) => at(field, stepAfter(field)),
  "ctrl-b": (field) => at(field, stepBefore(field)),
  "ctrl-f": (field) => at(field, stepAfter(field)),
  home: (field) => at(field, 0),
  end: (field) => at(field, field.text.length),
  "ctrl-a": (field) => at(field, 0),
  "ctrl-e": (field) => at(field, field.text.length),
  "alt-b": (field) => at(field, wordStart(field)),
  "alt-f": (field) => at(field, wordEnd(field)),
  "ctrl-left": (field) => at(field, wordStart(field)),
  "ctrl-right": (field) => at(field, wordEnd(field)),
  backspace: (field) => (field.cursor === 0 ? field : cut(field, stepBefore(field), field.cursor)),
  delete: (field) => (field.cursor === field.text.length ? field : cut(field, field.cursor, stepAfter(field))),
  "ctrl-w": (field) => cut(field, wordStart(field), field.cursor),
  "alt-backspace": (field) => cut(field, wordStart(field), field.cursor),
  "alt-d": (field) => cut(field, field.cursor, wordEnd(field)),
  "ctrl-u": (field) => cut(field, 0, field.cursor),
  "ctrl-k": (field) => cut(field, field.cursor, field.text.length),
};
