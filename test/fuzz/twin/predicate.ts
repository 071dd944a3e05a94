/** Where the kernel would not answer twice the same, a predicate says so; the list of them is in predicates.ts. */
import type { Case } from "./case.ts";

export interface Predicate {
  readonly name: string;
  /** File and function. */
  readonly source: string;
  readonly why: string;
}

export interface Mask extends Predicate {
  /** Both in hexadecimal; null where there is nothing to blank. */
  blank(emulator: string, kernel: string, of: Known): readonly [emulator: string, kernel: string] | null;
}

export interface Excuse extends Predicate {
  takes(one: Case, difference: Difference): boolean;
}

/** What left an interface in one step, or what a line answered. */
export interface Difference {
  /** Which step brought it. */
  readonly step: number;
  /** An interface, or "answer" where a line failed in one world only. */
  readonly where: string;
  readonly emulator: readonly string[];
  readonly kernel: readonly string[];
}

/** What the masks may ask about a case. */
export interface Known {
  /** IP identifications that its frames carry. */
  readonly identifications: ReadonlySet<number>;
  /** Ports that its frames and rules speak of; null where nothing is translated. */
  readonly ports: ReadonlySet<number> | null;
  /** Of each drawn port of the emulator, as far as it has been seen, the kernel's. */
  readonly drawn: Map<number, number>;
}
