/**
 * What Ink takes for its stdout. Ink writes whole frames (its debug mode); this lays the canvases of the views over the
 * latest one, compares with what the terminal shows, and sends only the cells that changed, as one synchronized update
 * (DEC mode 2026). So every row can be used, nothing is ever cleared, and a view that moves costs no React commit.
 *
 * Autowrap is off (`Terminal`): the last column is written like any other.
 */
import { EventEmitter } from "node:events";
import { parseFrame } from "./ansi.ts";
import { toAscii } from "./ascii.ts";
import { type Rect, rect } from "./rect.ts";
import { type Style, sgr } from "./style.ts";
import { Surface } from "./surface.ts";

/** A drawn part of the screen; later ones lie over earlier ones. */
export interface Canvas {
  readonly area: Rect;
  readonly surface: Surface;
}

/** A picture of the screen before it is compared: what a paint hands over. */
export interface Picture {
  readonly canvases: readonly Canvas[];
  /** Where Ink's frame lies over the canvases: dialogs. */
  readonly dialog: Rect | null;
  /** Where the terminal's own cursor blinks; null hides it. */
  readonly cursor: { readonly x: number; readonly y: number } | null;
}

export interface ScreenLooks {
  /** No colours: NO_COLOR, `--theme mono`. */
  readonly mono: boolean;
  readonly ascii: boolean;
}

const SYNC_BEGIN = "\x1b[?2026h";
const SYNC_END = "\x1b[?2026l";
/** Unchanged cells between two changed ones that are cheaper to write again than to jump over. */
const SHORT_GAP = 4;

export class Screen extends EventEmitter {
  columns: number;
  rows: number;
  readonly isTTY = true;
  /** Bytes sent so far. */
  sent = 0;
  private readonly send: (text: string) => void;
  private readonly looks: ScreenLooks;
  private frame = "";
  private base: Surface | null = null;
  private shown: Surface | null = null;
  private cursor: Picture["cursor"] = null;

  constructor(columns: number, rows: number, looks: ScreenLooks, send: (text: string) => void) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.looks = looks;
    this.send = send;
  }

  /** For Ink: a whole frame. Its private sequences (cursor, keyboard modes) are none and are dropped: those are ours. */
  write(text: string): boolean {
    if (/^(\x1b\[[?<>=][0-9;]*[a-zA-Z])+$/.test(text)) return true;
    if (text !== this.frame) {
      this.frame = text;
      this.base = null;
    }
    return true;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.base = null;
    this.forget();
    this.emit("resize");
  }

  /** The terminal shows something else now: the next paint sends everything. */
  forget(): void {
    this.shown = null;
  }

  paint(picture: Picture): void {
    this.base ??= parseFrame(this.frame, this.columns, this.rows);
    const next = compose(this.base, picture);
    const written = this.difference(next);
    const out = written + this.cursorChange(picture.cursor, written);
    this.shown = next;
    this.cursor = picture.cursor;
    if (out === "") return;
    const text = SYNC_BEGIN + out + SYNC_END;
    this.sent += text.length;
    this.send(text);
  }

  /** Whatever was written before has moved it. */
  private cursorChange(cursor: Picture["cursor"], written: string): string {
    const { cursor: before, shown } = this;
    if (cursor === null) return before === null && shown !== null ? "" : "\x1b[?25l";
    const isThere = written === "" && before?.x === cursor.x && before.y === cursor.y;
    return isThere ? "" : `${place(cursor.x, cursor.y)}\x1b[?25h`;
  }

  private difference(next: Surface): string {
    let out = "";
    for (let y = 0; y < next.height; y++) out += this.rowDifference(next, y);
    return out === "" ? "" : `${out}\x1b[0m`;
  }

  private rowDifference(next: Surface, y: number): string {
    const { shown } = this;
    const changed = (x: number): boolean =>
      shown === null || next.glyph(x, y) !== shown.glyph(x, y) || next.style(x, y) !== shown.style(x, y);
    let out = "";
    let x = 0;
    while (x < next.width) {
      if (!changed(x)) {
        x++;
        continue;
      }
      let end = x + 1;
      for (let look = end; look < next.width && look - end <= SHORT_GAP; look++) if (changed(look)) end = look + 1;
      out += this.run(next, y, wholeFrom(next, x, y), end);
      x = end;
    }
    return out;
  }

  /** Cells [from, to) of a row, with the cursor brought there. */
  private run(next: Surface, y: number, from: number, to: number): string {
    let out = place(from, y);
    let style: Style | null = null;
    for (let x = from; x < to; x++) {
      const look = next.style(x, y);
      if (look !== style) out += sgr(look, this.looks.mono);
      style = look;
      const glyph = next.glyph(x, y);
      if (this.looks.ascii) {
        out += asciiCell(glyph);
        continue;
      }
      const end = endOf(next, x, y);
      if (glyph.length === 1 && end === x + 1) {
        out += glyph;
        continue;
      }
      // Terminals differ in how wide they take such a character: it gets its room, and what follows is placed.
      out += " ".repeat(end - x) + place(x, y) + glyph;
      if (end < to) out += place(end, y);
      x = end - 1;
    }
    return out;
  }
}

/** A wide character has one glyph for all its cells; its stand-in in ASCII needs blanks for the others. */
const asciiCell = (glyph: string): string => (glyph === "" ? " " : toAscii(glyph));

const place = (x: number, y: number): string => `\x1b[${y + 1};${x + 1}H`;

/** Where the character of the cell at x begins. */
function wholeFrom(surface: Surface, x: number, y: number): number {
  let from = x;
  while (from > 0 && surface.glyph(from, y) === "") from--;
  return from;
}

/** Where the next character begins. */
function endOf(surface: Surface, x: number, y: number): number {
  let end = x + 1;
  while (end < surface.width && surface.glyph(end, y) === "") end++;
  return end;
}

function compose(base: Surface, { canvases, dialog }: Picture): Surface {
  const next = new Surface(base.width, base.height);
  next.copy(base, whole(base), 0, 0);
  for (const { area, surface } of canvases) next.copy(surface, whole(surface), area.x, area.y);
  if (dialog !== null) next.copy(base, dialog, dialog.x, dialog.y);
  return next;
}

const whole = ({ width, height }: Surface): Rect => rect(0, 0, width, height);
