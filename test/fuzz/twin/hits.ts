/** How often each predicate was needed. */
import { EXCUSES, MASKS, type Predicate, UNSTABLE } from "./predicates.ts";

/** More than this part of the cases excused: the fuzz says nothing any more. */
const LIMIT = 0.01;

const EXCUSED: readonly Predicate[] = [...EXCUSES, UNSTABLE];

export class Hits {
  private readonly hits = new Map<Predicate, number>([...MASKS, ...EXCUSED].map((each) => [each, 0]));

  count(used: ReadonlySet<Predicate>): void {
    for (const each of used) this.hits.set(each, (this.hits.get(each) ?? 0) + 1);
  }

  isTooMany(cases: number): boolean {
    const excused = EXCUSED.reduce((sum, each) => sum + this.hits.get(each)!, 0);
    return excused > Math.max(1, cases * LIMIT);
  }

  /** Masked fields are compared but for their value; an excused case is compared as far as its first difference. */
  table(cases: number): string {
    const rows = (list: readonly Predicate[]): string[] =>
      list.map((each) => `  ${String(this.hits.get(each)).padStart(6)}  ${each.name}: ${each.why} (${each.source})`);
    return [`of ${cases} cases masked in:`, ...rows(MASKS), `excused:`, ...rows(EXCUSED)].join("\n");
  }
}
