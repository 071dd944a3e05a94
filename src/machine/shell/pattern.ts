/**
 * Shell patterns: * ? [ ] (POSIX XCU 2.13). A quoted letter stands behind a backslash. In path names a leading dot and the
 * slash are matched only by themselves; names come in the order of the C locale.
 */

import { Errno } from "../errno.ts";
import { type FileTree, isDirectory } from "../files.ts";

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  digit: "0-9",
  lower: "a-z",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

export const escapePattern = (text: string): string => text.replace(/[*?[\]\\-]/g, "\\$&");

const unescape = (pattern: string): string => pattern.replace(/\\(.)/gs, "$1");

const hasMagic = (pattern: string): boolean => /[*?]|\[.*\]/s.test(pattern.replace(/\\./gs, ""));

export const matches = (pattern: string, text: string): boolean => new RegExp(`^${source(pattern)}$`, "u").test(text);

/** What is left of `value` without what the pattern matches at its start or end: ${x#p}, ${x##p}, ${x%p}, ${x%%p}. */
export function cut(value: string, pattern: string, sign: "#" | "##" | "%" | "%%"): string {
  const letters = [...value];
  const lengths = letters.map((_, i) => i);
  lengths.push(letters.length);
  if (sign.length === 2) lengths.reverse();
  const isPrefix = sign.startsWith("#");
  const part = (length: number): string =>
    (isPrefix ? letters.slice(0, length) : letters.slice(letters.length - length)).join("");
  const found = lengths.find((length) => matches(pattern, part(length)));
  if (found === undefined) return value;
  return (isPrefix ? letters.slice(found) : letters.slice(0, letters.length - found)).join("");
}

function source(pattern: string): string {
  let text = "";
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at]!;
    if (c === "*") text += "[^]*";
    else if (c === "?") text += "[^]";
    else if (c === "\\" && at + 1 < pattern.length) text += literal(pattern[++at]!);
    else if (c === "[") {
      const set = bracket(pattern, at);
      text += set === null ? "\\[" : set.text;
      if (set !== null) at = set.to;
    } else text += literal(c);
  }
  return text;
}

const literal = (letter: string): string => (/[$()*+./?[\\\]^{|}]/.test(letter) ? `\\${letter}` : letter);

/** [abc], [!a-z], [[:digit:]]; null when it never closes. */
function bracket(pattern: string, from: number): { text: string; to: number } | null {
  let at = from + 1;
  const negated = pattern[at] === "!" || pattern[at] === "^";
  if (negated) at++;
  let text = "";
  for (const first = at; at < pattern.length; at++) {
    const c = pattern[at]!;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at));
    if (c === "]" && at > first) return { text: `[${negated ? "^" : ""}${text}]`, to: at };
    if (named !== null && CLASSES[named[1]!] !== undefined) {
      text += CLASSES[named[1]!];
      at += named[0].length - 1;
    } else if (c === "\\" && at + 1 < pattern.length) text += escaped(pattern[++at]!);
    else text += c === "-" ? "-" : escaped(c);
  }
  return null;
}

const escaped = (letter: string): string => (/[\\\]^[-]/.test(letter) ? `\\${letter}` : letter);

/** The paths that a pattern stands for; empty when there is none, or nothing in it to be matched. */
export function paths(pattern: string, files: FileTree, cwd: string): string[] {
  if (!hasMagic(pattern)) return [];
  const isAbsolute = pattern.startsWith("/");
  let found = [isAbsolute ? "/" : ""];
  const pieces = pattern.split(/\/+/).filter((piece, i) => piece !== "" || i > 0);
  for (const [i, piece] of pieces.entries()) {
    const isLast = i === pieces.length - 1;
    found = found.flatMap((folder) => inFolder(folder, piece, isLast, files, cwd));
  }
  return found.sort();
}

function inFolder(folder: string, piece: string, isLast: boolean, files: FileTree, cwd: string): string[] {
  const join = (name: string): string => folder + name;
  const fits = (path: string): boolean => {
    const node = files.find(path === "" ? "." : path, cwd);
    return !(node instanceof Errno) && (isLast || isDirectory(node));
  };
  const end = isLast ? "" : "/";
  if (piece === "") return fits(folder) ? [folder] : [];
  if (!hasMagic(piece)) return fits(join(unescape(piece))) ? [join(unescape(piece)) + end] : [];
  const names = files.list(folder === "" ? "." : folder, cwd);
  if (names instanceof Errno) return [];
  return names
    .filter((name) => (name.startsWith(".") ? piece.startsWith(".") : true) && matches(piece, name) && fits(join(name)))
    .map((name) => join(name) + end);
}
