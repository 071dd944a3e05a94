/** uniq(1). */
import type { Command } from "../command.ts";
import { Filter } from "../filter.ts";
import { misused, type Options, readOptions } from "../options.ts";

export const uniq: Command = {
  name: "uniq",
  summary: "Filter adjacent matching lines from INPUT, writing to standard output.",
  usage: "uniq [OPTION]... [INPUT]",
  options: [
    { flag: "-c, --count", text: "prefix lines by the number of occurrences" },
    { flag: "-d, --repeated", text: "only print duplicate lines, one for each group" },
    { flag: "-i, --ignore-case", text: "ignore differences in case when comparing" },
    { flag: "-u, --unique", text: "only print unique lines" },
  ],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, uniq);
    if (typeof options === "number") return options;
    const [, extra] = options.operands;
    if (extra !== undefined) return misused(process, uniq, `extra operand '${extra}'`);
    return new Uniq(options.operands, options);
  },
};

class Uniq extends Filter {
  private readonly options: Options;
  private current: string | null = null;
  private count = 0;

  constructor(files: readonly string[], options: Options) {
    super(files);
    this.options = options;
  }

  protected line(text: string): void {
    if (this.current !== null && this.folded(text) === this.folded(this.current)) {
      this.count++;
      return;
    }
    this.closed();
    this.current = text;
    this.count = 1;
  }

  protected override closed(): void {
    if (this.current === null) return;
    const wanted = (!this.options.has("d") || this.count > 1) && (!this.options.has("u") || this.count === 1);
    const count = this.options.has("c") ? `${String(this.count).padStart(7)} ` : "";
    if (wanted) this.emit(`${count}${this.current}\n`);
    this.current = null;
  }

  private folded(text: string): string {
    return this.options.has("i") ? text.toLowerCase() : text;
  }
}
