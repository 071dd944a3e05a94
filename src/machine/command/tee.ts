/** tee(1). */
import type { Command } from "../command.ts";
import { Errno } from "../errno.ts";
import type { FileNode } from "../files.ts";
import { Filter } from "../filter.ts";
import { readOptions } from "../options.ts";

export const tee: Command = {
  name: "tee",
  summary: "Copy standard input to each FILE, and also to standard output.",
  usage: "tee [OPTION]... [FILE]...",
  options: [{ flag: "-a, --append", text: "append to the given FILEs, do not overwrite" }],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, tee);
    if (typeof options === "number") return options;
    const opened = options.operands.map((name) => ({
      name,
      file: process.machine.files.open(name, options.has("a") ? "append" : "truncate", process.cwd),
    }));
    for (const { name, file } of opened) if (file instanceof Errno) process.fail(`${name}: ${file.text}`);
    const files = opened.filter((each): each is Target => !(each.file instanceof Errno));
    return new Tee(files, files.length === opened.length ? 0 : 1);
  },
};

interface Target {
  readonly name: string;
  readonly file: FileNode;
}

class Tee extends Filter {
  private readonly targets: readonly Target[];

  constructor(targets: readonly Target[], status: number) {
    super([]);
    this.targets = targets;
    this.status = status;
  }

  protected override chunk(text: string): void {
    this.emit(text);
    for (const { name, file } of this.targets) {
      const refused = file.append(text);
      if (refused === null) continue;
      this.process.fail(`${name}: ${refused.text}`);
      this.status = 1;
    }
  }

  protected line(): void {}
}
