/** Frames and rules of a canvas: one accent for what has the focus, dim lines for the rest. */
import type { Rect } from "../screen/rect.ts";
import { BOLD, DIM, Fg, type Style } from "../screen/style.ts";
import { cellWidth, fitLeft, type Surface } from "../screen/surface.ts";

export interface BoxTitle {
  readonly left: string;
  readonly right?: string;
  readonly rightStyle?: Style;
  readonly focused?: boolean;
  /** Drawn with broken lines: it is not there yet. */
  readonly absent?: boolean;
}

/** A rounded box; the inside is for its caller. */
export function drawBox(surface: Surface, area: Rect, title: BoxTitle): Surface {
  const line = title.focused === true ? Fg.cyan : DIM;
  const across = title.absent === true ? "╌" : "─";
  const down = title.absent === true ? "╎" : "│";
  const { x, y, width, height } = area;
  if (width < 2 || height < 2) return surface.window({ ...area, width: 0 });
  surface.put(x, y, `╭${across.repeat(width - 2)}╮`, line);
  for (let row = 1; row < height - 1; row++) {
    surface.put(x, y + row, down, line);
    surface.put(x + width - 1, y + row, down, line);
  }
  surface.put(x, y + height - 1, `╰${across.repeat(width - 2)}╯`, line);
  drawTitle(surface, area, title);
  return surface.window({ x: x + 1, y: y + 1, width: width - 2, height: height - 2 });
}

function drawTitle(
  surface: Surface,
  { x, y, width }: Rect,
  { left, right = "", rightStyle = DIM, focused }: BoxTitle,
): void {
  const style = focused === true ? Fg.cyan | BOLD : BOLD;
  // The corner stays.
  const rightWidth = right === "" ? 1 : cellWidth(right) + 3;
  const room = width - 4 - rightWidth;
  if (room < 1) return;
  const text = cellWidth(left) <= room ? left : fitLeft(left, room).trimEnd();
  surface.put(x + 2, y, ` ${text} `, style, room + 2);
  if (right !== "") surface.putRight(x + width - 2, y, ` ${right} `, rightStyle);
}

/** In the lower edge of a box: how many more there are than it shows. */
export function drawMore(surface: Surface, { x, y, width, height }: Rect, count: number): void {
  if (count > 0) surface.putRight(x + width - 2, y + height - 1, ` ▼ ${count} `, Fg.cyan);
}

/** A rule across the surface with a word at its left and one at its right end. */
export function drawRule(surface: Surface, y: number, left: string, right = "", focused = false): void {
  surface.put(0, y, "─".repeat(surface.width), DIM);
  if (left !== "") surface.put(1, y, ` ${left} `, focused ? Fg.cyan | BOLD : BOLD, surface.width - 2);
  if (right !== "") surface.putRight(surface.width - 1, y, ` ${right} `, DIM);
}
