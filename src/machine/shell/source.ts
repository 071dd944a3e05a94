/**
 * Where a shell's commands come from, and how it names that place in its complaints.
 */
import type { Process } from "../process.ts";
import type { ShellError } from "./token.ts";

export type SourceKind = "string" | "file" | "stdin";

/** Lines read so far that are not yet run; `last` when no more will come. */
export interface Unit {
  readonly text: string;
  readonly last: boolean;
}

export class Source {
  readonly kind: SourceKind;
  /** "bash", or the file's path: the first word of every complaint. */
  private readonly name: string;
  /** -i */
  readonly isInteractive: boolean;
  /** What is still to be read of a string or a file. */
  private rest: string;
  private pending = "";
  /** Lines before the unit that is being read or run. */
  private linesBefore = 0;
  private unitLines = 0;
  private prompted = false;

  constructor(kind: SourceKind, name: string, text: string, isInteractive: boolean) {
    this.kind = kind;
    this.name = name;
    this.rest = text;
    this.isInteractive = isInteractive;
  }

  /** Somebody sits at a prompt: a mistake or control-C ends a line, not the shell. */
  get isPrompt(): boolean {
    return this.isInteractive && this.kind === "stdin";
  }

  /** For a subshell: it complains alike, but has nothing more to read and no prompt. */
  forked(): Source {
    const twin = new Source("string", this.name, "", this.isInteractive);
    twin.linesBefore = this.linesBefore;
    return twin;
  }

  /** Adds a line to what is pending. */
  next(process: Process): Unit | "wait" | "end" {
    if (this.pending === "") this.linesBefore += this.unitLines;
    this.unitLines = 0;
    const line = this.kind === "stdin" ? this.readLine(process) : this.cutLine();
    if (line === "") return "wait";
    if (line === null && this.pending === "") return "end";
    this.pending += line ?? "";
    this.prompted = false;
    return { text: this.pending, last: line === null || (this.kind !== "stdin" && this.rest === "") };
  }

  /** What was pending has been understood, or given up. */
  accept(): void {
    this.unitLines = this.pending.split("\n").length - 1;
    this.pending = "";
    this.prompted = false;
  }

  prefix(line: number): string {
    return this.isInteractive ? `${this.name}: ` : `${this.name}: line ${this.linesBefore + line}: `;
  }

  syntaxError(error: ShellError, text: string): string {
    if (this.isInteractive) return `${this.name}: ${error.message}\n`;
    if (error.status !== 2) return `${this.name}: line ${this.linesBefore + error.line}: ${error.message}\n`;
    const atEnd = /unexpected end of file$|matching `\)'$/.test(error.message);
    const name = this.kind === "string" ? `${this.name}: -c` : this.name;
    const where = `${name}: line ${this.linesBefore + error.line + Number(atEnd)}: `;
    const shown = error.message.includes("unexpected token") ? `${where}\`${text.split("\n")[error.line - 1]}'\n` : "";
    return `${where}${error.message}\n${shown}`;
  }

  private cutLine(): string | null {
    if (this.rest === "") return null;
    const newline = this.rest.indexOf("\n");
    const length = newline < 0 ? this.rest.length : newline + 1;
    const line = this.rest.slice(0, length);
    this.rest = this.rest.slice(length);
    return line;
  }

  private readLine(process: Process): string | null {
    if (this.isInteractive && !this.prompted) process.error(this.pending === "" ? prompt(process) : "> ");
    this.prompted = true;
    return process.stdin.readLine();
  }
}

/** Debian's PS1 for root: \u@\h:\w\$ */
function prompt(process: Process): string {
  const home = process.env.get("HOME") ?? "/root";
  const { cwd } = process;
  const shown = cwd === home || cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
  return `root@${process.machine.hostname}:${shown}# `;
}
