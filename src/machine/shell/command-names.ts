/** Which commands a text would run, as far as that can be read from it: what `xenlab check` looks up before a run does. */
import { parse } from "./parser.ts";
import type { Part, ShellError, Word } from "./token.ts";
import type { List, ShellCommand } from "./tree.ts";

/** The first words that are plain, each once; or what is wrong with the text. */
export function commandNames(source: string): { readonly names: readonly string[] } | { readonly error: ShellError } {
  const names = new Set<string>();
  const error = collect(source, names);
  return error === null ? { names: [...names] } : { error };
}

function collect(source: string, names: Set<string>): ShellError | null {
  const parsed = parse(source);
  if ("error" in parsed) return parsed.error;
  return fromList(parsed.list, names);
}

function fromList(list: List, names: Set<string>): ShellError | null {
  for (const { pipelines } of list)
    for (const { commands } of pipelines)
      for (const command of commands) {
        const error = fromCommand(command, names);
        if (error !== null) return error;
      }
  return null;
}

function fromCommand(command: ShellCommand, names: Set<string>): ShellError | null {
  if (command.kind === "simple") {
    const [first] = command.words;
    const name = first?.every((part) => part.kind === "text") ? first.map(textOf).join("") : "";
    if (name !== "") names.add(name);
  }
  return firstError([
    ...wordsOf(command).flatMap((word) => word.map((part) => fromPart(part, names))),
    ...listsOf(command).map((list) => fromList(list, names)),
  ]);
}

const textOf = (part: Part): string => (part.kind === "text" ? part.text : "");
const firstError = (errors: readonly (ShellError | null)[]): ShellError | null =>
  errors.find((each) => each !== null) ?? null;

function fromPart(part: Part, names: Set<string>): ShellError | null {
  if (part.kind === "command") return collect(part.source, names);
  if (part.kind === "variable" && part.operation !== null)
    return firstError(part.operation.word.map((each) => fromPart(each, names)));
  return null;
}

function wordsOf(command: ShellCommand): readonly Word[] {
  if (command.kind === "simple") return [...command.words, ...command.assignments.map(({ value }) => value)];
  if (command.kind === "for") return command.words ?? [];
  return command.kind === "case" ? [command.word] : [];
}

function listsOf(command: ShellCommand): readonly List[] {
  switch (command.kind) {
    case "simple":
      return [];
    case "if":
      return [...command.branches.flatMap(({ condition, body }) => [condition, body]), command.otherwise];
    case "while":
    case "until":
      return [command.condition, command.body];
    case "for":
      return [command.body];
    case "case":
      return command.branches.map(({ body }) => body);
    case "subshell":
    case "group":
      return [command.list];
  }
}
