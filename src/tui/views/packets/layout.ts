/** Where the three panes are: list, decode, bytes. On wide screens decode and bytes stand side by side. */
import { type Rect, rect } from "../../screen/rect.ts";

export type Pane = "list" | "tree" | "bytes";

export interface PacketsLayout {
  readonly filter: Rect;
  readonly heads: Rect;
  readonly list: Rect;
  /** Each with its rule on top; empty when there is no room. */
  readonly tree: Rect;
  readonly bytes: Rect;
  /** Where else the same frame was seen; under the bytes on wide screens. */
  readonly taps: Rect;
  readonly wide: boolean;
}

/** Rows that a byte pane needs for a frame of a ping. */
const BYTES_ROWS = 6;
const NOTHING = rect(0, 0, 0, 0);
const WIDE = 120;
/** Columns of a hex dump with its text. */
const DUMP_WIDTH = 76;

export function packetsLayout(width: number, height: number, zoomed: Pane | null): PacketsLayout {
  const wide = width >= WIDE;
  const filter = rect(0, 0, width, 1);
  const heads = rect(0, 1, width, zoomed === null || zoomed === "list" ? 1 : 0);
  const from = 1 + heads.height;
  const rest = height - from;
  const only = (pane: Pane): Rect => (zoomed === pane ? rect(0, from, width, rest) : NOTHING);
  if (zoomed !== null)
    return { filter, heads, list: only("list"), tree: only("tree"), bytes: only("bytes"), taps: NOTHING, wide };
  return wide ? sideBySide(width, from, rest, filter, heads) : stacked(width, from, rest, filter, heads);
}

function sideBySide(width: number, from: number, rest: number, filter: Rect, heads: Rect): PacketsLayout {
  const listHeight = Math.max(4, Math.floor(rest * 0.45));
  const lower = rest - listHeight;
  const tapsHeight = Math.min(9, Math.max(0, lower - 10));
  const y = from + listHeight;
  return {
    filter,
    heads,
    list: rect(0, from, width, listHeight),
    tree: rect(0, y, width - DUMP_WIDTH, lower),
    bytes: rect(width - DUMP_WIDTH, y, DUMP_WIDTH, lower - tapsHeight),
    taps: rect(width - DUMP_WIDTH, y + lower - tapsHeight, DUMP_WIDTH, tapsHeight),
    wide: true,
  };
}

function stacked(width: number, from: number, rest: number, filter: Rect, heads: Rect): PacketsLayout {
  const bytesHeight = rest >= 18 ? BYTES_ROWS : 0;
  const treeHeight = Math.floor((rest - bytesHeight - 1) * (bytesHeight > 0 ? 0.52 : 0.4));
  const listHeight = rest - bytesHeight - treeHeight - 1;
  const tree = rect(0, from + listHeight, width, treeHeight);
  return {
    filter,
    heads,
    list: rect(0, from, width, listHeight),
    tree,
    bytes: rect(0, tree.y + treeHeight, width, bytesHeight),
    taps: rect(0, from + rest - 1, width, 1),
    wide: false,
  };
}
