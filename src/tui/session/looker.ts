/** Makes the look that views draw from: one snapshot for each paint, and what goes on beside it. */
import type { Look } from "../views/view.ts";
import { FrameList } from "./frame-list.ts";
import type { Moment } from "./moment.ts";
import { Rates } from "./rates.ts";
import type { Session } from "./session.ts";

/** More than any screen shows. */
const EVENTS = 60;

export class Looker {
  private readonly session: Session;
  private readonly motion: boolean;
  private frames: FrameList;
  private rates = new Rates();
  /** The moment of the run that these are of. */
  private moment: Moment;
  private look: Look | null = null;

  constructor(session: Session, motion: boolean) {
    this.session = session;
    this.motion = motion;
    this.moment = session.moment;
    this.frames = new FrameList(session.lab);
  }

  /** Something still crosses the screen, or a search has more to find. */
  get wantsPaint(): boolean {
    return (this.motion && this.rates.moving) || !this.frames.matches.isComplete;
  }

  /** As things were at the last paint. */
  get last(): Look {
    return this.look ?? this.take();
  }

  /** As things are now. */
  take(): Look {
    if (this.moment !== this.session.moment) this.turnTo(this.session.moment);
    const { session, frames, rates, motion } = this;
    const snapshot = session.lab.snapshot();
    rates.update(snapshot);
    frames.step();
    this.look = {
      snapshot,
      events: session.lab.events?.latest(EVENTS) ?? [],
      frames,
      captures: session.lab.captures?.points ?? [],
      captureFolder: session.captureFolder,
      rates,
      running: session.pace.running,
      speed: session.pace.speed,
      behind: session.behind,
      motion,
      transcript: (machine) => session.shells.transcript(machine),
      rehearsed: (host) => session.rehearsals.of(host),
    };
    return this.look;
  }

  /** Another moment: other counters, other frames, the same filter. */
  private turnTo(moment: Moment): void {
    const { filter } = this.frames;
    this.moment = moment;
    this.rates = new Rates();
    this.frames = new FrameList(moment.lab);
    this.frames.setFilter(filter);
  }
}
