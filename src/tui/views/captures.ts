/** Captures: every point that can be captured, what is, how much, and what to open it with. */

import { type Binding, LEAPS, STEPS } from "../keys/keymap.ts";
import { LIST_START, type ListState, move, scroll, select } from "../parts/list.ts";
import { edit, fieldOf, type TextField } from "../parts/text-field.ts";
import { bytes, plural } from "../parts/words.ts";
import { type Rect, rect } from "../screen/rect.ts";
import { DIM, Fg } from "../screen/style.ts";
import { cellWidth, type Surface } from "../screen/surface.ts";
import { drawDetails, filePath } from "./captures/details.ts";
import { drawPoints, pointName } from "./captures/points.ts";
import type { Desk, Look, View } from "./view.ts";

interface CapturesState {
  readonly list: ListState;
  /** The filter being typed; null when nothing is. */
  readonly editing: TextField | null;
}

/** Rows of the details below the list. */
const DETAILS = 12;
const LESS_DETAILS = 6;

const WHILE_TYPING: readonly Binding[] = [
  { action: "enter", keys: ["enter"], label: "filter" },
  { action: "leave", keys: ["esc"], label: "as it was" },
];

export const captures: View<CapturesState> = {
  id: "captures",
  key: "6",
  title: "Captures",
  short: "Caps",
  bindings: [
    ...STEPS,
    { action: "toggle", keys: ["space"], label: "capture there, or no more", hint: "on/off" },
    { action: "all", keys: ["a"], label: "capture everywhere, or nowhere", hint: "all" },
    { action: "edit", keys: ["e"], label: "filter, in tcpdump's words", hint: "filter" },
    { action: "open", keys: ["enter"], label: "its frames in Packets", hint: "packets" },
    { action: "wireshark", keys: ["o"], label: "open the file in Wireshark", hint: "Wireshark" },
    { action: "tshark", keys: ["t"], label: "read the file in tshark, and come back" },
    { action: "termshark", keys: ["T"], label: "open the file in termshark, and come back" },
    { action: "copy", keys: ["y"], label: "copy the file's path" },
    { action: "run", keys: ["P"], label: "pause / run (space is taken here)", hint: "run" },
    ...LEAPS,
  ],
  notes: [
    "◉ captured   ○ not   ✓ was, and has frames   … wanted, no such device now",
    "Files are written as frames pass; Wireshark reads them at any moment.",
  ],

  typing: ({ editing }) => (editing === null ? null : WHILE_TYPING),

  start: () => ({ list: LIST_START, editing: null }),

  draw(surface, state, look) {
    const { list, details } = areas(surface.width, surface.height);
    drawHead(surface.window(rect(0, 0, surface.width, 1)), look);
    drawPoints(surface.window(list), look, state.list);
    const point = look.captures[state.list.selected];
    const cursor = drawDetails(surface.window(details), look, point ?? null, state.editing);
    return cursor === null ? null : { x: details.x + cursor.x, y: details.y + cursor.y };
  },

  act(action, state, look, desk, size) {
    const { list } = areas(size.width, size.height);
    const to = move(state.list, action, look.captures.length, list.height - 1);
    if (to !== null) return { ...state, list: to };
    if (action === "edit") return { ...state, editing: fieldOf(look.captures[state.list.selected]?.filter ?? "") };
    perform(action, state, look, desk);
    return state;
  },

  take(event, state, look, desk) {
    if (state.editing === null) return null;
    const name = event.kind === "key" ? event.name : "";
    if (name === "esc" || name === "ctrl-c") return { ...state, editing: null };
    if (name === "enter") {
      const point = look.captures[state.list.selected];
      const filter = state.editing.text.trim();
      const isGood = point === undefined || desk.capture(pointName(point), { filter: filter === "" ? null : filter });
      return isGood ? { ...state, editing: null } : state;
    }
    return { ...state, editing: edit(state.editing, event) ?? state.editing };
  },

  click(_x, y, state, look, desk, size) {
    const { list } = areas(size.width, size.height);
    const index = state.list.top + y - list.y - 1;
    if (y <= list.y || y >= list.y + list.height || index >= look.captures.length) return state;
    if (index === state.list.selected) perform("toggle", state, look, desk);
    return { ...state, list: select(state.list, index, look.captures.length, list.height - 1) };
  },

  wheel(_x, _y, by, state, look, size) {
    const { list } = areas(size.width, size.height);
    return { ...state, list: scroll(state.list, by, look.captures.length, list.height - 1) };
  },

  intend(intent, state, look) {
    if (intent.kind !== "device") return state;
    const index = look.captures.findIndex((point) => pointName(point) === intent.point);
    return index < 0 ? state : { ...state, list: { selected: index, top: index } };
  },

  follow(state, look, size) {
    const { list } = areas(size.width, size.height);
    return { ...state, list: select(state.list, state.list.selected, look.captures.length, list.height - 1) };
  },
};

function areas(width: number, height: number): { readonly list: Rect; readonly details: Rect } {
  const lower = height >= 20 ? DETAILS : height >= 14 ? LESS_DETAILS : 0;
  return { list: rect(0, 1, width, height - 1 - lower), details: rect(0, height - lower, width, lower) };
}

function drawHead(surface: Surface, look: Look): void {
  const on = look.captures.filter(({ state }) => state === "on");
  const size = look.captures.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  surface.put(
    1,
    0,
    on.length === 0 ? "nothing is captured: space switches a point on" : `◉ ${on.length} on`,
    on.length === 0 ? DIM : Fg.cyan,
  );
  const folder = look.captureFolder === null ? "" : `   ${look.captureFolder}`;
  const text = size === 0 ? "" : `${bytes(size)}${folder}`;
  surface.put(surface.width - 1 - cellWidth(text), 0, text, DIM);
}

function perform(action: string, { list }: CapturesState, look: Look, desk: Desk): void {
  if (action === "run") return desk.togglePause();
  if (action === "all") return all(look, desk);
  const point = look.captures[list.selected];
  if (point === undefined) return desk.say("there is nothing to capture yet", "bad");
  const name = pointName(point);
  switch (action) {
    case "toggle":
      desk.capture(name, { on: point.state !== "on" && point.state !== "waiting" });
      return;
    case "open":
      return desk.go("packets", { kind: "filter", text: `port == ${name}` });
    case "copy":
      return withFile(point, look, desk, (path) => desk.copy(path, "path"));
    case "wireshark":
    case "tshark":
    case "termshark":
      return withFile(point, look, desk, (path) => desk.openWith(action, path));
  }
}

function withFile(point: Look["captures"][number], look: Look, desk: Desk, use: (path: string) => void): void {
  const path = filePath(point, look);
  if (path === null) desk.say(`${pointName(point)} has no file: space captures there`, "bad");
  else use(path);
}

/** Everything on, unless everything is. */
function all(look: Look, desk: Desk): void {
  const points = look.captures.filter(({ state }) => state !== "waiting");
  const on = !points.every(({ state }) => state === "on");
  for (const point of points) if ((point.state === "on") !== on) desk.capture(pointName(point), { on });
  desk.say(on ? `${plural(points.length, "point")} captured` : "nothing is captured any more", "good");
}
