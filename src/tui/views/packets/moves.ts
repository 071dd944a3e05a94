/** How the selection moves, in list, tree and bytes, and what each move takes with it. */
import { dissect } from "../../../lab/index.ts";
import { remember } from "../../parts/command-line.ts";
import { select } from "../../parts/list.ts";
import type { FrameList } from "../../session/frame-list.ts";
import type { PacketsLayout } from "./layout.ts";
import { decoded, type PacketsState } from "./state.ts";
import { pathsTo, type TreeLine, treeLines } from "./tree.ts";

/** Brings frame `number` into sight and selects it. */
export function selectFrame(
  state: PacketsState,
  frames: FrameList,
  number: number,
  layout: PacketsLayout,
): PacketsState {
  const { matches } = frames;
  const { top } = select(
    { selected: 0, top: Math.max(0, state.top) },
    matches.indexOf(number),
    matches.count,
    layout.list.height,
  );
  const next = { ...state, selected: number, top };
  return number === state.selected ? next : keepLine(state, next, frames, layout);
}

/** The same line of the tree stays selected from frame to frame, where there is one. */
function keepLine(before: PacketsState, next: PacketsState, frames: FrameList, layout: PacketsLayout): PacketsState {
  const path = decoded(before, frames)?.lines[before.treeSelected]?.path;
  const lines = decoded(next, frames)?.lines ?? [];
  const index = lines.findIndex((line) => line.path === path);
  return selectLine(next, lines, Math.max(0, index), layout);
}

export function selectLine(
  state: PacketsState,
  lines: readonly TreeLine[],
  index: number,
  layout: PacketsLayout,
): PacketsState {
  const { selected, top } = select(
    { selected: state.treeSelected, top: state.treeTop },
    index,
    lines.length,
    layout.tree.height - 1,
  );
  return { ...state, treeSelected: selected, treeTop: top, byte: lines[selected]?.from ?? 0 };
}

/** The innermost field that holds the byte is selected, and unfolded to. */
export function selectByte(state: PacketsState, frames: FrameList, byte: number, layout: PacketsLayout): PacketsState {
  const record = frames.record(state.selected);
  if (record === null || byte < 0 || byte >= record.bytes.length) return state;
  const layers = dissect(record.bytes, 0, record.bytes.length, { checksumPartial: record.checksumPartial });
  const paths = pathsTo(layers, byte);
  const open = new Set([...state.open, ...paths.slice(0, -1)]);
  const lines = treeLines(layers, open);
  const index = lines.findIndex(({ path }) => path === paths.at(-1));
  return { ...selectLine({ ...state, open }, lines, Math.max(0, index), layout), byte };
}

/** Before each paint: the focus is on a pane that is there, and the selection on a frame that is kept. */
export function follow(state: PacketsState, frames: FrameList, layout: PacketsLayout): PacketsState {
  return followFrames(layout[state.pane].height > 0 ? state : { ...state, pane: "list" }, frames, layout);
}

/** The newest is selected while following; what was forgotten is no longer. */
function followFrames(state: PacketsState, frames: FrameList, layout: PacketsLayout): PacketsState {
  const { matches } = frames;
  if (matches.count === 0) return state.selected === 0 ? state : { ...state, selected: 0, top: 0 };
  if (state.following) {
    const last = matches.at(matches.count - 1)!;
    return state.selected === last && state.top >= 0 ? state : selectFrame(state, frames, last, layout);
  }
  if (state.selected < frames.first) return selectFrame(state, frames, matches.at(0)!, layout);
  // A moment that was: later frames are still to come.
  if (state.selected >= frames.end) return selectFrame(state, frames, matches.at(matches.count - 1)!, layout);
  const top = Math.min(Math.max(0, state.top), Math.max(0, matches.count - layout.list.height));
  return state.top < 0
    ? selectFrame(state, frames, state.selected, layout)
    : top === state.top
      ? state
      : { ...state, top };
}

/** A filter that is none stays in the field, with what is wrong with it. */
export function setFilter(state: PacketsState, text: string, frames: FrameList): PacketsState {
  const problem = frames.setFilter(text);
  if (problem !== null) return { ...state, problem };
  return { ...state, editing: null, problem: null, history: remember(state.history, text), top: -1 };
}
