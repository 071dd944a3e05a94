/**
 * Lines from a terminal or a pipe, one at a time. While a command runs, what is typed goes to it instead: lines, ^D, ^C
 * and ^]. Built on node:readline, whose own handling of ^D and ^Z would close the prompt or leave it deaf.
 */
import { createInterface, type Interface, type Key } from "node:readline";

const HISTORY = 500;
const END_OF_INPUT = null;
const GROUP_SEPARATOR = "\u001d";

export interface LineHandlers {
  readonly complete: (line: string) => [string[], string];
  readonly isRunning: () => boolean;
  /** A line for the running command; null: its input ends. */
  readonly typed: (text: string | null) => void;
  readonly interrupted: () => void;
}

/** The one entry through which readline takes every key. */
interface KeyTaker {
  _ttyWrite(text: string, key: Key): void;
}

export class LineReader {
  readonly isTerminal = process.stdin.isTTY === true;
  private readonly handlers: LineHandlers;
  private readonly lines: Interface;
  private readonly waiting: string[] = [];
  private wake: (() => void) | null = null;
  private closed = false;

  constructor(handlers: LineHandlers) {
    this.handlers = handlers;
    this.lines = createInterface({
      input: process.stdin,
      ...(this.isTerminal ? { output: process.stdout } : {}),
      terminal: this.isTerminal,
      historySize: HISTORY,
      completer: handlers.complete,
    });
    if (this.isTerminal) this.takeKeys();
    this.lines.on("line", (line) => this.lineCame(line));
    this.lines.on("close", () => {
      this.closed = true;
      this.wake?.();
    });
    this.lines.on("SIGINT", () => this.interrupt());
    // A shell that stopped us and lets us go on again finds the line still there.
    this.lines.on("SIGCONT", () => this.lines.prompt(true));
  }

  /** A pipe has no more lines for us. */
  get hasEnded(): boolean {
    return this.closed && this.waiting.length === 0;
  }

  /** The next line; null when the user leaves or the pipe has ended. */
  async next(prompt: string): Promise<string | null> {
    this.lines.setPrompt(prompt);
    while (this.waiting.length === 0) {
      if (this.closed) return null;
      if (this.isTerminal) this.lines.prompt(true);
      await new Promise<void>((resume) => {
        this.wake = resume;
      });
    }
    return this.waiting.shift() ?? null;
  }

  close(): void {
    this.lines.close();
  }

  private lineCame(line: string): void {
    if (this.isTerminal && this.handlers.isRunning()) this.handlers.typed(`${line}\n`);
    else {
      this.waiting.push(line);
      this.wake?.();
    }
  }

  private interrupt(): void {
    if (this.handlers.isRunning()) return this.handlers.interrupted();
    this.lines.write(null, { ctrl: true, name: "e" });
    this.lines.write(null, { ctrl: true, name: "u" });
    process.stdout.write("^C\n");
    this.lines.prompt();
  }

  private takeKeys(): void {
    const lines = this.lines as unknown as KeyTaker;
    const original = lines._ttyWrite.bind(this.lines);
    lines._ttyWrite = (text, key) => {
      const isRunning = this.handlers.isRunning();
      if (key.ctrl === true && key.name === "d" && isRunning) this.handlers.typed(END_OF_INPUT);
      else if (key.sequence === GROUP_SEPARATOR && isRunning) this.handlers.typed(GROUP_SEPARATOR);
      else if (!(key.ctrl === true && key.name === "z")) original(text, key);
    };
  }
}
