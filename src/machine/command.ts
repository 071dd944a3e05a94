/**
 * What a command is: what its manual says and how it starts. The list in `command/index.ts` is the single source for the
 * shell, tab completion and help. A process stores only a command's name, so no state holds a function (promise P8).
 */
import type { Manual } from "./manual.ts";
import type { Process, Program } from "./process.ts";

export interface Command extends Manual {
  /** Answers at once with an exit code, or hands out the program that will run. */
  start(process: Process): Program | number;
}
