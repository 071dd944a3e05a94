/**
 * Starts a program of the file tree for somebody who is no shell (libxl, udevd): fork and execve. A script that is a
 * list of steps here runs as such, any other executable file is bash's; what cannot be executed ends the child.
 */
import { EACCES, Errno } from "./errno.ts";
import { FileNode } from "./files.ts";
import { type Process, type ProcessHost, Program, type SpawnOptions } from "./process.ts";

/** `caller` stands before the child's complaint when execve fails: "libxl: cannot execute". */
export function spawnScript(
  machine: ProcessHost,
  argv: readonly string[],
  options: SpawnOptions,
  caller: string,
): Process {
  const path = argv[0]!;
  if (machine.command(path) !== null) return machine.spawn(argv, options);
  const file = machine.files.find(path);
  if (file instanceof FileNode && file.executable) return machine.spawn(["bash", ...argv], options);
  const refusal = file instanceof Errno ? file : EACCES;
  return machine.spawn(argv, { ...options, program: new CannotExecute(`${caller} ${path}: ${refusal.text}\n`) });
}

/** The forked child whose execvp failed. */
class CannotExecute extends Program {
  private readonly sentence: string;

  constructor(sentence: string) {
    super();
    this.sentence = sentence;
  }

  start(): void {
    this.process.error(this.sentence);
    this.process.exit(-1);
  }
}
