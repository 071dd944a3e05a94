/**
 * The prompt behind `xenlab shell`: lines go to the machine in front, lines that begin with `@` or `:` are for xenlab.
 * Virtual time passes while a command runs, on a terminal no faster than real time.
 */
import { createInterface, type Interface } from "node:readline";
import { complete, formatSeconds, type Lab, nearestWord, type Process } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";
import { paint } from "./style.ts";
import { parseTime } from "./time-option.ts";

const SLICE_EVENTS = 2_000;
const FRAME_MILLIS = 15;
const HISTORY = 500;

const HELP = `lines go to the machine in front of the prompt; "help" there lists its commands
  @NAME          go to another machine
  NAME: LINE     one line on another machine
  :machines      the machines there are
  :run 5s        let virtual time pass
  :plug POINT    plug the cable of a NIC in, e.g. :plug xen1:eth0; :unplug pulls it
  :fates         how frames have ended so far
  :help          this
  :quit          leave (also ^D)
^C ends a running command; Tab completes; arrow keys bring earlier lines back`;

const WORDS = [":machines", ":run", ":plug", ":unplug", ":fates", ":help", ":quit"];

export class LineShell {
  private readonly lab: Lab;
  private machine: string;
  private readonly fast: boolean;
  private running: Process | null = null;
  private lastExit = 0;

  constructor(lab: Lab, machine: string, fast: boolean) {
    this.lab = lab;
    this.machine = machine;
    this.fast = fast;
  }

  async run(): Promise<void> {
    this.comeUp();
    if (this.lab.find(this.machine) === null)
      throw new CliError(`no machine ${this.machine}; there are ${this.lab.machineNames.join(", ")}`);
    const terminal = process.stdin.isTTY === true;
    const lines = createInterface({
      input: process.stdin,
      output: terminal ? process.stdout : undefined,
      terminal,
      historySize: HISTORY,
      completer: (line: string) => this.complete(line),
    } as never);
    if (terminal)
      process.stdout.write(
        `${paint("bold", this.lab.plan.name)}: ${this.lab.machineNames.join(", ")}. :help tells how this prompt works.\n`,
      );
    lines.on("SIGINT", () => this.interrupt(lines));
    this.prompt(lines);
    for await (const line of lines) {
      if (!(await this.take(line.trim()))) break;
      this.prompt(lines);
    }
    lines.close();
    process.exitCode = terminal ? 0 : this.lastExit;
  }

  private comeUp(): void {
    while (!this.lab.settled && this.lab.world.scheduler.step());
    for (const { machine, process: setUp } of this.lab.setUps) {
      const said = setUp.console?.text("stderr").trimEnd() ?? "";
      if (setUp.exitCode !== 0 && said !== "")
        process.stderr.write(
          `${said
            .split("\n")
            .map((line) => `${machine} | ${line}`)
            .join("\n")}\n`,
        );
    }
  }

  private prompt(lines: Interface): void {
    lines.setPrompt(`${paint("dim", `${formatSeconds(this.lab.now, 3)}s`)} ${paint("cyan", this.machine)}# `);
    if (process.stdin.isTTY) lines.prompt();
  }

  private interrupt(lines: Interface): void {
    if (this.running !== null) return this.running.signal("INT");
    process.stdout.write("^C\n");
    this.prompt(lines);
  }

  /** False when the user leaves. */
  private async take(line: string): Promise<boolean> {
    if (line === "") return true;
    if (line === ":quit" || line === "exit" || line === "logout") return false;
    if (line.startsWith("@")) this.goTo(line.slice(1));
    else if (line.startsWith(":")) await this.own(line);
    else await this.execute(line);
    return true;
  }

  private goTo(name: string): void {
    if (this.lab.find(name) !== null) this.machine = name;
    else
      this.complain(
        `no machine ${name}${hint(name, this.lab.machineNames)}; there are ${this.lab.machineNames.join(", ")}`,
      );
  }

  private async own(line: string): Promise<void> {
    const [word = "", argument = ""] = line.split(/\s+/);
    switch (word) {
      case ":help":
        return this.print(HELP);
      case ":machines":
        return this.print(this.lab.machineNames.join("\n"));
      case ":fates":
        return this.print(
          this.lab.fates.map(({ name, frames }) => `${String(frames).padStart(9)}  ${name}`).join("\n"),
        );
      case ":run":
        return this.pass(argument);
      case ":plug":
      case ":unplug": {
        const [machine = "", device = ""] = argument.split(":");
        if (!this.lab.setPlugged(machine, device, word === ":plug"))
          this.complain(`no cable at ${argument}; there are ${[...this.lab.cables.keys()].join(", ")}`);
        return;
      }
      default:
        return this.complain(`${word}: not a word of this prompt${hint(word, WORDS)}; :help lists them`);
    }
  }

  private async pass(text: string): Promise<void> {
    try {
      const until = this.lab.now + parseTime(text, ":run");
      await this.advance(() => this.lab.now >= until, until);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.complain(error.message);
    }
  }

  private async execute(line: string): Promise<void> {
    const other = /^([A-Za-z0-9_.-]+):\s+(.+)$/.exec(line);
    const isOther = other !== null && this.lab.find(other[1]!) !== null;
    const machine = isOther ? other[1]! : this.machine;
    if (this.lab.find(machine) === null)
      return this.complain(`${machine} is not running any more; @NAME goes to another machine`);
    const started = this.lab.exec(machine, isOther ? other[2]! : line);
    this.running = started;
    let next = 0;
    const show = (): void => {
      const pull = started.console!.since(next);
      next = pull.next;
      for (const chunk of pull.chunks) (chunk.stream === "stdout" ? process.stdout : process.stderr).write(chunk.text);
    };
    await this.advance(() => started.hasEnded, Number.POSITIVE_INFINITY, show);
    show();
    this.running = null;
    this.lastExit = started.exitCode ?? 1;
  }

  /** Lets virtual time pass until `done`; on a terminal no faster than real time. */
  private async advance(done: () => boolean, until: number, show: () => void = () => {}): Promise<void> {
    const { lab } = this;
    const wallStart = Date.now();
    const virtualStart = lab.now;
    while (!done()) {
      const target = this.fast ? until : Math.min(until, virtualStart + (Date.now() - wallStart) * 1e6);
      let left = SLICE_EVENTS;
      while (left-- > 0 && !done()) {
        const at = lab.world.scheduler.next();
        if (at === null || at > target) {
          if (Number.isFinite(target) && target > lab.now) lab.runUntil(target as typeof lab.now);
          break;
        }
        lab.runUntil(at, 1);
      }
      show();
      const ahead = !this.fast && left >= 0;
      await new Promise((resume) => (ahead ? setTimeout(resume, FRAME_MILLIS) : setImmediate(resume)));
    }
  }

  private complete(line: string): [string[], string] {
    if (line.startsWith("@"))
      return [this.lab.machineNames.map((name) => `@${name}`).filter((name) => name.startsWith(line)), line];
    if (line.startsWith(":")) return [WORDS.filter((word) => word.startsWith(line)), line];
    const machine = this.lab.find(this.machine);
    if (machine === null) return [[], line];
    const { from, candidates } = complete(machine, line, line.length);
    return [[...candidates], line.slice(from)];
  }

  private print(text: string): void {
    if (text !== "") process.stdout.write(`${text}\n`);
  }

  private complain(text: string): void {
    process.stderr.write(`${text}\n`);
    this.lastExit = 2;
  }
}

function hint(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known);
  return near === null ? "" : ` (did you mean ${near}?)`;
}
