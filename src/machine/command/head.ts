/** head(1). */
import type { Command } from "../command.ts";
import { EISDIR, type Errno } from "../errno.ts";
import { Filter } from "../filter.ts";
import { readOptions, withOldCount } from "../options.ts";

export const head: Command = {
  name: "head",
  summary: "Print the first 10 lines of each FILE to standard output.",
  usage: "head [OPTION]... [FILE]...",
  options: [
    { flag: "-n, --lines=NUM", text: "print the first NUM lines instead of the first 10" },
    { flag: "-c, --bytes=NUM", text: "print the first NUM characters" },
    { flag: "-q, --quiet, --silent", text: "never print headers giving file names" },
    { flag: "-v, --verbose", text: "always print headers giving file names" },
  ],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, head, { words: withOldCount(process.argv.slice(1)) });
    if (typeof options === "number") return options;
    const text = options.value("c") ?? options.value("n") ?? "10";
    const unit = options.has("c") ? "bytes" : "lines";
    if (/^-\d+$/.test(text)) return process.fail(`all but the last ${text.slice(1)} ${unit}: not modelled`);
    if (!/^\d+$/.test(text)) return process.fail(`invalid number of ${unit}: '${text}'`);
    const titled = (options.operands.length > 1 || options.has("v")) && !options.has("q");
    return new Head(options.operands, Number(text), unit, titled);
  },
};

class Head extends Filter {
  private readonly limit: number;
  private readonly unit: "lines" | "bytes";
  private readonly titled: boolean;
  private left = 0;
  private any = false;

  constructor(files: readonly string[], limit: number, unit: "lines" | "bytes", titled: boolean) {
    super(files);
    this.limit = limit;
    this.unit = unit;
    this.titled = titled;
  }

  protected override opened(): void {
    this.left = this.limit;
    if (this.titled) this.emit(title(this.file, this.any));
    this.any = true;
    if (this.limit === 0) this.skipFile();
  }

  protected override chunk(text: string): void {
    if (this.unit === "lines") return super.chunk(text);
    this.emit(text.slice(0, this.left));
    this.left -= Math.min(this.left, text.length);
    if (this.left === 0) this.skipFile();
  }

  protected line(text: string, ended: boolean): void {
    if (this.left === 0) return;
    this.emit(ended ? `${text}\n` : text);
    if (--this.left === 0) this.skipFile();
  }

  protected override refused(errno: Errno): void {
    const isDirectory = errno.text === EISDIR.text;
    if (isDirectory && this.titled) this.opened();
    const sentence = isDirectory ? `error reading '${this.file}'` : `cannot open '${this.file}' for reading`;
    this.process.fail(`${sentence}: ${errno.text}`);
    this.status = 1;
  }
}

/** "==> name <==", with an empty line before all but the first. */
export const title = (file: string, isLater: boolean): string =>
  `${isLater ? "\n" : ""}==> ${file === "-" ? "standard input" : file} <==\n`;
