/**
 * A script of Xen as a literal list of steps: every step is a command line of the real tools, run as a child process
 * in its turn, or a word of the shell's own (an assignment, `echo`, `exit`, a jump). The list is what the real script
 * does, condition for condition.
 *
 * Follows xen-hotplug-common.sh and xen-script-common.sh of Xen 3.0 to 4.17: arguments with `=` are variables, `set -e`;
 * a hotplug script writes stderr into /var/log/xen/xen-hotplug.log and `fatal` leaves its word in xenstore. Debug
 * messages, which go to syslog, are not modelled.
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
import type { StepRecord } from "./step-log.ts";
import { substitute } from "./substitute.ts";

/** bash starting, and the files that the script sources. */
const START_TIME: Nanos = ms(4);
const LOG_DIRECTORY = "/var/log/xen";
const LOG = `${LOG_DIRECTORY}/xen-hotplug.log`;

/** What a step's conditions may look at. */
export interface ScriptView {
  /** A variable; "" when it is not set, as in the shell. `?` is the exit code of the last command. */
  get(name: string): string;
  /** `[ -e /sys/class/net/NAME ]` */
  device(name: string): NetDevice | null;
  /** `[ -f PATH ]`, or `[ -x PATH ]` */
  file(path: string, wanted?: "executable"): boolean;
}

export type Condition = (script: ScriptView) => boolean;

/** A command line, run as a child process. */
export interface CommandStep extends Step {
  /** Asked when it is its turn; without it the step is always taken. */
  readonly when?: Condition;
  /** The variable that takes the last line of what the command prints; nothing printed or a failure leaves it empty. */
  readonly into?: string;
  /** What awk, sed and cut make of the whole output; then all its lines are kept. */
  readonly cut?: (output: string, script: ScriptView) => string;
  /** The step is taken once for each line of this variable, which is `$line` then (`... | sh -e`). */
  readonly each?: string;
  /** Asked for each of the lines, when it is its turn (`first && second`). */
  readonly whenLine?: Condition;
  /** It only looks: nothing on the machine changes. What fills a variable always does. */
  readonly reads?: boolean;
  /** The script's own output shows what the command prints. */
  readonly shown?: boolean;
  /** A line of the shell's own, with redirections and quotes: `echo 1 >FILE`. */
  readonly shell?: boolean;
  /** `2>/dev/null`: the script does not want to read it in its log. */
  readonly quiet?: boolean;
  /**
   * What a failure means: nothing (the next steps may look at `$?`), or the sentence that `fatal` writes into xenstore
   * before the script ends. Without this word `set -e` ends the script with the command's own code and no sentence.
   */
  readonly failure?: "ignored" | { readonly fatal: string };
}

/** `trap sigerr ERR`: a command of the script itself, outside its functions, has failed. */
export const ERR_TRAP = { fatal: "$0 failed; error detected." } as const;

/** An assignment: the value as the shell writes it, or what expressions of the shell or awk that are not modelled come to. */
export interface SetStep {
  readonly set: string;
  readonly to: string | ((script: ScriptView) => string);
  readonly when?: Condition;
}

/**
 * The end, with a sentence in the log and in xenstore. In a subshell that ends the subshell; the script outside then writes a
 * word of its own over the sentence (trap sigerr ERR).
 */
export interface FatalStep {
  readonly fatal: string;
  readonly inSubshell?: boolean;
  readonly when: Condition;
}

/** What the shell does by itself. */
export type ShellStep =
  | SetStep
  | FatalStep
  | { readonly say: string; readonly to?: "stderr"; readonly when?: Condition }
  | { readonly exit: number; readonly when?: Condition }
  | { readonly goto: string; readonly when?: Condition }
  | { readonly label: string };

export type ScriptStep = CommandStep | ShellStep;

export interface Script {
  /** Unique among all eras. */
  readonly id: string;
  /** Where it lies in the file tree. */
  readonly path: string;
  readonly summary: string;
  /**
   * network: called by xend or an admin, with an output of its own. hotplug: called for an interface, its complaints go into
   * a log. plain: called for a device that is gone, it takes no verb.
   */
  readonly kind: "network" | "hotplug" | "plain";
  /** `fatal` writes hotplug-status alone: the sentence is in the log only (Xen 3.0). */
  readonly keepsSentence?: boolean;
  readonly steps: readonly ScriptStep[];
}

export class ScriptProgram extends Program implements ScriptView {
  /** The steps themselves are a table, not state. */
  private readonly id: string;
  private readonly variables: Map<string, string>;
  private at = 0;
  /** Lines still to come of a step that is taken for each of several. */
  private lines: string[] = [];
  private readonly timer: Timer;
  private output: Pipe | null = null;
  private record: StepRecord | null = null;
  private dying = false;
  /** What is written over the sentence of `fatal` in a subshell. */
  private lastWord: string | null = null;

  constructor(process: Process, id: string, variables: Map<string, string>) {
    super();
    this.id = id;
    this.variables = variables;
    this.timer = process.timer(this, 0);
    variables.set("0", SCRIPT_BY_ID.get(id)!.path);
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

  file(path: string, wanted?: "executable"): boolean {
    const file = this.process.machine.files.file(path);
    return file instanceof FileNode && (wanted === undefined || file.executable);
  }

  private get script(): Script {
    return SCRIPT_BY_ID.get(this.id)!;
  }

  override childExited(child: Process): void {
    if (this.dying) return this.leave();
    const step = this.script.steps[this.at - 1] as CommandStep;
    this.note(child);
    const printed = this.output?.read() ?? "";
    this.output?.releaseReader(this.process);
    this.output = null;
    const failed = child.exitCode !== 0;
    this.variables.set("?", String(child.exitCode ?? 1));
    if (step.into !== undefined) this.variables.set(step.into, failed ? "" : this.taken(step, printed));
    if (!failed || step.failure === "ignored") return this.advance();
    if (step.failure === undefined) return this.process.exit(child.exitCode ?? 1);
    this.die(substitute(step.failure.fatal, this));
  }

  private taken(step: CommandStep, printed: string): string {
    return step.cut === undefined ? lastLine(printed) : step.cut(printed, this).replace(/\n+$/, "");
  }

  /** Takes steps until one has to be waited for. */
  private advance(): void {
    const { steps } = this.script;
    if (this.lines.length > 0 && this.takesLine(steps[this.at - 1] as CommandStep)) return;
    while (this.at < steps.length) {
      const step = steps[this.at++]!;
      if ("label" in step || step.when?.(this) === false) continue;
      if ("exit" in step) return this.process.exit(step.exit);
      if ("goto" in step) this.at = steps.findIndex((each) => "label" in each && each.label === step.goto);
      else if ("set" in step) this.assign(step);
      else if ("say" in step) this.say(step.say, step.to ?? "stdout");
      else if ("fatal" in step) return this.fatal(step);
      else if (this.takes(step)) return;
    }
    this.process.exit(0);
  }

  private assign({ set, to }: SetStep): void {
    this.variables.set(set, typeof to === "string" ? substitute(to, this) : to(this));
  }

  /** True when the step has to be waited for. */
  private takes(step: CommandStep): boolean {
    if (step.each === undefined) {
      this.run(step);
      return true;
    }
    this.lines = this.get(step.each)
      .split("\n")
      .filter((line) => line !== "");
    return this.takesLine(step);
  }

  /** False when none of the lines that are left is to be run. */
  private takesLine(step: CommandStep): boolean {
    for (let line = this.lines.shift(); line !== undefined; line = this.lines.shift()) {
      this.variables.set("line", line);
      if (step.whenLine?.(this) === false) continue;
      this.run(step);
      return true;
    }
    return false;
  }

  private run(step: CommandStep): void {
    const line = substitute(step.run, this);
    const words = wordsOf(line);
    this.begin(step, words);
    const argv = step.shell === true ? ["bash", "-c", line] : words;
    this.spawn(argv, this.outputOf(step), step.quiet === true);
  }

  private outputOf(step: CommandStep): Output {
    if (step.shown === true) return this.process.stdout;
    if (step.into === undefined) return openOutput(this.process.machine, "/dev/null");
    this.output = new Pipe();
    this.output.retainReader(this.process);
    return this.output;
  }

  private begin(step: CommandStep, words: readonly string[]): void {
    const { machine } = this.process;
    const { stepLog } = machine.parts;
    if (stepLog === undefined) return;
    const verb = this.get("command");
    this.record = stepLog.begin({
      machine: machine.name,
      script: `${this.script.path.split("/").at(-1)}${verb === "" ? "" : ` ${verb}`}`,
      device: this.get("dev"),
      run: words.join(" "),
      why: substitute(step.why, this),
      heading: step.heading ?? null,
      also: step.also ?? null,
      reads: step.reads === true || step.into !== undefined,
      began: machine.world.scheduler.now,
    });
  }

  private note(child: Process): void {
    if (this.record === null) return;
    const { machine } = this.process;
    machine.parts.stepLog?.end(this.record, machine.world.scheduler.now, child.exitCode ?? 1);
    this.record = null;
  }

  private spawn(argv: readonly string[], stdout: Output, quiet: boolean): void {
    const { machine } = this.process;
    const stderr = quiet ? openOutput(machine, "/dev/null") : this.complaints();
    const options = { parent: this.process, stdin: Pipe.holding(""), stdout, stderr };
    // What is no command of ours is another script, which execve finds by its path.
    if (argv[0]!.startsWith("/")) spawnScript(machine, argv, options, `${this.script.path}:`);
    else machine.spawn(argv, options);
  }

  private complaints(): Output {
    return this.script.kind === "network" ? this.process.stderr : openLog(this.process.machine);
  }

  private say(text: string, to: "stdout" | "stderr"): void {
    const said = substitute(text, this);
    if (to === "stdout") this.process.print(said);
    else this.complaints().write(said);
  }

  private fatal({ fatal, inSubshell }: FatalStep): void {
    if (inSubshell === true) this.lastWord = substitute(ERR_TRAP.fatal, this);
    this.die(substitute(fatal, this));
  }

  private leave(): void {
    const word = this.lastWord;
    this.lastWord = null;
    if (word === null) this.process.exit(1);
    else this.die(word);
  }

  /** `fatal`: both keys in one command, a line in the log, exit 1. */
  private die(sentence: string): void {
    this.dying = true;
    const base = this.get("XENBUS_PATH");
    openLog(this.process.machine).write(`${this.script.path}: ${sentence}\n`);
    const error = this.script.keepsSentence === true ? [] : [`${base}/hotplug-error`, sentence];
    const keys = [...error, `${base}/hotplug-status`, "error"];
    this.spawn(["xenstore-write", ...keys], openOutput(this.process.machine, "/dev/null"), false);
  }
}

/** Cut at blanks. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (let from = 0; from < line.length; ) {
    const blank = line.indexOf(" ", from);
    const end = blank < 0 ? line.length : blank;
    if (end > from) words.push(line.slice(from, end));
    from = end + 1;
  }
  return words;
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

const SCRIPT_BY_ID = new Map<string, Script>();

/** Makes the steps of a script known to the programs that run it. */
export function registerScript(script: Script): void {
  for (const step of script.steps)
    if ("goto" in step && !script.steps.some((each) => "label" in each && each.label === step.goto))
      throw new Error(`${script.id}: no label ${step.goto}`);
  SCRIPT_BY_ID.set(script.id, script);
}
