/** What keys, the mouse and pastes are to everything behind the parser. */

export type KeyEvent =
  /** `name` is what key tables say: "a", "A", "space", "enter", "shift-tab", "ctrl-p", "alt-left"; `text` what it types. */
  | { readonly kind: "key"; readonly name: string; readonly text: string }
  | {
      readonly kind: "mouse";
      readonly action: "press" | "release" | "drag" | "wheel-up" | "wheel-down";
      /** From 0. */
      readonly x: number;
      readonly y: number;
      readonly shift: boolean;
    }
  | { readonly kind: "paste"; readonly text: string };

/** Modifiers, as xterm counts them. */
export const SHIFT = 1;
export const ALT = 2;
export const CTRL = 4;

/** A key as key tables name it: its modifiers always in the same order. */
export const press = (name: string, modifiers = 0, text = ""): KeyEvent => ({
  kind: "key",
  name: `${modifiers & CTRL ? "ctrl-" : ""}${modifiers & ALT ? "alt-" : ""}${modifiers & SHIFT ? "shift-" : ""}${name}`,
  text,
});
