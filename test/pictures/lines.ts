/**
 * Box drawing, blocks and shades as shapes of a whole cell: so lines meet their neighbours, whatever a font thinks of its
 * own. Glyphs that are not here are the font's.
 */

/** A cell on whole pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From the middle up, right, down and left: no line, a light or a heavy one. */
const ARMS: Readonly<Record<string, string>> = {
  ...{ "─": "0101", "│": "1010", "━": "0202", "┃": "2020", "╴": "0001", "╶": "0100" },
  ...{ "┌": "0110", "┐": "0011", "└": "1100", "┘": "1001", "├": "1110", "┤": "1011" },
  ...{ "┬": "0111", "┴": "1101", "┼": "1111", "┣": "2220", "┫": "2022", "┠": "2120" },
  ...{ "┨": "2021", "┝": "1210", "┥": "1012", "┯": "0212", "┷": "1202" },
};
/** Where the two ends of a rounded corner point: right or left, down or up. */
const CORNERS: Readonly<Record<string, readonly [number, number]>> = {
  "╭": [1, 1],
  "╮": [-1, 1],
  "╰": [1, -1],
  "╯": [-1, -1],
};
/** Broken lines: how many strokes. */
const ACROSS: Readonly<Record<string, number>> = { "╌": 2, "┄": 3, "┈": 4 };
const DOWN: Readonly<Record<string, number>> = { "╎": 2, "┆": 3 };
const SHADES: Readonly<Record<string, number>> = { "░": 0.25, "▒": 0.5, "▓": 0.75 };

const LIGHT = 2;
const HEAVY = 4;

/** The shape in SVG; null when the font shall draw it. */
export function shapeOf(glyph: string, cell: Box, ink: string): string | null {
  const arms = ARMS[glyph];
  if (arms !== undefined) return [...arms].map((weight, side) => arm(cell, side, Number(weight), ink)).join("");
  const corner = CORNERS[glyph];
  if (corner !== undefined) return rounded(cell, corner, ink);
  const shade = SHADES[glyph];
  if (shade !== undefined) return rectangle(cell, ink, shade);
  return dashed(glyph, cell, ink) ?? block(glyph.codePointAt(0)!, cell, ink);
}

function rectangle({ x, y, width, height }: Box, ink: string, opacity = 1): string {
  const light = opacity === 1 ? "" : ` fill-opacity="${opacity}"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${ink}"${light}/>`;
}

const middle = ({ x, y, width, height }: Box): { readonly x: number; readonly y: number } => ({
  x: x + Math.floor(width / 2),
  y: y + Math.floor(height / 2),
});

/** From the cell's edge to just beyond its middle, so that arms of any weight join there. */
function arm(cell: Box, side: number, weight: number, ink: string): string {
  if (weight === 0) return "";
  const thick = weight === 1 ? LIGHT : HEAVY;
  const half = thick / 2;
  const at = middle(cell);
  const { x, y, width, height } = cell;
  const boxes: readonly Box[] = [
    { x: at.x - half, y, width: thick, height: at.y + half - y },
    { x: at.x - half, y: at.y - half, width: x + width - at.x + half, height: thick },
    { x: at.x - half, y: at.y - half, width: thick, height: y + height - at.y + half },
    { x, y: at.y - half, width: at.x + half - x, height: thick },
  ];
  return rectangle(boxes[side]!, ink);
}

function rounded(cell: Box, [across, down]: readonly [number, number], ink: string): string {
  const at = middle(cell);
  const endX = across > 0 ? cell.x + cell.width : cell.x;
  const endY = down > 0 ? cell.y + cell.height : cell.y;
  const radius = Math.abs(endX - at.x);
  const path = `M${at.x} ${endY}V${at.y + down * radius}Q${at.x} ${at.y} ${endX} ${at.y}`;
  return `<path d="${path}" fill="none" stroke="${ink}" stroke-width="${LIGHT}"/>`;
}

function dashed(glyph: string, cell: Box, ink: string): string | null {
  const { x, y, width, height } = cell;
  const at = middle(cell);
  const strokes = ACROSS[glyph] ?? DOWN[glyph];
  if (strokes === undefined) return null;
  const isAcross = glyph in ACROSS;
  const step = (isAcross ? width : height) / strokes;
  return Array.from({ length: strokes }, (_, i) =>
    rectangle(
      isAcross
        ? { x: x + i * step + step / 5, y: at.y - LIGHT / 2, width: (step * 3) / 5, height: LIGHT }
        : { x: at.x - LIGHT / 2, y: y + i * step + step / 5, width: LIGHT, height: (step * 3) / 5 },
      ink,
    ),
  ).join("");
}

/** U+2581 to U+2588 fill eighths from below, U+2589 to U+258F seven to one from the left. */
function block(code: number, { x, y, width, height }: Box, ink: string): string | null {
  if (code >= 0x2581 && code <= 0x2588) {
    const filled = Math.round((height * (code - 0x2580)) / 8);
    return rectangle({ x, y: y + height - filled, width, height: filled }, ink);
  }
  if (code >= 0x2589 && code <= 0x258f)
    return rectangle({ x, y, width: Math.max(1, Math.round((width * (0x2590 - code)) / 8)), height }, ink);
  const right = code === 0x2590 ? Math.round(width / 2) : code === 0x2595 ? Math.round(width / 8) : 0;
  return right === 0 ? null : rectangle({ x: x + width - right, y, width: right, height }, ink);
}
