/** rm(1). */
import type { Command } from "../command.ts";
import { ENOENT, Errno } from "../errno.ts";
import { type FileTree, isDirectory } from "../files.ts";
import { misused, readOptions } from "../options.ts";

export const rm: Command = {
  name: "rm",
  summary: "Remove the FILE(s).",
  usage: "rm [OPTION]... [FILE]...",
  options: [
    { flag: "-f, --force", text: "ignore nonexistent files and arguments, never prompt" },
    { flag: "-r, -R, --recursive", text: "remove directories and their contents recursively" },
    { flag: "-d, --dir", text: "remove empty directories" },
  ],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, rm);
    if (typeof options === "number") return options;
    if (options.operands.length === 0 && !options.has("f")) return misused(process, rm, "missing operand");
    const { files } = process.machine;
    let status = 0;
    for (const name of options.operands) {
      const refused = options.has("r")
        ? removeAll(files, name, process.cwd)
        : files.remove(name, process.cwd, options.has("d"));
      if (refused === null || (options.has("f") && refused.text === ENOENT.text)) continue;
      status = process.fail(`cannot remove '${name}': ${refused.text}`);
    }
    return status;
  },
};

function removeAll(files: FileTree, path: string, cwd: string): Errno | null {
  const node = files.find(path, cwd);
  if (node instanceof Errno) return node;
  if (isDirectory(node)) {
    for (const name of node.list()) {
      const refused = removeAll(files, `${path}/${name}`, cwd);
      if (refused !== null) return refused;
    }
  }
  return files.remove(path, cwd, true);
}
