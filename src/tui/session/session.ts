/**
 * One lab being watched: it runs in short slices as fast as its pace says, its shells are read, its captures written.
 * Nothing here draws. Every input goes through the lab's own methods, so that the journal holds it: so any moment that
 * was can be shown again, and from there the lab runs on as it did, until somebody does something else.
 */
import {
  type CaptureAnswer,
  type CaptureChange,
  formatSeconds,
  frameRow,
  type Lab,
  type Nanos,
  OtherRunError,
  type Plan,
  seconds,
} from "../../lab/index.ts";
import type { Outside, Recorded, TerminalOptions } from "../outside.ts";
import { CaptureWriter } from "./capture-writer.ts";
import { Moment } from "./moment.ts";
import type { Notice } from "./notice.ts";
import { Pace } from "./pace.ts";
import { Rehearsals } from "./rehearsals.ts";
import type { Shells } from "./shells.ts";
import { Timeline } from "./timeline.ts";

/** Milliseconds of work before the keyboard gets its turn: at 8 ms a key is on the screen in 19 ms. */
const SLICE_MILLIS = 8;
/** Real milliseconds from one slice to the next while the lab keeps pace: finer steps nobody sees, and each has its price. */
const TURN_MILLIS = 4;
/** Events between two looks at the clock and at what the captures hold: one event may poll 64 frames. */
const SLICE_EVENTS = 4;
/** Events between two looks at the clock on the way to a past moment. */
const VISIT_EVENTS = 200;
/** Virtual time that a lab may be watched for: nanoseconds beyond 104 days are no integers any more. */
const LAST = seconds(100 * 24 * 3600);
/** How far a step to the next hop looks: where no frame moves it is said, and the clock does not run away. */
const HOP_SECONDS = 60;
const NOTHING_LEFT = "nothing is left to happen";

export class Session {
  readonly plan: Plan;
  readonly pace = new Pace();
  readonly rehearsals: Rehearsals;
  private readonly timeline: Timeline;
  private readonly captures: CaptureWriter;
  /** Sentences for the user that nobody has taken yet. */
  private readonly notices: Notice[] = [];
  /** Paused, but time passes until the shells of these machines ask for their next lines. */
  private readonly waitingFor = new Set<string>();
  private readonly scenario: boolean;
  private branches = 0;

  /** `recorded`: a run that was already, before its first moment. */
  constructor(
    plan: Plan,
    outside: Outside,
    options: Pick<TerminalOptions, "scenario" | "life">,
    recorded: Recorded | null = null,
  ) {
    this.plan = plan;
    this.scenario = recorded?.scenario ?? options.scenario;
    const life = options.life && recorded === null;
    this.timeline = new Timeline(() => new Moment(plan, this.scenario, life), recorded);
    this.captures = new CaptureWriter(plan, outside, this.notices);
    this.rehearsals = new Rehearsals(plan);
  }

  /** What is shown: the newest moment of the run, or one that was. Another object after each way through time. */
  get moment(): Moment {
    return this.timeline.moment;
  }

  get lab(): Lab {
    return this.moment.lab;
  }

  get shells(): Shells {
    return this.moment.shells;
  }

  /** Where the captures are, once there are some. */
  get captureFolder(): string | null {
    return this.captures.folder;
  }

  /** The run so far, to be played again elsewhere. */
  get run(): Recorded {
    return { ...this.timeline.run, scenario: this.scenario };
  }

  /** How far the newest moment is from the one that is shown, nanoseconds; null: this is it. */
  get behind(): number | null {
    return this.timeline.behind;
  }

  /** The oldest thing worth saying that was not said yet. */
  takeNotice(): Notice | null {
    return this.notices.shift() ?? null;
  }

  toggle(real: number): void {
    this.rest();
    if (this.pace.running) this.pace.stop();
    else this.pace.start(real, this.lab.now);
  }

  /** Nothing is waited for any more, and no other moment is looked for. */
  private rest(): void {
    this.waitingFor.clear();
    this.timeline.stay();
  }

  // Inputs.

  /** Types a line; while paused, time passes until the prompt is back, so that a command answers. */
  type(machine: string, line: string, real: number): boolean {
    if (this.lab.find(machine) === null) return false;
    this.beforeInput();
    return this.shells.type(machine, line) && this.waitFor(machine, real);
  }

  /** ^C; while paused, time passes until the prompt is back. */
  interrupt(machine: string, real: number): void {
    if (!this.shells.isBusy(machine)) return;
    this.beforeInput();
    if (this.shells.interrupt(machine)) this.waitFor(machine, real);
  }

  /** ^D. */
  endInput(machine: string, real: number): void {
    if (!this.shells.isBusy(machine)) return;
    this.beforeInput();
    this.shells.endInput(machine);
    this.waitFor(machine, real);
  }

  paste(machine: string, lines: readonly string[], real: number): void {
    if (this.lab.find(machine) === null) return;
    this.beforeInput();
    this.shells.paste(machine, lines);
    this.waitFor(machine, real);
  }

  /** Opens a shell there; false when there is no such machine. What runs in it already is not waited for. */
  openShell(machine: string, real: number): boolean {
    // To look at a moment that was changes nothing: the shell that was not there opens for the first line typed.
    if (this.behind !== null) return this.lab.find(machine) !== null;
    if (!this.shells.open(machine)) return false;
    return !this.shells.isStarting(machine) || this.waitFor(machine, real);
  }

  plug(machine: string, device: string, plugged: boolean): boolean {
    this.beforeInput();
    return this.lab.plug(machine, device, plugged);
  }

  capture(machine: string, device: string, change: CaptureChange): CaptureAnswer {
    this.beforeInput();
    return this.lab.capturePoint(machine, device, change);
  }

  /** Ends the ping once a second, or starts it again; what it did. */
  toggleLife(): string {
    if (this.moment.life !== null) this.beforeInput();
    return this.moment.toggleLife();
  }

  /** What is done in the past makes another run of it: its captures must not touch those of the first. */
  private beforeInput(): void {
    if (!this.timeline.diverge()) return;
    this.branches++;
    const folder = this.captures.branch(this.lab, this.branches);
    const place = folder === null ? "" : `; its captures: ${folder}`;
    this.notices.push({ text: `from ${formatSeconds(this.lab.now, 6)} s on another run${place}`, kind: "plain" });
  }

  private waitFor(machine: string, real: number): true {
    if (this.pace.running && this.waitingFor.size === 0) return true;
    if (!this.shells.isBusy(machine)) return true;
    this.waitingFor.add(machine);
    if (!this.pace.running) this.pace.start(real, this.lab.now);
    return true;
  }

  // Time.

  /** A turn has something to do. */
  get isBusy(): boolean {
    return this.pace.running || this.timeline.isTravelling || this.rehearsals.isBusy;
  }

  /** One slice; returns real milliseconds until the next is due, Infinity while there is nothing to do. */
  turn(now: () => number): number {
    if (this.timeline.isTravelling) return this.travel(now);
    if (!this.rehearsals.takesTurn(this.pace.running)) return this.turnLab(now);
    this.rehearsals.step(now, now() + SLICE_MILLIS);
    return 0;
  }

  private turnLab(now: () => number): number {
    if (!this.pace.running) return Number.POSITIVE_INFINITY;
    const end = now() + SLICE_MILLIS;
    const target = this.pace.target(now());
    let arrived = this.advance(target);
    while (!arrived && this.pace.running && now() < end) arrived = this.advance(target);
    this.pace.reached(now(), this.lab.now);
    this.afterwards();
    if (!this.pace.running) return Number.POSITIVE_INFINITY;
    if (!arrived) return 0;
    if (this.isOver) this.stopForGood();
    const { next } = this;
    return next === null ? Number.POSITIVE_INFINITY : Math.max(TURN_MILLIS, this.pace.wait(next, now()));
  }

  private get isOver(): boolean {
    return this.lab.now >= LAST;
  }

  /** When something happens next; null when nothing is to come. */
  private get next(): Nanos | null {
    return this.isOver ? null : this.timeline.next;
  }

  private stopForGood(): void {
    this.waitingFor.clear();
    this.pace.stop();
    this.notices.push({ text: "100 days have passed in the lab: its clock goes no further", kind: "bad" });
  }

  /** Some events; true when there is nothing more to do up to `target`. */
  private advance(target: number): boolean {
    const { next } = this;
    if (next === null || next > target) {
      if (Number.isFinite(target) && target > this.lab.now && !this.isOver) this.go(target as Nanos);
      return true;
    }
    // What shall happen at one certain event is looked for after each: the same run for everybody.
    const events = this.moment.wantsLife || this.waitingFor.size > 0 || this.shells.hasWaiting ? 1 : SLICE_EVENTS;
    this.go((Number.isFinite(target) ? target : Number.MAX_SAFE_INTEGER) as Nanos, events);
    if (this.shells.hasWaiting) this.shells.pull();
    if (this.waitingFor.size > 0) this.stopWaiting();
    this.drain(false);
    return false;
  }

  private go(time: Nanos, events = Number.POSITIVE_INFINITY): void {
    this.orOther(() => this.timeline.advance(time, events));
    if (this.moment.wantsLife && this.behind === null) this.moment.startLife();
  }

  /** A journal from elsewhere may be of another run than this xenlab makes: then it ends here, and the lab goes on. */
  private orOther<Result>(act: () => Result): Result | true {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof OtherRunError)) throw error;
      this.timeline.diverge();
      this.pace.stop();
      this.notices.push({ text: error.message, kind: "bad" });
      return true;
    }
  }

  /** One event; what it was about. */
  stepEvent(): string {
    this.rest();
    this.pace.stop();
    const { next } = this;
    if (next === null) return NOTHING_LEFT;
    this.go(next, 1);
    this.afterwards();
    return this.whereText;
  }

  private get whereText(): string {
    return `event ${this.lab.world.scheduler.executed} at ${formatSeconds(this.lab.now, 6)} s`;
  }

  /** Events until a frame shows at one more point: one hop of one frame. */
  stepHop(): string {
    this.rest();
    this.pace.stop();
    const { end } = this.lab.frames!;
    const until = this.lab.now + seconds(HOP_SECONDS);
    for (;;) {
      const { next } = this;
      if (next === null) return NOTHING_LEFT;
      if (next > until) return `no frame moves in the next ${HOP_SECONDS} s`;
      this.go(next, 1);
      if (this.lab.frames!.end === end) continue;
      this.afterwards();
      return this.frameText(end);
    }
  }

  private frameText(number: number): string {
    const row = frameRow(this.lab.frames!, number);
    return row === null ? this.whereText : `${row.point}: ${row.protocol} ${row.info}`;
  }

  private afterwards(): void {
    if (this.behind === null) this.shells.pull();
    else this.shells.look();
    this.drain(false);
  }

  /** Its prompt is back, or its machine is gone: the lab rests again. */
  private stopWaiting(): void {
    this.shells.pull();
    for (const machine of this.waitingFor) if (!this.shells.isBusy(machine)) this.waitingFor.delete(machine);
    if (this.waitingFor.size === 0) this.pace.stop();
  }

  // Other moments of the run: `turn` finds the way there.

  /** To that virtual time, in the past or back from there; later than the newest moment it is the newest. */
  goTo(time: Nanos): void {
    this.leave();
    this.timeline.toPlace({ time, executed: Number.POSITIVE_INFINITY });
  }

  goToBeginning(): void {
    this.leave();
    this.timeline.toPlace({ time: 0 as Nanos, executed: 0 });
  }

  goToNewest(): void {
    if (this.behind === null) this.say("this is the newest moment");
    else {
      this.leave();
      this.timeline.toNewest();
    }
  }

  /** One event back. */
  backEvent(): void {
    this.leave();
    if (!this.timeline.toEventBefore()) this.say("nothing has happened before");
  }

  /** One hop of one frame back. */
  backHop(): void {
    this.leave();
    this.timeline.toHopBefore();
  }

  private leave(): void {
    this.rest();
    this.pace.stop();
    this.drain(true);
  }

  private travel(now: () => number): number {
    const end = now() + SLICE_MILLIS;
    let found: boolean | null;
    do found = this.orOther(() => this.timeline.travel(VISIT_EVENTS));
    while (found === null && now() < end);
    if (found === null) return 0;
    this.shells.look();
    this.say(found ? this.momentText : "no frame moved before, as far as they are kept");
    return Number.POSITIVE_INFINITY;
  }

  /** The clock stands in the title. */
  private get momentText(): string {
    const { end } = this.lab.frames!;
    const hop = this.lab.frames!.time(end - 1) === this.lab.now ? `, ${this.frameText(end - 1)}` : "";
    const where = this.behind === null ? "the newest moment" : "past (alt-> leaves it)";
    return `${where}: event ${this.lab.world.scheduler.executed}${hop}`;
  }

  private say(text: string): void {
    this.notices.push({ text, kind: "plain" });
  }

  private drain(now: boolean): void {
    this.captures.drain(this.lab, now);
  }

  /** What is not written yet is written; nothing runs any more. */
  close(): void {
    this.pace.stop();
    this.captures.close(this.lab);
  }
}
