/**
 * The part below the picture: one table of the host, or two side by side where it is wide and the host routes. Which ones
 * follows from the host alone until somebody chooses; a table shows the page on which its selected row is.
 */

import { drawRule } from "../../parts/box.ts";
import { isRouter } from "../../parts/routing-hosts.ts";
import { count } from "../../parts/words.ts";
import { contains, type Rect, rect } from "../../screen/rect.ts";
import { DIM, INVERSE } from "../../screen/style.ts";
import { cellWidth, type Surface } from "../../screen/surface.ts";
import type { Look } from "../view.ts";
import type { MapLayout } from "./layout.ts";
import { TABLES } from "./tables/index.ts";
import type { HostTable } from "./tables/table.ts";
import type { RowThing, Scene } from "./things.ts";

export interface PlacedTable {
  readonly table: HostTable;
  readonly rows: readonly RowThing[];
  /** With its rule on top. */
  readonly area: Rect;
  /** Rows in sight, and the first of them. */
  readonly room: number;
  readonly from: number;
}

export const tablesOf = (scene: Scene): readonly HostTable[] => TABLES.filter((table) => table.isThere(scene));

/** `chosen`: id of the first table in sight; `selected`: id of a thing. */
export function placeTables(scene: Scene, layout: MapLayout, chosen: string, selected: string): readonly PlacedTable[] {
  const { fdb: whole } = layout;
  if (whole.height < 2) return [];
  const shown = shownOf(scene, chosen, layout.wide && isRouter(scene.host) ? 2 : 1);
  const [first, second] = shown;
  if (first === undefined) return [];
  if (second === undefined) return [placed(first, scene, whole, selected)];
  const width = Math.floor(whole.width * (first.id === "conntrack" ? WIDE_SHARE : 0.5));
  const right = rect(whole.x + width, whole.y, whole.width - width, whole.height);
  return [placed(first, scene, { ...whole, width: width - 1 }, selected), placed(second, scene, right, selected)];
}

/** Of the width, for both ends of a connection on both sides of its NAT. */
const WIDE_SHARE = 0.64;

function placed(table: HostTable, scene: Scene, area: Rect, selected: string): PlacedTable {
  const rows = table.rows(scene);
  const all = (area.height - 1) * table.columns(area.width - 1);
  const room = rows.length > all ? Math.max(1, all - 1) : all;
  const at = rows.findIndex(({ id }) => id === selected);
  return { table, rows, area, room, from: Math.max(0, Math.floor(at / room)) * room };
}

/** In their order, the chosen one among them. */
function shownOf(scene: Scene, chosen: string, most: number): readonly HostTable[] {
  const there = tablesOf(scene);
  if (there.length <= most) return there;
  const at = there.findIndex(({ id }) => id === chosen);
  const first = at < 0 ? there.indexOf(usualOf(there)) : at;
  return Array.from({ length: most }, (_, i) => there[(first + i) % there.length]!);
}

/** What tells most of a host that has it. */
const USUAL = ["conntrack", "routes"];

const usualOf = (there: readonly HostTable[]): HostTable =>
  there.find(({ id }) => id === USUAL.find((usual) => there.some((table) => table.id === usual))) ?? there[0]!;

/** The table after (or before) the one that has the selected row, or that is in front. */
export function nextTable(
  scene: Scene,
  inSight: readonly PlacedTable[],
  chosen: string,
  selected: string,
  by: 1 | -1,
): HostTable | null {
  const there = tablesOf(scene);
  const isHere = ({ table, rows }: PlacedTable): boolean =>
    rows.length === 0 ? table.id === chosen : rows.some(({ id }) => id === selected);
  const here = inSight.find(isHere)?.table;
  if (here === undefined) return inSight[0]?.table ?? null;
  return there[(there.indexOf(here) + by + there.length) % there.length]!;
}

export function drawTables(
  surface: Surface,
  inSight: readonly PlacedTable[],
  scene: Scene,
  look: Look,
  selected: string,
): void {
  const others = tablesOf(scene).filter((table) => !inSight.some((each) => each.table === table));
  inSight.forEach((each, index) => {
    const isLast = index === inSight.length - 1;
    drawTable(surface.window(each.area), each, scene, look, selected, isLast ? others : []);
    if (!isLast) drawDivider(surface, each.area);
  });
}

function drawDivider(surface: Surface, { x, y, width, height }: Rect): void {
  surface.put(x + width, y, "┬", DIM);
  for (let row = 1; row < height; row++) surface.put(x + width, y + row, "│", DIM);
}

function drawTable(
  surface: Surface,
  { table, rows, area, room, from }: PlacedTable,
  scene: Scene,
  look: Look,
  selected: string,
  others: readonly HostTable[],
): void {
  const isFocused = rows.some(({ id }) => id === selected);
  const title = table.title(scene);
  const space = surface.width - cellWidth(title) - 7;
  const note = noteTexts(table.note(scene), others).find((text) => cellWidth(text) <= space) ?? "";
  drawRule(surface, 0, title, note, isFocused);
  if (rows.length === 0) surface.put(1, 1, table.empty(scene), DIM);
  const columns = table.columns(surface.width - 1);
  const height = surface.height - 1;
  const width = Math.floor((surface.width - 1) / columns);
  rows.slice(from, from + room).forEach((row, index) => {
    const place = rect(1 + Math.floor(index / height) * width, 1 + (index % height), width - 1, 1);
    const line = surface.window(place);
    table.draw(line, row, scene, look);
    if (row.id === selected) line.restyle(rect(0, 0, line.width, 1), (style) => (style & ~DIM) | INVERSE);
  });
  const rest = rows.length - from - room;
  if (rows.length > room) surface.put(1 + (columns - 1) * width, area.height - 1, restText(rest, from), DIM);
}

/** With the tables that `tab` brings by name, by number, without. */
function noteTexts(note: string, others: readonly HostTable[]): readonly string[] {
  if (others.length === 0) return [note];
  const names = others.map(({ word }) => word).join(", ");
  const both = (text: string): string => (note === "" ? text : `${note}   ${text}`);
  return [both(`tab: ${names}`), both(`tab: ${others.length} more`), note];
}

const restText = (below: number, above: number): string =>
  below > 0 ? `and ${count(below)} more` : `the last of ${count(above)} before`;

export function rowAt(inSight: readonly PlacedTable[], x: number, y: number): RowThing | null {
  for (const { table, rows, area, room, from } of inSight) {
    if (!contains(area, x, y) || y === area.y) continue;
    const columns = table.columns(area.width - 1);
    const width = Math.floor((area.width - 1) / columns);
    const column = Math.min(columns - 1, Math.max(0, Math.floor((x - area.x - 1) / width)));
    const index = column * (area.height - 1) + (y - area.y - 1);
    return index < room ? (rows[from + index] ?? null) : null;
  }
  return null;
}
