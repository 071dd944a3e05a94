/**
 * A box: a network namespace, its devices, its processes and a small file tree. Domain 0, guests and outside hosts are
 * machines with more parts; whatever a command asks for beyond this class is a part under its own name.
 */
import { invariant } from "../base/invariant.ts";
import { DeviceTable } from "../device/device-table.ts";
import type { World } from "../device/world.ts";
import { Cpu } from "../engine/cpu.ts";
import type { Nanos } from "../engine/time.ts";
import { NetworkStack } from "../stack/network-stack.ts";
import { COMMANDS } from "./command/index.ts";
import type { Command } from "./command.ts";
import { Console } from "./console.ts";
import { defaultFiles } from "./default-files.ts";
import { FileNode, FileTree } from "./files.ts";
import { EXEC_COST, FORK_COST, Process, type Program, type SignalName } from "./process.ts";
import { scriptCommand } from "./setup/index.ts";
import { type Output, Pipe } from "./stream.ts";

export interface MachineOptions {
  readonly name: string;
  /** Virtual CPUs; 1 unless told. */
  readonly cpus?: number;
  /** The machine's name unless told. */
  readonly hostname?: string;
  /** `uname -r` */
  readonly release?: string;
  /** `uname -v` */
  readonly version?: string;
  /** Seconds since 1970 at virtual time 0. */
  readonly epoch?: number;
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

/** Parts a machine may have; whoever adds one declares it here by interface merging: `interface MachineParts { xen: ... }`. */
// biome-ignore lint/suspicious/noEmptyInterface: others add to it
export interface MachineParts {}

/** 2024-01-01 00:00:00 UTC. */
export const DEFAULT_EPOCH = 1_704_067_200;
/** Linux: the default of kernel.pid_max. */
const PID_MAX = 32_768;
/** Pids of a booted Debian start about here; the first one handed out is one more. */
const FIRST_PID = 400;
const BIN = /^\/(usr\/(local\/)?)?s?bin\/([^/]+)$/;

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["SHELL", "/bin/bash"],
  ["HOME", "/root"],
  ["LANG", "C"],
  ["USER", "root"],
  ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
];

export class Machine {
  readonly name: string;
  readonly world: World;
  readonly cpus: readonly Cpu[];
  readonly table: DeviceTable;
  readonly net: NetworkStack;
  readonly files: FileTree;
  /** Running processes by pid. */
  readonly processes = new Map<number, Process>();
  readonly parts: Partial<MachineParts> = {};
  hostname: string;
  release: string;
  version: string;
  /** Seconds since 1970 at virtual time 0. */
  epoch: number;
  readonly bootedAt: Nanos;
  private lastPid = FIRST_PID;

  constructor(world: World, options: MachineOptions) {
    this.world = world;
    this.name = options.name;
    this.hostname = options.hostname ?? options.name;
    this.release = options.release ?? "6.1.0-18-amd64";
    this.version = options.version ?? "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)";
    this.epoch = options.epoch ?? DEFAULT_EPOCH;
    this.bootedAt = world.scheduler.now;
    this.cpus = Array.from({ length: options.cpus ?? 1 }, () => new Cpu(world.scheduler));
    this.table = new DeviceTable(world, options.name, this.cpus);
    this.net = new NetworkStack(this.table);
    this.files = new FileTree(world.scheduler);
    defaultFiles(this);
  }

  /** Every command there is, in the order of help. A table, not state. */
  get commands(): readonly Command[] {
    return COMMANDS;
  }

  /** Nanoseconds since this machine was made. */
  get uptime(): Nanos {
    return (this.world.scheduler.now - this.bootedAt) as Nanos;
  }

  /** Seconds since 1970, whole. */
  get clockSeconds(): number {
    return this.epoch + Math.floor(this.world.scheduler.now / 1e9);
  }

  get paused(): boolean {
    return this.cpus.some((cpu) => !cpu.running);
  }

  pause(): void {
    for (const cpu of this.cpus) cpu.pause();
  }

  unpause(): void {
    for (const cpu of this.cpus) cpu.unpause();
  }

  /** The command behind a bare name, a path into one of the bin directories, or the path of a script nobody has edited. */
  command(word: string): Command | null {
    const name = word.includes("/") ? BIN.exec(word)?.[3] : word;
    return COMMANDS.find((each) => each.name === name) ?? (name === undefined ? this.setupScript(word) : null);
  }

  /** Starts a process; it runs its first instruction EXEC_COST later (builtins at once, forks FORK_COST later). */
  spawn(argv: readonly string[], options: SpawnOptions = {}): Process {
    invariant(argv.length > 0, "a process without argv[0]");
    const parent = options.parent ?? null;
    const streams = this.streams(options);
    const pid = this.nextPid();
    const child = new Process(this, this.cpus[pid % this.cpus.length]!, pid, {
      argv,
      parent,
      ...streams,
      env: options.env ?? parent?.env ?? new Map(ENVIRONMENT),
      cwd: options.cwd ?? parent?.cwd ?? "/root",
      title: options.title ?? argv[0]!,
      cost: options.program !== undefined ? FORK_COST : this.costOf(argv[0]!),
      program: options.program ?? null,
    });
    this.processes.set(pid, child);
    return child;
  }

  /** A line as typed at this machine's prompt. */
  run(line: string, options: SpawnOptions = {}): Process {
    return this.spawn(["bash", "-ic", line], options);
  }

  /** Sends a signal; false when there is no such process. */
  kill(pid: number, signal: SignalName = "TERM"): boolean {
    const process = this.processes.get(pid);
    process?.signal(signal);
    return process !== undefined;
  }

  /** Halted, crashed or destroyed: every process is gone at once, without a last word. */
  shutDown(): void {
    for (const process of [...this.processes.values()]) process.die("KILL");
    for (const device of this.table.devices) this.table.unregister(device);
    this.net.reassembly.flush();
    this.world.retire(this.net.lost);
  }

  /** For `Process`: its first instruction. */
  launch(process: Process): void {
    const command = this.command(process.name);
    if (command === null) {
      process.fail("command not found");
      return process.exit(127);
    }
    const started = command.start(process);
    if (typeof started === "number") process.exit(started);
    else process.adopt(started);
  }

  /** For `Process`: it is over. */
  reap(process: Process): void {
    this.processes.delete(process.pid);
  }

  private setupScript(path: string): Command | null {
    const file = this.files.file(path);
    return file instanceof FileNode && file.executable ? scriptCommand(path, file) : null;
  }

  private streams(options: SpawnOptions) {
    const parent = options.parent ?? null;
    const fresh = parent === null && (options.stdout === undefined || options.stderr === undefined);
    const console = options.console ?? parent?.console ?? (fresh ? new Console(this.world.scheduler) : null);
    return {
      console,
      stdin: options.stdin ?? parent?.stdin ?? console?.input ?? Pipe.holding(""),
      stdout: options.stdout ?? parent?.stdout ?? console!.stdout,
      stderr: options.stderr ?? parent?.stderr ?? console!.stderr,
    };
  }

  private costOf(word: string): Nanos {
    return this.command(word)?.builtin === true ? (0 as Nanos) : EXEC_COST;
  }

  private nextPid(): number {
    do this.lastPid = this.lastPid + 1 < PID_MAX ? this.lastPid + 1 : 300;
    while (this.processes.has(this.lastPid));
    return this.lastPid;
  }
}
