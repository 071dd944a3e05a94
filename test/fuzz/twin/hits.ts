/** How often each predicate was needed, and for which cases. */
import type { Predicate } from "./predicate.ts";
import { EXCUSES, MASKS, UNSTABLE } from "./predicates.ts";

/** More than this part of the cases excused: the fuzz says nothing any more. */
const LIMIT = 0.01;

const EXCUSED: readonly Predicate[] = [...EXCUSES, UNSTABLE];

export class Hits {
  private readonly cases = new Map<Predicate, number[]>([...MASKS, ...EXCUSED].map((each) => [each, []]));

  count(used: ReadonlySet<Predicate>, number: number): void {
    for (const each of used) this.cases.get(each)!.push(number);
  }

  isTooMany(cases: number): boolean {
    const excused = EXCUSED.reduce((sum, each) => sum + this.cases.get(each)!.length, 0);
    return excused > Math.max(1, cases * LIMIT);
  }

  /** Masked fields are compared but for their value; an excused case is compared as far as its first difference. */
  table(cases: number): string {
    const hits = (each: Predicate): string => String(this.cases.get(each)!.length).padStart(6);
    const row = (each: Predicate): string => `  ${hits(each)}  ${each.name}: ${each.why} (${each.source})`;
    const which = (each: Predicate): string[] =>
      this.cases.get(each)!.length === 0 ? [] : [`          ${this.cases.get(each)!.join(", ")}`];
    const excused = EXCUSED.flatMap((each) => [row(each), ...which(each)]);
    return [`of ${cases} cases masked in:`, ...MASKS.map(row), "excused:", ...excused].join("\n");
  }
}
