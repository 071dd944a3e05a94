/**
 * What happens in a run without anybody typing: the scenario's lines at their times, then the checks one after another.
 * A line for a machine that is not up yet waits until it is.
 */
import { invariant } from "../base/invariant.ts";
import type { World } from "../device/world.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { ms, type Nanos, seconds } from "../engine/time.ts";
import type { Machine } from "../machine/machine.ts";
import type { Process, ProcessWatcher } from "../machine/process.ts";
import { type CheckEnd, type CheckResult, judge, notReached, notRunning } from "./check.ts";
import type { Run } from "./run.ts";
import type { CheckPlan, ScenarioPlan } from "./topology/plan.ts";

/** From the end of the last check to the end of the run: what is under way arrives. */
const SETTLE: Nanos = ms(100);
/** How long frames under way may keep a run from ending: the kernel gives an unanswered ARP request three seconds. */
const GRACE: Nanos = seconds(5);
/** How long a line or a check waits for a machine that is not up. */
const PATIENCE: Nanos = seconds(30);
const LOOK_AGAIN: Nanos = ms(50);
/** How long after the last planned line the checks wait for lines that still run: a `ping` without -c never ends. */
const LINES_LIMIT: Nanos = seconds(60);

const LINE = 1;
const LINE_LATE = 2;
const CHECK_START = 3;
const CHECK_LATE = 4;
const LINES_LATE = 5;

/** The lab, as far as a scenario needs it: when it is, which machines are up, and what can be done to it. */
export interface Stage {
  readonly world: World;
  readonly now: Nanos;
  /** Time of the last thing that is planned. */
  readonly lastPlanned: Nanos;
  /** Set-up has come to its end; or it shows no progress any more. */
  readonly settled: boolean;
  readonly stuck: boolean;
  /** Frames under way. */
  readonly inFlight: number;
  isReady(machine: string): boolean;
  machine(name: string): Machine;
  setPlugged(machine: string, device: string, plugged: boolean): boolean;
  dropsOf(fate: string, point: string | null): number;
}

export class Scenario implements EventTarget, ProcessWatcher {
  private readonly lab: Stage;
  private readonly lines: readonly ScenarioPlan[];
  private readonly checks: readonly CheckPlan[];
  /** Lines that were due before their machine was up, by machine. */
  private readonly waiting = new Map<string, ScenarioPlan[]>();
  readonly runs: Run[] = [];
  /** Lines and checks whose machine never came up. */
  readonly skipped: { readonly machine: string; readonly line: string }[] = [];
  readonly results: CheckResult[] = [];
  private outstanding: number;
  private current: {
    readonly check: CheckPlan;
    readonly run: Run;
    readonly dropsBefore: number;
    isLate: boolean;
  } | null = null;
  private nextCheck = 0;
  private waitingSince: Nanos | null = null;
  private doneAt: Nanos | null = null;
  /** When everything is done; null before. */
  endsAt: Nanos | null = null;

  constructor(lab: Stage, lines: readonly ScenarioPlan[], checks: readonly CheckPlan[]) {
    this.lab = lab;
    this.lines = lines;
    this.checks = checks;
    this.outstanding = lines.length;
    lines.forEach((line, index) => {
      lab.world.scheduler.at(line.at as Nanos, this, LINE, index);
    });
    if (lines.length === 0) this.lookAgain(lab.now);
    else lab.world.scheduler.at((lab.lastPlanned + LINES_LIMIT) as Nanos, this, LINES_LATE);
  }

  handle(operation: number, argument: number): void {
    if (operation === LINE) this.due(this.lines[argument]!);
    else if (operation === LINE_LATE) this.giveUp(this.lines[argument]!);
    else if (operation === CHECK_START) this.startCheck();
    else if (operation === LINES_LATE) this.stopWaiting();
    else if (this.current !== null && argument === this.nextCheck) this.endLate(this.current);
  }

  /** Not by a signal: a paused machine would never receive it. What the line has started goes with it. */
  private endLate(current: NonNullable<Scenario["current"]>): void {
    const { machine, process } = current.run;
    current.isLate = true;
    this.lab.machine(machine).endJob(process);
  }

  /** A machine has finished its set-up. */
  machineReady(name: string): void {
    const due = this.waiting.get(name) ?? [];
    this.waiting.delete(name);
    for (const line of due) this.perform(line);
  }

  processEnded(process: Process): void {
    if (this.current?.run.process === process) return this.finishCheck();
    this.lineDone();
  }

  private due(line: ScenarioPlan): void {
    const machine = machineOf(line);
    if (this.lab.isReady(machine)) return this.perform(line);
    const queue = this.waiting.get(machine) ?? [];
    queue.push(line);
    this.waiting.set(machine, queue);
    this.lab.world.scheduler.after(PATIENCE, this, LINE_LATE, this.lines.indexOf(line));
  }

  private giveUp(line: ScenarioPlan): void {
    const machine = machineOf(line);
    const queue = this.waiting.get(machine) ?? [];
    if (!queue.includes(line)) return;
    queue.splice(queue.indexOf(line), 1);
    this.skipped.push({
      machine,
      line: textOf(line),
    });
    this.lineDone();
  }

  private perform(line: ScenarioPlan): void {
    if (line.kind === "run") this.runs.push(this.start(line.on, line.run));
    else {
      this.lab.setPlugged(line.machine, line.device, line.kind === "plug");
      this.lineDone();
    }
  }

  private start(machine: string, text: string): Run {
    const process = this.lab.machine(machine).run(text);
    invariant(process.console !== null, "a process started from outside has a console");
    process.watcher = this;
    return {
      machine,
      line: text,
      startedAt: this.lab.now,
      console: process.console,
      process,
    };
  }

  /** Lines that still run go on, but hold nothing up any more. */
  private stopWaiting(): void {
    if (this.outstanding <= 0) return;
    this.outstanding = 0;
    this.lookAgain(this.lab.now);
  }

  /** The run is over: what was not judged has failed. */
  conclude(): void {
    for (; this.nextCheck < this.checks.length; this.nextCheck++) {
      this.results.push(notReached(this.checks[this.nextCheck]!, this.lab.now));
    }
  }

  /** Lines whose time did not come before the run was over. */
  get notReached(): readonly { readonly machine: string; readonly line: string; readonly at: Nanos }[] {
    const waiting = [...this.waiting.values()].flat();
    return this.lines
      .filter((line) => line.at > this.lab.now || waiting.includes(line))
      .map((line) => ({ machine: machineOf(line), line: textOf(line), at: line.at as Nanos }));
  }

  /** Lines that still run. */
  get unfinished(): readonly Run[] {
    return this.runs.filter((run) => !run.process.hasEnded);
  }

  private lineDone(): void {
    this.outstanding--;
    if (this.outstanding === 0) this.lookAgain(this.lab.now);
  }

  /** Checks run one at a time, in order, when the scenario is over, their `after` has come and their machine is up. */
  private startCheck(): void {
    if (this.current !== null) return;
    const check = this.checks[this.nextCheck];
    if (check === undefined) return this.finish();
    if (check.after !== null && check.after > this.lab.now) return this.lookAgain(check.after as Nanos);
    if (!this.lab.isReady(check.on)) return this.awaitMachine(check);
    this.waitingSince = null;
    const dropsBefore = check.expect.kind === "dropped" ? this.lab.dropsOf(check.expect.code, check.expect.at) : 0;
    this.current = { check, run: this.start(check.on, check.run), dropsBefore, isLate: false };
    this.lab.world.scheduler.after(check.within as Nanos, this, CHECK_LATE, this.nextCheck);
  }

  private awaitMachine(check: CheckPlan): void {
    const { now } = this.lab;
    this.waitingSince ??= now;
    if (now - this.waitingSince < PATIENCE) return this.lookAgain((now + LOOK_AGAIN) as Nanos);
    this.results.push(notRunning(check, now));
    this.waitingSince = null;
    this.nextCheck++;
    this.lookAgain(now);
  }

  /** Everything is done; frames that still wait (for an ARP answer, say) get a while to find their fate. */
  private finish(): void {
    const { now, settled, stuck } = this.lab;
    this.doneAt ??= now;
    const isDone = (settled || stuck) && (this.lab.inFlight === 0 || now - this.doneAt >= GRACE);
    if (isDone) this.endsAt ??= (now + SETTLE) as Nanos;
    else this.lookAgain((now + LOOK_AGAIN) as Nanos);
  }

  private lookAgain(at: Nanos): void {
    this.lab.world.scheduler.at(at, this, CHECK_START);
  }

  private finishCheck(): void {
    const { check, run, dropsBefore, isLate } = this.current!;
    const isThere = this.lab.isReady(check.on) && !this.lab.machine(check.on).halted;
    const end: CheckEnd = isLate ? "late" : isThere ? "ended" : "machine gone";
    const drops =
      check.expect.kind === "dropped" ? this.lab.dropsOf(check.expect.code, check.expect.at) - dropsBefore : 0;
    this.results.push(judge(check, run, end, drops, this.lab.now));
    this.current = null;
    this.nextCheck++;
    this.lookAgain(this.lab.now);
  }
}

/** What is done: a command line, `plug` or `unplug`. */
const textOf = (line: ScenarioPlan): string => (line.kind === "run" ? line.run : line.kind);

const machineOf = (line: ScenarioPlan): string => (line.kind === "run" ? line.on : line.machine);
