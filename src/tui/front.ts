/**
 * What stands in front of everything, as actions and dialogs know it: they ask it to say, show and open things. The app is
 * it; it imports them, they only know this.
 */
import type { ChromeState, Message } from "./chrome/chrome.tsx";
import type { Dialog } from "./chrome/dialog.ts";
import type { Binding } from "./keys/keymap.ts";
import type { Outside, TerminalOptions } from "./outside.ts";
import type { Desk, Intent, Look, ViewId } from "./views/view.ts";
import type { Workbench } from "./workbench.ts";

/** What only the real terminal can do. */
export interface Host {
  quit(): void;
  suspend(): void;
  redraw(): void;
  setMouse(on: boolean): void;
  copy(text: string): void;
  openWith(program: string, path: string): void;
  /** Real milliseconds. */
  now(): number;
  /** Something to paint. */
  wake(): void;
}

export interface Front {
  readonly host: Host;
  readonly outside: Outside;
  readonly options: TerminalOptions;
  readonly desk: Desk;
  /** Null until a topology is open. */
  readonly bench: Workbench | null;
  /** Clicks are taken. */
  mouse: boolean;
  /** The bindings that hold now, the view's first. */
  readonly bindings: readonly Binding[];
  getChrome(): ChromeState;
  /** A sentence in the footer, until the next key. */
  say(text: string, kind?: Message["kind"]): void;
  /** The same, of something that changes. */
  tell(text: (look: Look) => string): void;
  show(id: ViewId, intent?: Intent): void;
  /** Brings a dialog to the front, in the place of any that is there. */
  open(dialog: Dialog | null): void;
  setBench(bench: Workbench): void;
  /** Does what a binding says: the view's own first, then what holds everywhere. */
  act(action: string): void;
}
