/**
 * A grid of cells that views draw on: glyph and look. Everything a screen shows passes through `put`, which lets no
 * control character through (a guest's output could hold any) and keeps wide characters whole.
 */
import stringWidth from "string-width";
import { type Rect, rect } from "./rect.ts";
import { PLAIN, type Style } from "./style.ts";

const BLANK = " ";
/** The cells of a wide character but its first. */
const REST = "";
/** Latin, arrows, mathematical signs, box drawing, blocks, shapes and the few marks of ours: one cell each. */
const NARROW =
  /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u04ff\u2010-\u2027\u2030-\u205e\u2190-\u22ff\u2500-\u25fc✓✗]*$/;
/** C0, DEL, C1 and the two line ends of Unicode. */
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

interface Grid {
  readonly glyphs: string[];
  readonly styles: Uint16Array;
  readonly stride: number;
}

export class Surface {
  readonly width: number;
  readonly height: number;
  private readonly grid: Grid;
  private readonly left: number;
  private readonly top: number;

  /** A fresh one; with `grid` a window into another, whose place is `area`. */
  constructor(width: number, height: number, window?: { readonly grid: Grid; readonly area: Rect }) {
    this.width = width;
    this.height = height;
    this.left = window?.area.x ?? 0;
    this.top = window?.area.y ?? 0;
    this.grid = window?.grid ?? {
      glyphs: new Array<string>(width * height).fill(BLANK),
      styles: new Uint16Array(width * height),
      stride: width,
    };
  }

  /** The part of it in `area`, cut to what there is: (0, 0) is its corner, nothing can be drawn outside. */
  window(area: Rect): Surface {
    const x = Math.min(Math.max(0, area.x), this.width);
    const y = Math.min(Math.max(0, area.y), this.height);
    const width = Math.max(0, Math.min(area.x + area.width, this.width) - x);
    const height = Math.max(0, Math.min(area.y + area.height, this.height) - y);
    return new Surface(width, height, { grid: this.grid, area: rect(this.left + x, this.top + y, width, height) });
  }

  /** Writes text from (x, y) on, at most `limit` cells; returns the column after it. Tabs and line ends are no text. */
  put(x: number, y: number, text: string, style: Style = PLAIN, limit = Number.POSITIVE_INFINITY): number {
    if (y < 0 || y >= this.height || text === "") return x;
    const end = Math.min(this.width, x + limit);
    if (!NARROW.test(text)) return this.putWide(x, y, text, style, end);
    const { glyphs, styles } = this.grid;
    const row = this.row(y);
    const from = Math.max(0, x);
    const to = Math.max(x, Math.min(end, x + text.length));
    this.split(from, to, y);
    for (let at = from; at < to; at++) {
      glyphs[row + at] = text[at - x]!;
      styles[row + at] = style;
    }
    return to;
  }

  private putWide(x: number, y: number, text: string, style: Style, end: number): number {
    let at = x;
    for (const { segment } of graphemes.segment(text.replaceAll(CONTROL, "·"))) {
      const cells = stringWidth(segment);
      if (cells === 0) continue;
      if (at + cells > end) break;
      const from = Math.max(0, at);
      this.split(from, at + cells, y);
      // Of a character that begins left of the surface only the room is there.
      for (let cell = from; cell < at + cells; cell++) this.set(cell, y, at < 0 ? BLANK : REST, style);
      if (at >= 0) this.set(at, y, segment, style);
      at += cells;
    }
    return at;
  }

  /** Columns [from, to) will be written: what a wide character has on either side of an end of theirs becomes blank. */
  private split(from: number, to: number, y: number): void {
    if (from >= to) return;
    this.splitAt(from, y);
    this.splitAt(to, y);
  }

  private splitAt(x: number, y: number): void {
    const { glyphs, stride } = this.grid;
    const begin = (this.top + y) * stride;
    const at = begin + this.left + x;
    if (at === begin + stride || glyphs[at] !== REST) return;
    let from = at;
    while (glyphs[from] === REST) from--;
    for (let cell = from; cell < at || (cell < begin + stride && glyphs[cell] === REST); cell++) glyphs[cell] = BLANK;
  }

  /** Cells of `area` in another surface to (x, y), cut to what both have. */
  copy(source: Surface, area: Rect, x: number, y: number): void {
    const width = Math.min(area.width, source.width - area.x, this.width - x);
    const height = Math.min(area.height, source.height - area.y, this.height - y);
    for (let row = 0; row < height; row++) {
      this.split(x, x + width, y + row);
      const end = source.wholeUpTo(area.x, area.x + width, area.y + row);
      let isCut = true;
      for (let column = 0; column < width; column++) {
        const glyph = source.glyph(area.x + column, area.y + row);
        isCut = (isCut && glyph === REST) || area.x + column >= end;
        this.set(x + column, y + row, isCut ? BLANK : glyph, source.style(area.x + column, area.y + row));
      }
    }
  }

  /** The end of columns [from, to) without the beginning of a wide character that goes on behind it. */
  private wholeUpTo(from: number, to: number, y: number): number {
    if (to >= this.width || this.glyph(to, y) !== REST) return to;
    let end = to;
    while (end > from && this.glyph(end, y) === REST) end--;
    return end;
  }

  /** Text that ends before column `end`. */
  putRight(end: number, y: number, text: string, style: Style = PLAIN): void {
    this.put(end - cellWidth(text), y, text, style);
  }

  fill(area: Rect, glyph: string, style: Style = PLAIN): void {
    for (let y = area.y; y < area.y + area.height; y++) this.put(area.x, y, glyph.repeat(area.width), style);
  }

  /** Changes looks and leaves glyphs: `change` gets the old look. */
  restyle(area: Rect, change: (style: Style) => Style): void {
    const inside = this.window(area);
    for (let y = 0; y < inside.height; y++) {
      const row = inside.row(y);
      for (let x = 0; x < inside.width; x++) this.grid.styles[row + x] = change(this.grid.styles[row + x]!);
    }
  }

  glyph(x: number, y: number): string {
    return this.grid.glyphs[this.row(y) + x]!;
  }

  style(x: number, y: number): Style {
    return this.grid.styles[this.row(y) + x]!;
  }

  set(x: number, y: number, glyph: string, style: Style): void {
    const at = this.row(y) + x;
    this.grid.glyphs[at] = glyph;
    this.grid.styles[at] = style;
  }

  /** What it shows, a line per row. */
  text(): string[] {
    return Array.from({ length: this.height }, (_, y) => {
      const row = this.row(y);
      return this.grid.glyphs.slice(row, row + this.width).join("");
    });
  }

  private row(y: number): number {
    return (this.top + y) * this.grid.stride + this.left;
  }
}

/** Columns that a text takes; control characters take one, as `put` shows them. */
export const cellWidth = (text: string): number =>
  NARROW.test(text) ? text.length : stringWidth(text.replaceAll(CONTROL, "·"));

/** The text in exactly `width` columns: padded on the right, or cut with an ellipsis. */
export function fitLeft(text: string, width: number): string {
  const cells = cellWidth(text);
  if (cells <= width) return text + " ".repeat(width - cells);
  if (width <= 0) return "";
  if (NARROW.test(text)) return `${text.slice(0, width - 1)}…`;
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    if (cellWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…${" ".repeat(width - 1 - cellWidth(kept))}`;
}

/** The text in at most `width` columns: as it is, or cut with an ellipsis. */
export const cut = (text: string, width: number): string =>
  cellWidth(text) <= width ? text : fitLeft(text, width).trimEnd();

/** The text in rows of at most `width` columns, as a terminal folds it; one row for an empty text. */
export function fold(text: string, width: number): readonly string[] {
  const rows: string[] = [];
  if (NARROW.test(text)) for (let at = 0; at < text.length; at += width) rows.push(text.slice(at, at + width));
  else {
    let cells = width;
    for (const { segment } of graphemes.segment(text)) {
      const more = cellWidth(segment);
      if (cells + more > width) {
        rows.push("");
        cells = 0;
      }
      rows[rows.length - 1] += segment;
      cells += more;
    }
  }
  return rows.length === 0 ? [""] : rows;
}

/** As `fitLeft`, but pushed to the right: for numbers. */
export function fitRight(text: string, width: number): string {
  const cells = cellWidth(text);
  return cells <= width ? " ".repeat(width - cells) + text : fitLeft(text, width);
}
