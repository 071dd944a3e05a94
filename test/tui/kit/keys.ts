/** Key events by name, for what stands behind the parser. */
import type { KeyEvent } from "../../../src/tui/keys/key-event.ts";

/** A key that types nothing; one letter types itself. */
export const key = (name: string): KeyEvent => ({ kind: "key", name, text: [...name].length === 1 ? name : "" });

export const paste = (text: string): KeyEvent => ({ kind: "paste", text });

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
