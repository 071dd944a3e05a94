/** The decode pane: the layers of a frame as a tree of lines, each with its bytes. */
import type { Field, Layer } from "../../../lab/index.ts";
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
  return layers.flatMap((layer) => {
    const { protocol, title, from, to, fields } = layer;
    const isOpen = fields.length === 0 ? null : open.has(protocol);
    const head = { name: protocol, text: title, depth: 0, open: isOpen, path: protocol, value: null, from, to };
    return [head, ...(isOpen === true ? fields.flatMap((field) => fieldLines(field, 1, protocol, open)) : [])];
  });
}

function fieldLines(field: Field, depth: number, above: string, open: ReadonlySet<string>): TreeLine[] {
  const { name, label, text, value, from, to, fields = [] } = field;
  const path = `${above}/${name}`;
  const isOpen = fields.length === 0 ? null : open.has(path);
  const line = { name, text: `${label}: ${text}`, depth, open: isOpen, path, value, from, to };
  return [line, ...(isOpen === true ? fields.flatMap((inner) => fieldLines(inner, depth + 1, path, open)) : [])];
}

/** The paths from the outermost layer to the innermost field that holds the byte. */
export function pathsTo(layers: readonly Layer[], byte: number): readonly string[] {
  const layer = layers.find(({ from, to }) => byte >= from && byte < to);
  if (layer === undefined) return [];
  const paths = [layer.protocol];
  for (let fields: readonly Field[] = layer.fields; ; ) {
    const field = fields.find(({ from, to }) => byte >= from && byte < to);
    if (field === undefined) return paths;
    paths.push(`${paths.at(-1)}/${field.name}`);
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
