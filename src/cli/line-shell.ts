/**
 * The prompt behind `xenlab shell`: lines go to the shell of the machine in front, which lives on from line to line;
 * lines that begin with `@` or `:` are for xenlab. Virtual time passes while a command runs, on a terminal no faster
 * than real time.
 */
import { complete, formatSeconds, isPromptText, type Lab, nearestWord, type Prompt } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";
import type { JournalFile } from "./journal-file.ts";
import { LineReader } from "./line-reader.ts";
import type { ShellCaptures } from "./shell-captures.ts";
import { paint } from "./style.ts";
import { parseTime } from "./time-option.ts";

const SLICE_EVENTS = 2_000;
/** Events between two looks at what the captures hold: one event may poll 64 frames. */
const DRAIN_EVENTS = 4;
const FRAME_MILLIS = 15;

/** Virtual nanoseconds a command from a pipe may take, and those it has after ^C. */
const PATIENCE = 600e9;
const LAST_WORDS = 1e9;

const HELP = `lines go to the machine in front of the prompt; "help" there lists its commands
  @NAME             go to another machine
  NAME: LINE        one line on another machine
  :machines         the machines there are
  :run 5s           let virtual time pass: background jobs go on
  :plug POINT       plug the cable of a NIC in, e.g. :plug xen1:eth0; :unplug pulls it
  :capture          the points where frames can be captured, and which are
  :capture POINT    keep its frames from now on; a filter may follow: :capture xen1:vif1.0 icmp or arp
  :nocapture POINT  stop; also :capture -POINT
  :fates            how frames have ended so far
  :help             this
  :quit             leave (also exit, or ^D at the prompt)
while a command runs, lines are its input, ^D ends that input, ^C interrupts, ^] leaves an xl console
Tab completes; arrow keys bring earlier lines back`;

const WORDS = [":machines", ":run", ":plug", ":unplug", ":capture", ":nocapture", ":fates", ":help", ":quit"];

/** A machine's shell and how much of its console was shown. */
interface Session {
  readonly machine: string;
  readonly prompt: Prompt;
  shown: number;
  /** Its input has ended. */
  sawEnd: boolean;
}

export class LineShell {
  private readonly lab: Lab;
  private machine: string;
  private readonly fast: boolean;
  private readonly captures: ShellCaptures;
  private readonly journal: JournalFile | null;
  private readonly sessions = new Map<string, Session>();
  /** The session whose command runs; null while xenlab waits for a line. */
  private running: Session | null = null;
  private readonly reader: LineReader;
  private lastExit = 0;

  constructor(lab: Lab, machine: string, fast: boolean, captures: ShellCaptures, journal: JournalFile | null) {
    this.lab = lab;
    this.machine = machine;
    this.fast = fast;
    this.captures = captures;
    this.journal = journal;
    this.reader = new LineReader({
      complete: (line) => this.complete(line),
      isRunning: () => this.running !== null,
      typed: (text) => this.running !== null && lab.type(this.running.prompt.process, text),
      interrupted: () => this.running !== null && lab.signal(this.running.prompt.process, "INT"),
    });
  }

  async run(): Promise<void> {
    this.comeUp();
    if (this.lab.find(this.machine) === null)
      throw new CliError(`no machine ${this.machine}; there are ${this.lab.machineNames.join(", ")}`);
    if (this.reader.isTerminal)
      this.print(
        `${paint("bold", this.lab.plan.name)}: ${this.lab.machineNames.join(", ")}. :help tells how this prompt works.`,
      );
    for (;;) {
      const line = await this.reader.next(this.promptText());
      if (line === null || !(await this.take(line.trim()))) break;
      this.drain(true);
    }
    this.drain(true);
    this.journal?.close();
    this.captures.close();
    this.reader.close();
    process.exitCode = this.reader.isTerminal ? 0 : this.lastExit;
  }

  private comeUp(): void {
    this.lab.comeUp();
    for (const { machine, process: setUp } of this.lab.setUps) {
      const said = setUp.console?.text().trimEnd() ?? "";
      if (setUp.exitCode !== 0 && said !== "")
        this.complain(
          said
            .split("\n")
            .map((line) => `${machine} | ${line}`)
            .join("\n"),
        );
    }
    this.lastExit = 0;
  }

  private promptText(): string {
    return `${paint("dim", `${formatSeconds(this.lab.now, 3)}s`)} ${paint("cyan", this.machine)}# `;
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
    const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(line)!;
    const [argument = ""] = rest.split(/\s+/);
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
        return this.asked(() => this.pass(argument));
      case ":capture":
        return this.asked(() => this.print(this.captures.take(rest)));
      case ":nocapture":
        return this.asked(() => this.print(this.captures.stop(argument)));
      case ":plug":
      case ":unplug": {
        const [machine = "", device = ""] = argument.split(":");
        if (!this.lab.plug(machine, device, word === ":plug"))
          this.complain(`no cable at ${argument}; there are ${this.lab.wiring.names.join(", ")}`);
        return;
      }
      default:
        return this.complain(`${word}: not a word of this prompt${hint(word, WORDS)}; :help lists them`);
    }
  }

  /** A mistake is said, and the prompt goes on. */
  private async asked(act: () => void | Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.complain(error.message);
    }
  }

  private async pass(text: string): Promise<void> {
    const until = this.lab.now + parseTime(text, ":run");
    await this.advance(() => this.lab.now >= until, until);
  }

  /** Captures that cannot be written are a sentence; the lab goes on. */
  private drain(now = false): void {
    try {
      this.captures.drain(now);
      if (now) this.journal?.follow();
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
    const session = await this.session(machine);
    this.running = session;
    this.lab.type(session.prompt.process, `${isOther ? other[2]! : line}\n`);
    const done = (): boolean => session.prompt.idle || session.prompt.ended;
    await this.advance(done, this.reader.isTerminal ? Number.POSITIVE_INFINITY : this.lab.now + PATIENCE);
    const isInTime = done();
    if (!isInTime) await this.giveUp(session, done);
    this.running = null;
    this.lastExit = isInTime ? session.prompt.status : 2;
  }

  /** Nobody is there to press ^C: a command from a pipe must not run for ever. */
  private async giveUp(session: Session, done: () => boolean): Promise<void> {
    this.lab.signal(session.prompt.process, "INT");
    await this.advance(done, this.lab.now + LAST_WORDS);
    if (!done()) this.lab.signal(session.prompt.process, "KILL");
    await this.advance(done, this.lab.now + LAST_WORDS);
    this.complain(`still running, or waiting for input, after ${PATIENCE / 1e9} s of virtual time: stopped`);
  }

  /** The machine's shell; a new one when there is none, or when it was left or died with its machine. */
  private async session(machine: string): Promise<Session> {
    const known = this.sessions.get(machine);
    const isAlive =
      known !== undefined && !known.prompt.ended && known.prompt.process.machine === this.lab.find(machine);
    if (isAlive) return known;
    const session = { machine, prompt: this.lab.openPrompt(machine), shown: 0, sawEnd: false };
    this.sessions.set(machine, session);
    await this.advance(() => session.prompt.idle || session.prompt.ended, Number.POSITIVE_INFINITY);
    return session;
  }

  /** What the shells and their jobs have said; other machines' lines carry their name. */
  private show(): void {
    for (const session of this.sessions.values()) {
      const pull = session.prompt.process.console!.since(session.shown);
      session.shown = pull.next;
      const isFront = session.machine === (this.running?.machine ?? this.machine);
      for (const chunk of pull.chunks) {
        if (isPromptText(chunk.text, session.machine)) continue;
        const text = isFront ? chunk.text : chunk.text.replaceAll(/^(?=.)/gm, `${session.machine} | `);
        (chunk.stream === "stdout" ? process.stdout : process.stderr).write(text);
      }
    }
  }

  /** Lets virtual time pass until `done`; on a terminal no faster than real time. */
  private async advance(done: () => boolean, until: number): Promise<void> {
    const { lab } = this;
    const wallStart = Date.now();
    const virtualStart = lab.now;
    while (!done() && lab.now < until) {
      const target = this.fast ? until : Math.min(until, virtualStart + (Date.now() - wallStart) * 1e6);
      const isAhead = this.slice(target, done);
      this.show();
      if (lab.world.scheduler.next() === null && !done()) break;
      this.passOnTheEnd();
      await new Promise((resume) => (isAhead && !this.fast ? setTimeout(resume, FRAME_MILLIS) : setImmediate(resume)));
    }
    this.show();
  }

  /** The pipe that our lines came from is empty: whoever reads on shall see the end. */
  private passOnTheEnd(): void {
    const { running } = this;
    if (running === null || running.sawEnd || this.reader.isTerminal || !this.reader.hasEnded) return;
    running.sawEnd = true;
    this.lab.type(running.prompt.process, null);
  }

  /** Some events; true when the clock has caught up with `target`. */
  private slice(target: number, done: () => boolean): boolean {
    const { lab } = this;
    for (let left = SLICE_EVENTS; left > 0 && !done(); left--) {
      if (left % DRAIN_EVENTS === 0) this.drain();
      const at = lab.world.scheduler.next();
      if (at === null || at > target) {
        if (Number.isFinite(target) && target > lab.now) lab.runUntil(target as typeof lab.now);
        return true;
      }
      lab.runUntil(at, 1);
    }
    return false;
  }

  private complete(line: string): [string[], string] {
    if (line.startsWith("@"))
      return [this.lab.machineNames.map((name) => `@${name} `).filter((name) => name.startsWith(line)), line];
    const point = /^:(?:no)?capture\s+-?(\S*)$/.exec(line)?.[1];
    if (point !== undefined)
      return [this.captures.words.filter((word) => word.startsWith(point)).map((word) => `${word} `), point];
    if (line.startsWith(":")) return [WORDS.map((word) => `${word} `).filter((word) => word.startsWith(line)), line];
    const machine = this.lab.find(this.machine);
    if (machine === null) return [[], line];
    const { from, candidates } = complete(machine, line, line.length, { machines: this.lab.machineNames });
    const whole = candidates.length === 1 && !candidates[0]!.endsWith("/") ? [`${candidates[0]} `] : [...candidates];
    return [whole, line.slice(from)];
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
