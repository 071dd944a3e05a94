/** chmod(1): only the executable bit is modelled. */
import type { Command } from "../command.ts";
import { Errno } from "../errno.ts";
import { FileNode } from "../files.ts";
import { misused } from "../options.ts";

export const chmod: Command = {
  name: "chmod",
  summary: "Change whether FILE can be executed: +x, -x, 755, 644.",
  usage: "chmod MODE FILE...",
  operands: ["text", "file"],
  start(process) {
    const [mode, ...names] = process.argv.slice(1);
    if (mode === undefined) return misused(process, chmod, "missing operand");
    if (names.length === 0) return misused(process, chmod, `missing operand after '${mode}'`);
    const plain = /^(?:[ugoa]*([+-])x|0?([0-7]{3}))$/.exec(mode);
    if (plain === null) return process.fail(`mode ${mode} is not modelled; +x, -x and three octal digits are`);
    const executable = plain[1] === undefined ? (Number.parseInt(plain[2]!, 8) & 0o111) !== 0 : plain[1] === "+";
    let status = 0;
    for (const name of names) {
      const node = process.machine.files.find(name, process.cwd);
      if (node instanceof Errno) status = process.fail(`cannot access '${name}': ${node.text}`);
      else if (node instanceof FileNode) node.executable = executable;
    }
    return status;
  },
};
