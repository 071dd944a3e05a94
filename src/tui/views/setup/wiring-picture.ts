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
  const rows = [...old.rows, ...now.rows];
  const far = [fullFarEnd, shortFarEnd].map((text): FarEnd => ({ text, width: widest(rows, text) + 1 }));
  const farEnd = far.find(({ width }) => widest(rows, nameOf) <= nameRoom(middle - 1, width)) ?? far.at(-1)!;
  drawWiring(surface.window({ ...half, x: 0, width: middle - 1 }), old, null, farEnd);
  drawWiring(surface.window({ ...half, x: middle + 1, width: surface.width - middle - 1 }), now, old, farEnd);
}

/** How what the rows come from is written, and the columns for that. */
interface FarEnd {
  readonly text: (row: WireRow) => string;
  readonly width: number;
}

const fullFarEnd = ({ from }: WireRow): string => from;

/** A guest without its NIC, for which the vif's number stands too. */
const shortFarEnd = ({ from }: WireRow): string => from.split(" ")[0]!;

const nameOf = ({ device, addresses }: WireRow): string => [device, ...addresses].join(" ");

const widest = (rows: readonly WireRow[], text: (row: WireRow) => string): number =>
  Math.max(0, ...rows.map((row) => cellWidth(text(row))));

/** Columns for a device and its addresses, so that one of a line is left before the last bar. */
const nameRoom = (width: number, farEnd: number): number => width - farEnd - 10;

/** `old`: mark what differs from that. */
function drawWiring(surface: Surface, wiring: Wiring, old: Wiring | null, farEnd: FarEnd): void {
  const { rows, unusedPairs } = wiring;
  const known = new Set(old === null ? [] : [...old.rows, ...old.bridges].map(saidBy));
  const isNew = (row: WireRow | BridgeRow): boolean => old !== null && !known.has(saidBy(row));
  const bars = barsOf(wiring, surface.width);
  const legend = legendOf(wiring, old);
  const room = Math.max(1, surface.height - Math.max(1, legend.length));
  const shown = rows.slice(0, rows.length > room ? room - 1 : room);
  const foot = Math.min(room, rows.length + 1);
  for (const { x, sign, up } of bars) for (let y = 0; y < foot; y++) surface.put(x, y, sign, up ? PLAIN : DIM);
  shown.forEach((row, y) => {
    drawWire(surface, y, row, { bar: barOf(row, bars), isNew: isNew(row), farEnd });
  });
  if (shown.length < rows.length) surface.put(1, shown.length, `and ${rows.length - shown.length} more`, DIM);
  legend.forEach(({ text, style, changed }, index) => {
    surface.putRight(surface.width - 3, foot + index, text, style);
    if (changed) surface.put(surface.width - 1, foot + index, "◄", Fg.cyan | BOLD);
  });
  if (unusedPairs > 0) drawUnused(surface, foot, legend, unusedPairs);
}

interface Bar {
  /** A bridge; empty: the IP stack. */
  readonly name: string;
  readonly x: number;
  readonly sign: string;
  readonly up: boolean;
}

const IP_STACK = "";

/** Side by side at the right edge, the IP stack last. */
function barsOf({ bridges, stack }: Wiring, width: number): readonly Bar[] {
  const all = [
    ...bridges.map(({ name, up }) => ({ name, sign: "┃", up })),
    ...(stack === null ? [] : [{ name: IP_STACK, sign: "║", up: stack.forwards }]),
  ];
  return all.map((bar, index) => ({ ...bar, x: width - 4 - 2 * (all.length - 1 - index) }));
}

function barOf({ master, addresses }: WireRow, bars: readonly Bar[]): number | null {
  if (master === null && addresses.length === 0) return null;
  return bars.find(({ name }) => name === (master ?? IP_STACK))?.x ?? null;
}

interface LegendRow {
  readonly text: string;
  readonly style: Style;
  readonly changed: boolean;
}

/** What the bars are, one row each. */
function legendOf({ bridges, stack }: Wiring, old: Wiring | null): readonly LegendRow[] {
  const known = new Set(old === null ? [] : old.bridges.map(saidBy));
  const rows = bridges.map((bridge): LegendRow => {
    const { name, up, addresses } = bridge;
    const changed = old !== null && !known.has(saidBy(bridge));
    const text = `${name}${up ? "" : " down"}  ${addresses[0] ?? "no address"}`;
    return { text, style: changed ? BOLD : up ? PLAIN : DIM, changed };
  });
  if (stack === null) return rows.length > 0 ? rows : [{ text: "no bridge", style: DIM, changed: false }];
  const changed = old !== null && old.stack?.forwards !== stack.forwards;
  const text = stack.forwards ? "IP stack  ip_forward 1" : "IP stack  ip_forward 0";
  return [...rows, { text, style: changed ? BOLD : stack.forwards ? PLAIN : Fg.red, changed }];
}

/** Beside the legend, or below it where the two would touch; without room for either they are left out. */
function drawUnused(surface: Surface, foot: number, legend: readonly LegendRow[], count: number): void {
  const text = `+${count} unused pair${count === 1 ? "" : "s"}`;
  const isFree = (row: number): boolean => cellWidth(text) + cellWidth(legend[row]?.text ?? "") + 6 <= surface.width;
  const row = [...legend.keys(), legend.length].find(isFree);
  if (row !== undefined) surface.put(1, foot + row, text, DIM);
}

interface WireLook {
  /** Column of its bridge; null: it is no port. */
  readonly bar: number | null;
  readonly isNew: boolean;
  readonly farEnd: FarEnd;
}

/** "             lan ━━ peth0 ━━━━━━━━━━━━━━━┫" */
function drawWire(surface: Surface, y: number, row: WireRow, { bar, isNew, farEnd }: WireLook): void {
  const { live } = row;
  const { text, width } = farEnd;
  const style: Style = isNew ? BOLD : PLAIN;
  const line = live ? "━" : "┄";
  const lineStyle = live ? PLAIN : DIM;
  surface.put(0, y, fitRight(text(row), width), style);
  surface.put(width + 1, y, line.repeat(2), lineStyle);
  const name = nameOf(row);
  const room = Math.min(cellWidth(name), nameRoom(surface.width, width));
  const end = surface.put(width + 4, y, fitLeft(name, room), style);
  if (bar !== null && end + 1 < bar) {
    // Over a bar that it passes, with a gap before.
    surface.put(end, y, " ", PLAIN);
    surface.put(end + 1, y, line.repeat(bar - end - 1), lineStyle);
    surface.put(bar, y, "┫", lineStyle);
  }
  if (isNew) surface.put(surface.width - 1, y, "◄", Fg.cyan | BOLD);
}

const said = ({ rows, bridges, stack }: Wiring): string =>
  [...rows, ...bridges, stack].map((each) => JSON.stringify(each)).join();
