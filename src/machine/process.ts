/**
 * A process: argv, environment, three streams, signals and an exit code, stepping in virtual time. What runs in it is
 * a `Program`, an explicit state machine; commands that need no time run to their end when they start.
 *
 * Follows fork(2), execve(2), signal(7) and wait(2) in what others can see. Not modelled: memory, users, priorities,
 * process groups other than a shell's jobs, stopping (SIGSTOP).
 */
import type { Cpu } from "../engine/cpu.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { ms, type Nanos, us } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { Box } from "./box.ts";
import type { Console } from "./console.ts";
import { EPIPE } from "./errno.ts";
import type { Manual } from "./manual.ts";
import type { Holder, Output, Pipe } from "./stream.ts";

/** Time from fork to the first instruction of a new program: fork, execve, the dynamic linker. */
export const EXEC_COST = ms(1);
/** Time a fork without execve takes: a subshell. */
export const FORK_COST = us(300);
/** From a wake-up (data, a dead child, a signal) to the process running. */
export const WAKE_LATENCY = us(5);

/** signal(7), x86 numbers; only what tools send. */
export const SIGNALS = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
} as const;
export type SignalName = keyof typeof SIGNALS;

export abstract class Program implements EventTarget {
  /** Set before `start`. */
  process!: Process;

  /** First instruction. */
  abstract start(): void;
  /** A timer came due or an event was posted to this program. */
  handle(_operation: number, _argument: number, _subject: unknown): void {}
  /** Dies of it unless the program says otherwise. KILL never comes here. */
  signal(name: SignalName): void {
    this.process.die(name);
  }
  /** stdin has something, or ended. Also called for nothing: read and see. */
  inputReady(): void {}
  /** stdout has room again. Also called for nothing. */
  outputReady(): void {}
  childExited(_child: Process): void {}
  /** The process is over, whatever ended it: close sockets, leave taps. */
  ended(): void {}
}

export interface Streams {
  readonly stdin: Pipe;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Whoever started a process from outside of any process and wants to know its end. */
export interface ProcessWatcher {
  processEnded(process: Process): void;
}

export interface SpawnOptions {
  /** Whose streams, environment and directory are inherited. */
  readonly parent?: Process;
  readonly stdin?: Pipe;
  readonly stdout?: Output;
  readonly stderr?: Output;
  /** For a process started from outside; a fresh one unless told. */
  readonly console?: Console;
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
  /** What error sentences begin with; argv[0] unless told. */
  readonly title?: string;
  /** Runs this instead of the command named by argv[0]: a fork without execve. */
  readonly program?: Program;
}

/** The machine as its processes see it: a box, the other processes and the commands. */
export interface ProcessHost extends Box {
  /** Running processes by pid. */
  readonly processes: ReadonlyMap<number, Process>;
  /** Every command there is, in the order of help. */
  readonly commands: readonly Manual[];
  /** What is known of the command behind a word; null when there is none. */
  command(word: string): Manual | null;
  /** Starts a process; it runs its first instruction EXEC_COST later (builtins at once, forks FORK_COST later). */
  spawn(argv: readonly string[], options?: SpawnOptions): Process;
  /** Sends a signal; false when there is no such process. */
  kill(pid: number, signal?: SignalName): boolean;
  /** For `Process`: its first instruction. */
  launch(process: Process): void;
  /** What `launch` does once every name is known. */
  launchNow(process: Process): void;
  /** For `Process`: it is over. */
  reap(process: Process): void;
}

export interface Birth extends Streams {
  readonly argv: readonly string[];
  readonly parent: Process | null;
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly console: Console | null;
  /** What error sentences begin with: argv[0], or "bash: line 1: kill" for a builtin. */
  readonly title: string;
  /** Nanoseconds before the first instruction, spent on the CPU. */
  readonly cost: Nanos;
  /** Null: whatever the command named by argv[0] starts. */
  readonly program: Program | null;
}

/** What a descriptor stands for: a socket. */
interface OpenFile {
  readonly closed: boolean;
}

/** Behind stdin, stdout and stderr. */
const FIRST_DESCRIPTOR = 3;

const START = 0;
const WAKE = 1;

export class Process implements EventTarget, Holder {
  readonly pid: number;
  readonly machine: ProcessHost;
  readonly cpu: Cpu;
  readonly parent: Process | null;
  readonly argv: readonly string[];
  /** Parents and children share one: whoever changes it makes another. */
  readonly env: ReadonlyMap<string, string>;
  cwd: string;
  private readonly title: string;
  readonly stdin: Pipe;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Where a process started from outside prints; its children share it. */
  readonly console: Console | null;
  readonly startedAt: Nanos;
  endedAt: Nanos | null = null;
  /** Null while it runs; 128 + n after signal n. */
  exitCode: number | null = null;
  killedBy: SignalName | null = null;
  program: Program | null;
  watcher: ProcessWatcher | null = null;
  private running = false;
  private readonly starter: Timer;
  private readonly waker: Timer;
  private readonly timers: Timer[] = [];
  /** Beyond the three streams: sockets. What else a real program has open it does not open here. Few processes have any. */
  private descriptors: Map<number, OpenFile> | null = null;
  private woken = false;
  private input = false;
  private output = false;
  private signals: SignalName[] = [];
  private deadChildren: Process[] = [];

  constructor(machine: ProcessHost, cpu: Cpu, pid: number, birth: Birth) {
    const scheduler = machine.world.scheduler;
    this.machine = machine;
    this.cpu = cpu;
    this.pid = pid;
    this.parent = birth.parent;
    this.argv = birth.argv;
    this.env = birth.env;
    this.cwd = birth.cwd;
    this.title = birth.title;
    this.console = birth.console;
    this.program = birth.program;
    this.stdin = birth.stdin;
    this.stdout = birth.stdout;
    this.stderr = birth.stderr;
    this.startedAt = scheduler.now;
    this.stdin.retainReader(this);
    this.stdout.retain(this);
    this.stderr.retain(this);
    this.starter = new Timer(scheduler, this, START, cpu);
    this.waker = new Timer(scheduler, this, WAKE, cpu);
    if (birth.cost > 0) cpu.spend(birth.cost);
    this.starter.armAfter(birth.cost);
  }

  /** argv[0]: what `ps` shows. */
  get name(): string {
    return this.argv[0] ?? "";
  }

  get hasEnded(): boolean {
    return this.exitCode !== null;
  }

  print(text: string): void {
    if (text !== "") this.write(this.stdout, text);
  }

  error(text: string): void {
    if (text !== "") this.write(this.stderr, text);
  }

  /** An error sentence with the program's name before it and a newline behind it; returns `code` for a quick end. */
  fail(sentence: string, code = 1): number {
    this.error(`${this.title}: ${sentence}\n`);
    return code;
  }

  exit(code: number): void {
    this.finish(code & 255, null);
  }

  /** Ends as an unhandled signal ends it. */
  die(name: SignalName): void {
    this.finish(128 + SIGNALS[name], name);
  }

  /** Sends a signal; it arrives when the process next runs, so never on a paused machine. */
  signal(name: SignalName): void {
    this.signals.push(name);
    this.wake();
  }

  /** Puts `program` in charge. */
  adopt(program: Program): void {
    this.program = program;
    program.process = this;
    program.start();
  }

  /** A timer of this process's CPU that ends with the process. */
  timer(target: EventTarget, operation: number): Timer {
    const timer = new Timer(this.machine.world.scheduler, target, operation, this.cpu);
    this.timers.push(timer);
    return timer;
  }

  handle(operation: number): void {
    if (this.hasEnded) return;
    if (operation === START) this.begin();
    else this.deliver();
  }

  /** Gives an open file the lowest number from `least` on that is free; files are forgotten once they are closed. */
  hold<Kind extends OpenFile>(file: Kind, least = FIRST_DESCRIPTOR): Kind {
    this.descriptors ??= new Map();
    let number = least;
    while (this.descriptors.get(number)?.closed === false) number++;
    this.descriptors.set(number, file);
    return file;
  }

  /** Null when it has not been told of it. */
  descriptorOf(file: OpenFile): number | null {
    for (const [number, each] of this.descriptors ?? []) if (each === file) return number;
    return null;
  }

  wakeInput(): void {
    this.input = true;
    this.wake();
  }

  wakeOutput(): void {
    this.output = true;
    this.wake();
  }

  /** For a child that has ended. */
  childEnded(child: Process): void {
    if (!this.hasEnded) this.deadChildren.push(child);
    this.wake();
  }

  private wake(): void {
    if (this.woken || this.hasEnded) return;
    this.woken = true;
    this.waker.armAfter(WAKE_LATENCY);
  }

  private begin(): void {
    this.running = true;
    if (this.program !== null) return this.adopt(this.program);
    this.machine.launch(this);
  }

  private deliver(): void {
    this.woken = false;
    const { signals, deadChildren, input, output } = this;
    if (signals.length > 0) this.signals = [];
    if (deadChildren.length > 0) this.deadChildren = [];
    this.input = false;
    this.output = false;
    for (const name of signals) this.take(name);
    // Before its first instruction a process hears nothing but signals; it looks at its streams when it starts.
    if (!this.running) return;
    for (const child of deadChildren) if (!this.hasEnded) this.program?.childExited(child);
    if (input && !this.hasEnded) this.program?.inputReady();
    if (output && !this.hasEnded) this.program?.outputReady();
  }

  private take(name: SignalName): void {
    if (this.hasEnded) return;
    if (name === "KILL" || !this.running || this.program === null) this.die(name);
    else this.program.signal(name);
  }

  private write(to: Output, text: string): void {
    if (this.hasEnded) return;
    const refused = to.write(text);
    if (refused === null) return;
    if (refused.text === EPIPE.text) return this.die("PIPE");
    if (to === this.stdout) this.fail(`write error: ${refused.text}`);
    this.exit(1);
  }

  private finish(code: number, killedBy: SignalName | null): void {
    if (this.hasEnded) return;
    this.exitCode = code;
    this.killedBy = killedBy;
    this.endedAt = this.machine.world.scheduler.now;
    this.starter.cancel();
    this.waker.cancel();
    for (const timer of this.timers) timer.cancel();
    // One that dies before its first instruction has nothing open.
    if (this.running) this.program?.ended();
    this.stdin.releaseReader(this);
    this.stdout.release(this);
    this.stderr.release(this);
    this.machine.reap(this);
    this.parent?.childEnded(this);
    this.watcher?.processEnded(this);
  }
}
