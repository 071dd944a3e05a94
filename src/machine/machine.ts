/**
 * A machine: a box, the processes that run on it and the commands that are installed there.
 */
import { invariant } from "../base/invariant.ts";
import type { World } from "../device/world.ts";
import type { Nanos } from "../engine/time.ts";
import { Box, type BoxOptions } from "./box.ts";
import type { Command } from "./command.ts";
import { Console } from "./console.ts";
import { defaultFiles } from "./default-files.ts";
import type { FileTree } from "./files.ts";
import { EXEC_COST, FORK_COST, Process, type ProcessHost, type SignalName, type SpawnOptions } from "./process.ts";
import { NameFirst, namesToLookUp } from "./program/name-first.ts";
import { Pipe } from "./stream.ts";

/** What is installed on a machine: a table without state, so that a copied lab finds the same commands. */
export interface InstalledCommands {
  /** In the order of help. */
  readonly all: readonly Command[];
  /** The command behind a bare name, a path into one of the bin directories, or the path of a script nobody has edited. */
  find(word: string, box: { readonly files: FileTree }): Command | null;
}

/** Whoever puts more into a machine's file tree than every machine has. */
export interface Disk {
  furnish(machine: Machine, files: FileTree): void;
}

/** Linux: the default of kernel.pid_max. */
const PID_MAX = 32_768;
/** Pids of a booted Debian start about here; the first one handed out is one more. */
const FIRST_PID = 400;

const ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ["SHELL", "/bin/bash"],
  ["HOME", "/root"],
  ["LANG", "C"],
  ["USER", "root"],
  ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
]);

export class Machine extends Box implements ProcessHost {
  readonly installed: InstalledCommands;
  /** What more stands there from the beginning. */
  disk: Disk | null = null;
  readonly processes = new Map<number, Process>();
  /** No process runs any more, and none will. */
  halted = false;
  private lastPid = FIRST_PID;

  constructor(world: World, options: BoxOptions, installed: InstalledCommands) {
    super(world, options);
    this.installed = installed;
  }

  protected override furnish(files: FileTree): void {
    defaultFiles(this, files);
    this.disk?.furnish(this, files);
  }

  get commands(): readonly Command[] {
    return this.installed.all;
  }

  command(word: string): Command | null {
    return this.installed.find(word, this);
  }

  spawn(argv: readonly string[], options: SpawnOptions = {}): Process {
    invariant(argv.length > 0, "a process without argv[0]");
    const parent = options.parent ?? null;
    const console = this.console(options);
    const pid = this.nextPid();
    const child = new Process(this, this.cpus[pid % this.cpus.length]!, pid, {
      argv,
      parent,
      console,
      stdin: options.stdin ?? parent?.stdin ?? console?.input ?? Pipe.holding(""),
      stdout: options.stdout ?? parent?.stdout ?? console!.stdout,
      stderr: options.stderr ?? parent?.stderr ?? console!.stderr,
      env: options.env ?? parent?.env ?? ENVIRONMENT,
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

  kill(pid: number, signal: SignalName = "TERM"): boolean {
    const process = this.processes.get(pid);
    process?.signal(signal);
    return process !== undefined;
  }

  /** Ends a process at once, and all that it has started. */
  endJob(process: Process): void {
    process.die("KILL");
    for (const each of [...this.processes.values()]) if (descendsFrom(each, process)) each.die("KILL");
  }

  /** Halted, crashed or destroyed: every process is gone at once, without a last word. */
  shutDown(): void {
    this.halted = true;
    for (const process of [...this.processes.values()]) process.die("KILL");
    for (const device of this.table.devices) this.table.unregister(device);
    this.net.reassembly.flush();
    this.world.retire(this.net.lost);
  }

  launch(process: Process): void {
    const command = this.command(process.name);
    const names = command === null ? [] : namesToLookUp(process, command);
    if (names.length > 0) process.adopt(new NameFirst(names));
    else this.execute(process, command);
  }

  launchNow(process: Process): void {
    this.execute(process, this.command(process.name));
  }

  private execute(process: Process, command: Command | null): void {
    if (command === null) {
      process.fail("command not found");
      return process.exit(127);
    }
    const started = command.start(process);
    if (typeof started === "number") process.exit(started);
    else process.adopt(started);
  }

  reap(process: Process): void {
    this.processes.delete(process.pid);
  }

  private console(options: SpawnOptions): Console | null {
    const isFresh = options.parent === undefined && (options.stdout === undefined || options.stderr === undefined);
    return options.console ?? options.parent?.console ?? (isFresh ? new Console(this.world.scheduler) : null);
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

function descendsFrom(process: Process, ancestor: Process): boolean {
  let each: Process | null = process;
  while (each !== null && each !== ancestor) each = each.parent;
  return each !== null;
}
