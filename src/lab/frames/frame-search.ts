/**
 * Finds the records of a log that match a display filter, a few at a time: the caller owns the clock. It keeps up with
 * what comes, and forgets what the log forgets.
 */
import { matches } from "./filter/evaluate.ts";
import type { DisplayFilter } from "./filter/tree.ts";
import type { FrameLog } from "./frame-log.ts";
import { FrameView } from "./frame-view.ts";

export class FrameSearch {
  private readonly log: FrameLog;
  private readonly filter: DisplayFilter;
  private readonly view = new FrameView();
  private readonly found: number[] = [];
  /** Number of the first record that was not looked at. */
  private next: number;

  constructor(log: FrameLog, filter: DisplayFilter) {
    this.log = log;
    this.filter = filter;
    this.next = log.first;
  }

  /** Looks at up to `records` more; true when none is left. */
  step(records: number): boolean {
    const { log, filter, view, found } = this;
    this.next = Math.max(this.next, log.first);
    const stop = Math.min(this.next + records, log.end);
    for (let number = this.next; number < stop; number++) {
      if (log.read(number, view) && matches(filter, view)) found.push(number);
    }
    this.next = stop;
    this.forget();
    return stop === log.end;
  }

  /** Numbers of the records that match, ascending. */
  get matches(): readonly number[] {
    this.forget();
    return this.found;
  }

  /** Of the records that the log has, how many were looked at: `log.end - log.first` when it is up to date. */
  get examined(): number {
    return Math.max(0, this.next - this.log.first);
  }

  /** The first match after `number`; null when there is none yet. */
  after(number: number): number | null {
    const { matches } = this;
    return matches[countBelow(matches, number + 1)] ?? null;
  }

  /** The last match before `number`; null when there is none. */
  before(number: number): number | null {
    const { matches } = this;
    return matches[countBelow(matches, number) - 1] ?? null;
  }

  /** How many matches have lower numbers: its place in `matches`, if it is one. */
  placeOf(number: number): number {
    return countBelow(this.matches, number);
  }

  private forget(): void {
    if (this.found.length > 0 && this.found[0]! < this.log.first)
      this.found.splice(0, countBelow(this.found, this.log.first));
  }
}

/** How many of the ascending numbers are less than `limit`. */
function countBelow(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
