/** Draws what a tool says before the step beside what it says after it, with the lines marked that differ. */
import { drawRule } from "../../parts/box.ts";
import { BOLD, DIM, Fg, PLAIN } from "../../screen/style.ts";
import { cut, type Surface } from "../../screen/surface.ts";
import type { Pair } from "./pairs.ts";

export interface Comparison {
  readonly title: string;
  /** In few words what differs. */
  readonly note: string;
  readonly pairs: readonly Pair[];
  /** First row in sight; null: so that the first difference is. */
  readonly top: number | null;
}

/** Where the line between the two halves is. */
export const middleOf = (width: number): number => Math.floor((width - 1) / 2);

/** Two halves, with a rule on top. */
export function drawHalves(surface: Surface, { title, note, pairs, top }: Comparison): void {
  if (surface.height < 2) return;
  const middle = middleOf(surface.width);
  const rows = surface.height - 1;
  const from = topFor(pairs, rows, top);
  const below = pairs.length - from - rows;
  drawRule(surface, 0, `${title}  before`, below > 0 ? `${note}  ▼ ${below} more` : note);
  surface.put(middle, 0, "┬", DIM);
  surface.put(middle + 1, 0, " after ", BOLD);
  pairs.slice(from, from + rows).forEach((pair, row) => {
    const y = row + 1;
    surface.put(1, y, cut(pair.before, middle - 1), pair.changed ? PLAIN : DIM);
    surface.put(middle + 2, y, cut(pair.after, surface.width - middle - 3), pair.changed ? BOLD : DIM);
    if (pair.changed) surface.put(surface.width - 1, y, "◄", Fg.cyan | BOLD);
  });
  for (let y = 1; y <= rows; y++) surface.put(middle, y, "│", DIM);
}

/** One text over the whole width: as it is after the step; what has gone stands in its old place. */
export function drawWhole(surface: Surface, { title, note, pairs }: Comparison): void {
  if (surface.height < 2) return;
  const rows = surface.height - 1;
  drawRule(surface, 0, title, note);
  const from = topFor(pairs, rows, null);
  pairs.slice(from, from + rows).forEach(({ before, after, changed }, row) => {
    const isGone = changed && after === "";
    surface.put(1, row + 1, cut(isGone ? before : after, surface.width - 8), isGone ? DIM : changed ? BOLD : PLAIN);
    if (changed) surface.putRight(surface.width, row + 1, isGone ? "gone ◄" : "◄", Fg.cyan | BOLD);
  });
}

/** The row on top: as wished, else so that the first difference is in sight; no empty rows at the end. */
export function topFor(pairs: readonly Pair[], rows: number, wished: number | null): number {
  const first = pairs.findIndex(({ changed }) => changed);
  const last = pairs.findLastIndex(({ changed }) => changed);
  const margin = Math.max(0, Math.min(1, rows - (last - first + 1)));
  const top = wished ?? (first < 0 ? 0 : first - margin);
  return Math.min(Math.max(0, top), Math.max(0, pairs.length - rows));
}
