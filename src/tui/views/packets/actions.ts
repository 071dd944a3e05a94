/** What the keys of the Packets view do. */
import { move } from "../../parts/list.ts";
import type { Desk, Look } from "../view.ts";
import type { PacketsLayout, Pane } from "./layout.ts";
import { rowText } from "./list.ts";
import { selectByte, selectFrame, selectLine, setFilter } from "./moves.ts";
import { decoded, newEdit, type PacketsState } from "./state.ts";

/** Bytes in a row of the dump. */
const ROW = 16;
/** More frames than that are no selection but a capture. */
const MOST_SAVED = 100_000;

export function packetsAct(
  action: string,
  state: PacketsState,
  look: Look,
  desk: Desk,
  layout: PacketsLayout,
): PacketsState {
  const moved = moveIn(state.pane, action, state, look, layout);
  if (moved !== null) return moved;
  const { frames } = look;
  switch (action) {
    case "next-pane":
      return { ...state, pane: neighbour(state, layout, 1) };
    case "previous-pane":
      return { ...state, pane: neighbour(state, layout, -1) };
    case "filter":
      return { ...state, editing: newEdit(frames.filter) };
    case "escape":
      return state.zoomed ? { ...state, zoomed: false } : setFilter(state, "", frames);
    case "follow":
      return { ...state, following: !state.following };
    case "zoom":
      return { ...state, zoomed: !state.zoomed };
    case "next-tap":
      return toTap(state, look, desk, layout, 1);
    case "previous-tap":
      return toTap(state, look, desk, layout, -1);
    case "mark":
      return marked(state);
    case "next-mark":
      return toMark(state, look, desk, layout, 1);
    case "previous-mark":
      return toMark(state, look, desk, layout, -1);
    default:
      hand(action, state, look, desk);
      return state;
  }
}

function moveIn(
  pane: Pane,
  action: string,
  state: PacketsState,
  look: Look,
  layout: PacketsLayout,
): PacketsState | null {
  if (pane === "list") return moveInList(action, state, look, layout);
  if (pane === "tree") return moveInTree(action, state, look, layout);
  return moveInBytes(action, state, look, layout);
}

function moveInList(action: string, state: PacketsState, look: Look, layout: PacketsLayout): PacketsState | null {
  if (action === "open") return { ...state, pane: layout.tree.height > 0 ? "tree" : "list" };
  const { frames } = look;
  const { matches } = frames;
  const at = { selected: Math.max(0, matches.indexOf(state.selected)), top: Math.max(0, state.top) };
  const to = move(at, action, matches.count, layout.list.height);
  if (to === null) return null;
  const number = matches.at(to.selected);
  if (number === null) return state;
  // Any move upwards stops following, the end starts it again.
  const following = action === "last" || (state.following && to.selected >= at.selected);
  return selectFrame({ ...state, following }, frames, number, layout);
}

function moveInTree(action: string, state: PacketsState, look: Look, layout: PacketsLayout): PacketsState | null {
  const shown = decoded(state, look.frames);
  if (shown === null) return null;
  const { lines } = shown;
  const line = lines[state.treeSelected];
  const to = move({ selected: state.treeSelected, top: state.treeTop }, action, lines.length, layout.tree.height - 1);
  if (to !== null) return selectLine({ ...state, following: false }, lines, to.selected, layout);
  if (line === undefined) return null;
  if (action === "open" && line.open !== null) return fold(state, line.path, !line.open);
  if (action === "right" && line.open === false) return fold(state, line.path, true);
  if (action !== "left") return null;
  if (line.open === true) return fold(state, line.path, false);
  const parent = lines.findLastIndex((each, index) => index < state.treeSelected && each.depth < line.depth);
  return parent < 0 ? state : selectLine(state, lines, parent, layout);
}

function fold(state: PacketsState, path: string, isOpen: boolean): PacketsState {
  const open = new Set(state.open);
  if (isOpen) open.add(path);
  else open.delete(path);
  return { ...state, open, following: false };
}

const BYTE_STEPS: Readonly<Record<string, number>> = {
  left: -1,
  right: 1,
  up: -ROW,
  down: ROW,
  first: -1e9,
  last: 1e9,
};

function moveInBytes(action: string, state: PacketsState, look: Look, layout: PacketsLayout): PacketsState | null {
  const step = BYTE_STEPS[action];
  const length = look.frames.record(state.selected)?.bytes.length ?? 0;
  if (step === undefined || length === 0) return null;
  const byte = Math.min(length - 1, Math.max(0, state.byte + step));
  return selectByte({ ...state, following: false }, look.frames, byte, layout);
}

function neighbour(state: PacketsState, layout: PacketsLayout, by: number): Pane {
  const panes = (["list", "tree", "bytes"] as const).filter((pane) => state.zoomed || layout[pane].height > 0);
  return panes[(panes.indexOf(state.pane) + by + panes.length) % panes.length]!;
}

function toTap(state: PacketsState, look: Look, desk: Desk, layout: PacketsLayout, by: number): PacketsState {
  const taps = look.frames.sameFrame(state.selected);
  const next = taps[taps.findIndex(({ number }) => number === state.selected) + by];
  if (next === undefined) {
    desk.say(
      by > 0 ? "this is the last point where the frame was seen" : "this is the first point where the frame was seen",
    );
    return state;
  }
  desk.say(`${next.point}: ${next.protocol} ${next.info}`);
  const inSight = look.frames.matches.has(next.number) ? state : setFilter(state, "", look.frames);
  return selectFrame({ ...inSight, following: false }, look.frames, next.number, layout);
}

function marked(state: PacketsState): PacketsState {
  if (state.selected === 0) return state;
  const marks = new Set(state.marks);
  if (!marks.delete(state.selected)) marks.add(state.selected);
  return { ...state, marks, following: false };
}

function toMark(state: PacketsState, look: Look, desk: Desk, layout: PacketsLayout, by: number): PacketsState {
  const numbers = [...state.marks].filter((number) => look.frames.matches.has(number)).sort((a, b) => a - b);
  const next =
    by > 0 ? numbers.find((number) => number > state.selected) : numbers.findLast((number) => number < state.selected);
  if (next === undefined) {
    desk.say(state.marks.size === 0 ? "nothing is marked: b marks a frame" : "no more marks that way");
    return state;
  }
  return selectFrame({ ...state, following: false }, look.frames, next, layout);
}

/** What leaves the view: to the clipboard, to a file, to another program. */
function hand(action: string, state: PacketsState, look: Look, desk: Desk): void {
  const { frames } = look;
  if (action === "copy") {
    const line = decoded(state, frames)?.lines[state.treeSelected];
    if (line === undefined) return desk.say("no frame is selected", "bad");
    if (line.name === "") return desk.copy(line.text, "row");
    return desk.copy(line.value === null ? line.name : `${line.name} == ${line.value}`, "filter");
  }
  if (action === "copy-row") {
    const row = frames.row(state.selected);
    return row === null ? desk.say("no frame is selected", "bad") : desk.copy(rowText(row), "row");
  }
  if (action === "moment") {
    const row = frames.row(state.selected);
    return row === null ? desk.say("no frame is selected", "bad") : desk.goTo(row.time);
  }
  if (action === "save") return void desk.save(selection(state, look));
  if (action === "wireshark" || action === "tshark") {
    const path = desk.save(selection(state, look));
    if (path !== null) desk.openWith(action, path);
  }
}

/** The marked frames; without marks what the filter shows; without a filter the selected one at all its points. */
function selection(state: PacketsState, { frames }: Look): readonly number[] {
  if (state.marks.size > 0) return [...state.marks].sort((a, b) => a - b);
  if (!frames.isFiltered) return frames.sameFrame(state.selected).map(({ number }) => number);
  const { matches } = frames;
  const from = Math.max(0, matches.count - MOST_SAVED);
  return Array.from({ length: matches.count - from }, (_, index) => matches.at(from + index)!);
}
