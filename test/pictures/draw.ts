/** A terminal's screen as a PNG: cells to SVG, SVG to pixels, with a font that comes as a package. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import type { Emulator, Look } from "../tui/kit/emulator.ts";

const FONTS = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
const FONT_FILES = ["DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"].map((name) => join(FONTS, name));

/** Points; the advance and the line height of DejaVu Sans Mono at that size, so that box drawing joins. */
const SIZE = 15;
const CELL_WIDTH = SIZE * 0.60205;
const CELL_HEIGHT = SIZE * 1.16406;
const ASCENT = SIZE * 0.92822;
const MARGIN = 14;

const PAPER = "#16191f";
const INK = "#d5dae3";
/** Normal and bright, in ANSI order. */
const PALETTE = [
  ...["#16191f", "#e0646b", "#8fbf6d", "#e0b25c", "#5f9fe6", "#c08ae0", "#56c2c4", "#c9ced8"],
  ...["#6b7280", "#f0868c", "#a9d98a", "#f0cb80", "#86bbf5", "#d6aaf2", "#7cdadb", "#f2f4f8"],
];

export function picture(emulator: Emulator): Uint8Array {
  const svg = svgOf(emulator);
  const fonts = { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: "DejaVu Sans Mono" };
  return new Resvg(svg, { font: fonts, fitTo: { mode: "zoom", value: 1 } }).render().asPng();
}

function svgOf(emulator: Emulator): string {
  const width = emulator.columns * CELL_WIDTH + 2 * MARGIN;
  const height = emulator.rows * CELL_HEIGHT + 2 * MARGIN;
  const rows = Array.from({ length: emulator.rows }, (_, y) => rowOf(emulator, y)).join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans Mono" ` +
    `font-size="${SIZE}"><rect width="100%" height="100%" rx="8" fill="${PAPER}"/>${rows}</svg>`
  );
}

function rowOf(emulator: Emulator, y: number): string {
  let back = "";
  let front = "";
  for (let x = 0; x < emulator.columns; x++) {
    const cell = emulator.cell(x, y);
    if (cell === null) continue;
    const left = MARGIN + x * CELL_WIDTH;
    const top = MARGIN + y * CELL_HEIGHT;
    const { ink, paper } = coloursOf(cell);
    // Half a pixel more on each side, or the paper shines through between two cells.
    if (paper !== PAPER)
      back += `<rect x="${left - 0.3}" y="${top - 0.3}" width="${CELL_WIDTH + 0.6}" height="${CELL_HEIGHT + 0.6}" fill="${paper}"/>`;
    if (cell.text === " ") continue;
    front +=
      `<text x="${left}" y="${top + ASCENT}" fill="${ink}"${cell.bold ? ' font-weight="bold"' : ""}` +
      `${cell.dim ? ' opacity="0.55"' : ""}${cell.underlined ? ' text-decoration="underline"' : ""}>${escaped(cell.text)}</text>`;
  }
  return back + front;
}

function coloursOf({ foreground, background, inverse }: Look): { readonly ink: string; readonly paper: string } {
  const ink = foreground === null ? INK : PALETTE[foreground]!;
  const paper = background === null ? PAPER : PALETTE[background]!;
  return inverse ? { ink: paper, paper: ink } : { ink, paper };
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
