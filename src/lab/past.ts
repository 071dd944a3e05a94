/**
 * The past of a run: any instant of it, played again from the start or from a copy on the way there. Copies are few and
 * lie closer together the nearer they are to now, so that going back costs a part of what the way there did.
 */
import { copyGraph } from "../engine/copy.ts";
import type { JournalEntry } from "../engine/journal.ts";
import { isBefore, type Place, Playback, type Player, placeOf } from "./replay.ts";

/** Copies held: a full frame log makes each 40 MB. */
const MOST_COPIES = 8;
/** Events that are played again in about a tenth of a second (40 to 120 ms were measured): no copy is worth less. */
const SHORT_WAY = 5_000;
/** From one copy to the next, as a part of the run so far: a busy lab is not copied all the time. */
const PART_OF_RUN = 1 / 4;
/** A copy takes some 2 ms for each machine: larger labs are played from their start. */
const MOST_MACHINES = 24;

export class Past<P extends Player> {
  private readonly open: () => P;
  /** Oldest first. */
  private readonly copies: P[] = [];
  /** Events at which the next copy is worth while. */
  private due = SHORT_WAY;

  /** `open`: the same run at its very start. */
  constructor(open: () => P) {
    this.open = open;
  }

  /** To be called now and then while the run goes on: copies it when that is worth while. */
  keep(player: P): void {
    const { executed } = player.lab.world.scheduler;
    if (executed < this.due) return;
    this.due = executed + Math.max(SHORT_WAY, Math.floor(executed * PART_OF_RUN));
    if (player.lab.machineNames.length > MOST_MACHINES) return;
    this.copies.push(copyGraph(player));
    if (this.copies.length > MOST_COPIES) this.copies.splice(this.leastMissed(), 1);
  }

  /** The copy without which the gap is smallest for its distance from now; never the newest. */
  private leastMissed(): number {
    const at = this.copies.map(({ lab }) => placeOf(lab).executed);
    const now = at.at(-1)!;
    let least = 0;
    let leastGap = Number.POSITIVE_INFINITY;
    for (let i = 0; i < at.length - 1; i++) {
      const gap = (at[i + 1]! - (at[i - 1] ?? 0)) / (now - at[i]!);
      if (gap < leastGap) [least, leastGap] = [i, gap];
    }
    return least;
  }

  /** A playback of these entries that stands before `place`, or at it, as near as there is a copy. */
  before(place: Place, entries: readonly JournalEntry[]): Playback<P> {
    const copy = this.copies.findLast(({ lab }) => !isBefore(place, placeOf(lab)));
    return new Playback(copy === undefined ? this.open() : copyGraph(copy), entries);
  }

  /** The run takes another way from `place` on: what lies behind it has not been. */
  forget(place: Place): void {
    const kept = this.copies.findIndex(({ lab }) => isBefore(place, placeOf(lab)));
    if (kept >= 0) this.copies.length = kept;
    this.due = Math.min(this.due, place.executed + SHORT_WAY);
  }
}
