/**
 * What a view is: one file that says how it is drawn, which keys it knows and what they do. A view is a pure function of
 * its own state and of what there is to see (`Look`); what it wants done it asks of the `Desk`. Of the lab it knows
 * snapshot types only.
 */
import type { CapturePointSummary, EventSnapshot, HostState, LabSnapshot, RehearsedStep } from "../../lab/index.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import type { Binding } from "../keys/keymap.ts";
import type { Rect } from "../screen/rect.ts";
import type { Surface } from "../screen/surface.ts";
import type { FrameList } from "../session/frame-list.ts";
import type { Rates } from "../session/rates.ts";
import type { Transcript } from "../session/shells.ts";

export type ViewId = "map" | "packets" | "setup" | "shell" | "captures";

/** The set-up of one host, done in a lab of its own: what is known of it so far. */
export interface Rehearsed {
  /** The host as it was before anything was done. */
  readonly before: HostState;
  readonly steps: readonly RehearsedStep[];
  /** No step comes any more. */
  readonly done: boolean;
}

/** All there is to see at one instant. */
export interface Look {
  readonly snapshot: LabSnapshot;
  /** The latest, newest last. */
  readonly events: readonly EventSnapshot[];
  readonly frames: FrameList;
  readonly captures: readonly CapturePointSummary[];
  /** Where captures are written; null while there are none. */
  readonly captureFolder: string | null;
  readonly rates: Rates;
  readonly running: boolean;
  /** How far the newest moment is from the one that is shown, nanoseconds; null: it is the newest. */
  readonly behind: number | null;
  /** Virtual seconds to a real one; Infinity at full speed. */
  readonly speed: number;
  /** What may move does: false with --no-motion. */
  readonly motion: boolean;
  /** The screen of a machine's shell; null while nobody has opened one. */
  transcript(machine: string): Transcript | null;
  /** Null while there is nothing of it yet; `Desk.rehearse` asks for it. */
  rehearsed(host: string): Rehearsed | null;
}

/** What one view asks another to show. */
export type Intent =
  | { readonly kind: "frame"; readonly number: number }
  | { readonly kind: "filter"; readonly text: string }
  | { readonly kind: "machine"; readonly name: string; readonly line?: string }
  | { readonly kind: "device"; readonly point: string };

/** What a view may have done. Every one of these says in the footer what it did, or why it could not. */
export interface Desk {
  /** A sentence in the footer. */
  say(text: string, kind?: "good" | "bad"): void;
  /** The same, of something that changes: it is asked again before each paint. */
  tell(text: (look: Look) => string): void;
  go(view: ViewId, intent?: Intent): void;
  /** Types a line at a machine's prompt, from another view: the footer says so. */
  run(machine: string, line: string): void;
  /** Types a line at a machine's prompt, or into what runs there. */
  type(machine: string, line: string): void;
  /** Types lines at its prompt, one after another. */
  paste(machine: string, lines: readonly string[]): void;
  interrupt(machine: string): void;
  endInput(machine: string): void;
  clearShell(machine: string): void;
  /** Opens a shell there, so that its prompt shows. */
  openShell(machine: string): void;
  /** Candidates for the word before the cursor; `from` is where it starts. */
  complete(
    machine: string,
    line: string,
    cursor: number,
  ): { readonly from: number; readonly candidates: readonly string[] };
  /** Pulls the cable of a NIC or plugs it in. */
  plug(machine: string, device: string, plugged: boolean): void;
  /** False: it could not be, and the footer says why. */
  capture(point: string, change: { readonly on?: boolean; readonly filter?: string | null }): boolean;
  togglePause(): void;
  /** To that virtual time, nanoseconds: in the past, or back from there. */
  goTo(time: number): void;
  /** Wants the set-up of a host rehearsed: it is done in slices beside the lab, which knows nothing of it. */
  rehearse(host: string): void;
  copy(text: string, what: string): void;
  /** Saves frames, by number, as a capture; where, or null when it could not. */
  save(numbers: readonly number[]): string | null;
  /** Opens a capture outside; "wireshark" beside the lab, the others in its place until they end. */
  openWith(program: "wireshark" | "tshark" | "termshark", path: string): void;
}

/** A word in the footer; a click on it does `action`. */
export interface Hint {
  readonly key: string;
  readonly text: string;
  readonly action: string;
}

export interface View<State> {
  readonly id: ViewId;
  /** The digit that opens it. */
  readonly key: string;
  readonly title: string;
  /** The title on narrow screens. */
  readonly short: string;
  /** In the order of help; the first ones with a hint are in the footer. */
  readonly bindings: readonly Binding[];
  /** While keys are text: what the footer says of the keys that are not. Null: keys are keys. */
  typing?(state: State): readonly Binding[] | null;
  /** More lines for help, below the keys. */
  readonly notes?: readonly string[];
  start(look: Look): State;
  /** It comes to the front. */
  enter?(state: State, look: Look, desk: Desk): State;
  /** Draws into the whole surface. Where the terminal's cursor belongs, or null. */
  draw(surface: Surface, state: State, look: Look): { readonly x: number; readonly y: number } | null;
  /** The state after an action of `bindings`; the size is the body's. */
  act(action: string, state: State, look: Look, desk: Desk, size: Rect): State;
  /** Takes keys and pastes before any binding does: text fields. Null: not wanted, the bindings may have it. */
  take?(event: KeyEvent, state: State, look: Look, desk: Desk): State | null;
  /** A click at a cell of the body. */
  click?(x: number, y: number, state: State, look: Look, desk: Desk, size: Rect): State;
  /** The wheel, three rows a notch, at a cell of the body. */
  wheel?(x: number, y: number, by: number, state: State, look: Look, size: Rect): State;
  intend?(intent: Intent, state: State, look: Look, desk: Desk): State;
  /** Before each paint: follows what has come. */
  follow?(state: State, look: Look, size: Rect): State;
}
