/**
 * A suspect looks for a cause at the moment when a goal was not reached. It may guess: what it suspects is told only when
 * its mend, tried on a copy of the lab, makes the goal reached.
 */
import type { Fate } from "../../base/fate.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Lab } from "../lab.ts";
import type { LabSnapshot } from "../view/lab-snapshot.ts";
import type { Goal } from "./goal.ts";
import type { LostFrame, Mend } from "./trial.ts";

/** The scene: a copy of the lab in which the goal has just been missed. */
export interface Clues {
  readonly lab: Lab;
  readonly now: LabSnapshot;
  readonly goal: Goal;
  /** What it printed. */
  readonly said: string;
  /** What was lost while it was tried. */
  readonly lost: readonly LostFrame[];
}

export interface Suspicion {
  /** The machine it is about: its name begins `what`, and lines to be typed there need no name before them. */
  readonly at: string;
  readonly what: string;
  readonly evidence: readonly string[];
  readonly cause: string;
  readonly look: readonly string[];
  /** Ways to mend it, the simplest first; each is a list of lines. */
  readonly mends: readonly (readonly Mend[])[];
  /** Sentences for whoever mends it. */
  readonly advice?: readonly string[];
}

export interface Suspect {
  /** The name of its findings. */
  readonly name: string;
  find(clues: Clues): Suspicion[];
}

export const on = (machine: string, ...lines: readonly string[]): Mend[] => lines.map((line) => ({ machine, line }));

/** Some of the mends are not lines, or are for a machine other than a host: `on web1: ip route`. */
export const mendWords = ({ machine, line, plug, calm }: Mend, hosts: readonly string[]): string =>
  hosts.includes(machine) || plug !== undefined || calm !== undefined ? line : `on ${machine}: ${line}`;

/** Of equal suspicions the first. */
export const distinct = (suspicions: readonly Suspicion[]): Suspicion[] =>
  suspicions.filter((each, i) => suspicions.findIndex(({ at, what }) => at === each.at && what === each.what) === i);

/** Lost so, on machines that are still there. */
export function lostBy({ lab, lost }: Clues, ...fates: readonly (typeof Fate)[keyof typeof Fate][]) {
  return lost.flatMap((frame) => {
    const machine = fates.includes(frame.fate) ? lab.find(frame.machine) : null;
    return machine === null ? [] : [{ frame, machine }];
  });
}

/** The machines that the goal is about, and those where something of it was lost. */
export const involved = ({ lab, goal, lost }: Clues): Machine[] =>
  [...new Set([...goal.machines, ...lost.map(({ machine }) => machine)])].flatMap((name) => lab.find(name) ?? []);

/** The machines that there are, hosts and outside boxes first. */
export const machinesOf = ({ lab }: Clues): Machine[] => lab.machineNames.map((name) => lab.machine(name));
