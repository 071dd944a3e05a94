/** grep(1) of GNU, with our own matcher (regex.ts). Not modelled: context lines, recursion, -f, -P. */
import type { Command } from "../command.ts";
import type { Errno } from "../errno.ts";
import { Filter } from "../filter.ts";
import { misused, type Options, readOptions } from "../options.ts";
import { isWordCode, type Match, Regex } from "../regex.ts";

export const grep: Command = {
  name: "grep",
  summary: "Search for PATTERNS in each FILE.",
  usage: "grep [OPTION]... PATTERNS [FILE]...",
  options: [
    { flag: "-E, --extended-regexp", text: "PATTERNS are extended regular expressions" },
    { flag: "-G, --basic-regexp", text: "PATTERNS are basic regular expressions" },
    { flag: "-F, --fixed-strings", text: "PATTERNS are strings" },
    { flag: "-e, --regexp=PATTERNS", text: "use PATTERNS for matching" },
    { flag: "-i, --ignore-case", text: "ignore case distinctions" },
    { flag: "-v, --invert-match", text: "select non-matching lines" },
    { flag: "-w, --word-regexp", text: "match only whole words" },
    { flag: "-x, --line-regexp", text: "match only whole lines" },
    { flag: "-c, --count", text: "print only a count of selected lines per FILE" },
    { flag: "-n, --line-number", text: "print line number with output lines" },
    { flag: "-o, --only-matching", text: "show only nonempty parts of lines that match" },
    { flag: "-q, --quiet, --silent", text: "suppress all normal output" },
    { flag: "-s, --no-messages", text: "suppress error messages" },
    { flag: "-H, --with-filename", text: "print file name with output lines" },
    { flag: "-h, --no-filename", text: "suppress the file name prefix on output" },
    { flag: "-l, --files-with-matches", text: "print only names of FILEs with selected lines" },
    { flag: "-m, --max-count=NUM", text: "stop after NUM selected lines" },
    { flag: "--line-buffered", text: "flush output on every line" },
    { flag: "--color=WHEN", text: "accepted; output is never coloured" },
  ],
  operands: ["text", "file"],
  misuse: 2,
  misuseShows: "usage-and-try",
  start(process) {
    const options = readOptions(process, grep);
    if (typeof options === "number") return options;
    const files = [...options.operands];
    const pattern = options.value("e") ?? files.shift();
    if (pattern === undefined) return misused(process, grep, "");
    if (options.has("m") && !/^\d+$/.test(options.value("m")!)) return process.fail("invalid max count", 2);
    const source = options.has("F") ? pattern.replace(/[.*[\]\\^$]/g, "\\$&") : pattern;
    const regex = Regex.compile(source, {
      extended: options.has("E") && !options.has("F"),
      ignoreCase: options.has("i"),
    });
    return typeof regex === "string" ? process.fail(regex, 2) : new Grep(files, regex, options);
  },
};

class Grep extends Filter {
  private readonly regex: Regex;
  private readonly options: Options;
  private readonly named: boolean;
  private readonly limit: number;
  private number = 0;
  private count = 0;
  private failed = false;

  constructor(files: readonly string[], regex: Regex, options: Options) {
    super(files);
    this.regex = regex;
    this.options = options;
    this.named = (files.length > 1 || options.has("H")) && !options.has("h");
    this.limit = options.has("m") ? Number(options.value("m")) : Number.POSITIVE_INFINITY;
    this.status = 1;
  }

  protected override opened(): void {
    this.number = 0;
    this.count = 0;
  }

  protected line(text: string): void {
    this.number++;
    if (this.count >= this.limit || (this.find(text, 0) !== null) === this.options.has("v")) return;
    this.count++;
    if (!this.failed || this.options.has("q")) this.status = 0;
    if (this.options.has("q")) return this.stop();
    if (this.options.has("c") || this.options.has("l")) return;
    if (!this.options.has("o")) this.emit(`${this.prefix()}${text}\n`);
    else if (!this.options.has("v")) this.emitParts(text);
  }

  protected override closed(): void {
    const name = this.named ? `${this.shownName}:` : "";
    if (this.options.has("l") && !this.options.has("q")) this.emit(this.count > 0 ? `${this.shownName}\n` : "");
    else if (this.options.has("c") && !this.options.has("q")) this.emit(`${name}${this.count}\n`);
  }

  protected override refused(errno: Errno): void {
    if (!this.options.has("s")) this.process.fail(`${this.file}: ${errno.text}`);
    this.failed = true;
    this.status = 2;
  }

  private get shownName(): string {
    return this.file === "-" ? "(standard input)" : this.file;
  }

  private prefix(): string {
    return (this.named ? `${this.shownName}:` : "") + (this.options.has("n") ? `${this.number}:` : "");
  }

  private emitParts(text: string): void {
    for (let match = this.find(text, 0); match !== null; match = this.find(text, Math.max(match.to, match.from + 1))) {
      if (match.to > match.from) this.emit(`${this.prefix()}${text.slice(match.from, match.to)}\n`);
    }
  }

  /** The next match that is also a whole word or line where one is asked for. */
  private find(text: string, from: number): Match | null {
    const whole = this.options.has("x");
    const words = this.options.has("w");
    if (!whole && !words && !this.options.has("o")) return this.regex.test(text) ? { from: 0, to: 0 } : null;
    for (let match = this.regex.search(text, from); match !== null; match = this.regex.search(text, match.from + 1)) {
      const fits = whole ? match.from === 0 && match.to === text.length : !words || isWholeWord(text, match);
      if (fits) return match;
      if (whole || match.from === text.length) return null;
    }
    return null;
  }
}

const isWholeWord = (text: string, { from, to }: Match): boolean =>
  !(from > 0 && isWordCode(text.charCodeAt(from - 1))) && !(to < text.length && isWordCode(text.charCodeAt(to)));
