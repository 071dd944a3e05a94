/** tail(1). Not modelled, and refused: -f, -c. */
import type { Command } from "../command.ts";
import { EISDIR, type Errno } from "../errno.ts";
import { Filter } from "../filter.ts";
import { readOptions, withOldCount } from "../options.ts";
import { title } from "./head.ts";

export const tail: Command = {
  name: "tail",
  summary: "Print the last 10 lines of each FILE to standard output.",
  usage: "tail [OPTION]... [FILE]...",
  options: [
    { flag: "-n, --lines=NUM", text: "output the last NUM lines, or from line NUM on with +NUM" },
    { flag: "-f, --follow", text: "not modelled: use watch" },
    { flag: "-q, --quiet, --silent", text: "never output headers giving file names" },
    { flag: "-v, --verbose", text: "always output headers giving file names" },
  ],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, tail, { words: withOldCount(process.argv.slice(1)) });
    if (typeof options === "number") return options;
    if (options.has("f")) return process.fail("following a file (-f) is not modelled; try: watch tail FILE");
    const text = options.value("n") ?? "10";
    if (!/^[-+]?\d+$/.test(text)) return process.fail(`invalid number of lines: '${text}'`);
    const titled = (options.operands.length > 1 || options.has("v")) && !options.has("q");
    return new Tail(options.operands, Number(text.replace(/^[-+]/, "")), text.startsWith("+"), titled);
  },
};

class Tail extends Filter {
  private readonly count: number;
  private readonly fromStart: boolean;
  private readonly titled: boolean;
  private kept: string[] = [];
  private number = 0;
  private any = false;

  constructor(files: readonly string[], count: number, fromStart: boolean, titled: boolean) {
    super(files);
    this.count = count;
    this.fromStart = fromStart;
    this.titled = titled;
  }

  protected override opened(): void {
    this.kept = [];
    this.number = 0;
    if (this.titled) this.emit(title(this.file, this.any));
    this.any = true;
  }

  protected line(text: string, ended: boolean): void {
    const whole = ended ? `${text}\n` : text;
    if (this.fromStart) {
      if (++this.number >= this.count) this.emit(whole);
      return;
    }
    this.kept.push(whole);
    if (this.kept.length > 2 * this.count + 1024) this.trim();
  }

  protected override closed(): void {
    this.trim();
    this.emit(this.kept.join(""));
    this.kept = [];
  }

  protected override refused(errno: Errno): void {
    const isDirectory = errno.text === EISDIR.text;
    if (isDirectory && this.titled) this.opened();
    const sentence = isDirectory ? `error reading '${this.file}'` : `cannot open '${this.file}' for reading`;
    this.process.fail(`${sentence}: ${errno.text}`);
    this.status = 1;
  }

  private trim(): void {
    this.kept = this.kept.slice(Math.max(0, this.kept.length - this.count));
  }
}
