/**
 * A hotplug script as a literal list of steps: every step is a command line of the real tools, run as a child process
 * in its turn, or an assignment of the shell. The list is what a real script would do, condition for condition.
 *
 * Follows xen-hotplug-common.sh and xen-script-common.sh of Xen 4.17: arguments with `=` are variables, `set -e`,
 * stderr goes to /var/log/xen/xen-hotplug.log, `fatal` leaves its word in xenstore. Debug messages, which go to syslog,
 * are not modelled.
 */
import type { NetDevice } from "../../device/device.ts";
import { ms, type Nanos } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import type { Box } from "../box.ts";
import { FileNode } from "../files.ts";
import { type Process, Program } from "../process.ts";
import { spawnScript } from "../spawn-script.ts";
import { FileOutput, type Output, Pipe } from "../stream.ts";
import type { Step } from "./step.ts";
import { substitute } from "./substitute.ts";

/** bash starting, and the files that the script sources. */
const START_TIME: Nanos = ms(4);
const LOG_DIRECTORY = "/var/log/xen";
const LOG = `${LOG_DIRECTORY}/xen-hotplug.log`;

/** What a step's conditions may look at. */
export interface ScriptView {
  /** A variable; "" when it is not set, as in the shell. */
  get(name: string): string;
  /** `[ -e /sys/class/net/NAME ]` */
  device(name: string): NetDevice | null;
}

export interface ScriptStep extends Step {
  /** Asked when it is its turn; without it the step is always taken. */
  readonly when?: (script: ScriptView) => boolean;
  /** The variable that takes the last line of what the command prints; nothing printed or a failure leaves it empty. */
  readonly into?: string;
  /** What awk and cut make of the whole output. */
  readonly cut?: (output: string) => string;
  /** `2>/dev/null`: the script does not want to read it in its log. */
  readonly quiet?: boolean;
  /**
   * What a failure means: nothing, or the sentence that `fatal` writes into xenstore before the script ends. Without
   * this word `set -e` ends the script with the command's own code and no sentence at all.
   */
  readonly failure?: "ignored" | { readonly fatal: string };
  /** The step is no command but the end: `fatal "$run"`. */
  readonly fatal?: boolean;
}

export interface Script {
  /** udev runs it for a device that is gone: it takes no verb and has no interface to work on. */
  readonly plain?: boolean;
  /** Where it lies in the file tree. */
  readonly path: string;
  readonly summary: string;
  readonly steps: readonly ScriptStep[];
}

export class ScriptProgram extends Program implements ScriptView {
  /** Path of the script: the steps themselves are a table, not state. */
  private readonly path: string;
  private readonly variables: Map<string, string>;
  private at = 0;
  private readonly timer: Timer;
  private output: Pipe | null = null;
  private dying = false;

  constructor(process: Process, path: string, variables: Map<string, string>) {
    super();
    this.path = path;
    this.variables = variables;
    this.timer = process.timer(this, 0);
  }

  start(): void {
    this.timer.armAfter(START_TIME);
  }

  override handle(_operation: number): void {
    this.advance();
  }

  get(name: string): string {
    return this.variables.get(name) ?? "";
  }

  device(name: string): NetDevice | null {
    return this.process.machine.table.find(name);
  }

  override childExited(child: Process): void {
    if (this.dying) return this.process.exit(1);
    const step = stepsOf(this.path)[this.at - 1]!;
    const printed = this.output?.read() ?? "";
    this.output?.releaseReader(this.process);
    this.output = null;
    const failed = child.exitCode !== 0;
    if (step.into !== undefined) this.variables.set(step.into, failed ? "" : lastLine(step.cut?.(printed) ?? printed));
    if (!failed || step.failure === "ignored") return this.advance();
    if (step.failure === undefined) return this.process.exit(child.exitCode!);
    this.die(substitute(step.failure.fatal, this));
  }

  /** Takes steps until one has to be waited for. */
  private advance(): void {
    const steps = stepsOf(this.path);
    while (this.at < steps.length) {
      const step = steps[this.at++]!;
      if (step.when?.(this) === false) continue;
      if (step.fatal === true) return this.die(substitute(step.run, this));
      const assignment = /^(\w+)=(.*)$/.exec(step.run);
      if (assignment === null) return this.run(step);
      this.variables.set(assignment[1]!, substitute(assignment[2]!, this));
    }
    this.process.exit(0);
  }

  private run(step: ScriptStep): void {
    const argv = step.run.split(" ").map((word) => substitute(word, this));
    this.output = new Pipe();
    this.output.retainReader(this.process);
    this.spawn(argv, this.output, step.quiet === true);
  }

  private spawn(argv: readonly string[], stdout: Output, quiet: boolean): void {
    const { machine } = this.process;
    const stderr = quiet ? openOutput(machine, "/dev/null") : openLog(machine);
    const options = { parent: this.process, stdin: Pipe.holding(""), stdout, stderr };
    // What is no command of ours is another script, which execve finds by its path.
    if (argv[0]!.startsWith("/")) spawnScript(machine, argv, options, `${this.path}:`);
    else machine.spawn(argv, options);
  }

  /** `fatal`: both keys in one command, a line in the log, exit 1. */
  private die(sentence: string): void {
    this.dying = true;
    const base = this.get("XENBUS_PATH");
    openLog(this.process.machine).write(`${this.path}: ${sentence}\n`);
    const keys = [`${base}/hotplug-error`, sentence, `${base}/hotplug-status`, "error"];
    this.spawn(["xenstore-write", ...keys], openOutput(this.process.machine, "/dev/null"), false);
  }
}

const lastLine = (text: string): string => text.replace(/\n+$/, "").split("\n").at(-1)!;

function openLog(machine: Box): Output {
  machine.files.makePath(LOG_DIRECTORY);
  return openOutput(machine, LOG);
}

function openOutput(machine: Box, path: string): Output {
  const file = machine.files.open(path, "append");
  return file instanceof FileNode ? new FileOutput(file) : new Pipe();
}

const STEPS = new Map<string, readonly ScriptStep[]>();

/** Makes the steps of a script known to the programs that run it. */
export function registerSteps(script: Script): void {
  STEPS.set(script.path, script.steps);
}

const stepsOf = (path: string): readonly ScriptStep[] => STEPS.get(path)!;
