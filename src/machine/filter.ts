/**
 * What the text tools share: read the named files one after the other, or stdin as it comes, line by line, and print
 * what comes out. A filter whose stdout is full stops reading, so that pressure runs back through a pipeline.
 */
import { Errno } from "./errno.ts";
import { Program } from "./process.ts";

export abstract class Filter extends Program {
  /** The exit code so far. */
  protected status = 0;
  /** The file that is being read; "-" for stdin. */
  protected file = "-";
  private readonly files: readonly string[];
  private nextFile = 0;
  private reading = false;
  /** Start of a line whose end is not there yet. */
  private rest = "";
  private out = "";
  private stopped = false;

  /** Reads stdin when `files` is empty, and for "-". */
  constructor(files: readonly string[]) {
    super();
    this.files = files.length === 0 ? ["-"] : files;
  }

  /** One line without its newline; `ended` is false for a last line that has none. */
  protected abstract line(text: string, ended: boolean): void;
  /** Before the first line of a file. */
  protected opened(): void {}
  /** After the last line of a file. */
  protected closed(): void {}
  /** After the last file: what is still to be printed. */
  protected finish(): void {}
  /** The file cannot be read: says so. */
  protected refused(errno: Errno): void {
    this.process.fail(`${this.file}: ${errno.text}`);
    this.status = 1;
  }
  /** Whatever came at once, before it is cut into lines. */
  protected chunk(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop()!;
    for (const line of lines) {
      if (this.stopped) return;
      this.line(line, true);
    }
  }

  start(): void {
    this.advance();
  }

  override inputReady(): void {
    this.advance();
  }

  override outputReady(): void {
    this.advance();
  }

  /** Collected and printed once per wake-up: one write instead of one per line. */
  protected emit(text: string): void {
    this.out += text;
  }

  /** No more input is wanted of any file. */
  protected stop(): void {
    this.stopped = true;
  }

  /** No more input is wanted of this file. */
  protected skipFile(): void {
    this.reading = false;
    this.rest = "";
  }

  private advance(): void {
    while (!this.process.hasEnded && !this.process.stdout.full) {
      if (this.stopped || (!this.reading && this.nextFile === this.files.length)) return this.end();
      const more = this.reading ? this.readStdin() : this.open();
      this.flush();
      if (!more) return;
    }
  }

  private open(): boolean {
    this.file = this.files[this.nextFile++]!;
    if (this.file === "-") {
      this.reading = true;
      this.opened();
      return true;
    }
    const { machine, cwd } = this.process;
    const text = machine.files.read(this.file, cwd);
    if (text instanceof Errno) this.refused(text);
    else {
      this.opened();
      this.chunk(text);
      this.close();
    }
    return true;
  }

  /** False: wait for more. */
  private readStdin(): boolean {
    const text = this.process.stdin.read();
    if (text === "") return false;
    if (text === null) this.close();
    else this.chunk(text);
    return true;
  }

  private close(): void {
    this.reading = false;
    const last = this.rest;
    this.rest = "";
    if (last !== "" && !this.stopped) this.line(last, false);
    this.closed();
  }

  private end(): void {
    this.finish();
    this.flush();
    this.process.exit(this.status);
  }

  private flush(): void {
    const text = this.out;
    this.out = "";
    this.process.print(text);
  }
}
