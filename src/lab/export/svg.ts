/** `--to svg`: the lab as a picture. Guests stand on the left, the outside on the right, as packets would go. */
import type { Plan } from "../topology/plan.ts";
import { type Placed, place } from "./diagram/layout.ts";
import { type Column, type Diagram, diagramOf } from "./diagram/model.ts";
import type { ExportKind } from "./kind.ts";

export const svg: ExportKind = {
  name: "svg",
  summary: "a picture of the lab once it is up, for a wiki",
  extension: "svg",
  print: (plan: Plan) => draw(diagramOf(plan)),
};

const LINE = 16;
const INK = "#1f2933";
const FADED = "#66727f";
const FONT = "font-family=\"'DejaVu Sans', Verdana, sans-serif\"";

/** Fill and edge of each kind of box: light, so that it reads on white paper and in print. */
const PAINT: Readonly<Record<Column, readonly [fill: string, edge: string]>> = {
  guest: ["#e3f0fb", "#3b82c4"],
  port: ["#ffffff", "#8a97a5"],
  bridge: ["#fdf1d6", "#c98a12"],
  stack: ["#efe6fa", "#7b4fc0"],
  nic: ["#ffffff", "#55606c"],
  network: ["#e8ecef", "#55606c"],
  machine: ["#e2f4e6", "#2f8f4e"],
};

function draw(diagram: Diagram): string {
  const { width, height, frames, boxes, lines } = place(diagram);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${FONT} font-size="12" fill="${INK}">`,
    `  <title>${escaped(diagram.title)}</title>`,
    `  <desc>${escaped(diagram.about)}</desc>`,
    `  <rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `  <text x="24" y="34" font-size="18" font-weight="bold">${escaped(diagram.title)}</text>`,
    `  <text x="24" y="54" fill="${FADED}">${escaped(shortened(diagram.about, Math.floor((width - 48) / 6.4)))}</text>`,
    ...frames.flatMap(({ title, x, y, width: w, height: h }) => [
      `  <rect x="${x}" y="${y}" width="${w}" height="${h}" rx="10" fill="#f7f8fa" stroke="#c3cad2"/>`,
      `  <text x="${x + 14}" y="${y + 21}" font-weight="bold" fill="${FADED}">${escaped(title)}</text>`,
    ]),
    ...lines.map(({ from, to, broken }) => {
      const middle = (from.x + to.x) / 2;
      const dashes = broken ? ' stroke-dasharray="4 4"' : "";
      const colour = broken ? "#c0392b" : "#55606c";
      return `  <path d="M${from.x} ${from.y} C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}" fill="none" stroke="${colour}" stroke-width="1.5"${dashes}/>`;
    }),
    ...boxes.flatMap(drawBox),
    "</svg>",
    "",
  ].join("\n");
}

function drawBox({ node, x, y, width, height }: Placed): string[] {
  const [fill, edge] = PAINT[node.column];
  const dashes = node.absent ? ' stroke-dasharray="4 4"' : "";
  const top = y + height / 2 - ((node.lines.length - 1) * LINE) / 2 + 4;
  return [
    `  <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${edge}"${dashes}/>`,
    ...node.lines.map((line, i) => {
      const style = i === 0 ? 'font-weight="bold"' : `font-size="11" fill="${FADED}"`;
      return `  <text x="${x + width / 2}" y="${top + i * LINE}" text-anchor="middle" ${style}>${escaped(line)}</text>`;
    }),
  ];
}

const shortened = (text: string, letters: number): string =>
  text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;

const escaped = (text: string): string => text.trim().replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
