/**
 * From tokens to a plain tree: POSIX XCU 2.10, the part of it that people type at a prompt.
 *
 *   list      pipelines joined by && and ||, ended by ; & or a newline
 *   pipeline  commands joined by |
 *   command   simple | ( list ) | { list; }
 *
 * Control flow (if, for, while, case, functions) is not modelled and refused with a sentence; it would be one more
 * kind of `ShellCommand` each, run by one more kind of frame in shell.ts.
 */
import { lex, type ShellError, type Token, type Word } from "./lexer.ts";

export interface Redirection {
  /** 0 stdin, 1 stdout, 2 stderr. */
  readonly fd: number;
  readonly kind: "<" | ">" | ">>" | ">&";
  readonly target: Word;
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
}

interface Common {
  readonly redirections: readonly Redirection[];
  readonly line: number;
}

export interface SimpleCommand extends Common {
  readonly kind: "simple";
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
}

export interface GroupCommand extends Common {
  /** ( ) runs in a child, { } in the shell itself. */
  readonly kind: "subshell" | "group";
  readonly list: List;
}

export type ShellCommand = SimpleCommand | GroupCommand;

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

export type Parsed = { readonly list: List } | { readonly error: ShellError };

/** Never throws. */
export function parse(source: string): Parsed {
  const lexed = lex(source);
  if ("error" in lexed) return lexed;
  const parser = new Parser(source, lexed.tokens);
  const list = parser.list(null);
  parser.expectEnd();
  return parser.error === null ? { list } : { error: parser.error };
}

const CONTROL_WORDS = new Set(["if", "for", "while", "until", "case", "select", "function", "[[", "time"]);
const STRAY_WORDS = new Set(["then", "else", "elif", "fi", "do", "done", "esac", "}"]);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;
/** Deeper nesting than anybody types; the parser is recursive. */
const MAX_DEPTH = 100;

class Parser {
  error: ShellError | null = null;
  private readonly source: string;
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(source: string, tokens: readonly Token[]) {
    this.source = source;
    this.tokens = tokens;
  }

  /** Up to `close`, which is left for the caller; null: up to the end. */
  list(close: ")" | "}" | null): List {
    const list: AndOr[] = [];
    this.skipNewlines();
    while (this.error === null && this.next.kind !== "end" && !this.isClose(close)) {
      list.push(this.andOr());
      this.skipNewlines();
    }
    return list;
  }

  expectEnd(): void {
    if (this.error === null && this.next.kind !== "end") this.unexpected();
  }

  private get next(): Token {
    return this.tokens[this.at]!;
  }

  private isClose(close: ")" | "}" | null): boolean {
    return close === ")" ? this.isOperator(")") : close === "}" && this.plainWord() === "}";
  }

  private isOperator(text: string): boolean {
    return this.next.kind === "operator" && this.next.text === text;
  }

  private take(text: string): boolean {
    const found = this.isOperator(text);
    if (found) this.at++;
    return found;
  }

  private skipNewlines(): void {
    while (this.next.kind === "newline") this.at++;
  }

  private andOr(): AndOr {
    const from = this.next.from;
    const pipelines = [this.pipeline()];
    const operators: ("&&" | "||")[] = [];
    while (this.error === null && (this.isOperator("&&") || this.isOperator("||"))) {
      operators.push(this.isOperator("&&") ? "&&" : "||");
      this.at++;
      this.skipNewlines();
      pipelines.push(this.pipeline());
    }
    const to = this.tokens[Math.max(0, this.at - 1)]!.to;
    const background = this.take("&");
    if (!background) this.endOfAndOr();
    return { pipelines, operators, background, text: this.source.slice(from, to) };
  }

  private endOfAndOr(): void {
    if (this.error !== null || this.take(";") || this.next.kind !== "operator") {
      // A word can only follow a group: "( a ) b".
      if (this.error === null && this.next.kind === "word" && !this.isClose("}") && !this.afterSemicolon())
        this.unexpected();
      return;
    }
    if (!this.isOperator(")")) this.unexpected();
  }

  private afterSemicolon(): boolean {
    const last = this.tokens[this.at - 1]!;
    return last.kind === "operator" && last.text === ";";
  }

  private pipeline(): Pipeline {
    let negated = false;
    while (this.plainWord() === "!") {
      negated = !negated;
      this.at++;
    }
    const commands = [this.command()];
    while (this.error === null && this.take("|")) {
      this.skipNewlines();
      commands.push(this.command());
    }
    return { negated, commands };
  }

  /** The text of the next token when it is a word without quotes and variables: only such are reserved. */
  private plainWord(): string | null {
    if (this.next.kind !== "word" || this.next.parts.length !== 1) return null;
    const [part] = this.next.parts;
    return part!.kind === "text" && !part!.quoted ? part!.text : null;
  }

  private command(): ShellCommand {
    const { line } = this.next;
    const word = this.plainWord();
    if (this.take("(")) return this.group("subshell", ")", line);
    if (word === "{") {
      this.at++;
      return this.group("group", "}", line);
    }
    if (word !== null && CONTROL_WORDS.has(word)) this.fail(`\`${word}' is not modelled`);
    if (word !== null && STRAY_WORDS.has(word)) this.unexpected();
    return this.simple(line);
  }

  private group(kind: "subshell" | "group", close: ")" | "}", line: number): GroupCommand {
    if (++this.depth > MAX_DEPTH) this.fail("nested too deeply");
    const list = this.list(close);
    if (this.error === null && (!this.isClose(close) || list.length === 0)) this.unexpected();
    if (this.error === null) this.at++;
    this.depth--;
    const redirections: Redirection[] = [];
    while (this.error === null && this.redirection(redirections));
    return { kind, list, redirections, line };
  }

  private simple(line: number): SimpleCommand {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    const from = this.at;
    while (this.error === null) {
      if (this.redirection(redirections)) continue;
      if (this.next.kind !== "word") break;
      const assignment = words.length === 0 ? assignmentOf(this.next.parts) : null;
      if (assignment === null) words.push(this.next.parts);
      else assignments.push(assignment);
      this.at++;
    }
    if (this.error === null && this.at === from) this.unexpected();
    if (words.length === 1 && this.isOperator("(")) this.unexpected();
    return { kind: "simple", assignments, words, redirections, line };
  }

  private redirection(into: Redirection[]): boolean {
    const token = this.next;
    if (token.kind !== "operator") return false;
    const { text } = token;
    if (text !== "<" && text !== ">" && text !== ">>" && text !== ">&" && text !== "&>") return false;
    this.at++;
    const target = this.next;
    if (target.kind !== "word") {
      this.unexpected();
      return true;
    }
    this.at++;
    const fd = token.fd ?? (text === "<" ? 0 : 1);
    if (fd > 2) this.fail(`file descriptor ${fd} is not modelled`);
    if (text !== "&>") into.push({ fd, kind: text, target: target.parts });
    else into.push({ fd: 1, kind: ">", target: target.parts }, { fd: 2, kind: ">&", target: ONE });
    return true;
  }

  private unexpected(): void {
    const token = this.next;
    if (token.kind === "end") return this.fail(this.endMessage(), this.wantsMore());
    const text = token.kind === "newline" ? "newline" : this.source.slice(token.from, token.to);
    this.fail(`syntax error near unexpected token \`${text}'`);
  }

  /** After a redirection bash names the newline it found, everywhere else the end of the file. */
  private endMessage(): string {
    return this.wantsMore() ? "syntax error: unexpected end of file" : "syntax error near unexpected token `newline'";
  }

  private wantsMore(): boolean {
    const last = this.tokens[this.at - 1];
    return last === undefined || last.kind !== "operator" || !/[<>]/.test(last.text);
  }

  private fail(message: string, incomplete = false): void {
    this.error ??= { message, line: this.next.line, incomplete, status: 2 };
    // The end of the tokens, so that every loop stops.
    this.at = this.tokens.length - 1;
  }
}

const ONE: Word = [{ kind: "text", text: "1", quoted: false }];

function assignmentOf(parts: Word): Assignment | null {
  const [first, ...rest] = parts;
  if (first === undefined || first.kind !== "text" || first.quoted) return null;
  const name = ASSIGNMENT.exec(first.text)?.[1];
  if (name === undefined) return null;
  const text = first.text.slice(name.length + 1);
  return { name, value: text === "" ? rest : [{ kind: "text", text, quoted: false }, ...rest] };
}
