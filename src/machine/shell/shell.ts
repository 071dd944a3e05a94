/**
 * The shell of a machine, as an explicit state machine: bash, the part that people type at a prompt and that scripts
 * need. Commands come from a string (`-c`), a file or stdin, one complete unit at a
 * time; a stack of frames says where in it the shell is; it waits for one foreground job or for input, never both.
 *
 * Not modelled: functions, `set`, traps, job control by signals. `sh` is bash under its other name.
 */
import { us } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import { type Process, Program, type SignalName, type Streams } from "../process.ts";
import { Pipe } from "../stream.ts";
import { BUILTINS, type BuiltinShell } from "./builtins.ts";
import { Capture } from "./capture.ts";
import { execute, fork, type Member, open, type Parent, startAll } from "./children.ts";
import { type Expanded, Expansion } from "./expansion.ts";
import { type Driver, ForFrame, type Frame, IfFrame, ListFrame, LoopFrame } from "./frames.ts";
import { DEATHS, Job, jobLine } from "./job.ts";
import { parse } from "./parser.ts";
import type { Session } from "./session.ts";
import type { Source } from "./source.ts";
import type { CommandPart, ShellError } from "./token.ts";
import type { AndOr, CompoundCommand, List, Pipeline, ShellCommand, SimpleCommand } from "./tree.ts";

/** A command that is being run, as far as its words are known. */
interface Task {
  readonly command: ShellCommand;
  readonly negated: boolean;
  readonly text: string;
  readonly expansion: Expansion | null;
}

const RESTED = 0;
const ROUND_COST = us(5);

export class Shell extends Program implements BuiltinShell, Driver, Parent {
  readonly session: Session;
  readonly source: Source;
  readonly jobs: Job[] = [];
  foreground: Job | null = null;
  private frames: Frame[] = [];
  private interrupted = false;
  /** To be begun once more: its $( ) have been worked out, or there is something to `read`. */
  private again: Task | null = null;
  private asked: { readonly part: CommandPart; readonly capture: Capture; readonly task: Task } | null = null;
  /** A `read` that waits for a line. */
  private reading: Task | null = null;
  private rests = false;
  private timer: Timer | null = null;

  constructor(session: Session, source: Source, list: List | null = null) {
    super();
    this.session = session;
    this.source = source;
    if (list !== null) this.enter(list);
  }

  /** Nothing runs in the foreground, and nothing read is left to run; or a `read` wants a line. */
  get waitsForInput(): boolean {
    return this.foreground === null && (this.reading !== null || this.frames.length === 0);
  }

  start(): void {
    this.advance();
  }

  /** What commands of the innermost frame read and write. */
  get streams(): Streams {
    return this.frames.at(-1)?.streams ?? this.process;
  }

  get status(): number {
    return this.session.status;
  }

  set status(status: number) {
    this.session.status = status;
  }

  set(name: string, value: string): void {
    this.session.set(name, value);
  }

  subshell(list: List): Shell {
    return new Shell(this.session.fork(), this.source.forked(), list);
  }

  override inputReady(): void {
    this.again ??= this.reading;
    this.reading = null;
    if (this.foreground === null) this.advance();
  }

  override childExited(_child: Process): void {
    const job = this.foreground;
    if (job === null || !job.done) return;
    this.foreground = null;
    this.session.status = job.status;
    this.takeOutput();
    if (this.afterSignals(job)) this.advance();
  }

  /** Control-C is for the foreground job; the shell itself goes the way that job goes. */
  override signal(name: SignalName): void {
    if (name !== "INT") return super.signal(name);
    if (this.foreground?.takesSignals === true && !this.runsBuiltin(this.foreground)) {
      this.interrupted = true;
      for (const process of this.foreground.processes) process.signal(name);
    } else if (this.source.isPrompt) this.abandon();
    else super.signal(name);
  }

  /** echo and the like are children here, and part of the shell to whoever sends it a signal. */
  private runsBuiltin({ processes }: Job): boolean {
    return processes.every(({ name, machine }) => machine.command(name)?.builtin === true);
  }

  complain(sentence: string, line: number, stderr = this.process.stderr): void {
    stderr.write(`${this.source.prefix(line)}${sentence}\n`);
  }

  enter(list: List, streams: Streams = this.streams): void {
    this.frames.push(new ListFrame(list, streams));
  }

  leave(status: number): void {
    this.frames = [];
    this.process.exit(status);
  }

  private advance(): void {
    while (this.foreground === null && this.reading === null && !this.rests && !this.process.hasEnded) {
      const task = this.again;
      const frame = this.frames.at(-1);
      this.again = null;
      if (task !== null) this.runOne(task);
      else if (frame === undefined) {
        if (!this.readUnit()) return;
      } else if (!frame.step(this)) {
        this.frames.splice(this.frames.lastIndexOf(frame), 1);
        if (frame.negated) this.session.status = Number(this.session.status === 0);
      } else if (frame.isLoop) this.rest();
    }
  }

  /** A round costs a little time, so that a loop without end does not stop the clock. */
  private rest(): void {
    this.rests = true;
    this.timer ??= this.process.timer(this, RESTED);
    this.timer.armAfter(ROUND_COST);
  }

  override handle(operation: number): void {
    if (operation !== RESTED) return;
    this.rests = false;
    this.advance();
  }

  /** Out of `levels` loops, or on to the next round of the last of them. False: there is no loop. */
  unwind(levels: number, isContinue: boolean): boolean {
    if (!this.frames.some(({ isLoop }) => isLoop)) return false;
    for (let left = levels; left > 0; ) {
      const at = this.frames.findLastIndex(({ isLoop }) => isLoop);
      if (at < 0) break;
      this.frames.length = --left === 0 && isContinue ? at + 1 : at;
    }
    return true;
  }

  /** The next complete unit of input becomes a frame; false when the shell has to wait, or has ended. */
  private readUnit(): boolean {
    this.reportJobs();
    for (;;) {
      const unit = this.source.next(this.process);
      if (unit === "wait") return false;
      if (unit === "end") {
        this.leave(this.session.status);
        return false;
      }
      const parsed = parse(unit.text);
      if ("list" in parsed) {
        this.source.accept();
        this.enter(parsed.list);
        return true;
      }
      if (parsed.error.incomplete && !unit.last) continue;
      return this.refuse(parsed.error, unit.text);
    }
  }

  private refuse(error: ShellError, text: string): boolean {
    this.process.error(this.source.syntaxError(error, text));
    this.source.accept();
    this.session.status = error.status;
    if (this.source.isPrompt) return true;
    this.leave(error.status);
    return false;
  }

  run(pipeline: Pipeline, text: string): void {
    const [only, ...more] = pipeline.commands;
    if (more.length === 0) this.runOne({ command: only!, negated: pipeline.negated, text, expansion: null });
    else this.waitFor(startAll(this, pipeline.commands, this.streams), text, pipeline.negated);
  }

  /** A command that is no part of a longer pipeline: what the shell can do itself it does without a child. */
  private runOne(task: Task): void {
    const { command, negated, text } = task;
    const expansion = task.expansion ?? new Expansion(this.session, this.process.machine, this.process.cwd);
    const expanded = expansion.expand(command);
    if (expanded === null) return this.workOut(expansion.pending!, { ...task, expansion });
    if (expansion.failure !== null) return this.giveUp(expansion.failure, command.line);
    const streams = open(this, command, expanded, this.streams);
    if (streams === null) this.conclude(1, negated);
    else if (command.kind === "simple") this.runSimple(command, expanded, streams, task, expansion.status);
    else if (command.kind === "subshell") this.waitFor([fork(this, command.list, streams)], text, negated);
    else this.frames.push(frameOf(command, expanded, streams, negated));
  }

  private runSimple(
    command: SimpleCommand,
    expanded: Expanded,
    streams: Streams,
    task: Task,
    last: number | null,
  ): void {
    const { argv, assignments } = expanded;
    const { negated, text } = task;
    const word = argv[0];
    if (word !== undefined && !BUILTINS.has(word))
      return this.waitFor([execute(this, expanded, streams, command.line)], text, negated);
    const before = assignments.map(({ name }) => [name, this.session.variable(name)] as const);
    for (const { name, value } of assignments) this.session.set(name, value);
    if (word === undefined) return this.conclude(last ?? 0, negated);
    const status = BUILTINS.get(word)!(this, argv, streams, command.line);
    // Words before a builtin are for it alone.
    for (const [name, value] of before) this.session.restore(name, value);
    if (status === "wait") this.reading = { ...task, expansion: null };
    else if (this.foreground !== null) this.settle(negated);
    else this.conclude(status, negated);
  }

  private conclude(status: number, negated: boolean): void {
    this.session.status = negated ? Number(status === 0) : status;
  }

  private waitFor(members: readonly Member[], text: string, negated: boolean): void {
    this.foreground = new Job(0, members, text, negated);
    this.settle(false);
  }

  /** A job without a living process is over at once. */
  private settle(negated: boolean): void {
    const job = this.foreground;
    if (job === null || !job.done) return;
    this.foreground = null;
    this.conclude(job.status, negated);
    this.takeOutput();
  }

  /** The commands of a $( ) in a child; then the command whose words need them once more. */
  private workOut(part: CommandPart, task: Task): void {
    const parsed = parse(part.source);
    if ("error" in parsed)
      return this.giveUp({ sentence: parsed.error.message, status: parsed.error.status }, task.command.line);
    const capture = new Capture();
    this.asked = { part, capture, task };
    this.waitFor([fork(this, parsed.list, { ...ends(this.streams), stdout: capture })], "", false);
  }

  private takeOutput(): void {
    const { asked } = this;
    if (asked === null) return;
    this.asked = null;
    asked.task.expansion!.resolve(asked.part, asked.capture.text, this.session.status);
    this.again = asked.task;
  }

  /** What cannot be expanded ends a script; at a prompt only the line. */
  private giveUp({ sentence, status }: { readonly sentence: string; readonly status: number }, line: number): void {
    this.complain(sentence, line);
    this.frames = [];
    this.session.status = 1;
    if (!this.source.isInteractive) this.leave(status);
  }

  startBackground(item: AndOr): void {
    const [only, ...more] = item.pipelines;
    const streams = { ...ends(this.streams), stdin: Pipe.holding("") };
    const members =
      more.length === 0
        ? startAll(this, only!.commands, streams)
        : [fork(this, [{ ...item, background: false }], streams)];
    const job = new Job(Math.max(0, ...this.jobs.map((each) => each.id)) + 1, members, item.text, false);
    this.jobs.push(job);
    this.session.status = 0;
    this.session.lastBackground = job.pid;
    if (this.source.isInteractive) this.process.error(`[${job.id}] ${job.pid}\n`);
  }

  /** After a foreground job: what its death by a signal means for the shell. False: the shell has gone too. */
  private afterSignals(job: Job): boolean {
    const killedBy = job.processes.at(-1)?.killedBy ?? null;
    const wasInterrupted = this.interrupted;
    this.interrupted = false;
    if (killedBy === "INT" && wasInterrupted) {
      if (!this.source.isPrompt) {
        this.process.die("INT");
        return false;
      }
      this.forget();
      this.process.error("\n");
    } else if (killedBy !== null && killedBy in DEATHS && this.source.isInteractive)
      this.process.error(`${DEATHS[killedBy]}\n`);
    return true;
  }

  /** Control-C at the prompt: forget what was typed so far. */
  private abandon(): void {
    this.forget();
    this.process.error("\n");
    this.source.accept();
    this.session.status = 130;
    this.advance();
  }

  private forget(): void {
    this.frames = [];
    this.again = null;
    this.asked = null;
    this.reading = null;
  }

  private reportJobs(): void {
    if (!this.source.isPrompt) return;
    for (const job of this.jobs.filter((each) => each.done)) {
      this.process.error(jobLine(job, this.jobs));
      this.jobs.splice(this.jobs.indexOf(job), 1);
    }
  }
}

const ends = ({ stdin, stdout, stderr }: Streams): Streams => ({ stdin, stdout, stderr });

function frameOf(command: CompoundCommand, expanded: Expanded, streams: Streams, negated: boolean): Frame {
  switch (command.kind) {
    case "if":
      return new IfFrame(command, streams, negated);
    case "while":
    case "until":
      return new LoopFrame(command, streams, negated);
    case "for":
      return new ForFrame(command.name, expanded.argv, command.body, streams, negated);
    case "case":
      return new ListFrame(command.branches[expanded.branch]?.body ?? [], streams, negated);
    case "group":
    case "subshell":
      return new ListFrame(command.list, streams, negated);
  }
}
