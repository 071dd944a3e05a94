/**
 * Plays a journal again: the same topology and seed, and every input at its place in the run. The same bytes come out.
 * It goes in slices, and stops anywhere on the way: whoever plays it sees any instant of the run that was.
 */
import { InvariantError } from "../base/invariant.ts";
import type { Input, JournalEntry } from "../engine/journal.ts";
import { type Nanos, NEVER, ZERO } from "../engine/time.ts";
import type { Process, SignalName } from "../machine/process.ts";
import { Lab, type LabOptions } from "./lab.ts";
import type { Plan } from "./topology/plan.ts";

/** Topology, seed and journal do not belong together, or the journal was written by a xenlab in which other things happen. */
export class OtherRunError extends InvariantError {
  constructor(how: string) {
    super(`the journal is of another run: ${how}`);
  }
}

/**
 * A place in a run: so many events were executed, and it was that time, which may be later than the last of them. With
 * `executed` Infinity it is the time alone that counts, and everything that happened then has happened.
 */
export interface Place {
  readonly time: Nanos;
  readonly executed: number;
}

/** Whoever takes inputs again: a lab, and what is made of its run beside it. */
export interface Player {
  readonly lab: Lab;
  give(input: Input): void;
}

export const placeOf = (lab: Lab): Place => ({ time: lab.now, executed: lab.world.scheduler.executed });

/** Neither has to be a place where something happened. */
export function isBefore(a: Place, b: Place): boolean {
  if (Number.isFinite(a.executed) && Number.isFinite(b.executed) && a.executed !== b.executed)
    return a.executed < b.executed;
  return a.time === b.time ? a.executed < b.executed : a.time < b.time;
}

export class Playback<P extends Player> {
  readonly player: P;
  private readonly entries: readonly JournalEntry[];

  /** Goes on where the player stands, whose own journal says what of the entries it has been given. */
  constructor(player: P, entries: readonly JournalEntry[]) {
    this.player = player;
    this.entries = entries;
  }

  /** The next input; null when all are given. */
  get next(): JournalEntry | null {
    return this.entries[this.player.lab.journal.entries.length] ?? null;
  }

  /** Plays on, at most `limit` events; true when the player stands at `place`, with the inputs of that place given. */
  playTo(place: Place, limit = Number.POSITIVE_INFINITY): boolean {
    const { scheduler } = this.player.lab.world;
    const last = scheduler.executed + limit;
    for (;;) {
      const entry = this.next;
      const isDue = entry !== null && !isBefore(place, entry);
      if (!this.advance(isDue ? entry : place, last, isDue)) return false;
      if (!isDue) return true;
      this.player.give(entry.input);
    }
  }

  /** False when `last` events were executed before it got there. `isOfInput`: something did happen there. */
  private advance({ time, executed }: Place, last: number, isOfInput: boolean): boolean {
    const { lab } = this.player;
    const { scheduler } = lab.world;
    if (!Number.isFinite(executed)) return lab.runUntil(time, last - scheduler.executed);
    while (scheduler.executed < executed) {
      if (scheduler.executed >= last) return false;
      if (isOfInput && (scheduler.next() ?? NEVER) > time) throw new OtherRunError("less happens");
      if (!lab.step()) throw new OtherRunError("less happens");
    }
    // What else happens at this time happens after the place.
    if (time > lab.now) lab.runUntil(time);
    if (scheduler.executed !== executed) throw new OtherRunError("other things happen");
    return true;
  }
}

/** A lab alone. */
export class LabPlayer implements Player {
  readonly lab: Lab;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  give(input: Input): void {
    give(this.lab, input);
  }
}

/** A lab that has taken every input of the journal; it stands where the last one came. */
export function replay(plan: Plan, entries: readonly JournalEntry[], options: LabOptions = {}): Lab {
  const player = new LabPlayer(new Lab(plan, options));
  new Playback(player, entries).playTo(entries.at(-1) ?? { time: ZERO, executed: 0 });
  return player.lab;
}

/** The input, through the method of the lab that it once came by. */
export function give(lab: Lab, input: Input): void {
  const isOfMachine = input.kind !== "plug" && input.kind !== "capture";
  if (isOfMachine && lab.find(input.machine) === null) throw new OtherRunError(`${input.machine} is not running`);
  switch (input.kind) {
    case "command":
      lab.exec(input.machine, input.line);
      return;
    case "shell":
      lab.openPrompt(input.machine);
      return;
    case "signal":
      lab.signal(processOf(lab, input.machine, input.process), input.signal as SignalName);
      return;
    case "type":
      lab.type(processOf(lab, input.machine, input.process), input.text);
      return;
    case "plug":
      lab.plug(input.machine, input.device, input.plugged);
      return;
    case "capture":
      lab.capturePoint(input.machine, input.device, input.change);
  }
}

function processOf(lab: Lab, machine: string, pid: number): Process {
  const process = lab.machine(machine).processes.get(pid);
  if (process === undefined) throw new OtherRunError(`there is no process ${pid} on ${machine}`);
  return process;
}
