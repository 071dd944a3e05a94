/**
 * Two tellings of one set-up, effect by effect: what only one of them does, and what both do in another order.
 */
import type { StepRecord } from "../../machine/setup/step-log.ts";
import { type Effect, Parts } from "./effects.ts";

type Line = Pick<StepRecord, "run" | "why" | "heading" | "exit" | "reads">;

export interface Difference {
  readonly kind: "only here" | "only there" | "order";
  /** A sentence without its end: "vif0.0: arp off, multicast off". */
  readonly what: string;
  /** The command line, and why it is there in its own telling. */
  readonly run: string;
  readonly why: string;
}

interface Done extends Effect {
  readonly line: Line;
  /** Place among all effects of its telling. */
  readonly at: number;
}

/** `here` is the telling that is looked at, `there` the one it is compared with. What failed or only looked did nothing. */
export function compareTellings(here: readonly Line[], there: readonly Line[]): Difference[] {
  const mine = effectsOf(here);
  const theirs = effectsOf(there);
  const pairs = pair(mine, theirs);
  const paired = new Set(pairs.flat());
  return [
    ...alone(
      mine.filter((effect) => !paired.has(effect)),
      "only here",
    ),
    ...alone(
      theirs.filter((effect) => !paired.has(effect)),
      "only there",
    ),
    ...moved(pairs),
  ];
}

function effectsOf(lines: readonly Line[]): Done[] {
  const parts = new Parts();
  const done: Done[] = [];
  for (const line of lines) {
    if (line.reads) continue;
    for (const effect of parts.read(line.run)) done.push({ ...effect, line, at: done.length });
  }
  return done;
}

/** The same effect on the same part; of several like ones the last belong together, as they are what remains. */
function pair(mine: readonly Done[], theirs: readonly Done[]): [Done, Done][] {
  const free = new Set(mine);
  const pairs: [Done, Done][] = [];
  for (const other of [...theirs].reverse()) {
    const same = [...free].reverse().find((each) => each.action === other.action && each.part === other.part);
    if (same === undefined) continue;
    free.delete(same);
    pairs.push([same, other]);
  }
  return pairs.sort(([a], [b]) => a.at - b.at);
}

/** Effects on one part by neighbouring lines are told together. */
function alone(effects: readonly Done[], kind: "only here" | "only there"): Difference[] {
  const groups: Done[][] = [];
  for (const effect of effects) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && last.part === effect.part && effect.at === last.at + 1) groups.at(-1)!.push(effect);
    else groups.push([effect]);
  }
  return groups.map((group) => {
    const lines = [...new Set(group.map(({ line }) => line))];
    return {
      kind,
      what: `${group[0]!.part}: ${group.map(({ action }) => action).join(", ")}`,
      run: lines.map(({ run }) => run).join("; "),
      why: lines[0]!.why,
    };
  });
}

/** Those outside the longest run that both tellings have in the same order. */
function moved(pairs: readonly (readonly [Done, Done])[]): Difference[] {
  const kept = longestIncreasing(pairs.map(([, other]) => other.at));
  return pairs.flatMap(([own, other], i): Difference[] => {
    if (kept.has(i)) return [];
    const later = pairs.find(([, theirs], j) => kept.has(j) && j > i && theirs.at < other.at);
    const earlier = [...pairs].reverse().find(([mine, theirs]) => mine.at < own.at && theirs.at > other.at);
    const than = later !== undefined ? later[0] : earlier?.[0];
    if (than === undefined) return [];
    const place = later !== undefined ? "before" : "after";
    const { part, action, line } = own;
    return [
      {
        kind: "order",
        what: `${part}: ${action}, ${place} ${than.part}: ${than.action}`,
        run: line.run,
        why: line.why,
      },
    ];
  });
}

/** Indices of a longest strictly increasing subsequence. */
function longestIncreasing(values: readonly number[]): Set<number> {
  const length = values.map(() => 1);
  const previous = values.map(() => -1);
  for (let i = 0; i < values.length; i++)
    for (let j = 0; j < i; j++)
      if (values[j]! < values[i]! && length[j]! + 1 > length[i]!) {
        length[i] = length[j]! + 1;
        previous[i] = j;
      }
  let at = length.indexOf(Math.max(0, ...length));
  const kept = new Set<number>();
  for (; at >= 0; at = previous[at]!) kept.add(at);
  return kept;
}
