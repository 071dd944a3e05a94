/** touch(1). */
import type { Command } from "../command.ts";
import { misused, readOptions } from "../options.ts";

export const touch: Command = {
  name: "touch",
  summary: "Update the modification times of each FILE to the current time; make it when it is not there.",
  usage: "touch FILE...",
  operands: ["file"],
  start(process) {
    const options = readOptions(process, touch);
    if (typeof options === "number") return options;
    if (options.operands.length === 0) return misused(process, touch, "missing file operand");
    let status = 0;
    for (const name of options.operands) {
      const refused = process.machine.files.touch(name, process.cwd);
      if (refused !== null) status = process.fail(`cannot touch '${name}': ${refused.text}`);
    }
    return status;
  },
};
