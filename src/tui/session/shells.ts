/**
 * The shells that somebody has typed at: one for each machine, living on from line to line, and what stands on each
 * screen. Nothing is echoed by the shell itself, so what was typed is put where it was typed.
 */
import { isPromptText, type Lab, type Nanos, type Prompt } from "../../lab/index.ts";
import { remember } from "../parts/command-line.ts";

/** One line of a shell's screen. */
export interface ShellLine {
  readonly text: string;
  /** Virtual time of its first character. */
  readonly time: Nanos;
  readonly kind: "output" | "error" | "input" | "note";
}

/** A machine's shell as views see it. */
export interface Transcript {
  readonly machine: string;
  /** Finished lines, oldest first; the first of them is number `first`. */
  readonly lines: readonly ShellLine[];
  readonly first: number;
  /** The unfinished last line: the prompt while it waits for one, or a program's question. */
  readonly open: string;
  /** A command runs: ^C is for it. */
  readonly busy: boolean;
  /** Lines typed at its prompt, oldest first. */
  readonly history: readonly string[];
  /** Grows with every change. */
  readonly version: number;
}

const LINES_KEPT = 5_000;
/** Characters; with more than these a line is finished, for it may have no end. */
const LONGEST_LINE = 4_096;

export class Shells {
  private readonly lab: Lab;
  private readonly shells = new Map<string, ShellScreen>();
  /** The machine whose shell is in front. */
  front: string;
  /** Somebody looks at it: it opens when its machine comes. */
  private isWanted = false;

  constructor(lab: Lab, front: string) {
    this.lab = lab;
    this.front = front;
  }

  /** Types one line at the machine's prompt, or into the program that runs there. False: no such machine now. */
  type(machine: string, line: string): boolean {
    const shell = this.shell(machine);
    if (shell === null) return false;
    if (shell.isStarting || shell.waiting.length > 0) shell.waiting.push(line);
    else this.enter(shell, line);
    return true;
  }

  private enter(shell: ShellScreen, line: string): void {
    shell.echo(line, this.lab.now);
    this.lab.type(shell.prompt.process, `${line}\n`);
  }

  /** Lines for its prompt, each when the one before is done. */
  paste(machine: string, lines: readonly string[]): void {
    this.shell(machine)?.waiting.push(...lines);
  }

  /** ^C: for what runs there; false when nothing does, for a prompt has only its line to lose. */
  interrupt(machine: string): boolean {
    const shell = this.shells.get(machine);
    if (shell === undefined || shell.prompt.ended || shell.isStarting || shell.isReady) return false;
    this.lab.signal(shell.prompt.process, "INT");
    return true;
  }

  /** ^D: the end of input for what runs there. At a prompt nothing: the shell stays. */
  endInput(machine: string): void {
    const shell = this.shells.get(machine);
    if (shell?.transcript.busy === true) this.lab.type(shell.prompt.process, null);
  }

  /** A line was typed before a prompt was there for it. */
  get hasWaiting(): boolean {
    for (const { waiting } of this.shells.values()) if (waiting.length > 0) return true;
    return false;
  }

  /** Its first prompt is still to come. */
  isStarting(machine: string): boolean {
    return this.shells.get(machine)?.isStarting === true;
  }

  /** A command runs there, or lines wait for their turn. */
  isBusy(machine: string): boolean {
    const shell = this.shells.get(machine);
    return shell !== undefined && !shell.prompt.ended && (!shell.isReady || shell.waiting.length > 0);
  }

  /** What its screen shows; null while nobody has opened a shell there. */
  transcript(machine: string): Transcript | null {
    return this.shells.get(machine)?.transcript ?? null;
  }

  /** Opens a shell there, so that its prompt shows; false when there is no such machine. */
  open(machine: string): boolean {
    this.isWanted = true;
    return this.shell(machine) !== null;
  }

  clear(machine: string): void {
    this.shells.get(machine)?.clear();
  }

  /** Takes what was printed since the last call, and lets go on what waited for that; true when something was. */
  pull(): boolean {
    if (this.isWanted) this.shell(this.front);
    const isNew = this.look();
    for (const shell of this.shells.values()) {
      if (shell.prompt.ended) shell.waiting.length = 0;
      if (shell.isReady && shell.waiting.length > 0) this.enter(shell, shell.waiting.shift()!);
    }
    return isNew;
  }

  /** Takes what was printed since the last call, no more; true when something was. */
  look(): boolean {
    let isNew = false;
    for (const shell of this.shells.values()) isNew = shell.pull() || isNew;
    return isNew;
  }

  // A run that is played again: its inputs come from the journal.

  /** A shell was opened there. */
  adopt(machine: string, prompt: Prompt): void {
    this.shells.set(machine, new ShellScreen(machine, prompt, this.shells.get(machine)?.transcript ?? null));
  }

  /** That text was typed into the process; null: the end of its input. To be called before the lab takes it. */
  typed(machine: string, pid: number, text: string | null): void {
    const shell = this.shells.get(machine);
    if (shell?.prompt.process.pid !== pid || text === null) return;
    shell.pull();
    shell.echo(text.replace(/\n$/, ""), this.lab.now);
  }

  /** As those of another moment of the same run are: what is in front, and the lines that were typed. */
  follow(other: Shells): void {
    this.front = other.front;
    this.isWanted = other.isWanted;
    for (const [machine, shell] of this.shells) {
      shell.waiting.length = 0;
      shell.remember(other.transcript(machine)?.history ?? []);
    }
  }

  /** The machine's shell; a new one when there is none, or when it was left or died with its machine. */
  private shell(machine: string): ShellScreen | null {
    const known = this.shells.get(machine);
    const now = this.lab.find(machine);
    if (now === null) return null;
    if (known !== undefined && !known.prompt.ended && known.prompt.process.machine === now) return known;
    this.adopt(machine, this.lab.openPrompt(machine));
    return this.shells.get(machine)!;
  }
}

class ShellScreen {
  readonly prompt: Prompt;
  /** What waits for a prompt: typed before the first one came, or pasted in several lines. */
  readonly waiting: string[] = [];
  /** Its first prompt has not come yet. */
  isStarting = true;
  private readonly machine: string;
  private cursor = 0;
  private lines: ShellLine[];
  private first: number;
  private open = "";
  private openTime = 0 as Nanos;
  private openKind: ShellLine["kind"] = "output";
  private history: readonly string[];
  private version: number;
  /** The view of it that was made last, while nothing has changed. */
  private made: Transcript | null = null;

  /** Goes on below what an earlier shell of that machine left on the screen. */
  constructor(machine: string, prompt: Prompt, before: Transcript | null) {
    this.machine = machine;
    this.prompt = prompt;
    this.lines = before === null ? [] : [...before.lines];
    this.first = before?.first ?? 0;
    this.history = before?.history ?? [];
    this.version = (before?.version ?? 0) + 1;
  }

  /** It asks for a line. */
  get isReady(): boolean {
    return !this.isStarting && this.prompt.idle;
  }

  get transcript(): Transcript {
    const busy = !this.prompt.idle && !this.prompt.ended;
    if (this.made !== null && this.made.version === this.version && this.made.busy === busy) return this.made;
    const { machine, first, history, version } = this;
    this.made = { machine, lines: [...this.lines], first, open: tabbed(this.open), busy, history, version };
    return this.made;
  }

  echo(line: string, now: Nanos): void {
    if (!this.transcript.busy) this.history = remember(this.history, line);
    this.finish(`${this.open}${line}`, now, "input");
  }

  /** Lines that were typed in a future of this moment: still worth having. */
  remember(history: readonly string[]): void {
    if (history.length > this.history.length) this.history = history;
    this.version++;
  }

  clear(): void {
    this.first += this.lines.length;
    this.lines = [];
    this.version++;
  }

  pull(): boolean {
    const pull = this.prompt.process.console!.since(this.cursor);
    this.cursor = pull.next;
    for (const { text, stream, time } of pull.chunks) {
      const isPrompt = isPromptText(text, this.machine);
      if (isPrompt) this.isStarting = false;
      this.add(text, time, isPrompt || stream === "stdout" ? "output" : stream === "note" ? "note" : "error");
    }
    return pull.chunks.length > 0;
  }

  private add(text: string, time: Nanos, kind: ShellLine["kind"]): void {
    const parts = text.split("\n");
    parts.forEach((part, index) => {
      if (this.open === "") {
        this.openTime = time;
        this.openKind = kind;
      }
      this.open = overstrike(this.open + part);
      if (index < parts.length - 1 || this.open.length > LONGEST_LINE)
        this.finish(this.open, this.openTime, this.openKind);
    });
    this.version++;
  }

  private finish(text: string, time: Nanos, kind: ShellLine["kind"]): void {
    this.lines.push({ text: tabbed(text), time, kind });
    this.open = "";
    this.version++;
    if (this.lines.length <= LINES_KEPT) return;
    this.lines.shift();
    this.first++;
  }
}

/** What a terminal makes of backspaces and carriage returns: `ping -f` writes dots and takes them back. */
function overstrike(text: string): string {
  if (!/[\b\r]/.test(text)) return text;
  let cells: string[] = [];
  let at = 0;
  for (const character of text) {
    if (character === "\b") at = Math.max(0, at - 1);
    else if (character === "\r") at = 0;
    else cells[at++] = character;
  }
  // Taken back with "\b \b": what is left behind the place is gone.
  if (/\b \b$/.test(text.slice(-3))) cells = cells.slice(0, at);
  return cells.join("").trimEnd();
}

const TAB = 8;

/** Tabs as blanks up to the next stop, as brctl's columns want them. */
function tabbed(text: string): string {
  let out = "";
  for (const part of text.split(/(\t)/)) out += part === "\t" ? " ".repeat(TAB - (out.length % TAB)) : part;
  return out;
}
