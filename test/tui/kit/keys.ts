/** Key events by name, for what stands behind the parser. */
import type { KeyEvent } from "../../../src/tui/keys/key-event.ts";

/** A key that types nothing; one letter types itself. */
export const key = (name: string): KeyEvent => ({ kind: "key", name, text: [...name].length === 1 ? name : "" });

export const paste = (text: string): KeyEvent => ({ kind: "paste", text });

const SEQUENCES: Readonly<Record<string, string>> = {
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  pageup: "\x1b[5~",
  pagedown: "\x1b[6~",
  "alt-right": "\x1b[1;3C",
  "alt-left": "\x1b[1;3D",
  "shift-tab": "\x1b[Z",
  f1: "\x1bOP",
  enter: "\r",
  tab: "\t",
  esc: "\x1b",
  space: " ",
  backspace: "\x7f",
};

/** What xterm sends for a key of that name. */
export function bytesOf(name: string): string {
  const sequence = SEQUENCES[name];
  if (sequence !== undefined) return sequence;
  if (/^ctrl-[a-z]$/.test(name)) return String.fromCharCode(name.charCodeAt(5) & 31);
  if (/^alt-.$/.test(name)) return `\x1b${name[4]}`;
  if ([...name].length === 1) return name;
  throw new Error(`no terminal sends ${name}`);
}

/** A text as the keys that type it. */
export const typed = (text: string): KeyEvent[] =>
  [...text].map((letter) => (letter === " " ? { kind: "key", name: "space", text: " " } : key(letter)));

export const wheel = (action: "wheel-up" | "wheel-down"): KeyEvent => ({
  kind: "mouse",
  action,
  x: 0,
  y: 0,
  shift: false,
});
