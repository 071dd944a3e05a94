/** Where the boxes of a diagram stand: columns as wide as their widest box, hosts below each other, the outside beside them. */
import type { Column, Diagram, Node } from "./model.ts";

export interface Placed {
  readonly node: Node;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly {
    readonly title: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
  readonly boxes: readonly Placed[];
  readonly lines: readonly { readonly from: Spot; readonly to: Spot; readonly broken: boolean }[];
}

const INSIDE: readonly Column[] = ["guest", "port", "bridge", "stack", "nic"];
const OUTSIDE: readonly Column[] = ["network", "machine"];
const MARGIN = 24;
const TOP = 74;
const GAP = 46;
const ROW_GAP = 14;
const FRAME_HEAD = 36;
const FRAME_FOOT = 18;
const LETTER = 7.4;
const LINE = 16;

const heightOf = (node: Node): number => node.lines.length * LINE + 14;
const widthOf = (node: Node): number => Math.round(Math.max(...node.lines.map((line) => line.length)) * LETTER) + 24;

export function place(diagram: Diagram): Layout {
  const columns = columnPlaces(diagram);
  const boxes: Placed[] = [];
  const frames: Layout["frames"][number][] = [];
  const right = Math.max(...INSIDE.map((column) => columns.get(column)?.end ?? 0));
  let y = TOP;
  for (const group of diagram.groups) {
    const height = Math.max(
      60,
      ...INSIDE.map((column) => stackHeight(group.nodes.filter((each) => each.column === column))),
    );
    for (const column of INSIDE)
      boxes.push(
        ...stacked(
          group.nodes.filter((each) => each.column === column),
          columns.get(column),
          y + FRAME_HEAD,
          height,
        ),
      );
    const whole = height + FRAME_HEAD + FRAME_FOOT;
    frames.push({ title: group.title, x: MARGIN, y, width: right + 16 - MARGIN, height: whole });
    y += whole + 24;
  }
  const inner = Math.max(
    y - 24 - TOP,
    ...OUTSIDE.map((column) => stackHeight(diagram.outside.filter((each) => each.column === column))),
  );
  for (const column of OUTSIDE)
    boxes.push(
      ...stacked(
        diagram.outside.filter((each) => each.column === column),
        columns.get(column),
        TOP + (FRAME_HEAD - FRAME_FOOT) / 2,
        inner,
      ),
    );
  const width = Math.max(right, ...OUTSIDE.map((column) => columns.get(column)?.end ?? 0)) + MARGIN;
  return { width, height: TOP + inner + MARGIN, frames, boxes, lines: linesOf(diagram, boxes) };
}

interface Lane {
  readonly x: number;
  readonly width: number;
  readonly end: number;
}

/** Columns without a box take no room. */
function columnPlaces({ groups, outside }: Diagram): Map<Column, Lane> {
  const all = [...groups.flatMap(({ nodes }) => nodes), ...outside];
  const lanes = new Map<Column, Lane>();
  let x = MARGIN + 16;
  for (const column of [...INSIDE, ...OUTSIDE]) {
    const own = all.filter((node) => node.column === column);
    if (own.length === 0) continue;
    const width = Math.max(...own.map(widthOf));
    const start = column === "network" ? x + 16 : x;
    lanes.set(column, { x: start, width, end: start + width });
    x = start + width + GAP;
  }
  return lanes;
}

const stackHeight = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, node) => sum + heightOf(node), Math.max(0, nodes.length - 1) * ROW_GAP);

/** Evenly over the height that there is. */
function stacked(nodes: readonly Node[], lane: Lane | undefined, top: number, height: number): Placed[] {
  if (lane === undefined) return [];
  const spare = (height - nodes.reduce((sum, node) => sum + heightOf(node), 0)) / nodes.length;
  let y = top + spare / 2;
  return nodes.map((node) => {
    const placed = { node, x: lane.x, y: Math.round(y), width: lane.width, height: heightOf(node) };
    y += placed.height + spare;
    return placed;
  });
}

/** From the right edge of the left box to the left edge of the right one. */
function linesOf({ edges }: Diagram, boxes: readonly Placed[]): Layout["lines"] {
  const byId = new Map(boxes.map((box) => [box.node.id, box]));
  return edges.flatMap(({ from, to, broken }) => {
    const ends = [byId.get(from), byId.get(to)].flatMap((box) => box ?? []);
    const [left, right] = ends.toSorted((a, b) => a.x - b.x);
    if (left === undefined || right === undefined) return [];
    return [
      {
        from: { x: left.x + left.width, y: left.y + left.height / 2 },
        to: { x: right.x, y: right.y + right.height / 2 },
        broken,
      },
    ];
  });
}
