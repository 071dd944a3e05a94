/** mkdir(1). */
import type { Command } from "../command.ts";
import { misused, readOptions } from "../options.ts";

export const mkdir: Command = {
  name: "mkdir",
  summary: "Create the DIRECTORY(ies), if they do not already exist.",
  usage: "mkdir [OPTION]... DIRECTORY...",
  options: [{ flag: "-p, --parents", text: "no error if existing, make parent directories as needed" }],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, mkdir);
    if (typeof options === "number") return options;
    if (options.operands.length === 0) return misused(process, mkdir, "missing operand");
    const { files } = process.machine;
    let status = 0;
    for (const name of options.operands) {
      const refused = options.has("p") ? files.makePath(name, process.cwd) : files.mkdir(name, process.cwd);
      if (refused !== null) status = process.fail(`cannot create directory '${name}': ${refused.text}`);
    }
    return status;
  },
};
