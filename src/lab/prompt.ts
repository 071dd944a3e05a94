/** A shell at a machine's prompt that lives on from line to line: variables, directory and jobs stay. */
import type { Process } from "../machine/process.ts";
import { Shell } from "../machine/shell/shell.ts";

export class Prompt {
  readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  /** It waits for the next line. */
  get idle(): boolean {
    const { program, stdin } = this.process;
    return program instanceof Shell && program.waitsForInput && stdin.isEmpty;
  }

  /** $? */
  get status(): number {
    const { program, exitCode } = this.process;
    return program instanceof Shell ? program.session.status : (exitCode ?? 0);
  }

  get ended(): boolean {
    return this.process.hasEnded;
  }
}

/** Is this chunk of a console the shell of `machine` asking for a line, and nothing else? */
export const isPromptText = (text: string, machine: string): boolean =>
  text === "> " || (text.startsWith(`root@${machine}:`) && /^[^\n]*# $/.test(text));
