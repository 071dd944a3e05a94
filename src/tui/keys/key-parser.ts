/**
 * What a terminal sends, as keys, mouse events and pastes, however it was cut on its way. One parser for all of it: Ink's
 * own loses F-keys, tells Backspace from Delete no more, and takes mouse reports for text.
 *
 * Keys and mouse are in `sequences.ts`; here are text in UTF-8, bracketed paste (2004), Alt as a leading ESC, and
 * everything else that a terminal may answer: control sequences and strings (OSC, DCS, ...) are dropped whole.
 */
import { ALT, CTRL, type KeyEvent, press } from "./key-event.ts";
import { LONGEST, sequenceIn } from "./sequences.ts";

/** How long a lone ESC may be the first byte of something longer. */
export const ESCAPE_MILLIS = 25;

const ESC = "\x1b";
const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** Bytes; a longer paste comes in pieces. */
const LONGEST_PASTE = 1 << 20;
/** OSC, DCS, SOS, PM and APC: a string up to BEL or ST. */
const STRING = /^\x1b[\]PX^_]/;
/** What ends a string; another ESC than ST's breaks it off, as CAN and SUB do. */
const STRING_END = /\x07|\x18|\x1a|\x1b\\|(?=\x1b[^\\])/;
const CONTROLS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\x7f": "backspace",
  "\b": "backspace",
  [ESC]: "esc",
  " ": "space",
};
/** By code, from NUL. */
const CONTROL_LETTERS = ["space", ..."abcdefghijklmnopqrstuvwxyz[\\]^_"];

type Step = KeyEvent | null | "more";

export class KeyParser {
  /** Bytes that are not understood yet, as latin1. */
  private rest = "";
  /** Null outside a bracketed paste. */
  private pasted: string | null = null;

  /** True while an ESC waits for what may follow: call `flush` when nothing does. */
  get pending(): boolean {
    return this.rest.startsWith(ESC) && this.pasted === null;
  }

  feed(bytes: Buffer): KeyEvent[] {
    this.rest += bytes.toString("latin1");
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

  private paste(): Step {
    const end = this.rest.indexOf(PASTE_END);
    // The end mark may be cut in two: its first bytes stay.
    const upTo = end >= 0 ? end : Math.max(0, this.rest.length - PASTE_END.length + 1);
    this.pasted += this.take(upTo);
    const pasted = this.pasted!;
    if (pasted.length > LONGEST_PASTE) {
      const piece = wholeCharacters(pasted, LONGEST_PASTE);
      this.pasted = pasted.slice(piece);
      return { kind: "paste", text: utf8(pasted.slice(0, piece)) };
    }
    if (end < 0) return "more";
    this.take(PASTE_END.length);
    this.pasted = null;
    return { kind: "paste", text: utf8(pasted) };
  }

  private next(final: boolean): Step {
    if (!this.rest.startsWith(ESC)) return this.plain(0);
    if (this.rest.startsWith(PASTE_BEGIN)) {
      this.take(PASTE_BEGIN.length);
      this.pasted = "";
      return null;
    }
    if (STRING.test(this.rest)) return this.string(final);
    const found = sequenceIn(this.rest);
    if (found === "more") return this.cutOff(final);
    if (found === null) return this.afterEscape(final);
    this.take(found.length);
    return found.event;
  }

  /** Nothing of a string is kept but that there is one. */
  private string(final: boolean): Step {
    const end = STRING_END.exec(this.rest.slice(2));
    if (end !== null) {
      this.take(2 + end.index + end[0].length);
      return null;
    }
    if (final) return this.silence();
    const inside = this.rest.slice(2);
    const half = inside.endsWith(ESC) ? ESC : "";
    this.rest = this.rest.slice(0, 2) + (inside.length > half.length ? "." : "") + half;
    return "more";
  }

  private cutOff(final: boolean): Step {
    if (final) return this.rest === ESC ? this.afterEscape(true) : this.silence();
    // Of one that is too long to be a key only the kind is kept.
    if (this.rest.length > LONGEST) this.rest = `${ESC}[?`;
    return "more";
  }

  /** What was begun is not gone on with: two bytes are Alt and a key, more are dropped. */
  private silence(): Step {
    if (this.rest.length === 2) return this.afterEscape(true);
    this.rest = "";
    return null;
  }

  /** ESC by itself, Alt with the next key, or a control sequence with a byte in it that none can have. */
  private afterEscape(final: boolean): Step {
    const broken = /^\x1b\[[ -?]+/.exec(this.rest);
    if (broken !== null) {
      this.take(broken[0].length);
      return null;
    }
    if (this.rest[1] === ESC) return this.twoEscapes(final);
    const key = this.rest.length > 1 ? this.plain(1, ALT) : "more";
    if (key !== "more" || !final) return key;
    this.take(1);
    return press("esc");
  }

  /** Alt with a key that has a sequence, as rxvt and macOS' terminal send it; else the first one is by itself. */
  private twoEscapes(final: boolean): Step {
    const found = sequenceIn(this.rest.slice(1));
    if (found === "more" && !final && this.rest.length <= LONGEST) return "more";
    if (typeof found === "object" && found?.event?.kind === "key") {
      this.take(1 + found.length);
      return withAlt(found.event.name);
    }
    this.take(1);
    return press("esc");
  }

  /** One character at `from`; "more" while it is cut in two. */
  private plain(from: number, modifiers = 0): Step {
    const length = characterLength(this.rest, from);
    if (length === null) return "more";
    const text = utf8(this.take(from + length).slice(from));
    return text.includes("\ufffd") ? null : plainKey(text, modifiers);
  }

  private take(length: number): string {
    const taken = this.rest.slice(0, length);
    this.rest = this.rest.slice(length);
    return taken;
  }
}

function plainKey(text: string, modifiers: number): KeyEvent {
  const typed = modifiers === 0 && !/[\x00-\x1f\x7f-\x9f]/.test(text) ? text : "";
  const named = CONTROLS[text];
  if (named !== undefined) return press(named, modifiers, typed);
  const letter = text.length === 1 ? CONTROL_LETTERS[text.charCodeAt(0)] : undefined;
  return letter === undefined ? press(text, modifiers, typed) : press(letter, modifiers | CTRL);
}

/** "ctrl-up" to "ctrl-alt-up". */
function withAlt(name: string): KeyEvent {
  const [, control, other] = /^(ctrl-)?(?:alt-)?(.*)$/.exec(name)!;
  return press(other!, control === undefined ? ALT : ALT | CTRL);
}

const utf8 = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");
const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** Bytes of the UTF-8 character at `at`, as far as they belong to it; null while some are still to come. */
function characterLength(bytes: string, at: number): number | null {
  const first = bytes.charCodeAt(at);
  const wanted = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let length = 1;
  while (length < wanted && isContinuation(bytes.charCodeAt(at + length))) length++;
  return length < wanted && at + length === bytes.length ? null : length;
}

/** At most `most` bytes, and no character cut in two. */
function wholeCharacters(bytes: string, most: number): number {
  let length = most;
  while (length > 0 && isContinuation(bytes.charCodeAt(length))) length--;
  return length > 0 ? length : most;
}
