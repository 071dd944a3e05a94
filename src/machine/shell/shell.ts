/**
 * The shell of a machine, as an explicit state machine: bash, the part that people type at a prompt and that set-up
 * scripts of straight command lines need. Commands come from a string (`-c`), a file or stdin, one complete unit at a
 * time; a stack of frames says where in it the shell is; it waits for one foreground job or for input, never both.
 *
 * Not modelled: control flow, functions, substitution, globs, `set`, traps. `sh` is bash under its other name.
 */
import { Errno } from "../errno.ts";
import { isDirectory } from "../files.ts";
import { type Process, Program, type SignalName, type Streams } from "../process.ts";
import { Pipe } from "../stream.ts";
import { BUILTINS, type BuiltinShell } from "./builtins.ts";
import { expandText, expandWords } from "./expand.ts";
import { DEATHS, findJob, Job, jobLine } from "./job.ts";
import type { ShellError } from "./lexer.ts";
import { type AndOr, type List, type Pipeline, parse, type ShellCommand, type SimpleCommand } from "./parser.ts";
import { redirect } from "./redirect.ts";
import type { Session } from "./session.ts";
import type { Source } from "./source.ts";

/** How far the shell is in one list of commands. */
interface Frame {
  readonly list: List;
  item: number;
  /** The next pipeline of that item. */
  step: number;
  readonly negated: boolean;
}

export class Shell extends Program implements BuiltinShell {
  readonly session: Session;
  readonly source: Source;
  readonly jobs: Job[] = [];
  foreground: Job | null = null;
  private frames: Frame[] = [];
  private interrupted = false;

  constructor(session: Session, source: Source, list: List | null = null) {
    super();
    this.session = session;
    this.source = source;
    if (list !== null) this.enter(list);
  }

  /** Nothing runs in the foreground and nothing read is left to run. */
  get waitsForInput(): boolean {
    return this.foreground === null && this.frames.length === 0;
  }

  start(): void {
    this.advance();
  }

  override inputReady(): void {
    if (this.foreground === null) this.advance();
  }

  override childExited(_child: Process): void {
    const job = this.foreground;
    if (job === null || !job.done) return;
    this.foreground = null;
    this.session.status = job.status;
    if (this.afterSignals(job)) this.advance();
  }

  /** Control-C is for the foreground job; the shell itself goes the way that job goes. */
  override signal(name: SignalName): void {
    if (name !== "INT") return super.signal(name);
    if (this.foreground?.takesSignals === true) {
      this.interrupted = true;
      for (const process of this.foreground.processes) process.signal(name);
    } else if (this.source.isPrompt) this.abandon();
    else super.signal(name);
  }

  complain(sentence: string, line: number, stderr = this.process.stderr): void {
    stderr.write(`${this.source.prefix(line)}${sentence}\n`);
  }

  enter(list: List, negated = false): void {
    this.frames.push({ list, item: 0, step: 0, negated });
  }

  leave(status: number): void {
    this.frames = [];
    this.process.exit(status);
  }

  private advance(): void {
    while (this.foreground === null && !this.process.hasEnded) {
      const frame = this.frames.at(-1);
      if (frame === undefined) {
        if (!this.readUnit()) return;
      } else this.stepIn(frame);
    }
  }

  private stepIn(frame: Frame): void {
    const item = frame.list[frame.item];
    if (item === undefined) {
      this.frames.pop();
      if (frame.negated) this.session.status = Number(this.session.status === 0);
    } else if (item.background) {
      frame.item++;
      this.startBackground(item);
    } else if (frame.step === item.pipelines.length) {
      frame.item++;
      frame.step = 0;
    } else {
      const operator = item.operators[frame.step - 1];
      const pipeline = item.pipelines[frame.step++]!;
      const skipped = operator !== undefined && (operator === "&&") !== (this.session.status === 0);
      if (!skipped) this.runPipeline(pipeline, item.text);
    }
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

  private runPipeline(pipeline: Pipeline, text: string): void {
    const [only, ...more] = pipeline.commands;
    if (more.length === 0 && this.runHere(only!, pipeline.negated)) return;
    this.foreground = new Job(0, this.startAll(pipeline.commands, this.process.stdin), text, pipeline.negated);
    this.settle();
  }

  /** A job without a living process is over at once. */
  private settle(): void {
    const job = this.foreground;
    if (job === null || !job.done) return;
    this.foreground = null;
    this.session.status = job.status;
  }

  /** What the shell does itself: assignments, { }, and builtins that change the shell. False: it needs a child. */
  private runHere(command: ShellCommand, negated: boolean): boolean {
    if (command.kind !== "simple") {
      if (command.kind === "subshell" || command.redirections.length > 0) return false;
      this.enter(command.list, negated);
      return true;
    }
    const argv = expandWords(command.words, this.session);
    const builtin = BUILTINS.get(argv[0] ?? "");
    if (argv.length > 0 && builtin === undefined) return false;
    const streams = this.open(command, this.process);
    const status = streams === null ? 1 : this.runBuiltin(command, argv, streams);
    this.session.status = negated ? Number(status === 0) : status;
    if (this.foreground !== null) this.settle();
    return true;
  }

  private runBuiltin(command: SimpleCommand, argv: readonly string[], streams: Streams): number {
    for (const { name, value } of command.assignments) this.session.set(name, expandText(value, this.session));
    if (argv.length === 0) return 0;
    return BUILTINS.get(argv[0]!)!(this, argv, streams, command.line);
  }

  private open(command: ShellCommand, streams: Streams): Streams | null {
    const { files } = this.process.machine;
    const opened = redirect(command.redirections, streams, this.session, files, this.process.cwd);
    if (typeof opened !== "string") return opened;
    this.complain(opened, command.line, streams.stderr);
    return null;
  }

  /** Starts every command of a pipeline; the shell holds the pipes until all have their ends. */
  private startAll(commands: readonly ShellCommand[], stdin: Pipe): (Process | number)[] {
    const { process } = this;
    const pipes = commands.slice(1).map(() => new Pipe());
    for (const pipe of pipes) {
      pipe.retain(process);
      pipe.retainReader(process);
    }
    const members = commands.map((command, i) =>
      this.startOne(command, {
        stdin: pipes[i - 1] ?? stdin,
        stdout: pipes[i] ?? process.stdout,
        stderr: process.stderr,
      }),
    );
    for (const pipe of pipes) {
      pipe.release(process);
      pipe.releaseReader(process);
    }
    return members;
  }

  private startOne(command: ShellCommand, ends: Streams): Process | number {
    const streams = this.open(command, ends);
    if (streams === null) return 1;
    if (command.kind !== "simple") return this.fork(command.list, streams);
    const argv = expandWords(command.words, this.session);
    if (argv.length === 0 || BUILTINS.has(argv[0]!)) return this.fork([alone(command)], streams);
    return this.execute(command, argv, streams);
  }

  private fork(list: List, streams: Streams): Process {
    const { process } = this;
    const program = new Shell(this.session.fork(), this.source.forked(), list);
    return process.machine.spawn(process.argv, { parent: process, env: process.env, program, ...streams });
  }

  private execute(command: SimpleCommand, argv: readonly string[], streams: Streams): Process | number {
    const { process } = this;
    const env = this.session.environment();
    for (const { name, value } of command.assignments) env.set(name, expandText(value, this.session));
    const word = argv[0]!;
    const found = process.machine.command(word);
    if (found !== null) {
      const words = word === "kill" ? argv.flatMap((each) => this.pidsOf(each)) : argv;
      const title = found.builtin === true ? this.source.prefix(command.line) + word : word;
      return process.machine.spawn(words, { parent: process, env, title, ...streams });
    }
    if (!word.includes("/")) return this.cannotRun(`${word}: command not found`, 127, command, streams);
    const node = process.machine.files.find(word, process.cwd);
    if (node instanceof Errno) return this.cannotRun(`${word}: ${node.text}`, 127, command, streams);
    if (isDirectory(node)) return this.cannotRun(`${word}: Is a directory`, 126, command, streams);
    if (!node.executable) return this.cannotRun(`${word}: Permission denied`, 126, command, streams);
    return process.machine.spawn(["bash", ...argv], { parent: process, env, ...streams });
  }

  /** `kill %1`: the pids of a job; any other word as it is. */
  private pidsOf(word: string): string[] {
    const job = word.startsWith("%") ? findJob(this.jobs, word) : null;
    return job === null ? [word] : job.processes.map((process) => String(process.pid));
  }

  private cannotRun(sentence: string, code: number, command: SimpleCommand, streams: Streams): number {
    this.complain(sentence, command.line, streams.stderr);
    return code;
  }

  private startBackground(item: AndOr): void {
    const [only, ...more] = item.pipelines;
    const stdin = Pipe.holding("");
    const { stdout, stderr } = this.process;
    const members =
      more.length === 0
        ? this.startAll(only!.commands, stdin)
        : [this.fork([{ ...item, background: false }], { stdin, stdout, stderr })];
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
      this.frames = [];
      this.process.error("\n");
    } else if (killedBy !== null && killedBy in DEATHS && this.source.isInteractive)
      this.process.error(`${DEATHS[killedBy]}\n`);
    return true;
  }

  /** Control-C at the prompt: forget what was typed so far. */
  private abandon(): void {
    this.process.error("\n");
    this.source.accept();
    this.session.status = 130;
    this.advance();
  }

  private reportJobs(): void {
    if (!this.source.isPrompt) return;
    for (const job of this.jobs.filter((each) => each.done)) {
      this.process.error(jobLine(job, this.jobs));
      this.jobs.splice(this.jobs.indexOf(job), 1);
    }
  }
}

function alone(command: SimpleCommand): AndOr {
  const bare: SimpleCommand = { ...command, redirections: [] };
  return { pipelines: [{ negated: false, commands: [bare] }], operators: [], background: false, text: "" };
}
