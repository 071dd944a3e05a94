/** What the Packets view keeps, and what it works out from that for one frame. */
import { dissect, type FrameRecord, type Layer } from "../../../lab/index.ts";
import { type CommandLine, EMPTY_LINE } from "../../parts/command-line.ts";
import type { FrameList } from "../../session/frame-list.ts";
import type { Pane } from "./layout.ts";
import { STORY, storyLines, type TreeLine, treeLines } from "./tree.ts";

export interface PacketsState {
  /** Number of the selected frame; 0 while there is none. */
  readonly selected: number;
  /** Index of the row on top. */
  readonly top: number;
  /** The newest frame is always the selected one. */
  readonly following: boolean;
  readonly pane: Pane;
  readonly zoomed: boolean;
  /** The filter being typed; null when nothing is. */
  readonly editing: CommandLine | null;
  /** What is wrong with what was typed. */
  readonly problem: string | null;
  /** Filters that were used, oldest first. */
  readonly history: readonly string[];
  readonly open: ReadonlySet<string>;
  readonly treeSelected: number;
  readonly treeTop: number;
  readonly byte: number;
  readonly marks: ReadonlySet<number>;
}

export const START: PacketsState = {
  selected: 0,
  top: 0,
  following: true,
  pane: "list",
  zoomed: false,
  editing: null,
  problem: null,
  history: [],
  open: new Set(["ip", "icmp", "arp", STORY]),
  treeSelected: 0,
  treeTop: 0,
  byte: 0,
  marks: new Set(),
};

export const newEdit = (text: string): CommandLine => ({ ...EMPTY_LINE, field: { text, cursor: text.length } });

export interface Decoded {
  readonly record: FrameRecord;
  readonly layers: readonly Layer[];
  readonly lines: readonly TreeLine[];
}

/** The selected frame, taken apart; null while there is none. */
export function decoded(state: PacketsState, frames: FrameList): Decoded | null {
  const record = frames.record(state.selected);
  if (record === null) return null;
  const { bytes, checksumPartial } = record;
  const layers = dissect(bytes, 0, bytes.length, { checksumPartial });
  const lines = [...treeLines(layers, state.open), ...storyLines(record.machine, frames.story(record), state.open)];
  return { record, layers, lines };
}
