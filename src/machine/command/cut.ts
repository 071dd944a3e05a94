/** cut(1). */
import type { Command } from "../command.ts";
import { Filter } from "../filter.ts";
import { misused, readOptions } from "../options.ts";

export const cut: Command = {
  name: "cut",
  summary: "Print selected parts of lines from each FILE to standard output.",
  usage: "cut OPTION... [FILE]...",
  options: [
    { flag: "-b, --bytes=LIST", text: "select only these bytes (here: characters)" },
    { flag: "-c, --characters=LIST", text: "select only these characters" },
    { flag: "-d, --delimiter=DELIM", text: "use DELIM instead of TAB for field delimiter" },
    { flag: "-f, --fields=LIST", text: "select only these fields" },
    { flag: "-s, --only-delimited", text: "do not print lines not containing delimiters" },
  ],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, cut);
    if (typeof options === "number") return options;
    const fields = options.value("f");
    const list = fields ?? options.value("c") ?? options.value("b");
    if (list === null) return misused(process, cut, "you must specify a list of bytes, characters, or fields");
    const delimiter = options.value("d") ?? "\t";
    if (delimiter.length !== 1) return misused(process, cut, "the delimiter must be a single character");
    const ranges = parseList(list, fields === null ? "byte/character positions" : "fields");
    if (typeof ranges === "string") return misused(process, cut, ranges);
    return new Cut(options.operands, ranges, fields === null ? null : delimiter, options.has("s"));
  },
};

type Range = readonly [from: number, to: number];

function parseList(list: string, what: string): Range[] | string {
  const ranges: Range[] = [];
  for (const item of list.split(",")) {
    const found = /^(\d*)(-?)(\d*)$/.exec(item);
    if (found === null || item === "" || item === "-")
      return what === "fields" ? `invalid field value '${item}'` : `invalid byte or character position '${item}'`;
    const from = found[1] === "" ? 1 : Number(found[1]);
    const to = found[3] !== "" ? Number(found[3]) : found[2] === "" ? from : Number.POSITIVE_INFINITY;
    if (from === 0 || to === 0) return `${what} are numbered from 1`;
    if (to < from) return "invalid decreasing range";
    ranges.push([from, to]);
  }
  return ranges;
}

class Cut extends Filter {
  private readonly ranges: readonly Range[];
  /** Null: characters. */
  private readonly delimiter: string | null;
  private readonly onlyDelimited: boolean;

  constructor(files: readonly string[], ranges: readonly Range[], delimiter: string | null, onlyDelimited: boolean) {
    super(files);
    this.ranges = ranges;
    this.delimiter = delimiter;
    this.onlyDelimited = onlyDelimited;
  }

  protected line(text: string): void {
    const { delimiter } = this;
    if (delimiter === null) this.emit(`${this.selected([...text]).join("")}\n`);
    else if (text.includes(delimiter)) this.emit(`${this.selected(text.split(delimiter)).join(delimiter)}\n`);
    else if (!this.onlyDelimited) this.emit(`${text}\n`);
  }

  private selected(parts: readonly string[]): string[] {
    return parts.filter((_, i) => this.ranges.some(([from, to]) => i + 1 >= from && i + 1 <= to));
  }
}
