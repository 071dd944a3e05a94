/** A shell text as a plain tree: POSIX XCU 2.9. */
import type { HereDocument, Word } from "./token.ts";

export interface Redirection {
  /** 0 stdin, 1 stdout, 2 stderr. */
  readonly fd: number;
  readonly kind: "<" | ">" | ">>" | ">&";
  readonly target: Word;
}

export interface HereRedirection {
  readonly fd: number;
  readonly kind: "<<";
  readonly document: HereDocument;
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
}

interface Common {
  readonly redirections: readonly (Redirection | HereRedirection)[];
  readonly line: number;
}

export interface SimpleCommand extends Common {
  readonly kind: "simple";
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
}

/** ( ) runs in a child, { } in the shell itself. */
export interface GroupCommand extends Common {
  readonly kind: "subshell" | "group";
  readonly list: List;
}

/** if, elif, elif ... */
export interface IfCommand extends Common {
  readonly kind: "if";
  readonly branches: readonly { readonly condition: List; readonly body: List }[];
  readonly otherwise: List;
}

export interface LoopCommand extends Common {
  readonly kind: "while" | "until";
  readonly condition: List;
  readonly body: List;
}

export interface ForCommand extends Common {
  readonly kind: "for";
  readonly name: string;
  /** Null: the positional parameters. */
  readonly words: readonly Word[] | null;
  readonly body: List;
}

export interface CaseCommand extends Common {
  readonly kind: "case";
  readonly word: Word;
  readonly branches: readonly { readonly patterns: readonly Word[]; readonly body: List }[];
}

export type CompoundCommand = GroupCommand | IfCommand | LoopCommand | ForCommand | CaseCommand;
export type ShellCommand = SimpleCommand | CompoundCommand;

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly ShellCommand[];
}

export interface AndOr {
  readonly pipelines: readonly Pipeline[];
  /** What stands between them: one less than pipelines. */
  readonly operators: readonly ("&&" | "||")[];
  readonly background: boolean;
  /** As typed, for `jobs`. */
  readonly text: string;
}

export type List = readonly AndOr[];
