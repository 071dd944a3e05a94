/**
 * Packets: every frame at every point, as a list, a tree and bytes. Selecting a field marks its bytes, a byte marks its
 * field; the same frame at its other points is a key away. Filters are in Wireshark's words.
 */
import { type Binding, LEAPS, STEPS } from "../keys/keymap.ts";
import { lineKey } from "../parts/command-line.ts";
import { inSight } from "../parts/text-field.ts";
import { contains, type Rect } from "../screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN } from "../screen/style.ts";
import { cellWidth, type Surface } from "../screen/surface.ts";
import { packetsAct } from "./packets/actions.ts";
import { byteAt, drawBytes } from "./packets/bytes.ts";
import { type PacketsLayout, type Pane, packetsLayout } from "./packets/layout.ts";
import { drawHeads, drawList, shareText } from "./packets/list.ts";
import { follow, selectByte, selectFrame, selectLine, setFilter } from "./packets/moves.ts";
import { type Decoded, decoded, newEdit, type PacketsState, START } from "./packets/state.ts";
import { drawTapsLine, drawTapsTable } from "./packets/taps.ts";
import { drawTree } from "./packets/tree.ts";
import type { Desk, Look, View } from "./view.ts";

const WHILE_TYPING: readonly Binding[] = [
  { action: "enter", keys: ["enter"], label: "filter" },
  { action: "complete", keys: ["tab"], label: "complete" },
  { action: "history", keys: ["up"], label: "history" },
  { action: "leave", keys: ["esc"], label: "as it was" },
];

export const packets: View<PacketsState> = {
  id: "packets",
  key: "2",
  title: "Packets",
  short: "Packets",
  bindings: [
    ...STEPS,
    { action: "next-pane", keys: ["tab"], label: "next pane: list, decode, bytes", hint: "pane" },
    { action: "previous-pane", keys: ["shift-tab"], label: "previous pane" },
    { action: "filter", keys: ["/"], label: "filter", hint: "filter" },
    { action: "next-tap", keys: ["]", "alt-right"], label: "the same frame at its next point", hint: "tap" },
    { action: "previous-tap", keys: ["[", "alt-left"], label: "the same frame at its previous point" },
    { action: "follow", keys: ["f"], label: "follow the newest", hint: "follow" },
    { action: "open", keys: ["enter"], label: "list: to the decode pane; decode: unfold or fold" },
    { action: "left", keys: ["left", "h"], label: "fold; bytes: to the left" },
    { action: "right", keys: ["right", "l"], label: "unfold; bytes: to the right" },
    { action: "zoom", keys: ["z"], label: "this pane alone / all panes" },
    { action: "mark", keys: ["b"], label: "mark the frame / take the mark away" },
    { action: "next-mark", keys: ["n"], label: "next marked frame" },
    { action: "previous-mark", keys: ["N"], label: "previous marked frame" },
    { action: "moment", keys: ["T"], label: "the lab at the moment of this frame" },
    { action: "copy", keys: ["y"], label: "copy the field as a filter" },
    { action: "copy-row", keys: ["Y"], label: "copy the row" },
    { action: "save", keys: ["w"], label: "save the marked frames, or what the filter shows, as pcapng" },
    { action: "wireshark", keys: ["o"], label: "save, and open it in Wireshark" },
    { action: "tshark", keys: ["t"], label: "save, and read it in tshark" },
    ...LEAPS,
    { action: "escape", keys: ["esc"], label: "zoom out, else no filter" },
  ],
  notes: [
    "Filter: icmp   ip.addr == 192.168.1.0/24   port == vif1.0   fate == dropped   icmp.seq > 3",
    "        machine == web1   dir == out   lineage == 17   and or not ( )   tab completes",
  ],

  typing: ({ editing }) => (editing === null ? null : WHILE_TYPING),

  start: () => START,

  draw(surface, state, look) {
    const layout = layoutOf(state, surface.width, surface.height);
    const cursor = drawFilter(surface.window(layout.filter), state, look);
    const { frames } = look;
    if (layout.heads.height > 0) drawHeads(surface.window(layout.heads));
    drawList(surface.window(layout.list), frames, { ...state, focused: state.pane === "list" });
    const shown = decoded(state, frames);
    drawDecode(surface, layout, state, shown);
    const taps = frames.sameFrame(state.selected);
    if (layout.taps.height === 1) drawTapsLine(surface.window(layout.taps), taps, state.selected);
    else if (layout.taps.height > 1) drawTapsTable(surface.window(layout.taps), taps, state.selected);
    return cursor;
  },

  act: (action, state, look, desk, size) =>
    packetsAct(action, state, look, desk, layoutOf(state, size.width, size.height)),

  take(event, state, look) {
    if (state.editing === null) return null;
    const answer = lineKey(state.editing, event, { history: state.history, complete: look.frames.completeFilter });
    if (answer.kind === "changed")
      return { ...state, editing: answer.line, problem: look.frames.problemOf(answer.line.field.text) };
    if (answer.kind === "entered") return setFilter(state, answer.text, look.frames);
    if (event.kind === "key" && (event.name === "esc" || event.name === "ctrl-c"))
      return { ...state, editing: null, problem: null };
    return event.kind === "key" && /^(alt-\d|ctrl-z|ctrl-l|f\d+)$/.test(event.name) ? null : state;
  },

  click(x, y, state, look, desk, size) {
    const layout = layoutOf(state, size.width, size.height);
    if (contains(layout.filter, x, y)) return { ...state, editing: newEdit(look.frames.filter) };
    if (contains(layout.list, x, y)) return clickList(y - layout.list.y, state, look, layout);
    if (contains(layout.tree, x, y)) return clickTree(y - layout.tree.y - 1, state, look, desk, layout);
    if (contains(layout.bytes, x, y)) return clickBytes(x - layout.bytes.x, y - layout.bytes.y, state, look, layout);
    return state;
  },

  wheel(x, y, by, state, look, size) {
    const layout = layoutOf(state, size.width, size.height);
    const pane = paneAt(layout, x, y);
    if (pane === "tree") {
      const lines = decoded(state, look.frames)?.lines.length ?? 0;
      const treeTop = Math.min(Math.max(0, state.treeTop + by), Math.max(0, lines - layout.tree.height + 1));
      return { ...state, treeTop };
    }
    const { matches } = look.frames;
    const top = Math.min(Math.max(0, state.top + by), Math.max(0, matches.count - layout.list.height));
    return { ...state, top, following: false };
  },

  intend(intent, state, look) {
    if (intent.kind === "filter") return setFilter({ ...state, following: true }, intent.text, look.frames);
    if (intent.kind !== "frame") return state;
    const { frames } = look;
    const unfiltered = frames.matches.has(intent.number) ? state : setFilter(state, "", frames);
    return { ...unfiltered, selected: intent.number, following: false, top: -1 };
  },

  follow: (state, look, size) => follow(state, look.frames, layoutOf(state, size.width, size.height)),
};

const layoutOf = (state: PacketsState, width: number, height: number): PacketsLayout =>
  packetsLayout(width, height, state.zoomed ? state.pane : null);

function drawFilter(
  surface: Surface,
  state: PacketsState,
  look: Look,
): { readonly x: number; readonly y: number } | null {
  const share = shareText(look.frames);
  const room = surface.width - cellWidth(share) - 4;
  const zoom = state.zoomed ? "zoomed, z back   " : state.following ? "following   " : "";
  surface.putRight(surface.width - 1, 0, `${zoom}${share}`, state.zoomed ? Fg.yellow : DIM);
  const { editing, problem } = state;
  if (editing === null) {
    const { filter } = look.frames;
    surface.put(1, 0, filter === "" ? "/ filters" : `/ ${filter}`, filter === "" ? DIM : BOLD, room);
    return null;
  }
  const shown = inSight(editing.field, room - 2);
  const end = surface.put(1, 0, `/ ${shown.text.trimEnd()}`, problem === null ? BOLD : Fg.red | BOLD, room);
  const more = editing.candidates.length > 0 ? editing.candidates.join("  ") : (problem ?? "");
  surface.put(end + 3, 0, more, editing.candidates.length > 0 ? DIM : Fg.red, surface.width - end - 4);
  return { x: 3 + shown.x, y: 0 };
}

function drawDecode(surface: Surface, layout: PacketsLayout, state: PacketsState, shown: Decoded | null): void {
  const focused = state.pane;
  const line = shown?.lines[state.treeSelected];
  if (layout.tree.height > 1)
    drawTree(surface.window(layout.tree), shown?.lines ?? [], {
      title: shown === null ? "" : `frame ${shown.record.number}  ${shown.record.length} B`,
      selected: state.treeSelected,
      top: state.treeTop,
      focused: focused === "tree",
    });
  if (layout.bytes.height > 1)
    drawBytes(surface.window(layout.bytes), shown?.record.bytes ?? new Uint8Array(0), {
      from: line?.from ?? 0,
      to: line?.to ?? 0,
      name: line?.name ?? "",
      cursor: state.byte,
      focused: focused === "bytes",
    });
  if (layout.wide && layout.tree.height > 0 && layout.bytes.height > 0) divide(surface, layout.bytes);
}

function divide(surface: Surface, { x, y }: Rect): void {
  for (let row = y + 1; row < surface.height; row++) surface.put(x - 1, row, "│", DIM);
  surface.put(x - 1, y, "┬", DIM | PLAIN);
}

function paneAt(layout: PacketsLayout, x: number, y: number): Pane {
  return contains(layout.tree, x, y) ? "tree" : contains(layout.bytes, x, y) ? "bytes" : "list";
}

function clickList(row: number, state: PacketsState, look: Look, layout: PacketsLayout): PacketsState {
  const number = look.frames.matches.at(state.top + row);
  if (number === null) return { ...state, pane: "list" };
  return selectFrame({ ...state, pane: "list", following: false }, look.frames, number, layout);
}

function clickTree(row: number, state: PacketsState, look: Look, desk: Desk, layout: PacketsLayout): PacketsState {
  const lines = decoded(state, look.frames)?.lines ?? [];
  const index = state.treeTop + row;
  if (row < 0 || index >= lines.length) return { ...state, pane: "tree" };
  const selected = selectLine({ ...state, pane: "tree" }, lines, index, layout);
  return index === state.treeSelected || lines[index]!.open !== null
    ? packetsAct("open", selected, look, desk, layout)
    : selected;
}

function clickBytes(x: number, y: number, state: PacketsState, look: Look, layout: PacketsLayout): PacketsState {
  const shown = decoded(state, look.frames);
  const from = state.pane === "bytes" ? state.byte : (shown?.lines[state.treeSelected]?.from ?? 0);
  const byte = byteAt(x, y, layout.bytes.height, shown?.record.bytes.length ?? 0, { from });
  return byte === null
    ? { ...state, pane: "bytes" }
    : selectByte({ ...state, pane: "bytes" }, look.frames, byte, layout);
}
