/**
 * What is known of a command without running it: tab completion, help and option parsing read it here.
 */

/** What stands behind a command's options: a hint for tab completion. */
export type ArgumentKind = "command" | "file" | "interface" | "machine" | "process" | "sysctl" | "text";

export interface CommandOption {
  /** As help shows it: "-n, --lines=NUM", "-v", "--color". Option parsing is derived from it (options.ts). */
  readonly flag: string;
  readonly text: string;
}

export interface Manual {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What stands behind "Usage: ". */
  readonly usage: string;
  readonly options?: readonly CommandOption[];
  /** Kinds of the operands in order; the last one repeats. */
  readonly operands?: readonly ArgumentKind[];
  /** Words that may stand where an operand may: "link", "addr", ... */
  readonly words?: readonly string[];
  /** Part of bash: costs no fork and no execve. */
  readonly builtin?: boolean;
  /** Exit code of wrong usage; 1 unless told. */
  readonly misuse?: number;
  /** What follows the sentence about a wrong option: "Try ..." (coreutils), usage and it (grep), all help (procps). */
  readonly misuseShows?: "try" | "usage-and-try" | "help";
}
