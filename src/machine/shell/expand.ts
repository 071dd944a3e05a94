/**
 * Words to arguments: tilde, parameter, command and arithmetic expansion, field splitting, path names and quote removal
 * (POSIX XCU 2.6). Text stands twice while it grows: as it is, and as a pattern with its quoted letters escaped.
 */
import { calculate } from "./arithmetic.ts";
import { cut, escapePattern } from "./pattern.ts";
import type { CommandPart, Operation, Part, Word } from "./token.ts";

/** Where values come from. */
export interface Scope {
  /** Null when unset. */
  variable(name: string): string | null;
  /** $1 and on. */
  readonly positional: readonly string[];
  /** ${x:=word} */
  set(name: string, value: string): void;
  /** What the commands have printed; null: they have not run yet, and the expansion will be done once more. */
  output(part: CommandPart): string | null;
  /** Path names that a pattern stands for. */
  paths(pattern: string): readonly string[];
  /** A sentence about what cannot be expanded; `status` is what the shell ends with. */
  fail(sentence: string, status: number): void;
}

export const expandWords = (words: readonly Word[], scope: Scope): string[] =>
  words.flatMap((word) => expandWord(word, scope));

/** For assignments and redirections: one text, never split. */
export const expandText = (word: Word, scope: Scope): string =>
  withHome(word, scope)
    .map((part) => valueOf(part, scope))
    .join("");

/** For `case` and ${x#word}: a pattern. */
export const expandPattern = (word: Word, scope: Scope): string =>
  withHome(word, scope)
    .map((part) => {
      const text = valueOf(part, scope);
      return part.quoted === true || part.kind === "arithmetic" ? escapePattern(text) : text;
    })
    .join("");

/** None, one or several arguments. */
function expandWord(word: Word, scope: Scope): string[] {
  const fields = new Fields(scope);
  for (const part of withHome(word, scope)) addPart(part, scope, fields);
  return fields.finish();
}

/** ~ and ~/... at the beginning of a word. */
function withHome(word: Word, scope: Scope): Word {
  const first = word[0];
  if (first?.kind !== "text" || first.quoted || !/^~(\/|$)/.test(first.text)) return word;
  const rest = word.slice(1);
  if (first.text === "~" && rest.length > 0) return word;
  const home = scope.variable("HOME") ?? "/root";
  return [{ kind: "text", text: home, quoted: true }, { ...first, text: first.text.slice(1) }, ...rest];
}

const DEFAULT_IFS = " \t\n";

class Fields {
  private readonly scope: Scope;
  private readonly ifs: string;
  private readonly done: string[] = [];
  /** Null: no field is open. */
  private text: string | null = null;
  private pattern = "";
  private isPattern = false;

  constructor(scope: Scope) {
    this.scope = scope;
    this.ifs = scope.variable("IFS") ?? DEFAULT_IFS;
  }

  add(text: string, quoted: boolean): void {
    this.text = (this.text ?? "") + text;
    this.pattern += quoted ? escapePattern(text) : text;
    if (!quoted && /[*?[]/.test(text)) this.isPattern = true;
  }

  /** Cut at IFS: spaces of it go together, any other letter of it ends a field, which may be empty. */
  addSplit(value: string): void {
    for (let at = 0; at < value.length; at++) {
      const letter = value[at]!;
      if (!this.ifs.includes(letter)) this.add(letter, false);
      else if (!DEFAULT_IFS.includes(letter)) this.endAt();
      else {
        const behind = /\S|$/.exec(value.slice(at))!;
        const next = behind[0];
        if (next !== "" && this.ifs.includes(next)) continue;
        this.close();
      }
    }
  }

  close(): void {
    if (this.text !== null) {
      const found = this.isPattern ? this.scope.paths(this.pattern) : [];
      if (found.length > 0) this.done.push(...found);
      else this.done.push(this.text);
    }
    this.text = null;
    this.pattern = "";
    this.isPattern = false;
  }

  finish(): string[] {
    this.close();
    return this.done;
  }

  private endAt(): void {
    this.text ??= "";
    this.close();
  }
}

function addPart(part: Part, scope: Scope, fields: Fields): void {
  if (part.kind === "text") return fields.add(part.text, part.quoted);
  if (part.kind !== "variable") {
    const value = valueOf(part, scope);
    return part.quoted ? fields.add(value, true) : fields.addSplit(value);
  }
  if (part.name === "@" && part.operation === null && !part.isLength) return addEach(part.quoted, scope, fields);
  const word = part.operation === null ? null : replacement(part.name, part.operation, scope);
  if (word !== null && !part.quoted) return addReplacement(word, scope, fields);
  const value = valueOf(part, scope);
  if (part.quoted) fields.add(value, true);
  else fields.addSplit(value);
}

function addEach(quoted: boolean, { positional }: Scope, fields: Fields): void {
  for (const [i, value] of positional.entries()) {
    if (i > 0) fields.close();
    if (quoted) fields.add(value, true);
    else fields.addSplit(value);
  }
}

function addReplacement(word: Word, scope: Scope, fields: Fields): void {
  for (const part of word) {
    if (part.kind === "text" && !part.quoted) fields.addSplit(part.text);
    else addPart(part, scope, fields);
  }
}

function valueOf(part: Part, scope: Scope): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "command":
      return scope.output(part) ?? "";
    case "arithmetic": {
      const value = calculate(expandText(part.expression, scope), scope);
      if (typeof value === "string") scope.fail(value, 1);
      return String(value);
    }
    case "variable": {
      const value = lookUp(part.name, scope);
      if (part.isLength) return String([...(value ?? "")].length);
      return part.operation === null ? (value ?? "") : operate(part.name, value, part.operation, scope);
    }
  }
}

/** The word that stands for the variable; null: its own value does. */
function replacement(name: string, { sign, word }: Operation, scope: Scope): Word | null {
  const value = lookUp(name, scope);
  const isMissing = value === null || (value === "" && sign.startsWith(":"));
  if (sign.endsWith("-")) return isMissing ? word : null;
  return sign.endsWith("+") && !isMissing ? word : null;
}

function operate(name: string, value: string | null, operation: Operation, scope: Scope): string {
  const { sign, word } = operation;
  const isMissing = value === null || (value === "" && sign.startsWith(":"));
  switch (sign) {
    case "#":
    case "##":
    case "%":
    case "%%":
      return cut(value ?? "", expandPattern(word, scope), sign);
    case "-":
    case ":-":
      return isMissing ? expandText(word, scope) : value;
    case "+":
    case ":+":
      return isMissing ? "" : expandText(word, scope);
    case "=":
    case ":=": {
      if (!isMissing) return value;
      const given = expandText(word, scope);
      scope.set(name, given);
      return given;
    }
    case "?":
    case ":?": {
      if (!isMissing) return value;
      const said = expandText(word, scope);
      scope.fail(`${name}: ${said || (sign === "?" ? "parameter not set" : "parameter null or not set")}`, 127);
      return "";
    }
  }
}

function lookUp(name: string, scope: Scope): string | null {
  if (name === "@" || name === "*") return scope.positional.join(" ");
  if (name === "#") return String(scope.positional.length);
  if (/^[1-9]$/.test(name)) return scope.positional[Number(name) - 1] ?? null;
  return scope.variable(name);
}
