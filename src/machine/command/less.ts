/** less(1) where its output is no terminal: it prints its files as cat does, whatever its options say of the screen. */
import type { Command } from "../command.ts";
import type { Errno } from "../errno.ts";
import { Filter } from "../filter.ts";

export const less: Command = {
  name: "less",
  summary: "Print the files, or standard input: there is no screen to go through them by.",
  usage: "less [OPTION]... [FILE]...",
  options: [
    { flag: "-F, --quit-if-one-screen", text: "accepted, and of no use" },
    { flag: "-i, --ignore-case", text: "accepted, and of no use" },
    { flag: "-N, --LINE-NUMBERS", text: "accepted, and of no use" },
    { flag: "-R, --RAW-CONTROL-CHARS", text: "accepted, and of no use" },
    { flag: "-S, --chop-long-lines", text: "accepted, and of no use" },
    { flag: "-X, --no-init", text: "accepted, and of no use" },
  ],
  operands: ["file"],
  start(process) {
    const words = process.argv.slice(1);
    const isOption = (word: string): boolean => /^[-+]./.test(word);
    const bad = words.find((word) => isOption(word) && !ACCEPTED.test(word));
    if (bad === undefined) return new Less(words.filter((word) => !isOption(word)));
    return process.fail(`${bad}: not modelled`);
  },
};

const ACCEPTED =
  /^(-[FiNRSX]+|\+[GgF0-9]+|--(quit-if-one-screen|ignore-case|LINE-NUMBERS|RAW-CONTROL-CHARS|chop-long-lines|no-init))$/;

class Less extends Filter {
  protected override chunk(text: string): void {
    this.emit(text);
  }

  /** Where the text goes, without its own name in front, and no failure. */
  protected override refused(errno: Errno): void {
    this.emit(errno.text === "Is a directory" ? `${this.file} is a directory\n` : `${this.file}: ${errno.text}\n`);
  }

  protected line(): void {}
}
