/**
 * The expansion of one command, which may have to be done several times: whenever it meets commands in $( ) whose output is
 * not known, the shell runs those and begins anew.
 */
import type { FileTree } from "../files.ts";
import { expandPattern, expandText, expandWords, type Scope } from "./expand.ts";
import { matches, paths } from "./pattern.ts";
import type { Session } from "./session.ts";
import type { CommandPart, Part, Word } from "./token.ts";
import type { ShellCommand } from "./tree.ts";

export interface OpenRedirection {
  readonly fd: number;
  readonly kind: "<" | ">" | ">>" | ">&" | "<<";
  /** A path, or of << the text. */
  readonly target: string;
}

/** A command whose words are known. */
export interface Expanded {
  readonly argv: readonly string[];
  readonly assignments: readonly { readonly name: string; readonly value: string }[];
  readonly redirections: readonly OpenRedirection[];
  /** Of `case`: the branch that is meant, -1 for none. */
  readonly branch: number;
}

/** The machine, as far as words are about it. */
export interface ShellBox {
  readonly files: FileTree;
  readonly hostname: string;
}

/** What bash sets by itself and children do not inherit, "Shell Variables" of bash(1). */
const OWN_VARIABLES: Readonly<Record<string, (box: ShellBox, cwd: string) => string>> = {
  BASH: () => "/bin/bash",
  EUID: () => "0",
  HOSTNAME: ({ hostname }) => hostname,
  IFS: () => " \t\n",
  PWD: (_, cwd) => cwd,
  UID: () => "0",
};
/** To go on with nothing in their place would be to pretend. */
const NOT_MODELLED = /^(LINENO|PPID|RANDOM|SECONDS|SRANDOM|EPOCH(SECONDS|REALTIME)|FUNCNAME|PIPESTATUS|BASH\w+)$/;

export class Expansion implements Scope {
  /** The first commands whose output is not known. */
  pending: CommandPart | null = null;
  failure: { readonly sentence: string; readonly status: number } | null = null;
  /** Exit code of the last commands in $( ); null when there were none. */
  status: number | null = null;
  private readonly session: Session;
  private readonly box: ShellBox;
  private readonly cwd: string;
  private readonly outputs = new Map<CommandPart, string>();

  constructor(session: Session, box: ShellBox, cwd: string) {
    this.session = session;
    this.box = box;
    this.cwd = cwd;
  }

  /** Null while commands in it have to run first. */
  expand(command: ShellCommand): Expanded | null {
    this.pending = null;
    const isSimple = command.kind === "simple";
    const argv = isSimple
      ? expandWords(command.words, this)
      : command.kind === "for"
        ? this.valuesOf(command.words)
        : [];
    const branch = command.kind === "case" ? this.branchOf(command.word, command.branches) : -1;
    const redirections = command.redirections.map((each) => ({
      fd: each.fd,
      kind: each.kind,
      target: expandText(each.kind === "<<" ? each.document.body : each.target, this),
    }));
    const assignments = isSimple
      ? command.assignments.map(({ name, value }) => ({ name, value: expandText(value, this) }))
      : [];
    return this.pending === null ? { argv, assignments, redirections, branch } : null;
  }

  /** The commands have run. */
  resolve(part: CommandPart, output: string, status: number): void {
    this.outputs.set(part, output);
    this.status = status;
  }

  get positional(): readonly string[] {
    return this.session.positional;
  }

  variable(name: string): string | null {
    const set = this.session.variable(name);
    if (set !== null) return set;
    if (Object.hasOwn(OWN_VARIABLES, name)) return OWN_VARIABLES[name]!(this.box, this.cwd);
    if (NOT_MODELLED.test(name)) this.fail(`$${name} is not modelled`, 1);
    return null;
  }

  set(name: string, value: string): void {
    if (this.pending === null) this.session.set(name, value);
  }

  output(part: CommandPart): string | null {
    const known = this.outputs.get(part);
    if (known === undefined) this.pending ??= part;
    return known ?? null;
  }

  paths(pattern: string): readonly string[] {
    return paths(pattern, this.box.files, this.cwd);
  }

  fail(sentence: string, status: number): void {
    if (this.pending === null) this.failure ??= { sentence, status };
  }

  private valuesOf(words: readonly Word[] | null): readonly string[] {
    return words === null ? this.positional : expandWords(words, this);
  }

  private branchOf(word: Word, branches: readonly { readonly patterns: readonly Word[] }[]): number {
    const value = expandText(word, this);
    return branches.findIndex(({ patterns }) =>
      patterns.some((pattern) => matches(expandPattern(pattern, this), value)),
    );
  }
}

/** Does the command hold commands in $( ), wherever they stand in its own words? */
export function hasCommands(command: ShellCommand): boolean {
  const words: Word[] = command.redirections.map((each) => (each.kind === "<<" ? each.document.body : each.target));
  if (command.kind === "simple") words.push(...command.words, ...command.assignments.map(({ value }) => value));
  return words.some((word) => word.some(holdsCommands));
}

function holdsCommands(part: Part): boolean {
  if (part.kind === "command") return true;
  if (part.kind === "arithmetic") return part.expression.some(holdsCommands);
  return part.kind === "variable" && part.operation !== null && part.operation.word.some(holdsCommands);
}
