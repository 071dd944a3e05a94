/**
 * The journal: every input from outside, with its place in the run (virtual time and number of events executed before
 * it). Topology, seed and journal are the whole run; replaying the three gives the same bytes.
 */
import type { Nanos } from "./time.ts";

export type Input =
  | { readonly kind: "command"; readonly machine: string; readonly line: string }
  | { readonly kind: "shell"; readonly machine: string }
  | { readonly kind: "type"; readonly machine: string; readonly process: number; readonly text: string | null }
  | { readonly kind: "signal"; readonly machine: string; readonly process: number; readonly signal: string }
  | { readonly kind: "plug"; readonly machine: string; readonly device: string; readonly plugged: boolean }
  | { readonly kind: "capture"; readonly machine: string; readonly device: string; readonly change: CaptureChange };

/** What changes at a capture point; what is absent stays as it is. */
export interface CaptureChange {
  readonly on?: boolean;
  /** In the language of tcpdump; null or empty: every frame. */
  readonly filter?: string | null;
  /** Of a bridge also what it passes on. */
  readonly promiscuous?: boolean;
  /** Bytes kept of a frame. */
  readonly snaplen?: number;
}

export interface JournalEntry {
  readonly time: Nanos;
  /** Events executed before it. */
  readonly executed: number;
  readonly input: Input;
}

export class Journal {
  readonly entries: JournalEntry[] = [];

  record(time: Nanos, executed: number, input: Input): void {
    this.entries.push({ time, executed, input });
  }
}
