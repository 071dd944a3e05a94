/**
 * What a terminal sends, as keys, mouse events and pastes. One parser for all of it: Ink's own loses F-keys, tells
 * Backspace from Delete no more, and takes mouse reports for text.
 *
 * Follows xterm's ctlseqs (CSI and SS3 keys with modifiers, SGR mouse 1006, bracketed paste 2004). Sequences that are
 * none of these are swallowed. Not modelled: kitty's keyboard protocol, other mouse encodings.
 */
import { StringDecoder } from "node:string_decoder";

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

/** How long a lone ESC may be the first byte of something longer. */
export const ESCAPE_MILLIS = 25;

const ESC = "\x1b";
const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** A sequence longer than this is none: its bytes are dropped. */
const LONGEST = 64;
const CSI = /^\x1b\[([<=>?]?)([0-9;:]*)[ -/]*([@-~])/;

/** Final letters of CSI and SS3 keys. */
const LETTERS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "center",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  M: "enter",
};
/** Numbers of CSI n ~ keys. */
const NUMBERS: Readonly<Record<string, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};
const CONTROLS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\x7f": "backspace",
  "\b": "backspace",
  [ESC]: "esc",
  "\x00": "ctrl-space",
};

export class KeyParser {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";
  /** Null outside a bracketed paste. */
  private pasted: string | null = null;

  /** True while an ESC waits for what may follow: call `flush` when nothing does. */
  get pending(): boolean {
    return this.rest !== "" && this.pasted === null;
  }

  feed(bytes: Buffer): KeyEvent[] {
    this.rest += this.decoder.write(bytes);
    return this.drain(false);
  }

  /** Nothing came for ESCAPE_MILLIS: what waits is what it is. */
  flush(): KeyEvent[] {
    return this.drain(true);
  }

  private drain(final: boolean): KeyEvent[] {
    const events: KeyEvent[] = [];
    while (this.rest !== "") {
      const event = this.pasted === null ? this.next(final) : this.paste();
      if (event === "more") break;
      if (event !== null) events.push(event);
    }
    return events;
  }

  private paste(): KeyEvent | "more" {
    const end = this.rest.indexOf(PASTE_END);
    // The end mark may be cut in two: its first bytes stay.
    const upTo = end < 0 ? Math.max(0, this.rest.length - PASTE_END.length) : end;
    this.pasted += this.rest.slice(0, upTo);
    if (end < 0) {
      this.rest = this.rest.slice(upTo);
      return "more";
    }
    const text = this.pasted!;
    this.rest = this.rest.slice(end + PASTE_END.length);
    this.pasted = null;
    return { kind: "paste", text };
  }

  private next(final: boolean): KeyEvent | null | "more" {
    if (this.rest.startsWith(PASTE_BEGIN)) {
      this.rest = this.rest.slice(PASTE_BEGIN.length);
      this.pasted = "";
      return null;
    }
    if (this.rest[0] !== ESC) return this.plain();
    return this.escape(final);
  }

  private plain(): KeyEvent {
    const text = String.fromCodePoint(this.rest.codePointAt(0)!);
    this.rest = this.rest.slice(text.length);
    return plainKey(text, "");
  }

  private escape(final: boolean): KeyEvent | null | "more" {
    // Alt with an arrow, as rxvt and macOS' terminal send it.
    if (/^\x1b\x1b\[[A-D]/.test(this.rest)) {
      const name = LETTERS[this.rest[3]!]!;
      this.rest = this.rest.slice(4);
      return { kind: "key", name: `alt-${name}`, text: "" };
    }
    const csi = CSI.exec(this.rest);
    if (csi !== null) {
      this.rest = this.rest.slice(csi[0].length);
      return csi[1] === "<" ? mouse(csi[2]!, csi[3]!) : csiKey(csi[1]!, csi[2]!, csi[3]!);
    }
    if (/^\x1bO[A-Z]/.test(this.rest)) {
      const name = LETTERS[this.rest[2]!];
      this.rest = this.rest.slice(3);
      return name === undefined ? null : { kind: "key", name, text: "" };
    }
    const unfinished = /^\x1b($|O$|\[[<=>?]?[0-9;:]*[ -/]*$)/.test(this.rest);
    if (unfinished && !final && this.rest.length < LONGEST) return "more";
    return this.loneEscape(unfinished);
  }

  /** ESC by itself, or Alt with the next key. */
  private loneEscape(unfinished: boolean): KeyEvent | null {
    if (unfinished && this.rest.length > 2) {
      this.rest = "";
      return null;
    }
    if (this.rest.length === 1 || this.rest[1] === ESC) {
      this.rest = this.rest.slice(1);
      return { kind: "key", name: "esc", text: "" };
    }
    const text = String.fromCodePoint(this.rest.codePointAt(1)!);
    this.rest = this.rest.slice(1 + text.length);
    return plainKey(text, "alt-");
  }
}

function plainKey(text: string, prefix: string): KeyEvent {
  const named = CONTROLS[text];
  if (named !== undefined) return { kind: "key", name: prefix + named, text: "" };
  const code = text.charCodeAt(0);
  if (code < 32) return { kind: "key", name: `${prefix}ctrl-${CONTROL_LETTERS[code]!}`, text: "" };
  const name = text === " " ? "space" : text;
  return { kind: "key", name: prefix + name, text: prefix === "" ? text : "" };
}

/** By code, from NUL. */
const CONTROL_LETTERS = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

function csiKey(prefix: string, parameters: string, final: string): KeyEvent | null {
  if (prefix !== "") return null;
  if (final === "Z") return { kind: "key", name: "shift-tab", text: "" };
  const [first = "", second = ""] = parameters.split(";");
  const name = final === "~" ? NUMBERS[first] : LETTERS[final];
  return name === undefined ? null : { kind: "key", name: modifiers(Number(second)) + name, text: "" };
}

/** xterm: one more than a mask of shift, alt and control. */
function modifiers(parameter: number): string {
  const mask = Number.isInteger(parameter) && parameter > 0 ? parameter - 1 : 0;
  return `${mask & 4 ? "ctrl-" : ""}${mask & 2 ? "alt-" : ""}${mask & 1 ? "shift-" : ""}`;
}

const SHIFT = 4;
const MOTION = 32;
const WHEEL = 64;

function mouse(parameters: string, final: string): KeyEvent | null {
  const [buttons, column, row] = parameters.split(";").map(Number);
  if (row === undefined || Number.isNaN(row)) return null;
  const place = { x: column! - 1, y: row - 1, shift: (buttons! & SHIFT) !== 0 };
  if (buttons! & WHEEL) {
    if ((buttons! & 3) > 1) return null;
    return { kind: "mouse", action: (buttons! & 1) === 0 ? "wheel-up" : "wheel-down", ...place };
  }
  // Only the left button points; the others are the terminal's own (paste, menu).
  if ((buttons! & 3) !== 0) return null;
  if (final === "m") return { kind: "mouse", action: "release", ...place };
  return { kind: "mouse", action: buttons! & MOTION ? "drag" : "press", ...place };
}
