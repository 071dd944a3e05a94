/** A command that the lab itself has run, with everything it printed. */
import type { Nanos } from "../engine/time.ts";
import type { Console } from "../machine/console.ts";
import type { Process } from "../machine/process.ts";

/** One command line of the scenario, or one check, with everything it printed. */
export interface Run {
  readonly machine: string;
  readonly line: string;
  readonly startedAt: Nanos;
  readonly console: Console;
  readonly process: Process;
}
