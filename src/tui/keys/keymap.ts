/**
 * The keymap: one table drives dispatch, footer hints, help and palette, so that hints never lie. A view adds its own
 * bindings; they come before the ones everywhere.
 */

export interface Binding {
  /** What happens, as `act` functions know it. */
  readonly action: string;
  /** Names as `KeyParser` makes them; the first is the one that is shown. */
  readonly keys: readonly string[];
  /** For help and palette: what it does. */
  readonly label: string;
  /** One word for the footer; without it the binding is not shown there. */
  readonly hint?: string;
}

/** Bindings that hold everywhere. */
export const EVERYWHERE: readonly Binding[] = [
  { action: "pause", keys: ["space"], label: "pause / run", hint: "run" },
  { action: "step-event", keys: ["."], label: "step one event", hint: "event" },
  { action: "step-hop", keys: [","], label: "step one hop of a frame", hint: "hop" },
  { action: "back-event", keys: [">"], label: "one event back" },
  { action: "back-hop", keys: ["<"], label: "one hop of a frame back" },
  { action: "beginning", keys: ["alt-<"], label: "back to the beginning of the run" },
  { action: "newest", keys: ["alt->"], label: "to the newest moment of the run" },
  { action: "save-run", keys: ["W"], label: "save the run as a journal, to be opened again" },
  { action: "faster", keys: ["+", "="], label: "faster" },
  { action: "slower", keys: ["-"], label: "slower" },
  { action: "command", keys: [":"], label: "command line over any view", hint: "cmd" },
  { action: "palette", keys: ["ctrl-p"], label: "palette: any action, machine, interface, frame" },
  { action: "open-topology", keys: ["ctrl-o"], label: "open a topology" },
  { action: "life", keys: ["alt-p"], label: "the ping once a second on / off" },
  { action: "mouse", keys: ["alt-m"], label: "mouse on / off (off: the terminal selects text)" },
  { action: "redraw", keys: ["ctrl-l"], label: "redraw the screen" },
  { action: "suspend", keys: ["ctrl-z"], label: "suspend; fg comes back" },
  { action: "tour", keys: ["f1"], label: "the first-start card again" },
  { action: "quit", keys: ["q"], label: "quit (also ^C twice)" },
  { action: "help", keys: ["?"], label: "help for this view", hint: "help" },
];

/** One row on in a list, and back; `move` of parts/list.ts does them. */
export const STEPS: readonly Binding[] = [
  { action: "down", keys: ["j", "down"], label: "next", hint: "move" },
  { action: "up", keys: ["k", "up"], label: "previous" },
];

/** Further on in a list. */
export const LEAPS: readonly Binding[] = [
  { action: "first", keys: ["g", "home"], label: "first" },
  { action: "last", keys: ["G", "end"], label: "last" },
  { action: "half-down", keys: ["ctrl-d"], label: "half a page down" },
  { action: "half-up", keys: ["ctrl-u"], label: "half a page up" },
  { action: "page-down", keys: ["pagedown"], label: "a page down" },
  { action: "page-up", keys: ["pageup"], label: "a page up" },
];

export const bindingOf = (key: string, bindings: readonly Binding[]): Binding | null =>
  bindings.find((binding) => binding.keys.includes(key)) ?? null;

const SIGNS: Readonly<Record<string, string>> = {
  enter: "↵",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pagedown: "pgdn",
  pageup: "pgup",
  backspace: "bksp",
};

/** A key as help and footer write it: ^P, alt-m, ⇧tab, ↵; in words where there are no signs. */
export function keyText(key: string, ascii = false): string {
  if (key.startsWith("ctrl-")) return `^${keyText(key.slice(5), ascii).toUpperCase()}`;
  if (key.startsWith("alt-")) return `alt-${keyText(key.slice(4), ascii)}`;
  if (key.startsWith("shift-")) return `${ascii ? "shift-" : "⇧"}${keyText(key.slice(6), ascii)}`;
  return ascii ? key : (SIGNS[key] ?? key);
}

export const keysText = ({ keys }: Binding, ascii = false): string => keys.map((key) => keyText(key, ascii)).join(" ");
