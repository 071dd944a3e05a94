/**
 * One case of the fuzz: what is done to a domain 0, step by step, as plain data that can be saved, shrunk and replayed.
 * Its interfaces (vif1.0 to vif3.0 and eth0) are there before the first step, down and without addresses, each at the end
 * of a veth pair whose far end is a guest's or the wire.
 */

/** A line typed in domain 0. */
export interface Line {
  readonly run: string;
}

/** A frame that comes in by one of its interfaces. */
export interface Shot {
  readonly on: string;
  /** Hexadecimal, from the destination MAC on, without FCS. */
  readonly frame: string;
}

export type Step = Line | Shot;

export interface Case {
  readonly steps: readonly Step[];
}

/**
 * What each step brought: of a frame what left, as "vif1.0 0200...", in the order in which it left each interface; of a
 * line OK or FAILED.
 */
export type Outcome = readonly (readonly string[])[];

export const OK = "ok";
export const FAILED = "failed";

export const isShot = (step: Step): step is Shot => "frame" in step;
export const isLine = (step: Step): step is Line => "run" in step;

/** A case that was kept, with what the kernel said. */
export interface SavedCase extends Case {
  /** What it is about, in a sentence. */
  readonly about: string;
  readonly kernel: string;
  readonly outcome: Outcome;
}

/** A step a line: what is saved is read by people, too. */
export function textOf({ about, kernel, steps, outcome }: SavedCase): string {
  const rows = (items: readonly unknown[]): string => items.map((each) => `    ${JSON.stringify(each)}`).join(",\n");
  const head = `  "about": ${JSON.stringify(about)},\n  "kernel": ${JSON.stringify(kernel)}`;
  return `{\n${head},\n  "steps": [\n${rows(steps)}\n  ],\n  "outcome": [\n${rows(outcome)}\n  ]\n}\n`;
}

export const savedCase = (text: string): SavedCase => JSON.parse(text) as SavedCase;
