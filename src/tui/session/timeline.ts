/**
 * Which moment of the run is shown: the newest, or one that was. From a past moment the run goes on as it did, with the
 * inputs that came, until it has caught up or somebody does something else: then what lay ahead has not been.
 */
import {
  eventBefore,
  isBefore,
  type JournalEntry,
  type Nanos,
  Past,
  type Place,
  Playback,
  placeOf,
  type Visit,
  VisitHop,
  VisitPlace,
} from "../../lab/index.ts";
import type { Recorded } from "../outside.ts";
import type { Moment } from "./moment.ts";

export class Timeline {
  moment: Moment;
  private readonly past: Past<Moment>;
  /** What came after this moment; null: nothing did yet. */
  private future: Playback<Moment> | null = null;
  /** In the past: where the run has got to, and every input of it. */
  private newest: Place = { time: 0 as Nanos, executed: 0 };
  private recorded: readonly JournalEntry[] = [];
  /** On the way to another moment. */
  private visit: Visit<Moment> | null = null;

  /** `open`: the run at its very start. `recorded`: it is one that was already. */
  constructor(open: () => Moment, recorded: Pick<Recorded, "entries" | "end"> | null) {
    this.past = new Past(open);
    this.moment = open();
    if (recorded === null) return;
    this.newest = recorded.end;
    this.recorded = recorded.entries;
    this.future = new Playback(this.moment, recorded.entries);
  }

  /** Every input of the run, and its newest moment. */
  get run(): Pick<Recorded, "entries" | "end"> {
    return { entries: this.inputs, end: this.end };
  }

  private get end(): Place {
    return this.future === null ? placeOf(this.moment.lab) : this.newest;
  }

  /** How far the newest moment is from this one; null: this is it. Nanoseconds. */
  get behind(): number | null {
    return this.future === null ? null : this.newest.time - this.moment.lab.now;
  }

  get isTravelling(): boolean {
    return this.visit !== null;
  }

  /** When something happens next, of itself or because somebody did something then; null: nothing will. */
  get next(): Nanos | null {
    const event = this.moment.lab.world.scheduler.next();
    if (this.future === null) return event;
    const { time } = this.future.next ?? this.newest;
    return event === null || event > time ? time : event;
  }

  /** Up to `time`, at most so many events. */
  advance(time: Nanos, events = Number.POSITIVE_INFINITY): void {
    const { future, moment, newest } = this;
    if (future === null) {
      moment.lab.runUntil(time, events);
      this.past.keep(moment);
      return;
    }
    const there = { time, executed: Number.POSITIVE_INFINITY };
    const catchesUp = !isBefore(there, newest);
    if (future.playTo(catchesUp ? newest : there, events) && catchesUp) this.future = null;
  }

  // To other moments. Each only begins: `travel` goes on with it.

  toPlace(place: Place): void {
    const { end } = this;
    this.visit = new VisitPlace(this.past, this.inputs, isBefore(end, place) ? end : place);
  }

  toNewest(): void {
    if (this.future !== null) this.toPlace(this.newest);
  }

  /** False: there is none. */
  toEventBefore(): boolean {
    const here = placeOf(this.moment.lab);
    if (here.executed === 0) return false;
    this.toPlace(eventBefore(here, this.inputs));
    return true;
  }

  toHopBefore(): void {
    this.visit = new VisitHop(this.past, this.inputs, this.moment);
  }

  private get inputs(): readonly JournalEntry[] {
    return this.future === null ? this.moment.lab.journal.entries : this.recorded;
  }

  /** Some events more on the way; null while it has not ended, else whether it led anywhere. */
  travel(events: number): boolean | null {
    const { visit } = this;
    if (visit === null) return false;
    if (!visit.step(events)) return null;
    this.visit = null;
    if (visit.playback !== null) this.arrive(visit.playback);
    return visit.playback !== null;
  }

  private arrive(playback: Playback<Moment>): void {
    if (this.future === null) {
      this.newest = placeOf(this.moment.lab);
      this.recorded = this.moment.lab.journal.entries;
    }
    playback.player.follow(this.moment);
    this.moment = playback.player;
    const isPast = playback.next !== null || isBefore(placeOf(this.moment.lab), this.newest);
    this.future = isPast ? playback : null;
  }

  /** Stays where it is. */
  stay(): void {
    this.visit = null;
  }

  /** Somebody does something: true when that makes another run of it, because it is the past. */
  diverge(): boolean {
    this.visit = null;
    if (this.future === null) return false;
    this.future = null;
    this.past.forget(placeOf(this.moment.lab));
    return true;
  }
}
