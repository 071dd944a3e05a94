/** What the terminal needs of the world outside it: files and other programs. The command line provides it. */
import type { Diagnostic, JournalEntry, Lab, Place, Plan } from "../lab/index.ts";

/** Inputs of a run, and where it stood. */
export interface Recorded {
  readonly entries: readonly JournalEntry[];
  readonly end: Place;
  /** The topology's scenario happened. */
  readonly scenario: boolean;
}

/** A topology file as it was read: a plan, or what is wrong with it. */
export interface TopologyFile {
  readonly path: string;
  readonly text: string;
  /** Null when there are mistakes. */
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The file was a journal: the run that it is of. */
  readonly recorded: Recorded | null;
}

export interface ShippedTopology {
  readonly path: string;
  readonly name: string;
  /** Its `about`, in one line. */
  readonly about: string;
}

/** Where captures are written. */
export interface Sink {
  readonly folder: string;
  /** Captures of an earlier run that were there. */
  readonly replaced: number;
  /** Called after every slice; writes when it is time, or `now`. Throws when it cannot. */
  drain(lab: Lab, now?: boolean): void;
  /** The captures of another run, which begins with what these hold up to where `lab` stands. Throws when it cannot. */
  branch(lab: Lab, number: number): Sink;
  close(): void;
}

export interface Outside {
  /** Throws a sentence when there is no such file, or a journal that nobody can play. */
  readTopology(path: string): TopologyFile;
  readonly shipped: readonly ShippedTopology[];
  /** Names in the folder of a path that is being typed, folders with a slash at the end. */
  completePath(typed: string): readonly string[];
  openSink(plan: Plan): Sink;
  /** Writes a file of frames beside the captures; returns its path. Throws when it cannot. */
  save(plan: Plan, bytes: Uint8Array): string;
  /** Writes a run as a journal beside the captures; returns its path. Throws when it cannot. */
  saveJournal(plan: Plan, run: Recorded): string;
  /** Why that program cannot be started here, behind its name: "is not installed". Null: it can. */
  obstacleTo(program: string): string | null;
  /** Calls back when the file is saved; returns what ends that. */
  watch(path: string, changed: () => void): () => void;
}

/** What the command line's options say. */
export interface TerminalOptions {
  /** Null: the dialog that chooses one opens. */
  readonly file: string | null;
  /** Let the topology's scenario happen. */
  readonly scenario: boolean;
  /** A ping once a second after the boot, so that there is life to look at. */
  readonly life: boolean;
  readonly ascii: boolean;
  readonly mono: boolean;
  readonly motion: boolean;
  readonly mouse: boolean;
  /** The card for somebody who is here for the first time. */
  readonly card: boolean;
}
