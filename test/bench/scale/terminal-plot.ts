/** A chart drawn with letters, for a terminal of 80 columns. */
import { type Axis, axesOf, type Chart, figure, type Point } from "./chart.ts";

const WIDTH = 62;
const HEIGHT = 14;
const MARKS = "o+x#";

export function terminalPlot(chart: Chart): string {
  const [x, y] = axesOf(chart);
  const rows = Array.from({ length: HEIGHT + 1 }, () => new Array<string>(WIDTH + 1).fill(" "));
  grid(rows, y);
  for (const [i, { points }] of chart.series.entries()) {
    for (let at = 1; at < points.length; at++) drawLine(rows, cell(points[at - 1]!, x, y), cell(points[at]!, x, y));
    for (const point of points) {
      const [column, row] = cell(point, x, y);
      rows[row]![column] = MARKS[i]!;
    }
  }
  const labels = new Map(y.ticks.map((tick) => [rowOf(tick, y), figure(tick)]));
  const legend = chart.series.map(({ name }, i) => `${MARKS[i]} ${name}`).join("   ");
  return [
    chart.title,
    `${" ".repeat(8)}${chart.y}`,
    ...rows.map((row, i) => `${(labels.get(i) ?? "").padStart(7)} ${labels.has(i) ? "┤" : "│"}${row.join("")}`),
    `${" ".repeat(8)}└${ruler(x)}`,
    `${" ".repeat(9)}${figures(x)}`,
    `${" ".repeat(9)}${chart.x.padStart(WIDTH)}`,
    `${" ".repeat(9)}${legend}`,
  ]
    .map((line) => line.trimEnd())
    .join("\n");
}

function cell([px, py]: Point, x: Axis, y: Axis): readonly [column: number, row: number] {
  return [Math.round(x.place(px) * WIDTH), rowOf(py, y)];
}

const rowOf = (value: number, y: Axis): number => HEIGHT - Math.round(y.place(value) * HEIGHT);

function grid(rows: string[][], y: Axis): void {
  for (const tick of y.ticks) for (let column = 3; column <= WIDTH; column += 4) rows[rowOf(tick, y)]![column] = "·";
}

/** Dots from one point to the next, a column at a time. */
function drawLine(rows: string[][], [x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): void {
  for (let column = x1 + 1; column < x2; column++) {
    const row = Math.round(y1 + ((y2 - y1) * (column - x1)) / (x2 - x1));
    rows[row]![column] = ".";
  }
}

function ruler(x: Axis): string {
  const line = new Array<string>(WIDTH + 1).fill("─");
  for (const tick of x.ticks) line[Math.round(x.place(tick) * WIDTH)] = "┴";
  return line.join("");
}

function figures(x: Axis): string {
  const line = new Array<string>(WIDTH + 4).fill(" ");
  for (const tick of x.ticks) {
    const text = figure(tick);
    const from = Math.max(0, Math.round(x.place(tick) * WIDTH) - Math.floor(text.length / 2));
    for (const [i, letter] of [...text].entries()) line[from + i] = letter;
  }
  return line.join("");
}
