/**
 * On the way to a past instant: a step object, whose caller owns the clock. It ends with a playback that stands there and
 * can go on with the inputs that came later.
 */
import type { JournalEntry } from "../engine/journal.ts";
import { type Nanos, ZERO } from "../engine/time.ts";
import type { Past } from "./past.ts";
import { type Place, type Playback, type Player, placeOf } from "./replay.ts";

/** A step object for a way to some past instant. */
export interface Visit<P extends Player> {
  /** At most about so many events; true when `playback` stands there, or when there is no such place. */
  step(limit: number): boolean;
  /** Where it has got to; null: there is no such place. */
  readonly playback: Playback<P> | null;
}

/** Before the event at which `place` stands: after the one before it, and the inputs between the two. */
export function eventBefore({ executed }: Place, entries: readonly JournalEntry[]): Place {
  const last = entries.findLast((entry) => entry.executed < executed);
  return { time: last?.executed === executed - 1 ? last.time : ZERO, executed: executed - 1 };
}

/** To a place that is known. */
export class VisitPlace<P extends Player> implements Visit<P> {
  readonly playback: Playback<P>;
  private readonly place: Place;

  constructor(past: Past<P>, entries: readonly JournalEntry[], place: Place) {
    this.place = place;
    this.playback = past.before(place, entries);
  }

  step(limit: number): boolean {
    return this.playback.playTo(this.place, limit);
  }
}

/**
 * To the last event before `from` that brought a frame to a point: one hop of one frame back. Which event that was shows
 * only as the run is played again, so it is played twice: to find it, then to stop there.
 */
export class VisitHop<P extends Player> implements Visit<P> {
  private readonly past: Past<P>;
  private readonly entries: readonly JournalEntry[];
  private readonly from: Place;
  /** Times of frames at points up to `from`, by their number. */
  private readonly timeOf: (frame: number) => Nanos | null;
  /** Looks for hops, from before the frame with that number. */
  private search: Playback<P> | null = null;
  private frame: number;
  private hop: Place | null = null;
  private way: VisitPlace<P> | null = null;

  constructor(past: Past<P>, entries: readonly JournalEntry[], from: Player) {
    this.past = past;
    this.entries = entries;
    this.from = placeOf(from.lab);
    const frames = from.lab.frames!;
    this.timeOf = (frame) => frames.time(frame);
    this.frame = frames.end - 1;
  }

  get playback(): Playback<P> | null {
    return this.way?.playback ?? null;
  }

  step(limit: number): boolean {
    if (this.way !== null) return this.way.step(limit);
    this.search ??= this.begin();
    if (this.search === null) return true;
    for (let left = limit; left > 0; left--) {
      const { lab } = this.search.player;
      const next = lab.world.scheduler.executed + 1;
      if (next >= this.from.executed) return this.found();
      const { end } = lab.frames!;
      this.search.playTo({ time: ZERO, executed: next });
      if (lab.frames!.end > end) this.hop = placeOf(lab);
    }
    return false;
  }

  /** Null when no such frame is kept. */
  private begin(): Playback<P> | null {
    const time = this.timeOf(this.frame);
    if (time === null) return null;
    const playback = this.past.before({ time: (time - 1) as Nanos, executed: Number.POSITIVE_INFINITY }, this.entries);
    this.frame = playback.player.lab.frames!.end - 1;
    return playback;
  }

  /** All were looked at: the last one is it, or those before them come. */
  private found(): boolean {
    this.search = null;
    if (this.hop !== null) this.way = new VisitPlace(this.past, this.entries, this.hop);
    return this.hop === null && this.timeOf(this.frame) === null;
  }
}
