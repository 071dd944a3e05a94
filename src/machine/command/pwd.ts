/** pwd: bash's builtin. */
import type { Command } from "../command.ts";

export const pwd: Command = {
  name: "pwd",
  summary: "Print the name of the current directory.",
  usage: "pwd",
  builtin: true,
  misuse: 2,
  start(process) {
    const option = process.argv.slice(1).find((word) => /^-./.test(word));
    if (option !== undefined && option !== "-P" && option !== "-L") {
      process.fail(`${option.slice(0, 2)}: invalid option`);
      process.error("pwd: usage: pwd [-LP]\n");
      return 2;
    }
    process.print(`${process.cwd}\n`);
    return 0;
  },
};
