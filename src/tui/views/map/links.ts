/** A link between two boxes: its state as a line, its name, and what has just moved along it. */
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, type Surface } from "../../screen/surface.ts";
import type { DeviceRate } from "../../session/rates.ts";

export interface LinkLook {
  readonly name: string;
  /** "down": dotted; "idle": thin; "busy": thick; "cut": with a gap, its cable is pulled. */
  readonly state: "down" | "idle" | "busy" | "cut";
  readonly rate: DeviceRate;
  /** Does `inwards` of the device go to the right on the screen? */
  readonly inwardsIsRight: boolean;
  readonly focused: boolean;
  /** While paused: the last frame seen at this device, and which way it went. */
  readonly held: "in" | "out" | null;
  readonly motion: boolean;
}

const LINES = { down: "┄", idle: "─", busy: "━", cut: "┄" } as const;

/** Draws from `x` on, `width` cells in row `y`. */
export function drawLink(surface: Surface, x: number, y: number, width: number, look: LinkLook): void {
  const line = look.state === "busy" ? PLAIN : DIM;
  surface.put(x, y, LINES[look.state].repeat(Math.max(0, width)), line);
  drawSigns(surface, x, y, width, look);
  const name = ` ${look.name}${look.state === "cut" ? " ✗" : ""} `;
  const style: Style = look.state === "cut" ? Fg.red | BOLD : look.focused ? Fg.cyan | BOLD : line & ~DIM;
  surface.put(x + Math.max(0, Math.floor((width - cellWidth(name)) / 2)), y, name, style, width);
}

function drawSigns(surface: Surface, x: number, y: number, width: number, look: LinkLook): void {
  const { rate, held, motion } = look;
  if (held !== null) {
    const toRight = (held === "in") === look.inwardsIsRight;
    surface.put(toRight ? x + width - 2 : x + 1, y, "●", Fg.cyan | BOLD);
    return;
  }
  if (!motion) return;
  for (const [way, inwards] of [
    [rate.inwards, true],
    [rate.outwards, false],
  ] as const) {
    if (way === null) continue;
    const toRight = inwards === look.inwardsIsRight;
    const cells = Math.round(way * (width - 1));
    surface.put(toRight ? x + cells : x + width - 1 - cells, y, toRight ? "►" : "◄", Fg.cyan | BOLD);
  }
}
