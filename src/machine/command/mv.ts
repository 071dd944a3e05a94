/** mv(1). */
import type { Command } from "../command.ts";
import { destination } from "../copy-file.ts";
import { Errno } from "../errno.ts";
import { isDirectory } from "../files.ts";
import { misused, readOptions } from "../options.ts";

export const mv: Command = {
  name: "mv",
  summary: "Rename SOURCE to DEST, or move SOURCE(s) to DIRECTORY.",
  usage: "mv [OPTION]... SOURCE... DEST",
  options: [{ flag: "-f, --force", text: "do not prompt before overwriting (never done here)" }],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, mv);
    if (typeof options === "number") return options;
    const sources = options.operands.slice(0, -1);
    const target = options.operands.at(-1);
    if (target === undefined) return misused(process, mv, "missing file operand");
    if (sources.length === 0) return misused(process, mv, `missing destination file operand after '${target}'`);
    const { files } = process.machine;
    const there = files.find(target, process.cwd);
    if (sources.length > 1 && (there instanceof Errno || !isDirectory(there))) {
      return process.fail(`target '${target}': ${there instanceof Errno ? there.text : "Not a directory"}`);
    }
    let status = 0;
    for (const source of sources) {
      const node = files.find(source, process.cwd);
      const to = destination(files, source, target, process.cwd);
      if (node instanceof Errno) status = process.fail(`cannot stat '${source}': ${node.text}`);
      else {
        const refused = files.rename(source, to, process.cwd);
        if (refused !== null) status = process.fail(`cannot move '${source}' to '${to}': ${refused.text}`);
      }
    }
    return status;
  },
};
