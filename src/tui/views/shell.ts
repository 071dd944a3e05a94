/**
 * The Shell: a prompt on every machine. It looks like the terminal it stands for; beside a ping's answer stands the
 * number of the frame that brought it. While it types, every key is text; esc leaves to the keys, `i` comes back.
 */
import type { KeyEvent } from "../keys/key-event.ts";
import type { Binding } from "../keys/keymap.ts";
import { EMPTY_LINE, lineKey } from "../parts/command-line.ts";
import { fieldOf } from "../parts/text-field.ts";
import { contains, type Rect, rect } from "../screen/rect.ts";
import type { Transcript } from "../session/shells.ts";
import { drawFramesAt } from "./shell/frames-panel.ts";
import { drawTabs, machinesOf, tabAt } from "./shell/machine-tabs.ts";
import { drawScreen, linkAt, mostScrolled, screenHeight } from "./shell/screen.ts";
import type { ShellState } from "./shell/state.ts";
import type { Desk, Look, View } from "./view.ts";

/** From here on there is room for the frames of the machine beside its screen. */
const WITH_FRAMES = 120;
const FRAMES_WIDTH = 50;

const WHILE_TYPING: readonly Binding[] = [
  { action: "complete", keys: ["tab"], label: "complete" },
  { action: "history", keys: ["up"], label: "history" },
  { action: "search", keys: ["ctrl-r"], label: "search" },
  { action: "next", keys: ["alt-right"], label: "machine" },
  { action: "leave", keys: ["esc"], label: "keys" },
  { action: "jump", keys: ["alt-j"], label: "frame" },
  { action: "clear", keys: ["ctrl-l"], label: "clear" },
];

export const shell: View<ShellState> = {
  id: "shell",
  key: "5",
  title: "Shell",
  short: "Shell",
  bindings: [
    { action: "type", keys: ["i", "enter"], label: "type (esc: keys again)", hint: "type" },
    { action: "next", keys: ["alt-right", "l", "right", "tab"], label: "next machine", hint: "machine" },
    { action: "previous", keys: ["alt-left", "h", "left", "shift-tab"], label: "previous machine" },
    { action: "up", keys: ["pageup", "k", "up", "ctrl-u"], label: "scroll up" },
    { action: "down", keys: ["pagedown", "j", "down", "ctrl-d"], label: "scroll down" },
    { action: "first", keys: ["g"], label: "first line" },
    { action: "last", keys: ["G"], label: "last line" },
    { action: "jump", keys: ["alt-j"], label: "the frame of the last answered ping, in Packets", hint: "frame" },
  ],
  notes: [
    "While typing: tab completes   ↑ ↓ history   ^R searches it   ^C interrupts   ^D ends input   ^L clears",
    "alt-1 ... open views   alt-← alt-→ other machines   help lists the commands of the machine",
  ],

  typing: ({ typing }) => (typing ? WHILE_TYPING : null),

  start: () => ({ machine: "", line: EMPTY_LINE, typing: true, scrolled: 0 }),

  enter(state, look, desk) {
    const machine = machineOf(state, look);
    desk.openShell(machine);
    return { ...state, machine, typing: true };
  },

  draw(surface, state, look) {
    const machine = machineOf(state, look);
    drawTabs(surface.window(rect(0, 0, surface.width, 1)), look, machine, state.typing);
    const area = screenArea(surface);
    if (area.width < surface.width)
      drawFramesAt(surface.window(rect(area.width, 1, FRAMES_WIDTH, area.height)), look, machine);
    const cursor = drawScreen(surface.window(area), look.transcript(machine), state, look);
    return cursor === null ? null : { x: area.x + cursor.x, y: area.y + cursor.y };
  },

  take(event, state, look, desk) {
    const isInterrupt = event.kind === "key" && event.name === "ctrl-c";
    if (!state.typing && !isInterrupt) return null;
    if (event.kind === "key" && isForOthers(event.name)) return null;
    return typed(event, state, look, desk);
  },

  act(action, state, look, desk, size) {
    switch (action) {
      case "type":
        return { ...state, typing: true };
      case "next":
        return another(state, look, desk, 1);
      case "previous":
        return another(state, look, desk, -1);
      case "up":
      case "down":
        return scrolled(state, look, (action === "up" ? 1 : -1) * Math.max(1, Math.floor(size.height / 2)), size);
      case "first":
        return scrolled(state, look, Number.POSITIVE_INFINITY, size);
      case "last":
        return { ...state, scrolled: 0 };
      case "jump":
        return jump(state, look, desk);
      default:
        return state;
    }
  },

  click(x, y, state, look, desk, size) {
    if (y === 0) {
      const machine = tabAt(look, x, size.width, machineOf(state, look));
      return machine === null ? state : goTo(state, desk, machine);
    }
    const area = screenArea(size);
    if (!contains(area, x, y)) return state;
    const frame = linkAt(y - 1, area, look.transcript(machineOf(state, look)), state, look);
    if (frame !== null) desk.go("packets", { kind: "frame", number: frame });
    return { ...state, typing: true };
  },

  wheel: (_x, _y, by, state, look, size) => scrolled(state, look, -by, size),

  intend(intent, state, _look, desk) {
    if (intent.kind !== "machine") return state;
    if (intent.line !== undefined) desk.type(intent.name, intent.line);
    return goTo(state, desk, intent.name);
  },
};

/** Where a machine's screen is: below the tabs, beside its frames when there is room for them. */
const screenArea = ({ width, height }: { readonly width: number; readonly height: number }): Rect =>
  rect(0, 1, width - (width >= WITH_FRAMES ? FRAMES_WIDTH : 0), height - 1);

export const machineOf = ({ machine }: ShellState, look: Look): string => machine || (machinesOf(look)[0] ?? "");

const NO_HISTORY: readonly string[] = [];

/** Keys that mean the same whatever is being typed. */
const isForOthers = (name: string): boolean =>
  /^alt-(\d|m|j|left|right)$/.test(name) ||
  name === "pageup" ||
  name === "pagedown" ||
  name === "ctrl-z" ||
  /^f\d/.test(name);

function typed(event: KeyEvent, state: ShellState, look: Look, desk: Desk): ShellState | null {
  const machine = machineOf(state, look);
  const transcript = look.transcript(machine);
  if (event.kind === "paste" && /[\r\n]/.test(event.text)) return pasted(event.text, state, machine, desk);
  const answer = lineKey(state.line, event, {
    history: transcript?.history ?? NO_HISTORY,
    complete: (text, cursor) => desk.complete(machine, text, cursor),
  });
  if (answer.kind === "changed") return { ...state, line: answer.line, scrolled: 0 };
  if (answer.kind === "entered") {
    desk.type(machine, answer.text);
    return { ...state, line: EMPTY_LINE, scrolled: 0 };
  }
  return event.kind === "key" ? control(event.name, state, transcript, machine, desk) : state;
}

/** Several lines are typed one after another; what stands behind the last line end waits for more. */
function pasted(text: string, state: ShellState, machine: string, desk: Desk): ShellState {
  const lines = (state.line.field.text + text).split(/\r\n|\r|\n/);
  const rest = lines.pop()!;
  desk.paste(machine, lines);
  return { ...state, line: { ...EMPTY_LINE, field: fieldOf(rest) }, scrolled: 0 };
}

function control(
  name: string,
  state: ShellState,
  transcript: Transcript | null,
  machine: string,
  desk: Desk,
): ShellState | null {
  switch (name) {
    case "esc":
      return { ...state, typing: false };
    case "ctrl-c": {
      const isIdle = transcript?.busy !== true && state.line.field.text === "";
      // Nothing to end here: the second one in a row leaves the program, as everywhere.
      if (isIdle) return null;
      desk.interrupt(machine);
      return { ...state, line: EMPTY_LINE };
    }
    case "ctrl-d":
      desk.endInput(machine);
      return state;
    case "ctrl-l":
      desk.clearShell(machine);
      return { ...state, scrolled: 0 };
    case "ctrl-o":
      return null;
    default:
      return state;
  }
}

function another(state: ShellState, look: Look, desk: Desk, by: number): ShellState {
  const machines = machinesOf(look);
  const at = machines.indexOf(machineOf(state, look));
  return goTo(state, desk, machines[(at + by + machines.length) % machines.length] ?? state.machine);
}

function goTo(state: ShellState, desk: Desk, machine: string): ShellState {
  desk.openShell(machine);
  return { ...state, machine, line: EMPTY_LINE, scrolled: 0 };
}

function scrolled(state: ShellState, look: Look, by: number, size: Rect): ShellState {
  const { width, height } = screenArea(size);
  const most = mostScrolled(look.transcript(machineOf(state, look)), state, width, height);
  return { ...state, scrolled: Math.min(most, Math.max(0, state.scrolled + by)) };
}

function jump(state: ShellState, look: Look, desk: Desk): ShellState {
  const machine = machineOf(state, look);
  const lines = look.transcript(machine)?.lines ?? [];
  for (const line of lines.slice(-screenHeight).reverse()) {
    const number = look.frames.ofPingLine(machine, line.text, line.time);
    if (number === null) continue;
    desk.go("packets", { kind: "frame", number });
    return state;
  }
  desk.say("no answered ping on this screen", "bad");
  return state;
}
