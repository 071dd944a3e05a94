/** Charts as one picture, two beside each other, in the colours that `xenlab export --to svg` draws labs in. */
import { type Axis, axesOf, type Chart, figure, type Series } from "./chart.ts";

const INK = "#1f2933";
const FADED = "#66727f";
const RULE = "#e1e6eb";
const COLOURS = ["#3b82c4", "#c98a12", "#2f8f4e", "#7b4fc0"];
const FONT = "font-family=\"'DejaVu Sans', Verdana, sans-serif\"";

const PANEL = { width: 460, height: 330 };
const PLOT = { left: 62, top: 78, width: 372, height: 190 };
const HEAD = 78;
const MARGIN = 20;

export function svgPlot(title: string, about: string, charts: readonly Chart[]): string {
  const rows = Math.ceil(charts.length / 2);
  const width = 2 * PANEL.width + 3 * MARGIN;
  const height = HEAD + rows * (PANEL.height + MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${FONT} font-size="12" fill="${INK}">`,
    `  <title>${escaped(title)}</title>`,
    `  <desc>${escaped(about)}</desc>`,
    `  <rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `  <text x="${MARGIN + 4}" y="34" font-size="18" font-weight="bold">${escaped(title)}</text>`,
    `  <text x="${MARGIN + 4}" y="56" fill="${FADED}">${escaped(about)}</text>`,
    ...charts.flatMap((chart, i) => panel(chart, i)),
    "</svg>",
    "",
  ].join("\n");
}

function panel(chart: Chart, index: number): string[] {
  const x = MARGIN + (index % 2) * (PANEL.width + MARGIN);
  const y = HEAD + Math.floor(index / 2) * (PANEL.height + MARGIN);
  const [across, up] = axesOf(chart);
  return [
    `  <g transform="translate(${x} ${y})">`,
    `    <rect width="${PANEL.width}" height="${PANEL.height}" rx="10" fill="#fbfcfd" stroke="#c3cad2"/>`,
    `    <text x="18" y="26" font-size="13" font-weight="bold">${escaped(chart.title)}</text>`,
    ...legend(chart.series),
    ...up.ticks.map((tick) => rule(up, tick)),
    ...across.ticks.map((tick) => pillar(across, tick)),
    `    <text x="18" y="${PLOT.top - 12}" font-size="11" fill="${FADED}">${escaped(chart.y)}</text>`,
    `    <text x="${PLOT.left + PLOT.width}" y="${PLOT.top + PLOT.height + 38}" font-size="11" fill="${FADED}" text-anchor="end">${escaped(chart.x)}</text>`,
    ...chart.series.flatMap((series, i) => curve(series, COLOURS[i]!, across, up)),
    "  </g>",
  ];
}

const at = (value: number, axis: Axis): string => (PLOT.left + axis.place(value) * PLOT.width).toFixed(1);
const rise = (value: number, axis: Axis): string =>
  (PLOT.top + PLOT.height - axis.place(value) * PLOT.height).toFixed(1);

function rule(up: Axis, tick: number): string {
  const y = rise(tick, up);
  return `    <path d="M${PLOT.left} ${y}h${PLOT.width}" stroke="${RULE}"/><text x="${PLOT.left - 8}" y="${(Number(y) + 4).toFixed(1)}" font-size="11" fill="${FADED}" text-anchor="end">${figure(tick)}</text>`;
}

function pillar(across: Axis, tick: number): string {
  const x = at(tick, across);
  const foot = PLOT.top + PLOT.height;
  return `    <path d="M${x} ${PLOT.top}V${foot + 5}" stroke="${RULE}"/><text x="${x}" y="${foot + 19}" font-size="11" fill="${FADED}" text-anchor="middle">${figure(tick)}</text>`;
}

function curve({ points }: Series, colour: string, across: Axis, up: Axis): string[] {
  const places = points.map(([px, py]) => `${at(px, across)} ${rise(py, up)}`);
  return [
    `    <path d="M${places.join("L")}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`,
    ...points.map(
      ([px, py]) =>
        `    <circle cx="${at(px, across)}" cy="${rise(py, up)}" r="3.5" fill="#ffffff" stroke="${colour}" stroke-width="2"><title>${figure(px)}: ${figure(py)}</title></circle>`,
    ),
  ];
}

/** Letters of this font are about seven units wide. */
function legend(series: readonly Series[]): string[] {
  let x = 18;
  return series.map(({ name }, i) => {
    const from = x;
    x += 34 + name.length * 6.4;
    return `    <path d="M${from} 42h16" stroke="${COLOURS[i]}" stroke-width="3"/><text x="${from + 22}" y="46" font-size="11" fill="${INK}">${escaped(name)}</text>`;
  });
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
