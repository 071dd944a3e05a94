/** wc(1). */
import { fromText } from "../../base/bytes.ts";
import type { Command } from "../command.ts";
import { EISDIR, Errno } from "../errno.ts";
import { FileNode, type FileTree, LiveFile } from "../files.ts";
import { Filter } from "../filter.ts";
import { type Options, readOptions } from "../options.ts";

export const wc: Command = {
  name: "wc",
  summary: "Print newline, word, and byte counts for each FILE.",
  usage: "wc [OPTION]... [FILE]...",
  options: [
    { flag: "-c, --bytes", text: "print the byte counts" },
    { flag: "-m, --chars", text: "print the character counts" },
    { flag: "-l, --lines", text: "print the newline counts" },
    { flag: "-w, --words", text: "print the word counts" },
  ],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, wc);
    if (typeof options === "number") return options;
    return new Wc(options.operands, options, widthFor(process.machine.files, process.cwd, options));
  },
};

/** GNU wc pads to the digits of the sizes' sum; to 7 when a size is not known; to nothing with one number of one file. */
function widthFor(files: FileTree, cwd: string, options: Options): number {
  const columns = ["l", "w", "m", "c"].filter((key) => options.has(key)).length || 3;
  const names = options.operands;
  if (columns === 1 && names.length <= 1) return 1;
  const sizes = names.map((name) => (name === "-" ? null : sizeOf(files.find(name, cwd))));
  if (names.length === 0 || sizes.includes(null)) return 7;
  return String((sizes as number[]).reduce((sum, size) => sum + size, 0)).length;
}

/** Null for what has no size to know: a directory, a live file. */
function sizeOf(node: unknown): number | null {
  if (!(node instanceof FileNode)) return node instanceof Errno ? 0 : null;
  return node instanceof LiveFile ? null : node.size;
}

class Wc extends Filter {
  private readonly columns: readonly (keyof Counts)[];
  private readonly width: number;
  private readonly total: Counts = { lines: 0, words: 0, chars: 0, bytes: 0 };
  private readonly fileCount: number;
  private counts: Counts = { lines: 0, words: 0, chars: 0, bytes: 0 };

  constructor(files: readonly string[], options: Options, width: number) {
    super(files);
    const asked = COLUMNS.filter(([key]) => options.has(key)).map(([, column]) => column);
    this.columns = asked.length > 0 ? asked : ["lines", "words", "bytes"];
    this.width = width;
    this.fileCount = files.length;
  }

  protected override opened(): void {
    this.counts = { lines: 0, words: 0, chars: 0, bytes: 0 };
  }

  protected line(text: string, ended: boolean): void {
    const { counts } = this;
    const newline = Number(ended);
    counts.lines += newline;
    counts.words += text.match(/[^\s]+/g)?.length ?? 0;
    counts.chars += [...text].length + newline;
    counts.bytes += fromText(text).length + newline;
  }

  protected override closed(): void {
    for (const [, column] of COLUMNS) this.total[column] += this.counts[column];
    this.emit(this.row(this.counts, this.fileCount === 0 ? "" : this.file));
  }

  protected override finish(): void {
    if (this.fileCount > 1) this.emit(this.row(this.total, "total"));
  }

  protected override refused(errno: Errno): void {
    super.refused(errno);
    if (errno.text !== EISDIR.text) return;
    this.opened();
    this.closed();
  }

  private row(counts: Counts, name: string): string {
    const numbers = this.columns.map((column) => String(counts[column]).padStart(this.width)).join(" ");
    return `${numbers}${name === "" ? "" : ` ${name}`}\n`;
  }
}

interface Counts {
  lines: number;
  words: number;
  chars: number;
  bytes: number;
}

const COLUMNS: readonly (readonly [key: string, column: keyof Counts])[] = [
  ["l", "lines"],
  ["w", "words"],
  ["m", "chars"],
  ["c", "bytes"],
];
