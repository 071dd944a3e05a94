/** The list of frames: one line each, the dropped ones told by sign and reason. */
import type { FrameRow, Nanos } from "../../../lab/index.ts";
import { thumb } from "../../parts/list.ts";
import { count, shortInfoOf, stamp } from "../../parts/words.ts";
import { BOLD, DIM, Fg, INVERSE, PLAIN, type Style, UNDERLINE } from "../../screen/style.ts";
import { fitLeft, fitRight, type Surface } from "../../screen/surface.ts";
import type { FrameList } from "../../session/frame-list.ts";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: boolean;
  text(row: FrameRow, before: FrameRow | null): string;
}

// Of a number that outgrows its column the end is kept: it tells rows apart.

/** Behind the signs; the information takes the rest of the line. */
const NUMBER: Column = { title: "No.", width: 6, right: true, text: ({ number }) => String(number).slice(-6) };
const TIME: Column = { title: "Time", width: 10, right: true, text: ({ time }) => stamp(time).slice(-10) };
const DELTA: Column = {
  title: "Δ",
  width: 10,
  right: true,
  text: ({ time }, before) => (before === null ? "" : stamp((time - before.time) as Nanos)),
};
const SOURCE: Column = { title: "Source", width: 15, text: ({ source }) => address(source, 15) };
const DESTINATION: Column = { title: "Destination", width: 15, text: ({ destination }) => address(destination, 15) };
const LONG_SOURCE: Column = { ...SOURCE, width: 17, text: ({ source }) => source };
const LONG_DESTINATION: Column = { ...DESTINATION, width: 17, text: ({ destination }) => destination };
const PROTOCOL: Column = { title: "Proto", width: 6, text: ({ protocol }) => protocol };
const LENGTH: Column = { title: "Len", width: 5, right: true, text: ({ length }) => String(length) };
const AT: Column = { title: "At", width: 12, text: ({ point }) => point };
const WAY: Column = { title: "", width: 3, text: ({ direction }) => WAYS[direction] };

const WAYS = { in: "in", out: "out", drop: "end" } as const;

const NARROW: readonly Column[] = [{ ...NUMBER, width: 5 }, TIME, SOURCE, DESTINATION, AT];
const MIDDLE: readonly Column[] = [NUMBER, TIME, SOURCE, DESTINATION, PROTOCOL, LENGTH, AT];
const WIDE: readonly Column[] = [NUMBER, TIME, DELTA, LONG_SOURCE, LONG_DESTINATION, PROTOCOL, LENGTH, AT, WAY];
const TINY: readonly Column[] = [
  { ...NUMBER, width: 5 },
  { ...TIME, width: 9 },
  { ...AT, width: 11 },
];

/** Without room the end tells more of a hardware address than its vendor. */
const address = (text: string, width: number): string => (text.length <= width ? text : `…${text.slice(1 - width)}`);

const columnsFor = (width: number): readonly Column[] =>
  width >= 120 ? WIDE : width >= 100 ? MIDDLE : width >= 80 ? NARROW : TINY;

const SIGNS = 3;

export function drawHeads(surface: Surface): void {
  let x = SIGNS;
  for (const { title, width, right } of columnsFor(surface.width))
    x = surface.put(x, 0, right === true ? fitRight(title, width) : fitLeft(title, width), DIM) + 1;
  surface.put(x, 0, "Info", DIM);
}

export interface ListLook {
  /** Index of the row on top, among the matches. */
  readonly top: number;
  /** Number of the selected frame. */
  readonly selected: number;
  readonly marks: ReadonlySet<number>;
  readonly focused: boolean;
}

export function drawList(surface: Surface, frames: FrameList, look: ListLook): void {
  const { matches } = frames;
  const width = surface.width - 1;
  for (let y = 0; y < surface.height; y++) {
    const number = matches.at(look.top + y);
    if (number === null) break;
    const row = frames.row(number);
    if (row === null) continue;
    const before = look.top + y === 0 ? null : frames.row(matches.at(look.top + y - 1) ?? 0);
    drawRow(surface.window({ x: 0, y, width, height: 1 }), row, before, look);
  }
  if (matches.count === 0) surface.put(SIGNS, 0, emptyText(frames), DIM);
  const bar = thumb(look.top, matches.count, surface.height);
  if (bar !== null)
    for (let i = 0; i < bar.length; i++) surface.put(width, bar.from + i, "█", look.focused ? Fg.cyan : DIM);
}

function emptyText({ first, end, matches }: FrameList): string {
  if (end === first) return NOTHING_YET;
  return matches.isComplete ? NO_MATCH : "searching…";
}

const NOTHING_YET = "no frame has moved yet: space runs the lab";
const NO_MATCH = "no frame matches the filter; / edits it, esc clears it";

function drawRow(line: Surface, row: FrameRow, before: FrameRow | null, look: ListLook): void {
  const isSelected = row.number === look.selected;
  const isMarked = look.marks.has(row.number);
  if (isSelected) line.put(0, 0, "▸", Fg.cyan | BOLD);
  if (isMarked) line.put(1, 0, "◉", Fg.cyan);
  else if (row.isDrop) line.put(1, 0, "✗", Fg.red | BOLD);
  let x = SIGNS;
  for (const column of columnsFor(line.width + 1)) {
    const text = column.text(row, before);
    const cell = column.right === true ? fitRight(text, column.width) : fitLeft(text, column.width);
    x = line.put(x, 0, cell, column === PROTOCOL ? protocolStyle(row.protocol) : PLAIN) + 1;
  }
  if (row.direction === "drop") x = line.put(x, 0, `${row.fate} `, row.isDrop ? Fg.red | BOLD : DIM);
  if (!columnsFor(line.width + 1).includes(PROTOCOL))
    x = line.put(x, 0, `${row.protocol} `, protocolStyle(row.protocol));
  line.put(x, 0, line.width < 99 ? shortInfoOf(row) : row.info, row.direction === "drop" && !row.isDrop ? DIM : PLAIN);
  if (isSelected)
    line.restyle({ x: SIGNS - 1, y: 0, width: line.width, height: 1 }, (style) =>
      look.focused ? (style & ~DIM) | INVERSE : style | UNDERLINE,
    );
}

const TINTS: Readonly<Record<string, Style>> = { ARP: Fg.yellow, ICMP: Fg.cyan, UDP: Fg.blue, TCP: Fg.magenta };
const protocolStyle = (protocol: string): Style => TINTS[protocol] ?? PLAIN;

/** The row as text, for the clipboard. */
export const rowText = (row: FrameRow): string =>
  [row.number, stamp(row.time), row.source, row.destination, row.protocol, row.length, row.point, row.fate, row.info]
    .filter((part) => part !== "")
    .join(" ");

/** "34 of 1,284 (2.6 %)" */
export function shareText(frames: FrameList): string {
  const all = frames.end - frames.first;
  const { count: found, isComplete } = frames.matches;
  if (!frames.isFiltered) return `${count(all)} ${all === 1 ? "frame" : "frames"}`;
  const share = all === 0 ? "" : ` (${((100 * found) / all).toFixed(1)} %)`;
  return `${count(found)} of ${count(all)}${share}${isComplete ? "" : " so far"}`;
}
