/** The decode pane: the layers of a frame as a tree of lines, each with its bytes. */
import type { Field, Layer, StoryLine } from "../../../lab/index.ts";
import { drawRule } from "../../parts/box.ts";
import { BOLD, DIM, Fg, INVERSE, PLAIN, UNDERLINE } from "../../screen/style.ts";
import type { Surface } from "../../screen/surface.ts";

/** One line: a layer, or a field of it. Bytes count from the start of the frame. */
export interface TreeLine {
  /** Wireshark's name: what a filter would say. */
  readonly name: string;
  readonly text: string;
  readonly depth: number;
  /** Null: it has nothing inside. */
  readonly open: boolean | null;
  /** Stays with it from frame to frame: what is open in one is open in the next. */
  readonly path: string;
  /** What a filter for it compares; null for layers. */
  readonly value: string | number | null;
  readonly from: number;
  readonly to: number;
}

/** Lines of the layers; `open` holds the paths of what is unfolded. */
export function treeLines(layers: readonly Layer[], open: ReadonlySet<string>): readonly TreeLine[] {
  const paths = numbered(layers.map(({ protocol }) => protocol));
  return layers.flatMap((layer, index) => {
    const { protocol, title, from, to, fields } = layer;
    const path = paths[index]!;
    const isOpen = fields.length === 0 ? null : open.has(path);
    const head = { name: protocol, text: title, depth: 0, open: isOpen, path, value: null, from, to };
    return [head, ...(isOpen === true ? fieldLines(fields, 1, path, open) : [])];
  });
}

/** The path of what was decided about the frame; no filter knows it. */
export const STORY = "xenlab.story";

/** Below the layers: why it went where it went, as far as this machine has had a say. No bytes belong to it. */
export function storyLines(machine: string, story: readonly StoryLine[], open: ReadonlySet<string>): TreeLine[] {
  if (story.length === 0) return [];
  const isOpen = open.has(STORY);
  const about = { name: "", value: null, from: 0, to: 0 };
  const head = { ...about, text: `What ${machine} decided`, depth: 0, open: isOpen, path: STORY };
  const lines = story.map(({ point, text }, index) => ({
    ...about,
    text: `${point.slice(machine.length + 1)}: ${text}`,
    depth: 1,
    open: null,
    path: `${STORY}/${index}`,
  }));
  return isOpen ? [head, ...lines] : [head];
}

function fieldLines(fields: readonly Field[], depth: number, above: string, open: ReadonlySet<string>): TreeLine[] {
  const paths = fieldPaths(fields, above);
  return fields.flatMap((field, index) => {
    const { name, label, text, value, from, to, fields: inner = [] } = field;
    const path = paths[index]!;
    const isOpen = inner.length === 0 ? null : open.has(path);
    const line = { name, text: `${label}: ${text}`, depth, open: isOpen, path, value, from, to };
    return [line, ...(isOpen === true ? fieldLines(inner, depth + 1, path, open) : [])];
  });
}

const fieldPaths = (fields: readonly Field[], above: string): readonly string[] =>
  numbered(fields.map(({ name }) => `${above}/${name}`));

/** From the second of the same on with a number: an error quotes the packet that it is about, options come again. */
function numbered(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}

/** The paths from the outermost layer to the innermost field that holds the byte; bit fields share those of their parent. */
export function pathsTo(layers: readonly Layer[], byte: number): readonly string[] {
  const holds = ({ from, to }: { readonly from: number; readonly to: number }): boolean => byte >= from && byte < to;
  const at = layers.findIndex(holds);
  if (at < 0) return [];
  const paths = [numbered(layers.map(({ protocol }) => protocol))[at]!];
  let { fields } = layers[at]!;
  for (let size = Number.POSITIVE_INFINITY; ; ) {
    const narrower = fields.filter((field) => holds(field) && field.to - field.from < size);
    if (narrower.length === 0) return paths;
    const field = narrower.reduce((best, each) => (each.to - each.from < best.to - best.from ? each : best));
    paths.push(fieldPaths(fields, paths.at(-1)!)[fields.indexOf(field)]!);
    size = field.to - field.from;
    fields = field.fields ?? [];
  }
}

export interface TreeLook {
  readonly title: string;
  readonly selected: number;
  readonly top: number;
  readonly focused: boolean;
}

export function drawTree(
  surface: Surface,
  lines: readonly TreeLine[],
  { title, selected, top, focused }: TreeLook,
): void {
  drawRule(surface, 0, "Decode", title, focused);
  for (let y = 1; y < surface.height; y++) {
    const line = lines[top + y - 1];
    if (line === undefined) break;
    const sign = line.open === null ? " " : line.open ? "▾" : "▸";
    surface.put(1 + 2 * line.depth, y, sign, Fg.cyan);
    surface.put(3 + 2 * line.depth, y, line.text, line.depth === 0 ? BOLD : PLAIN, surface.width - 4 - 2 * line.depth);
    if (top + y - 1 !== selected) continue;
    surface.restyle({ x: 1, y, width: surface.width - 2, height: 1 }, (style) =>
      focused ? style | INVERSE : style | UNDERLINE,
    );
  }
  if (lines.length === 0) surface.put(1, 1, "no frame is selected", DIM);
}
