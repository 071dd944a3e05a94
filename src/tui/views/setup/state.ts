/** Where the view stands, and what can be seen of the rehearsal from there: pure, so that going back is exact. */
import type { HostState, RehearsedStep } from "../../../lab/index.ts";
import type { Look, Rehearsed } from "../view.ts";

export interface SetupState {
  /** Which of the topology's Xen hosts. */
  readonly host: number;
  /** Number of the step looked at; the first one that is shown when it is not. */
  readonly step: number;
  /** Also the lines that only look. */
  readonly all: boolean;
  /** Only what differs between before and after. */
  readonly differs: boolean;
  /** First row of the comparison; null: where the first change is in sight. */
  readonly top: number | null;
  /** The end is wanted, and the rehearsal still on its way there. */
  readonly toEnd: boolean;
}

export const START: SetupState = { host: 0, step: 1, all: false, differs: false, top: null, toEnd: false };

/** What there is to see of one step. */
export interface Scene {
  readonly hostName: string;
  readonly rehearsed: Rehearsed;
  /** The steps in the list. */
  readonly shown: readonly RehearsedStep[];
  /** Index among them. */
  readonly at: number;
  readonly step: RehearsedStep;
  /** As the step found the host. */
  readonly before: HostState;
}

export function hostNameOf({ snapshot }: Look, { host }: SetupState): string | null {
  return (snapshot.hosts[host] ?? snapshot.hosts[0])?.name ?? null;
}

/** Null while there is no step yet. */
export function sceneOf(look: Look, state: SetupState): Scene | null {
  const hostName = hostNameOf(look, state);
  const rehearsed = hostName === null ? null : look.rehearsed(hostName);
  if (hostName === null || rehearsed === null) return null;
  const shown = shownSteps(rehearsed.steps, state.all);
  const at = indexOf(shown, state.step);
  const step = shown[at];
  return step === undefined ? null : { hostName, rehearsed, shown, at, step, before: foundBy(rehearsed, step.number) };
}

export const shownSteps = (steps: readonly RehearsedStep[], all: boolean): readonly RehearsedStep[] =>
  all ? steps : steps.filter(({ reads }) => !reads);

/** The last one shown that is no later than `number`, else the first. */
export function indexOf(shown: readonly RehearsedStep[], number: number): number {
  const after = shown.findIndex((step) => step.number > number);
  return Math.max(0, (after < 0 ? shown.length : after) - 1);
}

/** The state in which step `number` found the host. */
export const foundBy = ({ before, steps }: Rehearsed, number: number): HostState => steps[number - 2]?.after ?? before;
