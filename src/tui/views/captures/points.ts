/** The list of points. */
import type { CapturePointSummary } from "../../../lab/index.ts";
import { sparkline } from "../../parts/gauge.ts";
import { type ListState, thumb } from "../../parts/list.ts";
import { bytes, count } from "../../parts/words.ts";
import { BOLD, DIM, Fg, INVERSE, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, fitLeft, fitRight, type Surface } from "../../screen/surface.ts";
import type { Look } from "../view.ts";

export const pointName = ({ machine, device }: CapturePointSummary): string => `${machine}:${device}`;

const SIGNS: Readonly<Record<CapturePointSummary["state"], readonly [sign: string, style: Style]>> = {
  on: ["◉", Fg.cyan | BOLD],
  off: ["○", DIM],
  stopped: ["✓", PLAIN],
  waiting: ["…", Fg.yellow],
};

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: boolean;
  readonly style?: Style;
  text(point: CapturePointSummary, look: Look): string;
}

const HISTORY = 8;
const WIDTH = 16;
/** Of a name that is too long the device stays whole: by that one tells them apart. */
const INTERFACE: Column = {
  title: "Interface",
  width: WIDTH,
  text: (point) => {
    const name = pointName(point);
    const room = Math.max(2, WIDTH - 1 - cellWidth(point.device));
    return cellWidth(name) <= WIDTH ? name : `${fitLeft(point.machine, room)}:${point.device}`;
  },
};
const KIND: Column = { title: "Kind", width: 8, text: ({ kind }) => kind ?? "" };
const WHERE: Column = { title: "Where it taps", width: 34, text: ({ where }) => where };
const STATE: Column = { title: "State", width: 8, text: ({ state }) => state };
const FRAMES: Column = {
  title: "Frames",
  width: 8,
  right: true,
  text: (point) => (point.frames === 0 ? "–" : count(point.frames)),
};
const SIZE: Column = {
  title: "Size",
  width: 7,
  right: true,
  text: (point) => (point.fileBytes === 0 ? "–" : bytes(point.fileBytes)),
};
const RATE: Column = {
  title: "Rate",
  width: 7 + HISTORY,
  style: Fg.blue,
  text: (point, look) => {
    const rate = look.rates.of(pointName(point));
    const now = rate.perSecond === 0 ? "" : `${count(rate.perSecond)}/s`;
    return `${fitRight(now, 6)} ${sparkline(rate.history, HISTORY)}`;
  },
};
const FILTER: Column = { title: "Filter", width: 18, text: ({ filter }) => filter ?? "" };
const FILE: Column = { title: "File", width: 24, text: ({ path }) => path ?? "" };

const columnsFor = (width: number): readonly Column[] =>
  width >= 130
    ? [INTERFACE, KIND, WHERE, STATE, FRAMES, SIZE, RATE, FILE]
    : width >= 100
      ? [INTERFACE, KIND, STATE, FRAMES, SIZE, RATE, FILTER]
      : width >= 78
        ? [INTERFACE, KIND, STATE, FRAMES, SIZE, RATE, { ...FILTER, width: 9 }]
        : [INTERFACE, STATE, FRAMES, SIZE];

export function drawPoints(surface: Surface, look: Look, list: ListState): void {
  const columns = columnsFor(surface.width);
  let x = 4;
  for (const { title, width, right } of columns)
    x = surface.put(x, 0, right === true ? fitRight(title, width) : fitLeft(title, width), DIM) + 1;
  const rows = surface.height - 1;
  look.captures.slice(list.top, list.top + rows).forEach((point, index) => {
    drawPoint(surface, index + 1, point, columns, look, list.top + index === list.selected);
  });
  if (look.captures.length === 0) surface.put(4, 1, "no devices yet", DIM);
  const bar = thumb(list.top, look.captures.length, rows);
  if (bar !== null) for (let i = 0; i < bar.length; i++) surface.put(surface.width - 1, 1 + bar.from + i, "█", Fg.cyan);
}

function drawPoint(
  surface: Surface,
  y: number,
  point: CapturePointSummary,
  columns: readonly Column[],
  look: Look,
  selected: boolean,
): void {
  const [sign, style] = SIGNS[point.state];
  const textStyle = point.state === "off" ? DIM : PLAIN;
  if (selected) surface.put(0, y, "▸", Fg.cyan | BOLD);
  surface.put(2, y, sign, style);
  let x = 4;
  for (const column of columns) {
    const text = column.text(point, look);
    x =
      surface.put(
        x,
        y,
        column.right === true ? fitRight(text, column.width) : fitLeft(text, column.width),
        column.style ?? textStyle,
      ) + 1;
  }
  // Not the bars: inverse they would show what is missing.
  const marked = (each: Style): Style => (each === RATE.style ? each : (each & ~DIM) | INVERSE);
  if (selected) surface.restyle({ x: 3, y, width: surface.width - 4, height: 1 }, marked);
}
