/** The same frame at its other points: what Wireshark cannot show. */
import type { FrameRow, Nanos } from "../../../lab/index.ts";
import { drawRule } from "../../parts/box.ts";
import { stamp } from "../../parts/words.ts";
import { BOLD, DIM, Fg, PLAIN } from "../../screen/style.ts";
import { cellWidth, fitLeft, type Surface } from "../../screen/surface.ts";

const ARROWS = { in: "←", out: "→", drop: "✗" } as const;

/** One line: the points in order, the selected one bold. */
export function drawTapsLine(surface: Surface, rows: readonly FrameRow[], selected: number): void {
  const words = rows.map((row) => `${row.point}${ARROWS[row.direction]}`);
  const at = Math.max(
    0,
    rows.findIndex(({ number }) => number === selected),
  );
  let from = 0;
  const width = (start: number): number =>
    words.slice(start, at + 1).reduce((sum, word) => sum + cellWidth(word) + 3, 0);
  while (from < at && width(from) > surface.width - 24) from++;
  let x = surface.put(1, 0, from > 0 ? "… " : "", DIM);
  for (const [index, word] of words.slice(from).entries()) {
    if (index > 0) x = surface.put(x, 0, " · ", DIM);
    const isHere = rows[from + index]!.number === selected;
    if (x + cellWidth(word) > surface.width - 12) {
      surface.put(x, 0, "…", DIM);
      break;
    }
    x = surface.put(x, 0, word, isHere ? Fg.cyan | BOLD : PLAIN);
  }
  surface.putRight(surface.width - 1, 0, "[ ] other tap", DIM);
}

/** A table: point, number, time since the frame was first seen. */
export function drawTapsTable(surface: Surface, rows: readonly FrameRow[], selected: number): void {
  drawRule(surface, 0, "Same frame, other points", "[ ] goes there");
  const height = surface.height - 1;
  const at = rows.findIndex(({ number }) => number === selected);
  const top = Math.max(0, Math.min(at - Math.floor(height / 2), rows.length - height));
  const start = rows[0]?.time ?? 0;
  rows.slice(top, top + height).forEach((row, index) => {
    const isHere = row.number === selected;
    const delta = `+${stamp((row.time - start) as Nanos)}`;
    const fate = row.direction === "drop" ? row.fate : row.direction;
    const text = `${fitLeft(row.point, 16)} ${String(row.number).padStart(7)}  ${delta.padStart(12)}  ${fate}`;
    surface.put(1, index + 1, isHere ? "▸" : " ", Fg.cyan | BOLD);
    surface.put(3, index + 1, text, isHere ? BOLD : row.isDrop ? Fg.red : PLAIN);
  });
}
