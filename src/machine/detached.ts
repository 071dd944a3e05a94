/** The streams of a process that has left its terminal: daemon(3) with a file, or nothing, to print into. */
import type { Box } from "./box.ts";
import { FileNode } from "./files.ts";
import { FileOutput, type Output, Pipe } from "./stream.ts";

export function detached(machine: Box, path = "/dev/null"): { stdin: Pipe; stdout: Output; stderr: Output } {
  const file = machine.files.open(path, "append");
  const output = file instanceof FileNode ? new FileOutput(file) : new Pipe();
  return { stdin: Pipe.holding(""), stdout: output, stderr: output };
}
