/**
 * Words to arguments: parameter expansion, field splitting and quote removal (POSIX XCU 2.6.2, 2.6.5, 2.6.7), with the
 * default IFS. Without ~, `*` and `$( )`.
 */
import type { Part, Word } from "./lexer.ts";

/** Where values come from. */
export interface Scope {
  /** Null when unset. */
  variable(name: string): string | null;
  /** $1 and on. */
  readonly positional: readonly string[];
}

export const expandWords = (words: readonly Word[], scope: Scope): string[] =>
  words.flatMap((word) => expandWord(word, scope));

/** For assignments and redirections: one text, never split. */
export const expandText = (word: Word, scope: Scope): string => word.map((part) => partText(part, scope)).join("");

/** None, one or several arguments. */
function expandWord(word: Word, scope: Scope): string[] {
  const fields = new Fields();
  for (const part of word) addPart(part, scope, fields);
  return fields.finish();
}

class Fields {
  private readonly done: string[] = [];
  /** Null: no field is open. */
  private open: string | null = null;

  add(text: string): void {
    this.open = (this.open ?? "") + text;
  }

  close(): void {
    if (this.open !== null) this.done.push(this.open);
    this.open = null;
  }

  finish(): string[] {
    this.close();
    return this.done;
  }
}

function addPart(part: Part, scope: Scope, fields: Fields): void {
  if (part.kind === "text") return fields.add(part.text);
  if (part.quoted && part.name === "@") return addEach(scope.positional, fields);
  const value = lookUp(part.name, scope);
  if ((value === null || value === "") && part.fallback !== null)
    return addFallback(part.fallback, part.quoted, scope, fields);
  if (part.quoted) fields.add(value ?? "");
  else addSplit(value ?? "", fields);
}

function addEach(values: readonly string[], fields: Fields): void {
  for (const [i, value] of values.entries()) {
    if (i > 0) fields.close();
    fields.add(value);
  }
}

function addFallback(fallback: Word, quoted: boolean, scope: Scope, fields: Fields): void {
  if (quoted) return fields.add(expandText(fallback, scope));
  for (const part of fallback) {
    if (part.kind === "text" && !part.quoted) addSplit(part.text, fields);
    else addPart(part, scope, fields);
  }
}

function addSplit(value: string, fields: Fields): void {
  for (const piece of value.split(/([ \t\n]+)/)) {
    if (/^[ \t\n]/.test(piece)) fields.close();
    else if (piece !== "") fields.add(piece);
  }
}

function partText(part: Part, scope: Scope): string {
  if (part.kind === "text") return part.text;
  const value = lookUp(part.name, scope);
  if (part.fallback !== null && (value === null || value === "")) return expandText(part.fallback, scope);
  return value ?? "";
}

function lookUp(name: string, scope: Scope): string | null {
  if (name === "@" || name === "*") return scope.positional.join(" ");
  if (name === "#") return String(scope.positional.length);
  if (/^[1-9]$/.test(name)) return scope.positional[Number(name) - 1] ?? null;
  return scope.variable(name);
}
