/**
 * A lab: everything that a topology, a seed and a journal make, and the run of it. It is one graph of plain state:
 * `copyLab` gives a second one that runs on by itself to the same bytes. Nothing here knows files, clocks or promises;
 * whoever drives it calls `runUntil` in slices and takes what has come out.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { InvariantError } from "../base/invariant.ts";
import { World } from "../device/world.ts";
import { type CaptureChange, type Input, Journal } from "../engine/journal.ts";
import { formatSeconds, type Nanos, seconds } from "../engine/time.ts";
import type { Guest } from "../machine/guest.ts";
import type { Machine } from "../machine/machine.ts";
import type { Process, ProcessWatcher, SignalName } from "../machine/process.ts";
import { SetUp } from "../machine/setup/set-up.ts";
import { StepLog } from "../machine/setup/step-log.ts";
import type { GuestWatcher } from "../machine/xen-host.ts";
import { type Built, build } from "./build.ts";
import { type CaptureAnswer, refuse } from "./capture/capture-change.ts";
import { type CaptureOptions, CaptureSet } from "./capture/capture-set.ts";
import { DropLog } from "./drop-log.ts";
import { FATE_NAMES, type FateCount } from "./fates.ts";
import { FrameLog } from "./frames/frame-log.ts";
import { Prompt } from "./prompt.ts";
import { Scenario, type Stage } from "./scenario.ts";
import type { Plan } from "./topology/plan.ts";
import { Trace } from "./trace.ts";
import type { EventLog } from "./view/event-log.ts";
import { followMachine, openEventLog } from "./view/event-sources.ts";
import { inputText } from "./view/input-text.ts";
import { type LabSnapshot, labSnapshot } from "./view/lab-snapshot.ts";
import type { Wiring } from "./wiring.ts";

export interface LabOptions {
  /** Null: no captures at all, none later either. What the plan wants is on at first: with an empty list nothing is. */
  readonly capture?: CaptureOptions | null;
  /** Keep an entry for every frame at every point. */
  readonly trace?: boolean;
  /** Keep the latest things worth a line on a screen. */
  readonly events?: boolean;
  /** Keep every frame at every point, with its bytes, up to the limits of `FrameLog`. */
  readonly frames?: boolean;
  /** Keep step records. */
  readonly record?: boolean;
  /** Keep every command line of set-up and hotplug scripts, with why it was run. */
  readonly steps?: boolean;
  /** Run the topology's scenario and checks. */
  readonly scenario?: boolean;
}

/** A set-up process of a machine, for its output and end. */
interface Settling {
  readonly built: Built;
  readonly process: Process;
  /** Command lines that start the domains still to come. */
  readonly next: string[];
}

/** A boot or a set-up script that shows no progress for this long keeps nobody waiting any more. */
const STUCK_AFTER: Nanos = seconds(30);

export class Lab implements Stage, GuestWatcher, ProcessWatcher {
  readonly plan: Plan;
  readonly world: World;
  readonly journal = new Journal();
  readonly captures: CaptureSet | null;
  readonly trace: Trace | null;
  readonly events: EventLog | null;
  readonly frames: FrameLog | null;
  readonly drops: DropLog;
  readonly steps: StepLog | null;
  readonly scenario: Scenario;
  readonly wiring: Wiring;
  private readonly machines = new Map<string, Machine>();
  private readonly ready = new Set<string>();
  /** Set-up scripts and `xl create` runs that have not ended. */
  private readonly settingUp: Settling[] = [];
  private readonly booting = new Set<string>();
  private lastProgress = 0 as Nanos;
  /** Every set-up process there was, for what it printed and how it ended. */
  readonly setUps: { readonly machine: string; readonly process: Process }[] = [];

  constructor(plan: Plan, options: LabOptions = {}) {
    const { capture = null, trace = false, events = false, frames = false, record = false, scenario = true } = options;
    this.steps = options.steps === true ? new StepLog() : null;
    this.plan = plan;
    this.world = new World(plan.seed);
    if (record) this.world.recorder.start();
    const { machines, wiring } = build(plan, this.world);
    this.wiring = wiring;
    this.drops = new DropLog(this.world);
    this.trace = trace ? new Trace(this.world) : null;
    this.frames = frames ? new FrameLog(this.world) : null;
    this.events = events ? openEventLog(this.world) : null;
    this.captures = capture === null ? null : new CaptureSet(this.world, this.machines, plan, capture);
    for (const each of machines) this.begin(each);
    this.scenario = new Scenario(this, scenario ? plan.scenario : [], scenario ? plan.checks : []);
  }

  get now(): Nanos {
    return this.world.scheduler.now;
  }

  /** Names of the machines there are now, hosts and outside boxes first, then running guests. */
  get machineNames(): readonly string[] {
    return [...this.machines.keys()];
  }

  find(name: string): Machine | null {
    return this.machines.get(name) ?? null;
  }

  machine(name: string): Machine {
    const found = this.machines.get(name);
    if (found === undefined) throw new InvariantError(`no machine ${name}`);
    return found;
  }

  /** Its set-up has run to the end. */
  isReady(name: string): boolean {
    return this.ready.has(name);
  }

  /** Every set-up script, `xl create` and guest's init has come to its end, and every NIC knows whether it has a link. */
  get settled(): boolean {
    return this.settingUp.length === 0 && this.booting.size === 0 && !this.wiring.negotiating;
  }

  /** Nothing of that kind has come to an end for a while: a guest is paused, or a script never ends. */
  get stuck(): boolean {
    return !this.settled && this.waitsInVain;
  }

  private get waitsInVain(): boolean {
    return this.now - this.lastProgress >= STUCK_AFTER;
  }

  /** Lets virtual time pass until the lab is settled, or stuck; true when it is settled. */
  comeUp(): boolean {
    while (!this.settled) {
      if (this.waitsInVain || !this.step()) return false;
    }
    return true;
  }

  /** When the run ends: as the topology says, or once scenario and checks are done. Null while unknown. */
  get endsAt(): Nanos | null {
    return (this.plan.until as Nanos | null) ?? this.scenario.endsAt;
  }

  /** Time of the last thing that is planned: what a progress bar aims at while the end is unknown. */
  get lastPlanned(): Nanos {
    return this.plan.scenario.reduce((last, line) => Math.max(last, line.at), 0) as Nanos;
  }

  get finished(): boolean {
    const end = this.endsAt;
    return end !== null && this.now >= end;
  }

  /** Runs up to `time`, at most `limit` events; true when it got there. A bug names its place in the run. */
  runUntil(time: Nanos, limit = Number.POSITIVE_INFINITY): boolean {
    try {
      return this.world.scheduler.runUntil(time, limit);
    } catch (error) {
      throw this.placed(error);
    }
  }

  /** Executes one event; false when none is left. */
  step(): boolean {
    try {
      return this.world.scheduler.step();
    } catch (error) {
      throw this.placed(error);
    }
  }

  private placed(error: unknown): unknown {
    const { now, executed } = this.world.scheduler;
    if (error instanceof Error) error.message += ` (virtual time ${formatSeconds(now)} s, event ${executed})`;
    return error;
  }

  /** One slice on the way to the end: at most `limit` events. True when the run is over. */
  runSlice(limit: number): boolean {
    for (let left = limit; left > 0; left--) {
      const end = this.endsAt;
      const next = this.world.scheduler.next();
      if (end !== null && (next === null || next > end)) {
        this.runUntil(end);
        return true;
      }
      if (next === null) return true;
      this.runUntil(next, 1);
    }
    return false;
  }

  // Inputs from outside. Each is in the journal before it acts; what the scenario does is part of the topology.

  /** Types one line at a machine's prompt. The process's console holds what it prints. */
  exec(machine: string, line: string): Process {
    this.record({ kind: "command", machine, line });
    return this.machine(machine).run(line);
  }

  /** Opens a shell that lives on from line to line; `type` into its process. */
  openPrompt(machine: string): Prompt {
    this.record({ kind: "shell", machine });
    return new Prompt(this.machine(machine).spawn(["bash", "-i"]));
  }

  /** Sends a signal to a process started from outside: ^C is INT. */
  signal(process: Process, signal: SignalName): void {
    this.record({ kind: "signal", machine: process.machine.name, process: process.pid, signal });
    process.signal(signal);
  }

  /** Types text into a process started from outside; null ends its input (^D). */
  type(process: Process, text: string | null): void {
    this.record({ kind: "type", machine: process.machine.name, process: process.pid, text });
    if (text === null) process.console?.input.end();
    else process.console?.input.type(text);
  }

  /** Pulls the cable of a NIC (by the name it has, or had in the topology), or plugs it in; false when it has none. */
  plug(machine: string, device: string, plugged: boolean): boolean {
    this.record({ kind: "plug", machine, device, plugged });
    return this.setPlugged(machine, device, plugged);
  }

  /**
   * Switches the capture of a device, or changes what of it is kept, from now on. A device that is not there is waited
   * for. The answer is no for a name no device can have, a filter that does not compile, a snap length that cannot be,
   * and in a lab that was opened without captures.
   */
  capturePoint(machine: string, device: string, change: CaptureChange): CaptureAnswer {
    this.record({ kind: "capture", machine, device, change: { ...change } });
    if (this.captures === null) return refuse("this lab was opened without captures");
    return this.captures.change(machine, device, change);
  }

  private record(input: Input): void {
    this.journal.record(this.now, this.world.scheduler.executed, input);
    if (input.kind !== "plug") this.events?.add("input", input.machine, inputText(input));
  }

  /** For the scenario; from outside use `plug`. */
  setPlugged(machine: string, device: string, plugged: boolean): boolean {
    const link = this.wiring.find(machine, device);
    if (link === null) return false;
    const text = plugged ? "cable plugged in" : "cable pulled";
    if (link.cable.plugged !== plugged) this.events?.add("cable", machine, text, { device: link.nic.name });
    link.cable.setPlugged(plugged);
    return true;
  }

  /** Fates in order of code; frames still under way are left out (`inFlight`). */
  get fates(): readonly FateCount[] {
    const counts: FateCount[] = [];
    this.world.frames.fates.forEach((frames, code) => {
      if (frames > 0)
        counts.push({
          code: code as FateCode,
          name: FATE_NAMES[code] ?? String(code),
          frames,
        });
    });
    return counts;
  }

  /** All that a screen may see of this instant. It stays as it is when the lab goes on. */
  snapshot(): LabSnapshot {
    return labSnapshot(this);
  }

  get inFlight(): number {
    return this.world.frames.alive;
  }

  /** Frames that ended in the fate called `name`, at `point` or anywhere. */
  dropsOf(name: string, point: string | null): number {
    const code = FATE_NAMES.indexOf(name);
    if (code <= Fate.NONE) return 0;
    return point === null ? this.world.frames.fates[code]! : this.drops.count(code, point);
  }

  private begin(built: Built): void {
    const { machine, setup } = built;
    this.adopt(machine);
    const xen = machine.parts.xen;
    if (xen !== undefined) xen.watcher = this;
    this.settleIn(built, machine.spawn(["rc"], { program: new SetUp(setup) }), [...built.autostart]);
  }

  private settleIn(built: Built, process: Process, next: string[]): void {
    process.watcher = this;
    this.settingUp.push({ built, process, next });
    this.setUps.push({ machine: built.machine.name, process });
  }

  /** The host's own set-up first, then its domains one after another, as an rc script starts them. */
  processEnded(process: Process): void {
    const index = this.settingUp.findIndex((each) => each.process === process);
    const { built, next } = this.settingUp.splice(index, 1)[0]!;
    const { name } = built.machine;
    this.lastProgress = this.now;
    const line = next.shift();
    if (line !== undefined) this.settleIn(built, built.machine.spawn(["bash", "-c", line]), next);
    if (this.ready.has(name)) return;
    this.ready.add(name);
    this.scenario.machineReady(name);
  }

  guestStarted(guest: Guest): void {
    this.events?.add("guest", guest.machine.name, `domain ${guest.domain.id} created`);
    this.lastProgress = this.now;
    this.booting.add(guest.machine.name);
    this.adopt(guest.machine);
  }

  guestReady(guest: Guest): void {
    const { name } = guest.machine;
    this.events?.add("guest", name, `domain ${guest.domain.id} has booted`);
    this.booting.delete(name);
    this.lastProgress = this.now;
    this.ready.add(name);
    this.scenario.machineReady(name);
  }

  guestStopped(guest: Guest): void {
    const { name } = guest.machine;
    this.events?.add("guest", name, `domain ${guest.domain.id} is gone`);
    if (this.machines.get(name) !== guest.machine) return;
    this.booting.delete(name);
    this.ready.delete(name);
    this.machines.delete(name);
  }

  private adopt(machine: Machine): void {
    this.machines.set(machine.name, machine);
    this.captures?.follow(machine.table);
    if (this.steps !== null) machine.parts.stepLog = this.steps;
    if (this.events !== null) followMachine(this.events, machine);
  }
}
