/** cp(1). */
import type { Command } from "../command.ts";
import { destination } from "../copy-file.ts";
import { EPERM, Errno } from "../errno.ts";
import { DirectoryLink, isDirectory, resolvePath } from "../files.ts";
import { misused, readOptions } from "../options.ts";
import type { Process } from "../process.ts";

export const cp: Command = {
  name: "cp",
  summary: "Copy SOURCE to DEST, or multiple SOURCE(s) to DIRECTORY.",
  usage: "cp [OPTION]... SOURCE... DEST",
  options: [{ flag: "-r, -R, --recursive", text: "copy directories recursively" }],
  operands: ["file"],
  start(process) {
    const options = readOptions(process, cp);
    if (typeof options === "number") return options;
    const sources = options.operands.slice(0, -1);
    const target = options.operands.at(-1);
    if (target === undefined) return misused(process, cp, "missing file operand");
    if (sources.length === 0) return misused(process, cp, `missing destination file operand after '${target}'`);
    const { files } = process.machine;
    const node = files.find(target, process.cwd);
    const isInside = !(node instanceof Errno) && isDirectory(node);
    if (sources.length > 1 && !isInside)
      return process.fail(`target '${target}': ${node instanceof Errno ? node.text : "Not a directory"}`);
    let status = 0;
    for (const source of sources) {
      status = copy(process, source, destination(files, source, target, process.cwd), options.has("r")) || status;
    }
    return status;
  },
};

function copy(process: Process, from: string, to: string, recursive: boolean): number {
  const { machine, cwd } = process;
  const node = machine.files.find(from, cwd);
  if (node instanceof Errno) return process.fail(`cannot stat '${from}': ${node.text}`);
  if (resolvePath(from, cwd) === resolvePath(to, cwd)) return process.fail(`'${from}' and '${to}' are the same file`);
  if (node instanceof DirectoryLink && recursive)
    return process.fail(`cannot create symbolic link '${to}': ${EPERM.text}`);
  if (isDirectory(node)) {
    if (!recursive) return process.fail(`-r not specified; omitting directory '${from}'`);
    if (`${resolvePath(to, cwd)}/`.startsWith(`${resolvePath(from, cwd)}/`)) {
      return process.fail(`cannot copy a directory, '${from}', into itself, '${to}'`);
    }
    const refused = machine.files.makePath(to, cwd);
    if (refused !== null) return process.fail(`cannot create directory '${to}': ${refused.text}`);
    return node.list().reduce((status, name) => copy(process, `${from}/${name}`, `${to}/${name}`, true) || status, 0);
  }
  const bytes = node.readBytes();
  if (bytes instanceof Errno) return process.fail(`error reading '${from}': ${bytes.text}`);
  const refused = machine.files.write(to, bytes, cwd);
  if (refused !== null) return process.fail(`cannot create regular file '${to}': ${refused.text}`);
  const made = machine.files.file(to, cwd);
  if (!(made instanceof Errno)) made.executable = node.executable;
  return 0;
}
