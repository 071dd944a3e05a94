/**
 * One lab being watched: it runs in short slices as fast as its pace says, its shells are read, its captures written.
 * Nothing here draws. Every input goes through the lab's own methods, so that the journal holds it.
 */
import { formatSeconds, frameRow, type Lab, lifeOf, type Nanos, openLab, type Plan, seconds } from "../../lab/index.ts";
import type { Outside, Sink, TerminalOptions } from "../outside.ts";
import { bytes, plural } from "../parts/words.ts";
import { Pace } from "./pace.ts";
import { Rehearsals } from "./rehearsals.ts";
import { Shells } from "./shells.ts";

/** Milliseconds of work before the keyboard gets its turn: at 8 ms a key is on the screen in 19 ms. */
const SLICE_MILLIS = 8;
/** Real milliseconds from one slice to the next while the lab keeps pace: finer steps nobody sees, and each has its price. */
const TURN_MILLIS = 4;
/** Events between two looks at the clock and at what the captures hold: one event may poll 64 frames. */
const SLICE_EVENTS = 4;
/** Bytes of captures that a session may write: at full speed a disk is soon full. */
const CAPTURE_LIMIT = 500e6;
/** Virtual time that a lab may be watched for: nanoseconds beyond 104 days are no integers any more. */
const LAST = seconds(100 * 24 * 3600);
/** How far a step to the next hop looks: where no frame moves it is said, and the clock does not run away. */
const HOP_SECONDS = 60;
const NOTHING_LEFT = "nothing is left to happen";

export interface Notice {
  readonly text: string;
  readonly kind: "plain" | "bad";
}

export class Session {
  readonly plan: Plan;
  readonly lab: Lab;
  readonly pace = new Pace();
  readonly shells: Shells;
  readonly rehearsals: Rehearsals;
  private readonly outside: Outside;
  /** Captures are not written any more. */
  private hasLostCaptures = false;
  /** Sentences for the user that nobody has taken yet. */
  private readonly notices: Notice[] = [];
  /** Opened when there is something to write. */
  private sink: Sink | null = null;
  private readonly life: ReturnType<typeof lifeOf>;
  /** The ping of `life`: null before it has begun. */
  private lifePing: ReturnType<Lab["exec"]> | null = null;
  private wantsLife: boolean;
  /** Paused, but time passes until the shells of these machines ask for their next lines. */
  private readonly waitingFor = new Set<string>();

  constructor(plan: Plan, outside: Outside, options: Pick<TerminalOptions, "scenario" | "life">) {
    this.plan = plan;
    this.outside = outside;
    const { scenario } = options;
    this.lab = openLab(
      { ...plan, checks: [] },
      { capture: { format: "pcapng", merged: false }, scenario, frames: true, events: true, record: true },
    );
    this.shells = new Shells(this.lab, plan.hosts[0]?.name ?? plan.machines[0]?.name ?? "");
    this.rehearsals = new Rehearsals(plan);
    this.life = lifeOf(plan);
    this.wantsLife = options.life && this.life !== null;
  }

  /** Where the captures are, once there are some. */
  get captureFolder(): string | null {
    return this.sink?.folder ?? null;
  }

  /** The oldest thing worth saying that was not said yet. */
  takeNotice(): Notice | null {
    return this.notices.shift() ?? null;
  }

  toggle(real: number): void {
    this.waitingFor.clear();
    if (this.pace.running) this.pace.stop();
    else this.pace.start(real, this.lab.now);
  }

  /** Types a line; while paused, time passes until the prompt is back, so that a command answers. */
  type(machine: string, line: string, real: number): boolean {
    return this.shells.type(machine, line) && this.waitFor(machine, real);
  }

  /** ^C; while paused, time passes until the prompt is back. */
  interrupt(machine: string, real: number): void {
    if (this.shells.interrupt(machine)) this.waitFor(machine, real);
  }

  /** ^D. */
  endInput(machine: string, real: number): void {
    this.shells.endInput(machine);
    this.waitFor(machine, real);
  }

  paste(machine: string, lines: readonly string[], real: number): void {
    this.shells.paste(machine, lines);
    this.waitFor(machine, real);
  }

  /** Opens a shell there; false when there is no such machine. What runs in it already is not waited for. */
  openShell(machine: string, real: number): boolean {
    if (!this.shells.open(machine)) return false;
    return !this.shells.isStarting(machine) || this.waitFor(machine, real);
  }

  private waitFor(machine: string, real: number): true {
    if (this.pace.running && this.waitingFor.size === 0) return true;
    if (!this.shells.isBusy(machine)) return true;
    this.waitingFor.add(machine);
    if (!this.pace.running) this.pace.start(real, this.lab.now);
    return true;
  }

  /** A turn has something to do. */
  get isBusy(): boolean {
    return this.pace.running || this.rehearsals.isBusy;
  }

  /** One slice; returns real milliseconds until the next is due, Infinity while there is nothing to do. */
  turn(now: () => number): number {
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

  /** Time of the next event; null when nothing is to come. */
  private get next(): Nanos | null {
    return this.isOver ? null : this.lab.world.scheduler.next();
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
      if (Number.isFinite(target) && target > this.lab.now && !this.isOver)
        this.lab.runUntil(target as typeof this.lab.now);
      return true;
    }
    // What shall happen at one certain event is looked for after each: the same run for everybody.
    const events = this.wantsLife || this.waitingFor.size > 0 || this.shells.hasWaiting ? 1 : SLICE_EVENTS;
    this.lab.runUntil((Number.isFinite(target) ? target : Number.MAX_SAFE_INTEGER) as typeof this.lab.now, events);
    if (this.wantsLife) this.startLife();
    if (this.shells.hasWaiting) this.shells.pull();
    if (this.waitingFor.size > 0) this.stopWaiting();
    this.drain(false);
    return false;
  }

  /** One event; what it was about. */
  stepEvent(): string {
    this.waitingFor.clear();
    this.pace.stop();
    const { next } = this;
    if (next === null) return NOTHING_LEFT;
    this.lab.runUntil(next, 1);
    if (this.wantsLife) this.startLife();
    this.afterwards();
    return `event ${this.lab.world.scheduler.executed} at ${formatSeconds(this.lab.now, 6)} s`;
  }

  /** Events until a frame shows at one more point: one hop of one frame. */
  stepHop(): string {
    this.waitingFor.clear();
    this.pace.stop();
    const { end } = this.lab.frames!;
    const until = this.lab.now + seconds(HOP_SECONDS);
    for (;;) {
      const { next } = this;
      if (next === null) return NOTHING_LEFT;
      if (next > until) return `no frame moves in the next ${HOP_SECONDS} s`;
      this.lab.runUntil(next, 1);
      if (this.wantsLife) this.startLife();
      if (this.lab.frames!.end === end) continue;
      this.afterwards();
      const row = frameRow(this.lab.frames!, end)!;
      return `${row.point}: ${row.protocol} ${row.info}`;
    }
  }

  private afterwards(): void {
    this.shells.pull();
    this.drain(false);
  }

  /** Its prompt is back, or its machine is gone: the lab rests again. */
  private stopWaiting(): void {
    this.shells.pull();
    for (const machine of this.waitingFor) if (!this.shells.isBusy(machine)) this.waitingFor.delete(machine);
    if (this.waitingFor.size === 0) this.pace.stop();
  }

  /** At the event after which everything is up. It runs beside the shells: their prompts are the user's. */
  private startLife(): void {
    if (!this.lab.settled || !this.lab.isReady(this.life!.machine)) return;
    this.wantsLife = false;
    this.lifePing = this.lab.exec(this.life!.machine, this.life!.line);
  }

  /** Ends the ping once a second, or starts it again; what it did. */
  toggleLife(): string {
    const { life } = this;
    if (life === null) return "there is nobody to ping in this topology";
    if (this.lifePing !== null && !this.lifePing.hasEnded) {
      this.lab.signal(this.lifePing, "INT");
      return `${life.machine}: ${life.line} ended`;
    }
    this.wantsLife = !this.wantsLife;
    if (this.wantsLife && this.lab.find(life.machine) !== null && this.lab.settled) this.startLife();
    return this.wantsLife || this.lifePing !== null ? `${life.machine}: ${life.line}` : "no ping";
  }

  /** A disk that is full is no reason to leave the lab: it is said once, and nothing is written any more. */
  private drain(now: boolean): void {
    const { captures } = this.lab;
    if (captures === null) return;
    if (this.hasLostCaptures) {
      // Switched on again all the same: nobody takes it.
      for (const file of captures.list) file.take();
      return;
    }
    try {
      if (this.sink === null && captures.pending > 0) this.sink = this.openSink();
      this.sink?.drain(this.lab, now);
      if (now || !this.isFull()) return;
      this.stopCaptures(`${bytes(CAPTURE_LIMIT)} are written; "xenlab run" has no limit`);
    } catch (error) {
      this.stopCaptures((error as Error).message);
    }
  }

  private isFull(): boolean {
    let size = 0;
    for (const file of this.lab.captures!.list) size += file.size;
    return size > CAPTURE_LIMIT;
  }

  private stopCaptures(why: string): void {
    this.hasLostCaptures = true;
    this.notices.push({ text: `captures stop here: ${why}`, kind: "bad" });
    const { captures } = this.lab;
    for (const { machine, device, state } of captures!.points)
      if (state === "on" || state === "waiting") this.lab.capturePoint(machine, device, { on: false });
  }

  private openSink(): Sink {
    const sink = this.outside.openSink(this.plan);
    if (sink.replaced > 0)
      this.notices.push({
        text: `captures in ${sink.folder}: ${plural(sink.replaced, "file")} of an earlier run replaced`,
        kind: "plain",
      });
    return sink;
  }

  /** What is not written yet is written; nothing runs any more. */
  close(): void {
    this.pace.stop();
    this.drain(true);
    this.sink?.close();
    this.sink = null;
  }
}
