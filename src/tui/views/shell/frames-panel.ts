/** Beside a machine's screen: what has passed its devices last. */
import { drawRule } from "../../parts/box.ts";
import { stamp } from "../../parts/words.ts";
import { BOLD, DIM, Fg, PLAIN } from "../../screen/style.ts";
import type { Surface } from "../../screen/surface.ts";
import type { Look } from "../view.ts";

const ARROWS = { in: "←", out: "→", drop: "✗" } as const;

export function drawFramesAt(surface: Surface, look: Look, machine: string): void {
  for (let y = 0; y < surface.height; y++) surface.put(0, y, "│", DIM);
  const inside = surface.window({ x: 1, y: 0, width: surface.width - 1, height: surface.height });
  drawRule(inside, 0, `Frames at ${machine}`);
  const rows = look.frames.latestAt(machine, inside.height - 1);
  if (rows.length === 0) inside.put(1, 1, "none yet", DIM);
  rows.forEach((row, index) => {
    const y = 1 + index;
    let x = inside.put(0, y, `${stamp(row.time).padStart(11)} `, DIM);
    x = inside.put(x, y, `${row.point.slice(machine.length + 1)} `, Fg.cyan);
    x = inside.put(x, y, `${ARROWS[row.direction]} `, row.isDrop ? Fg.red | BOLD : PLAIN);
    inside.put(
      x,
      y,
      `${row.protocol} ${row.direction === "drop" ? `${row.fate} ` : ""}${row.info}`,
      PLAIN,
      inside.width - x,
    );
  });
}
