/** The right end of the title: what is open, whether it runs and how fast, and its clock. Painted, for it never rests. */
import { clock } from "./parts/words.ts";
import { type Rect, rect } from "./screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "./screen/style.ts";
import { cellWidth, Surface } from "./screen/surface.ts";
import { speedText } from "./session/pace.ts";
import type { Look } from "./views/view.ts";

type Piece = readonly [text: string, style: Style];

/** As much of it as fits right of column `from`: the clock and the sign stay longest. */
export function drawStatus(
  look: Look,
  columns: number,
  from: number,
  isBehind: boolean,
): { area: Rect; surface: Surface } {
  const { name, now } = look.snapshot;
  const past: readonly Piece[] = look.behind === null ? [] : [["past ", Fg.magenta | BOLD]];
  const sign: Piece = look.running ? ["●", Fg.cyan | BOLD] : ["‖", Fg.yellow | BOLD];
  const word: Piece = look.running
    ? [` ${speedText(look.speed)}${isBehind ? " behind" : ""}`, isBehind ? Fg.yellow : PLAIN]
    : [` paused${look.speed === 1 ? "" : ` ${speedText(look.speed)}`}`, PLAIN];
  const time: Piece = [` ${clock(now)}`, PLAIN];
  // Hours only while there are some.
  const short: Piece = [` ${clock(now).replace(/^00:/, "").slice(0, -3)}`, PLAIN];
  const title: Piece = [`${name} `, DIM];
  const choices: readonly (readonly Piece[])[] = [
    [title, ...past, sign, word, time],
    [...past, sign, word, time],
    [...past, sign, word, short],
    [...past, sign, short],
    [sign, short],
  ];
  const room = columns - from - 1;
  const pieces = choices.find((choice) => widthOf(choice) <= room) ?? [sign];
  const width = Math.min(room, widthOf(pieces)) + 1;
  const surface = new Surface(width, 1);
  let x = 0;
  for (const [text, style] of pieces) x = surface.put(x, 0, text, style);
  return { area: rect(columns - width, 0, width, 1), surface };
}

const widthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, [text]) => sum + cellWidth(text), 0);
