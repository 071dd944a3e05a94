/** The frames that views may look at: rows and bytes by number, oldest kept to newest, all of them or what a filter shows. */
import {
  displayFilterWords,
  FATES,
  type FrameLog,
  type FrameRecord,
  type FrameRow,
  FrameSearch,
  frameOfPingLine,
  frameRow,
  frameStory,
  type Lab,
  type Nanos,
  parseDisplayFilter,
  type StoryLine,
  sameFrame,
} from "../../lab/index.ts";
import type { Completion } from "../parts/command-line.ts";

/** Records looked at for one machine's latest. */
const BACKWARD = 500;
/** Records that a search looks at before each paint: about four milliseconds. */
const SEARCHED_AT_ONCE = 20_000;

/** Numbers of frames, ascending. */
export interface Matches {
  readonly count: number;
  /** False while the search has not seen everything that is kept. */
  readonly isComplete: boolean;
  at(index: number): number | null;
  /** Of the first match that is `number` or later. */
  indexOf(number: number): number;
  has(number: number): boolean;
}

export class FrameList {
  private readonly lab: Lab;
  private readonly log: FrameLog;
  private found: Found | null = null;
  private text = "";
  /** The last answer of `sameFrame`: a full log takes a millisecond. */
  private same: { readonly number: number; readonly end: number; readonly rows: readonly FrameRow[] } = {
    number: 0,
    end: 0,
    rows: [],
  };

  /** The last answer of `story`. */
  private told: { readonly frame: number; readonly made: number; readonly lines: readonly StoryLine[] } = {
    frame: 0,
    made: 0,
    lines: [],
  };

  constructor(lab: Lab) {
    this.lab = lab;
    this.log = lab.frames!;
  }

  /** Numbers from `first` up to, not including, `end` are kept. */
  get first(): number {
    return this.log.first;
  }

  get end(): number {
    return this.log.end;
  }

  row(number: number): FrameRow | null {
    return frameRow(this.log, number);
  }

  record(number: number): FrameRecord | null {
    return this.log.record(number);
  }

  /** What the machine at whose point the record was made decided about that frame. */
  story({ frame, machine }: FrameRecord): readonly StoryLine[] {
    const { made } = this.lab.world.recorder;
    if (this.told.frame !== frame || this.told.made !== made)
      this.told = { frame, made, lines: frameStory(this.lab, frame).lines };
    return this.told.lines.filter(({ point }) => point.startsWith(`${machine}:`));
  }

  /** The filter as it was written; empty for none. */
  get filter(): string {
    return this.text;
  }

  get isFiltered(): boolean {
    return this.found !== null;
  }

  /** What is wrong with a filter, in a sentence; null when it is good. An empty one is. */
  problemOf(text: string): string | null {
    if (text.trim() === "") return null;
    const parsed = parseDisplayFilter(text);
    return parsed.ok ? null : parsed.message;
  }

  /** Shows only what matches; an empty text everything. Returns what is wrong with the text, and then changes nothing. */
  setFilter(text: string): string | null {
    const parsed = text.trim() === "" ? null : parseDisplayFilter(text);
    if (parsed !== null && !parsed.ok) return parsed.message;
    this.text = text.trim();
    this.found = parsed === null ? null : new Found(this.log, new FrameSearch(this.log, parsed.filter));
    this.step();
    return null;
  }

  /** For the word before the cursor: fields and joints, or what the field before it can be. */
  readonly completeFilter = (text: string, cursor: number): Completion => {
    const before = text.slice(0, cursor);
    const from = before.length - /[^\s()!&|=<>]*$/.exec(before)![0].length;
    const field = /(\S+)\s*(?:[=!]=|eq|ne)\s*$/.exec(before.slice(0, from))?.[1] ?? null;
    const words = field === null ? displayFilterWords : this.valuesOf(field);
    return { from, candidates: words.filter((word) => word.startsWith(before.slice(from))).sort() };
  };

  private valuesOf(field: string): readonly string[] {
    const { lab } = this;
    if (field === "machine") return lab.machineNames;
    if (field === "dir") return ["in", "out", "drop"];
    if (field === "fate") return ["dropped", ...FATES.map(({ name }) => name)];
    if (field !== "port") return [];
    const devices = lab.machineNames.flatMap((name) =>
      lab.find(name)!.table.devices.map((device) => ({ name, device })),
    );
    return [...new Set(devices.flatMap(({ name, device }) => [device.name, `${name}:${device.name}`]))];
  }

  /** Before each paint: the search goes on. */
  step(): void {
    this.found?.step(SEARCHED_AT_ONCE);
  }

  /** What the list shows. */
  get matches(): Matches {
    return this.found ?? new Everything(this.log);
  }

  /** The same frame at every point, in the order of its way. */
  sameFrame(number: number): readonly FrameRow[] {
    const { end } = this;
    if (this.same.number !== number || this.same.end !== end) {
      const rows = sameFrame(this.log, number).map((each) => this.row(each));
      this.same = { number, end, rows: rows.filter((row) => row !== null) };
    }
    return this.same.rows;
  }

  /** The frame that brought the answer which a ping on `machine` printed at `time`; null when it was none. */
  ofPingLine(machine: string, text: string, time: Nanos): number | null {
    return frameOfPingLine(this.log, machine, text, time);
  }

  /** The last rows of frames at that machine's points, oldest first; looks back at most BACKWARD records. */
  latestAt(machine: string, most: number): readonly FrameRow[] {
    const rows: FrameRow[] = [];
    const oldest = Math.max(this.first, this.end - BACKWARD);
    for (let number = this.end - 1; number >= oldest && rows.length < most; number--) {
      const row = this.row(number);
      if (row?.point.startsWith(`${machine}:`) === true) rows.unshift(row);
    }
    return rows;
  }
}

/** Without a filter every frame that is kept. */
class Everything implements Matches {
  private readonly log: FrameLog;
  readonly isComplete = true;

  constructor(log: FrameLog) {
    this.log = log;
  }

  get count(): number {
    return this.log.end - this.log.first;
  }

  at(index: number): number | null {
    return index >= 0 && index < this.count ? this.log.first + index : null;
  }

  indexOf(number: number): number {
    return Math.min(Math.max(0, number - this.log.first), this.count);
  }

  has(number: number): boolean {
    return number >= this.log.first && number < this.log.end;
  }
}

/** With a filter what a search has found so far. */
class Found implements Matches {
  private readonly log: FrameLog;
  private readonly search: FrameSearch;

  constructor(log: FrameLog, search: FrameSearch) {
    this.log = log;
    this.search = search;
  }

  step(records: number): void {
    this.search.step(records);
  }

  get count(): number {
    return this.search.matches.length;
  }

  get isComplete(): boolean {
    return this.search.examined >= this.log.end - this.log.first;
  }

  at(index: number): number | null {
    return this.search.matches[index] ?? null;
  }

  indexOf(number: number): number {
    return this.search.placeOf(number);
  }

  has(number: number): boolean {
    return this.at(this.indexOf(number)) === number;
  }
}
