/** The bytes pane: a hex dump in which the selected field is marked. */
import { drawRule } from "../../parts/box.ts";
import { Bg, BOLD, DIM, Fg, INVERSE, PLAIN } from "../../screen/style.ts";
import type { Surface } from "../../screen/surface.ts";

const ROW = 16;

export interface BytesLook {
  /** Marked bytes [from, to). */
  readonly from: number;
  readonly to: number;
  /** The byte under the cursor, while the pane has the focus. */
  readonly cursor: number;
  readonly focused: boolean;
  /** The marked field's name. */
  readonly name: string;
}

/** The row of the dump on top so that `byte` is in sight. */
export function topRow(byte: number, height: number, length: number): number {
  const rows = Math.ceil(length / ROW);
  const row = Math.floor(byte / ROW);
  return Math.max(0, Math.min(row - Math.floor(height / 2), rows - height));
}

/** "0010  00 54 ..  45 00   .T..": where byte number `i` of a row stands. */
const hexColumn = (i: number): number => 7 + 3 * i + (i >= 8 ? 1 : 0);
const TEXT_COLUMN = hexColumn(ROW) + 2;

export function drawBytes(surface: Surface, bytes: Uint8Array, look: BytesLook): void {
  const { from, to, cursor, focused, name } = look;
  const marked = to > from ? `0x${from.toString(16).padStart(2, "0")}  ${name}  ${to - from} B` : "";
  drawRule(surface, 0, "Bytes", marked, focused);
  const height = surface.height - 1;
  const top = topRow(focused ? cursor : from, height, bytes.length);
  for (let y = 0; y < height; y++) {
    const start = (top + y) * ROW;
    if (start >= bytes.length) break;
    surface.put(1, y + 1, start.toString(16).padStart(4, "0"), DIM);
    const row = bytes.subarray(start, start + ROW);
    row.forEach((byte, i) => {
      drawByte(surface, i, y + 1, byte, styleOf(start + i, look));
      if (start + i >= from && start + i + 1 < to && i + 1 < ROW)
        surface.put(hexColumn(i) + 2, y + 1, i === 7 ? "  " : " ", Bg.cyan);
    });
  }
}

function styleOf(at: number, { from, to, cursor, focused }: BytesLook): number {
  if (focused && at === cursor) return INVERSE | BOLD;
  return at >= from && at < to ? Bg.cyan | Fg.black : PLAIN;
}

/** Byte number `i` of a row: its digits, and its letter. */
function drawByte(surface: Surface, i: number, y: number, byte: number, style: number): void {
  surface.put(hexColumn(i), y, byte.toString(16).padStart(2, "0"), style);
  const letter = byte > 32 && byte < 127 ? String.fromCharCode(byte) : ".";
  surface.put(TEXT_COLUMN + i, y, letter, style === PLAIN ? DIM : style);
}

/** The byte at a cell of the pane; null where there is none. */
export function byteAt(
  x: number,
  y: number,
  height: number,
  length: number,
  look: { readonly from: number },
): number | null {
  if (y < 1) return null;
  const top = topRow(look.from, height - 1, length);
  const column = Array.from({ length: ROW }, (_, i) => i).find(
    (i) => (x >= hexColumn(i) && x < hexColumn(i) + 2) || x === TEXT_COLUMN + i,
  );
  if (column === undefined) return null;
  const at = (top + y - 1) * ROW + column;
  return at < length ? at : null;
}
