/**
 * Tab completion of a line on a machine: commands first, then what the command's own entry in the table says stands
 * there. Reads the line with the shell's lexer, so quoting and pipes are understood.
 */

import { Errno } from "./errno.ts";
import { type FileTree, isDirectory } from "./files.ts";
import type { Machine } from "./machine.ts";
import type { Manual } from "./manual.ts";
import { BUILTINS } from "./shell/builtins.ts";
import { lex } from "./shell/lexer.ts";
import { quote, type Token, type Word } from "./shell/token.ts";

export interface Completion {
  /** Where the word being completed starts; it ends at the cursor. */
  readonly from: number;
  /** Whole replacements for that word, sorted; directories end with a slash. */
  readonly candidates: readonly string[];
}

export interface CompletionOptions {
  readonly cwd?: string;
  /** Names for operands of kind "machine". */
  readonly machines?: readonly string[];
}

export function complete(machine: Machine, line: string, cursor: number, options: CompletionOptions = {}): Completion {
  const before = line.slice(0, cursor);
  const lexed = lex(before);
  if ("error" in lexed) return { from: cursor, candidates: [] };
  const words = lastCommand(lexed.tokens);
  const last = lexed.tokens.at(-2);
  const isOpen = last?.kind === "word" && last.to === cursor;
  const typed = isOpen ? textOf(last.parts) : "";
  const from = isOpen ? last.from : cursor;
  const previous = isOpen ? words.slice(0, -1) : words;
  const redirected = isRedirection(lexed.tokens.at(isOpen ? -3 : -2));
  const found = redirected ? paths(machine.files, typed, options.cwd) : candidates(machine, previous, typed, options);
  const matching = [...new Set(found)].filter((each) => each.startsWith(typed)).sort();
  return { from, candidates: matching.map(quote) };
}

const isRedirection = (token: Token | undefined): boolean => token?.kind === "operator" && /[<>]/.test(token.text);

/** The words since the last operator that starts a command; targets of redirections are left out. */
function lastCommand(tokens: readonly Token[]): string[] {
  let words: string[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.kind === "newline" || (token.kind === "operator" && !isRedirection(token))) words = [];
    else if (token.kind === "word" && !isRedirection(tokens[i - 1])) words.push(textOf(token.parts));
  }
  while (/^[A-Za-z_]\w*=/.test(words[0] ?? "") && words.length > 1) words.shift();
  return words;
}

const textOf = (word: Word): string =>
  word.map((part) => (part.kind === "text" ? part.text : part.kind === "variable" ? `$${part.name}` : "")).join("");

function candidates(
  machine: Machine,
  previous: readonly string[],
  typed: string,
  options: CompletionOptions,
): string[] {
  const [name, ...operands] = previous;
  if (name === undefined) return typed.includes("/") ? paths(machine.files, typed, options.cwd) : commandNames(machine);
  const command = machine.command(name);
  if (command === null) return paths(machine.files, typed, options.cwd);
  if (typed.startsWith("-")) return optionNames(command);
  const words = command.words ?? [];
  return [...words, ...operandsOf(command, operands, machine, typed, options)];
}

const commandNames = (machine: Machine): string[] => [
  ...machine.commands.map((command) => command.name),
  ...BUILTINS.keys(),
];

const optionNames = (command: Manual): string[] =>
  (command.options ?? []).flatMap(({ flag }) => flag.split(", ").map((each) => /^--?[^\s=[]+/.exec(each)![0]));

function operandsOf(
  command: Manual,
  before: readonly string[],
  machine: Machine,
  typed: string,
  options: CompletionOptions,
): string[] {
  const kinds = command.operands ?? [];
  const place = before.filter((word) => !word.startsWith("-")).length;
  const kind = kinds[Math.min(place, kinds.length - 1)];
  switch (kind) {
    case "command":
      return commandNames(machine);
    case "file":
      return paths(machine.files, typed, options.cwd);
    case "interface":
      return machine.table.devices.map((device) => device.name);
    case "machine":
      return [...(options.machines ?? [])];
    case "process":
      return [...machine.processes.keys()].map(String);
    case "sysctl":
      return sysctlNames(machine);
    default:
      return [];
  }
}

function sysctlNames(machine: Machine): string[] {
  return machine.net.sysctls.list().map(({ path }) => path.replace(/[./]/g, (each) => (each === "." ? "/" : ".")));
}

/** Names in the directory that `typed` reaches into. */
function paths(files: FileTree, typed: string, cwd = "/root"): string[] {
  const slash = typed.lastIndexOf("/") + 1;
  const base = typed.slice(0, slash);
  const names = files.list(base === "" ? "." : base, cwd);
  if (names instanceof Errno) return [];
  const isHidden = typed.slice(slash).startsWith(".");
  return names
    .filter((name) => isHidden || !name.startsWith("."))
    .map((name) => {
      const node = files.find(base + name, cwd);
      return base + name + (!(node instanceof Errno) && isDirectory(node) ? "/" : "");
    });
}
