/**
 * The line at a shell's prompt: readline's keys, the history of one machine, tab completion and ^R, as a plain value.
 * What Enter does with the line is for whoever owns it.
 */
import type { KeyEvent } from "../keys/key-event.ts";
import { EMPTY_FIELD, edit, fieldOf, replaceFrom, type TextField } from "./text-field.ts";

export interface CommandLine {
  readonly field: TextField;
  /** How many lines back in the history; 0 is the line being typed. */
  readonly back: number;
  /** The line being typed, while an older one is shown. */
  readonly draft: string;
  /** What tab found, more than one; shown until the next key. */
  readonly candidates: readonly string[];
  /** What ^R looks for; null outside a search. */
  readonly search: string | null;
}

export const EMPTY_LINE: CommandLine = { field: EMPTY_FIELD, back: 0, draft: "", candidates: [], search: null };

export interface Completion {
  /** Where the word being completed starts; it ends at the cursor. */
  readonly from: number;
  readonly candidates: readonly string[];
}

export interface LineContext {
  /** Oldest first. */
  readonly history: readonly string[];
  complete(text: string, cursor: number): Completion;
}

export type LineAnswer =
  | { readonly kind: "changed"; readonly line: CommandLine }
  | { readonly kind: "entered"; readonly text: string }
  /** None of this line's keys. */
  | { readonly kind: "other" };

export function lineKey(line: CommandLine, event: KeyEvent, context: LineContext): LineAnswer {
  if (event.kind === "mouse") return { kind: "other" };
  if (line.search !== null) return searchKey(line, line.search, event, context);
  const name = event.kind === "key" ? event.name : "";
  switch (name) {
    case "enter":
      return { kind: "entered", text: line.field.text };
    case "tab":
      return changed(completed(line, context));
    case "up":
    case "ctrl-p":
      return changed(recalled(line, line.back + 1, context.history));
    case "down":
    case "ctrl-n":
      return changed(recalled(line, line.back - 1, context.history));
    case "ctrl-r":
      return changed({ ...line, search: "", draft: draftOf(line), candidates: [] });
  }
  const field = edit(line.field, event);
  return field === null ? { kind: "other" } : changed({ ...line, field, back: 0, draft: "", candidates: [] });
}

const draftOf = (line: CommandLine): string => (line.back === 0 ? line.field.text : line.draft);

const changed = (line: CommandLine): LineAnswer => ({ kind: "changed", line });

function recalled(line: CommandLine, back: number, history: readonly string[]): CommandLine {
  const draft = draftOf(line);
  if (back < 0 || back > history.length) return line;
  const text = back === 0 ? draft : history[history.length - back]!;
  return { ...line, field: fieldOf(text), back, draft, candidates: [] };
}

/** One candidate goes in whole; of several what they share, and they are shown. */
function completed(line: CommandLine, { complete }: LineContext): CommandLine {
  const { field } = line;
  const { from, candidates } = complete(field.text, field.cursor);
  if (candidates.length === 0) return { ...line, candidates: [] };
  const [only] = candidates;
  if (candidates.length === 1)
    return { ...line, field: replaceFrom(field, from, only!.endsWith("/") ? only! : `${only} `), candidates: [] };
  const shared = sharedPrefix(candidates);
  const typed = field.text.slice(from, field.cursor);
  return { ...line, field: shared.length > typed.length ? replaceFrom(field, from, shared) : field, candidates };
}

function sharedPrefix(words: readonly string[]): string {
  let prefix = words[0]!;
  for (const word of words) while (!word.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

function searchKey(line: CommandLine, search: string, event: KeyEvent, { history }: LineContext): LineAnswer {
  const name = event.kind === "key" ? event.name : "";
  const out = (kept: CommandLine): LineAnswer => changed({ ...kept, search: null });
  if (name === "enter") return { kind: "entered", text: line.field.text };
  if (name === "esc" || name === "ctrl-g") return out({ ...line, field: fieldOf(line.draft), back: 0, draft: "" });
  if (name === "ctrl-r") return changed(found(line, search, line.back + 1, history));
  if (name === "backspace") return changed(found(line, search.slice(0, -1), 1, history));
  const text = event.kind === "key" ? event.text : event.kind === "paste" ? event.text : "";
  return text === "" ? out(line) : changed(found(line, search + text, Math.max(1, line.back), history));
}

/** The nearest line at least `back` lines back that holds the text; where there is none everything stays. */
function found(line: CommandLine, search: string, back: number, history: readonly string[]): CommandLine {
  const draft = draftOf(line);
  for (let at = Math.max(1, back); at <= history.length && search !== ""; at++) {
    const text = history[history.length - at]!;
    const place = text.indexOf(search);
    if (place >= 0) return { ...line, field: { text, cursor: place }, back: at, draft, search };
  }
  return { ...line, search, draft };
}

/** The history with one more line: not when it is blank or the same as the last one. */
export function remember(history: readonly string[], text: string): readonly string[] {
  if (text.trim() === "" || history.at(-1) === text) return history;
  return [...history.slice(-HISTORY_KEPT + 1), text];
}

const HISTORY_KEPT = 500;
