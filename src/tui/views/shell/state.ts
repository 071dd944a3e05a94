/** What the Shell view keeps. */
import type { CommandLine } from "../../parts/command-line.ts";

export interface ShellState {
  /** Empty: the first one. */
  readonly machine: string;
  readonly line: CommandLine;
  /** Keys are text. */
  readonly typing: boolean;
  /** Rows above the end. */
  readonly scrolled: number;
}
