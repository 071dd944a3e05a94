/**
 * How a cell looks, in one number: the 16 colours of the user's own theme, the default ones, and four attributes.
 * Nothing here names an RGB value, so that light and dark themes both hold.
 *
 *   bits 0-4 foreground (0 default, 1-16), 5-9 background, 10 bold, 11 dim, 12 underline, 13 inverse
 */

/** A look; combine with `|`: `Fg.cyan | BOLD`. */
export type Style = number;

export const PLAIN: Style = 0;
export const BOLD: Style = 1 << 10;
export const DIM: Style = 1 << 11;
export const UNDERLINE: Style = 1 << 12;
export const INVERSE: Style = 1 << 13;

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
type Colour = (typeof COLOURS)[number] | "grey";

const BACKGROUND_SHIFT = 5;
const COLOUR_MASK = 31;

const colourTable = (shift: number): Record<Colour, Style> =>
  Object.fromEntries([
    ...COLOURS.map((name, index) => [name, (index + 1) << shift]),
    // "Bright black": the theme's own grey.
    ["grey", 9 << shift],
  ]) as Record<Colour, Style>;

export const Fg: Readonly<Record<Colour, Style>> = colourTable(0);
export const Bg: Readonly<Record<Colour, Style>> = colourTable(BACKGROUND_SHIFT);

const foreground = (style: Style): number => style & COLOUR_MASK;
const background = (style: Style): number => (style >> BACKGROUND_SHIFT) & COLOUR_MASK;

/** Without colours: a coloured background becomes inverse, so that what was marked stays marked. */
const monochrome = (style: Style): Style =>
  (style & (BOLD | DIM | UNDERLINE | INVERSE)) | (background(style) === 0 ? 0 : INVERSE);

/** The whole SGR sequence for a style: it begins with a reset, so no state is left over. */
export function sgr(style: Style, mono: boolean): string {
  const look = mono ? monochrome(style) : style;
  const codes = ["0"];
  if (look & BOLD) codes.push("1");
  if (look & DIM) codes.push("2");
  if (look & UNDERLINE) codes.push("4");
  if (look & INVERSE) codes.push("7");
  if (foreground(look) > 0) codes.push(String(colourCode(foreground(look), 30)));
  if (background(look) > 0) codes.push(String(colourCode(background(look), 40)));
  return `\x1b[${codes.join(";")}m`;
}

/** ECMA-48 colours 0-7 at 30 or 40, aixterm's bright ones 60 further on. */
const colourCode = (colour: number, base: number): number =>
  colour <= COLOURS.length ? base + colour - 1 : base + 60 + colour - COLOURS.length - 1;

/** A style after one SGR parameter; parameters that this palette lacks change nothing. */
export function afterSgr(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  const set = ATTRIBUTES_ON.get(code);
  if (set !== undefined) return style | set;
  const cleared = ATTRIBUTES_OFF.get(code);
  if (cleared !== undefined) return style & ~cleared;
  for (const [base, shift] of [
    [30, 0],
    [40, BACKGROUND_SHIFT],
  ] as const) {
    const without = style & ~(COLOUR_MASK << shift);
    if (code === base + 9) return without;
    if (code >= base && code < base + 8) return without | ((code - base + 1) << shift);
    if (code >= base + 60 && code < base + 68) return without | ((code - base - 60 + 9) << shift);
  }
  return style;
}

const ATTRIBUTES_ON = new Map<number, Style>([
  [1, BOLD],
  [2, DIM],
  [4, UNDERLINE],
  [7, INVERSE],
]);
const ATTRIBUTES_OFF = new Map<number, Style>([
  [22, BOLD | DIM],
  [24, UNDERLINE],
  [27, INVERSE],
]);
