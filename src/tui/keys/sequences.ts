/**
 * The sequences that keys and the mouse send, as xterm, rxvt and the Linux console have them. A byte is a character here
 * (latin1): what is text is for the parser.
 *
 * Follows xterm's ctlseqs (CSI and SS3 keys with modifiers, SGR mouse 1006), rxvt's technical reference ("$", "^" and "@"
 * for modifiers) and console_codes(4). What is none of ours is found too, so that it can be dropped whole. Not modelled:
 * kitty's keyboard protocol, mouse encodings but SGR.
 */
import { ALT, CTRL, type KeyEvent, press, SHIFT } from "./key-event.ts";

export interface Sequence {
  readonly length: number;
  /** Null: no key of ours. */
  readonly event: KeyEvent | null;
}

/** A control sequence longer than this is no key: it is dropped. */
export const LONGEST = 64;

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
  25: "f13",
  26: "f14",
  28: "f15",
  29: "f16",
  31: "f17",
  32: "f18",
  33: "f19",
  34: "f20",
};
/** What rxvt ends a numbered key with, in the place of "~". */
const RXVT_ENDS: Readonly<Record<string, number>> = { "~": 0, $: SHIFT, "^": CTRL, "@": CTRL | SHIFT };

type Form = readonly [form: RegExp, event: (parts: readonly string[]) => KeyEvent | null];

const FORMS: readonly Form[] = [
  // The Linux console's F1 to F5.
  [/^\x1b\[\[([\s\S])/, ([letter]) => linuxKey(letter!)],
  // X10's mouse report, from terminals without SGR's: button and place in three bytes, of any value.
  [/^\x1b\[M[\s\S]{3}/, () => null],
  // Before CSI at large, where "$" is no end.
  [/^\x1b\[([0-9]{1,2})(\$)/, ([number, end]) => numberedKey([number!], end!)],
  [/^\x1b\[(?![[M])([ -?]*)([@-~])/, ([parameters, end]) => csi(parameters!, end!)],
  [/^\x1bO([0-9;]{0,8})([@-~])/, ([parameters, end]) => ss3(parameters!, end!)],
];
const UNFINISHED = /^\x1b(?:|O[0-9;]{0,8}|\[\[?|\[M[\s\S]{0,2}|\[[ -?]+)$/;

/** The sequence that `text` begins with; "more" while it is cut off, null when there is none. */
export function sequenceIn(text: string): Sequence | "more" | null {
  for (const [form, event] of FORMS) {
    const found = form.exec(text);
    if (found === null) continue;
    const { length } = found[0];
    return { length, event: length > LONGEST ? null : event(found.slice(1)) };
  }
  return UNFINISHED.test(text) ? "more" : null;
}

function linuxKey(letter: string): KeyEvent | null {
  const index = "ABCDE".indexOf(letter);
  return index < 0 ? null : press(`f${index + 1}`);
}

function csi(parameters: string, end: string): KeyEvent | null {
  if (parameters.startsWith("<")) return end === "M" || end === "m" ? mouse(parameters.slice(1), end) : null;
  if (/[^0-9;]/.test(parameters)) return null;
  const numbers = parameters.split(";");
  if (end in RXVT_ENDS) return numberedKey(numbers, end);
  const [first = "", modifiers] = numbers;
  // A cursor position report ends with F3's letter.
  if (first !== "" && first !== "1") return null;
  if (end === "Z") return press("tab", SHIFT);
  return letterKey(end, modifiersOf(modifiers), SHIFT);
}

function numberedKey([number = "", modifiers]: readonly string[], end: string): KeyEvent | null {
  const name = NUMBERS[number];
  return name === undefined ? null : press(name, modifiersOf(modifiers) | RXVT_ENDS[end]!);
}

function ss3(parameters: string, end: string): KeyEvent | null {
  // Enter of the keypad.
  if (end === "M") return press("enter");
  return letterKey(end, modifiersOf(parameters.split(";").at(-1)), CTRL);
}

/** rxvt writes a modified arrow as a small letter. */
function letterKey(letter: string, modifiers: number, smallIs: number): KeyEvent | null {
  const small = /[a-d]/.test(letter);
  const name = LETTERS[small ? letter.toUpperCase() : letter];
  return name === undefined ? null : press(name, small ? smallIs : modifiers);
}

/** xterm: one more than the mask. */
const modifiersOf = (parameter = ""): number => Math.max(0, Number(parameter) - 1) & (SHIFT | ALT | CTRL);

const MOUSE_SHIFT = 4;
const MOUSE_MOTION = 32;
const MOUSE_WHEEL = 64;
/** Buttons for "back" and "forward": nothing here goes that way. */
const MOUSE_MORE = 128;

function mouse(parameters: string, end: string): KeyEvent | null {
  const found = /^(\d+);([1-9]\d*);([1-9]\d*)$/.exec(parameters);
  if (found === null) return null;
  const [buttons, column, row] = found.slice(1).map(Number) as [number, number, number];
  if (buttons & MOUSE_MORE) return null;
  const place = { x: column - 1, y: row - 1, shift: (buttons & MOUSE_SHIFT) !== 0 };
  if (buttons & MOUSE_WHEEL) {
    if ((buttons & 3) > 1 || end === "m") return null;
    return { kind: "mouse", action: (buttons & 1) === 0 ? "wheel-up" : "wheel-down", ...place };
  }
  // Only the left button points; the others are the terminal's own (paste, menu).
  if ((buttons & 3) !== 0) return null;
  if (end === "m") return { kind: "mouse", action: "release", ...place };
  return { kind: "mouse", action: buttons & MOUSE_MOTION ? "drag" : "press", ...place };
}
