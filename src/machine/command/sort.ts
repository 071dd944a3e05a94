/** sort(1) in the C locale. Keys are whole lines or one field (-k N). */
import type { Command } from "../command.ts";
import { EISDIR, type Errno } from "../errno.ts";
import { Filter } from "../filter.ts";
import { type Options, readOptions } from "../options.ts";

export const sort: Command = {
  name: "sort",
  summary: "Write sorted concatenation of all FILE(s) to standard output.",
  usage: "sort [OPTION]... [FILE]...",
  options: [
    { flag: "-f, --ignore-case", text: "fold lower case to upper case characters" },
    { flag: "-n, --numeric-sort", text: "compare according to string numerical value" },
    { flag: "-r, --reverse", text: "reverse the result of comparisons" },
    { flag: "-u, --unique", text: "output only the first of an equal run" },
    { flag: "-k, --key=FIELD", text: "sort by field FIELD to the end of line, or FIELD,LAST" },
    { flag: "-t, --field-separator=SEP", text: "use SEP instead of non-blank to blank transition" },
  ],
  operands: ["file"],
  misuse: 2,
  start(process) {
    const options = readOptions(process, sort);
    if (typeof options === "number") return options;
    const key = options.value("k");
    if (key !== null && !/^[1-9]\d*(,[1-9]\d*)?$/.test(key))
      return process.fail(`key ${key}: only FIELD and FIELD,LAST are modelled`, 2);
    const separator = options.value("t");
    if (separator !== null && separator.length !== 1) return process.fail(`multi-character tab '${separator}'`, 2);
    return new Sort(options.operands, options);
  },
};

class Sort extends Filter {
  private readonly options: Options;
  private readonly lines: string[] = [];

  constructor(files: readonly string[], options: Options) {
    super(files);
    this.options = options;
  }

  protected line(text: string): void {
    this.lines.push(text);
  }

  protected override finish(): void {
    if (this.status !== 0) return;
    const sign = this.options.has("r") ? -1 : 1;
    const lastResort = this.options.has("u") ? 0 : 1;
    const keyed = this.lines.map((line) => ({ line, key: this.keyOf(line) }));
    keyed.sort((a, b) => sign * (this.compare(a.key, b.key) || lastResort * codeOrder(a.line, b.line)));
    const equal = (i: number): boolean => i > 0 && this.compare(keyed[i - 1]!.key, keyed[i]!.key) === 0;
    for (const [i, { line }] of keyed.entries()) if (!this.options.has("u") || !equal(i)) this.emit(`${line}\n`);
  }

  protected override refused(errno: Errno): void {
    const sentence = errno.text === EISDIR.text ? "read failed" : "cannot read";
    this.process.fail(`${sentence}: ${this.file}: ${errno.text}`);
    this.status = 2;
    this.stop();
  }

  private compare(a: string, b: string): number {
    if (!this.options.has("n")) return codeOrder(a, b);
    return numberIn(a) - numberIn(b);
  }

  private keyOf(line: string): string {
    const key = this.options.value("k");
    const text = key === null ? line : this.fields(line, key);
    return this.options.has("f") ? text.toUpperCase() : text;
  }

  /** Without -t a field includes the blanks before it. */
  private fields(line: string, key: string): string {
    const [from, to] = key.split(",").map(Number);
    const separator = this.options.value("t");
    const fields = separator === null ? (line.match(/\s*\S+/g) ?? []) : line.split(separator);
    return fields.slice(from! - 1, to ?? fields.length).join(separator ?? "");
  }
}

const codeOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const numberIn = (text: string): number => Number(/^\s*(-?\d*\.?\d+)/.exec(text)?.[1] ?? 0);
