/**
 * What is wrong in a topology file, as data and as a text in the manner of compilers: file, line, column, the line
 * itself with the place underlined, what was expected, the nearest valid word.
 */
import { nearestWord } from "./nearest.ts";

/** A stretch of one line; line and columns count from 1, `endColumn` is the first column after it. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

export interface Diagnostic extends Span {
  readonly severity: "error" | "warning";
  /** where in the tree: `hosts.xen1.domains.web1.vif[0]`; empty for the file as a whole */
  readonly path: string;
  /** one sentence: what is wrong */
  readonly message: string;
  /** what would be right */
  readonly expected?: string;
  /** a whole sentence, mostly "did you mean `bridge`?" */
  readonly hint?: string;
  /** a stable word for tests and tools: unknown-key, bad-value, ... */
  readonly code: string;
}

/** What may be said beyond the message. */
export interface Advice {
  readonly expected?: string;
  readonly hint?: string;
}

/** A mistake without its place. */
export type Fault = Pick<Diagnostic, "code" | "message"> & Advice;

export type Path = readonly (string | number)[];

export const formatPath = (path: Path): string =>
  path.map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`)).join("");

export const comparePlace = (a: Span, b: Span): number => a.line - b.line || a.column - b.column;

/** More than anybody reads; a file of noise must not make a megabyte of messages. */
export const MAX_DIAGNOSTICS = 200;

/** In the order of the file, up to a readable number, without repeating one sentence at one place (an alias is read more than once). */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const fresh = diagnostics.filter((d) => {
    const key = `${d.line}:${d.column}:${d.message}`;
    return !seen.has(key) && seen.add(key);
  });
  fresh.sort(comparePlace);
  return fresh.length <= MAX_DIAGNOSTICS ? fresh : cutShort(fresh);
}

function cutShort(sorted: readonly Diagnostic[]): Diagnostic[] {
  const told = sorted.slice(0, MAX_DIAGNOSTICS - 1);
  const rest = sorted.slice(MAX_DIAGNOSTICS - 1);
  const { line, column, endColumn } = rest[0]!;
  const severity = rest.some((d) => d.severity === "error") ? "error" : "warning";
  const message = "and more mistakes; these come first";
  return [...told, { severity, line, column, endColumn, path: "", message, code: "more" }];
}

/** Advice for a word that is none of the known ones. */
export function adviseWord(word: string, known: readonly string[]): Advice {
  if (known.length === 0) return {};
  const nearest = nearestWord(word, known);
  const expected = listWords(known);
  return nearest === null ? { expected } : { expected, hint: `did you mean \`${nearest}\`?` };
}

/** "a", "a or b", "a, b or c". */
export function listWords(words: readonly string[]): string {
  if (words.length > 24) return `one of ${words.slice(0, 24).join(", ")}, ...`;
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** A user's word between backticks: cut to a readable length, control characters made visible. */
export function quoteWord(word: string): string {
  const clean = hideControls(word);
  return `\`${clean.length > 60 ? `${clean.slice(0, 57)}...` : clean}\``;
}

/** A file must not be able to send escape sequences to the terminal that shows its mistakes. */
export const hideControls = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\u00b7");

/** All diagnostics, a blank line between, a line end at the end; "" when there are none. */
export function renderDiagnostics(file: string, text: string, diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return "";
  const lines = text.replace(/^\ufeff/, "").split("\n");
  return `${diagnostics.map((d) => renderOne(file, lines, d)).join("\n\n")}\n`;
}

/** Enough of a line to see the place, also when the line is a megabyte long. */
const SHOWN_COLUMNS = 100;

function renderOne(file: string, lines: readonly string[], d: Diagnostic): string {
  const out = [`${file}:${d.line}:${d.column}: ${d.severity}: ${d.message}`];
  const source = (lines[d.line - 1] ?? "").replace(/\r$/, "");
  const number = String(d.line).padStart(4);
  const margin = " ".repeat(number.length);
  if (source !== "") {
    const first = d.column > SHOWN_COLUMNS - 20 ? d.column - 40 : 0;
    const shown = hideControls(source.slice(first, first + SHOWN_COLUMNS).replaceAll("\t", " "));
    const at = d.column - 1 - first;
    const width = Math.max(1, Math.min(d.endColumn - d.column, SHOWN_COLUMNS - at));
    out.push(`${number} | ${shown}`, `${margin} | ${" ".repeat(at)}${"^".repeat(width)}`);
  }
  if (d.expected !== undefined) out.push(`${margin}   expected: ${d.expected}`);
  if (d.hint !== undefined) out.push(`${margin}   ${d.hint}`);
  return out.join("\n");
}
