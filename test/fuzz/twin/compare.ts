/** Two outcomes of one case, side by side: interface by interface, frame by frame. */
import { type Case, FAILED, isLine, OK, type Outcome } from "./case.ts";
import { INTERFACES } from "./generate/scene.ts";
import type { Difference, Known, Predicate } from "./predicate.ts";
import { EXCUSES, known, MASKS } from "./predicates.ts";

export interface Comparison {
  /** The first; null: equal. */
  readonly difference: Difference | null;
  /** Which predicates were needed. */
  readonly used: ReadonlySet<Predicate>;
}

const said = (heard: readonly string[]): string => heard.find((each) => each === OK || each === FAILED) ?? "";
const leaving = (heard: readonly string[], by: string): string[] =>
  heard.filter((each) => each.startsWith(`${by} `)).map((each) => each.slice(by.length + 1));

export function compare(one: Case, emulator: Outcome, kernel: Outcome): Comparison {
  const used = new Set<Predicate>();
  const about = known(one);
  const difference = firstDifference(one, emulator, kernel, about, used);
  const isAnswer = difference?.where === "answer";
  const excuse =
    difference === null || isAnswer ? undefined : EXCUSES.find((each) => each.takes(one, masked(about, difference)));
  if (excuse === undefined) return { difference, used };
  // What follows may follow from it.
  used.add(excuse);
  return { difference: null, used };
}

function firstDifference(
  one: Case,
  emulator: Outcome,
  kernel: Outcome,
  about: Known,
  used: Set<Predicate>,
): Difference | null {
  for (const [step, each] of one.steps.entries()) {
    const ours = emulator[step]!;
    const theirs = kernel[step]!;
    if (isLine(each) && said(ours) !== said(theirs))
      return { step, where: "answer", emulator: [said(ours)], kernel: [said(theirs)] };
    for (const where of INTERFACES) {
      const pair = { emulator: leaving(ours, where), kernel: leaving(theirs, where) };
      if (!areEqual(pair.emulator, pair.kernel, about, used)) return { step, where, ...pair };
    }
  }
  return null;
}

/** The difference that is left when what can be masked is. */
function masked(about: Known, difference: Difference): Difference {
  const [emulator, kernel] = [[...difference.emulator], [...difference.kernel]];
  for (let i = 0; i < Math.min(emulator.length, kernel.length); i++)
    for (const mask of MASKS)
      [emulator[i], kernel[i]] = mask.blank(emulator[i]!, kernel[i]!, about) ?? [emulator[i]!, kernel[i]!];
  return { ...difference, emulator, kernel };
}

function areEqual(emulator: readonly string[], kernel: readonly string[], about: Known, used: Set<Predicate>): boolean {
  if (emulator.length !== kernel.length) return false;
  return emulator.every((ours, i) => {
    let [left, right] = [ours, kernel[i]!];
    for (const mask of MASKS) {
      if (left === right) return true;
      const blanked = mask.blank(left, right, about);
      if (blanked === null) continue;
      used.add(mask);
      [left, right] = blanked;
    }
    return left === right;
  });
}
