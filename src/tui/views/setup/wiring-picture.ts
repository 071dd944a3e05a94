/** The wiring before and after, drawn: every row a way into domain 0, the bars its bridges. */
import { drawRule } from "../../parts/box.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, fitLeft, fitRight, type Surface } from "../../screen/surface.ts";
import { middleOf } from "./compare.ts";
import type { Scene } from "./state.ts";
import { type BridgeRow, saidBy, type WireRow, type Wiring, wiringOf } from "./wiring.ts";

export function drawWirings(surface: Surface, { before, step, hostName }: Scene): void {
  if (surface.height < 3) return;
  const middle = middleOf(surface.width);
  const old = wiringOf(before.host);
  const now = wiringOf(step.after.host);
  drawRule(surface, 0, `${hostName}'s wiring  before`, said(old) === said(now) ? "unchanged" : "");
  surface.put(middle, 0, "┬", DIM);
  surface.put(middle + 1, 0, " after ", BOLD);
  for (let y = 1; y < surface.height; y++) surface.put(middle, y, "│", DIM);
  const half = { y: 1, height: surface.height - 1 };
  // The same on both sides, so that what stays is at its place.
  const farEnd = Math.max(0, ...[...old.rows, ...now.rows].map(({ from }) => cellWidth(from))) + 1;
  drawWiring(surface.window({ ...half, x: 0, width: middle - 1 }), old, null, farEnd);
  drawWiring(surface.window({ ...half, x: middle + 1, width: surface.width - middle - 1 }), now, old, farEnd);
}

/** `old`: mark what differs from that. `farEnd`: columns of what the rows come from. */
function drawWiring(surface: Surface, wiring: Wiring, old: Wiring | null, farEnd: number): void {
  const { rows, bridges, unusedPairs } = wiring;
  const known = new Set(old === null ? [] : [...old.rows, ...old.bridges].map(saidBy));
  const isNew = (row: WireRow | BridgeRow): boolean => old !== null && !known.has(saidBy(row));
  const bar = (index: number): number => surface.width - 4 - 2 * (bridges.length - 1 - index);
  const legend = Math.max(1, bridges.length);
  const room = Math.max(1, surface.height - legend);
  const shown = rows.slice(0, rows.length > room ? room - 1 : room);
  for (let y = 0; y < Math.min(room, rows.length + 1); y++)
    bridges.forEach(({ up }, index) => {
      surface.put(bar(index), y, "┃", up ? PLAIN : DIM);
    });
  shown.forEach((row, y) => {
    const index = bridges.findIndex(({ name }) => name === row.master);
    drawWire(surface, y, row, { bar: index < 0 ? null : bar(index), isNew: isNew(row), farEnd });
  });
  if (shown.length < rows.length) surface.put(1, shown.length, `and ${rows.length - shown.length} more`, DIM);
  const foot = Math.min(room, rows.length + 1);
  if (unusedPairs > 0) surface.put(1, foot, `+${unusedPairs} unused pair${unusedPairs === 1 ? "" : "s"}`, DIM);
  if (bridges.length === 0) surface.putRight(surface.width - 3, foot, "no bridge", DIM);
  bridges.forEach((each, index) => {
    drawLegend(surface, foot + index, each, isNew(each));
  });
}

interface WireLook {
  /** Column of its bridge; null: it is no port. */
  readonly bar: number | null;
  readonly isNew: boolean;
  readonly farEnd: number;
}

/** "             lan ━━ peth0 ━━━━━━━━━━━━━━━┫" */
function drawWire(surface: Surface, y: number, row: WireRow, { bar, isNew, farEnd }: WireLook): void {
  const { from, device, addresses, live } = row;
  const style: Style = isNew ? BOLD : PLAIN;
  const line = live ? "━" : "┄";
  const lineStyle = live ? PLAIN : DIM;
  surface.put(0, y, fitRight(from, farEnd), style);
  surface.put(farEnd + 1, y, line.repeat(2), lineStyle);
  const name = [device, ...addresses].join(" ");
  const end = surface.put(farEnd + 4, y, fitLeft(name, Math.min(cellWidth(name), surface.width - farEnd - 9)), style);
  if (bar !== null && end + 1 < bar) {
    surface.put(end + 1, y, line.repeat(bar - end - 1), lineStyle);
    surface.put(bar, y, "┫", lineStyle);
  }
  if (isNew) surface.put(surface.width - 1, y, "◄", Fg.cyan | BOLD);
}

function drawLegend(surface: Surface, y: number, { name, up, addresses }: BridgeRow, isNew: boolean): void {
  const text = `${name}${up ? "" : " down"}  ${addresses[0] ?? "no address"}`;
  surface.putRight(surface.width - 3, y, text, isNew ? BOLD : up ? PLAIN : DIM);
  if (isNew) surface.put(surface.width - 1, y, "◄", Fg.cyan | BOLD);
}

const said = ({ rows, bridges }: Wiring): string => [...rows, ...bridges].map(saidBy).join();
