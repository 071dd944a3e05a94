/** A terminal's screen as a PNG: cells to SVG, SVG to pixels, with a font that comes as a package. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import type { Emulator, Look } from "../tui/kit/emulator.ts";
import { type Box, shapeOf } from "./lines.ts";
import { paletteOfRgba } from "./png.ts";

const FONTS = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
const FONT_FILES = ["DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"].map((name) => join(FONTS, name));

/** Pixels: the advance and the line height of DejaVu Sans Mono at that size, and whole, so that no cell is smeared. */
const SIZE = 23.25;
const CELL_WIDTH = 14;
const CELL_HEIGHT = 27;
const ASCENT = 21;
const MARGIN = 20;
/** What is left of the ink of a dim cell. */
const DIM = 0.58;

const PAPER = "#16191f";
const INK = "#d5dae3";
/** Normal and bright, in ANSI order. */
const PALETTE = [
  ...["#16191f", "#e0646b", "#8fbf6d", "#e0b25c", "#5f9fe6", "#c08ae0", "#56c2c4", "#c9ced8"],
  ...["#6b7280", "#f0868c", "#a9d98a", "#f0cb80", "#86bbf5", "#d6aaf2", "#7cdadb", "#f2f4f8"],
];

export function picture(emulator: Emulator): Uint8Array {
  const font = { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: "DejaVu Sans Mono" };
  const { width, height, pixels } = new Resvg(svgOf(emulator), { font }).render();
  return paletteOfRgba(width, height, pixels);
}

function svgOf(emulator: Emulator): string {
  const width = emulator.columns * CELL_WIDTH + 2 * MARGIN;
  const height = emulator.rows * CELL_HEIGHT + 2 * MARGIN;
  const rows = Array.from({ length: emulator.rows }, (_, y) => rowOf(emulator, y)).join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans Mono" ` +
    `font-size="${SIZE}"><rect width="100%" height="100%" fill="${PAPER}"/>${rows}</svg>`
  );
}

function rowOf(emulator: Emulator, row: number): string {
  let back = "";
  let front = "";
  for (let column = 0; column < emulator.columns; column++) {
    const look = emulator.cell(column, row);
    if (look === null) continue;
    const cell = {
      x: MARGIN + column * CELL_WIDTH,
      y: MARGIN + row * CELL_HEIGHT,
      width: CELL_WIDTH,
      height: CELL_HEIGHT,
    };
    const { ink, paper } = coloursOf(look);
    if (paper !== PAPER)
      back += `<rect x="${cell.x}" y="${cell.y}" width="${cell.width}" height="${cell.height}" fill="${paper}"/>`;
    if (look.text !== " ") front += shapeOf(look.text, cell, ink) ?? letter(look, cell, ink);
  }
  return back + front;
}

function letter({ text, bold, underlined }: Look, { x, y }: Box, ink: string): string {
  const weight = bold ? ' font-weight="bold"' : "";
  const line = underlined ? ' text-decoration="underline"' : "";
  return `<text x="${x}" y="${y + ASCENT}" fill="${ink}"${weight}${line}>${escaped(text)}</text>`;
}

function coloursOf({ foreground, background, inverse, dim }: Look): { readonly ink: string; readonly paper: string } {
  const own = foreground === null ? INK : PALETTE[foreground]!;
  const paper = background === null ? PAPER : PALETTE[background]!;
  const ink = dim ? mixed(own, paper) : own;
  return inverse ? { ink: paper, paper: ink } : { ink, paper };
}

function mixed(ink: string, paper: string): string {
  const parts = [1, 3, 5].map((at) => {
    const [of, on] = [ink, paper].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number];
    return Math.round(of * DIM + on * (1 - DIM));
  });
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
