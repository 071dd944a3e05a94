/** cat(1). */
import type { Command } from "../command.ts";
import { Filter } from "../filter.ts";
import { readOptions } from "../options.ts";

export const cat: Command = {
  name: "cat",
  summary: "Concatenate FILE(s) to standard output.",
  usage: "cat [OPTION]... [FILE]...",
  options: [
    { flag: "-n, --number", text: "number all output lines" },
    { flag: "-u", text: "(ignored)" },
  ],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, cat);
    return typeof options === "number" ? options : new Cat(options.operands, options.has("n"));
  },
};

class Cat extends Filter {
  private readonly numbered: boolean;
  private number = 0;

  constructor(files: readonly string[], numbered: boolean) {
    super(files);
    this.numbered = numbered;
  }

  protected override chunk(text: string): void {
    if (this.numbered) super.chunk(text);
    else this.emit(text);
  }

  protected line(text: string, ended: boolean): void {
    this.emit(`${String(++this.number).padStart(6)}\t${text}${ended ? "\n" : ""}`);
  }
}
