/**
 * From tokens to a plain tree: POSIX XCU 2.10.
 *
 *   list      pipelines joined by && and ||, ended by ; & or a newline
 *   pipeline  commands joined by |
 *   command   simple | ( list ) | { list; } | if | while | until | for | case
 *
 * Not modelled, and refused with a sentence: functions, select, [[ ]], (( )), coprocesses.
 */
import { expandBraces } from "./braces.ts";
import { lex } from "./lexer.ts";
import { plainText, type ShellError, type Token, type Word } from "./token.ts";
import type {
  AndOr,
  Assignment,
  CaseCommand,
  CompoundCommand,
  ForCommand,
  GroupCommand,
  HereRedirection,
  IfCommand,
  List,
  LoopCommand,
  Pipeline,
  Redirection,
  ShellCommand,
  SimpleCommand,
} from "./tree.ts";

export type Parsed = { readonly list: List } | { readonly error: ShellError };

/** Never throws. */
export function parse(source: string): Parsed {
  const lexed = lex(source);
  if ("error" in lexed) return lexed;
  const parser = new Parser(source, lexed.tokens);
  const list = parser.list([]);
  parser.expectEnd();
  return parser.error === null ? { list } : { error: parser.error };
}

const NOT_MODELLED = new Set(["select", "function", "[[", "time", "coproc"]);
/** Words that end a list, and may not begin a command. */
const STRAY_WORDS = new Set(["then", "else", "elif", "fi", "do", "done", "esac", "}"]);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
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

  /** Up to one of these words or operators, which is left for the caller. */
  list(closes: readonly string[]): List {
    const list: AndOr[] = [];
    this.skipNewlines();
    while (this.error === null && this.next.kind !== "end" && !this.isClose(closes)) {
      list.push(this.andOr());
      this.skipNewlines();
    }
    return list;
  }

  expectEnd(): void {
    if (this.error === null && this.next.kind !== "end") this.unexpected();
  }

  private get next(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)]!;
  }

  private isClose(closes: readonly string[]): boolean {
    const word = this.plainWord();
    return closes.some((close) => (/^[;)]/.test(close) ? this.isOperator(close) : word === close));
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
      const isStray = this.next.kind === "word" && !STRAY_WORDS.has(this.plainWord() ?? "");
      if (this.error === null && isStray && !this.afterSemicolon()) this.unexpected();
      return;
    }
    if (!this.isOperator(")") && !this.isOperator(";;")) this.unexpected();
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

  private plainWord(): string | null {
    return this.next.kind === "word" ? plainText(this.next.parts) : null;
  }

  private command(): ShellCommand {
    const { line } = this.next;
    const word = this.plainWord();
    if (word !== null && NOT_MODELLED.has(word)) this.fail(`\`${word}' is not modelled`);
    if (word !== null && STRAY_WORDS.has(word)) this.unexpected();
    const isCompound = this.isOperator("(") || (word !== null && word in COMPOUND);
    return isCompound ? this.compound(word ?? "(", line) : this.simple(line);
  }

  private compound(word: string, line: number): CompoundCommand {
    if (++this.depth > MAX_DEPTH) this.fail("nested too deeply");
    const opening = this.next;
    this.at++;
    if (word === "(" && this.isOperator("(") && this.next.from === opening.to) this.fail("`((' is not modelled");
    const command = this[COMPOUND[word as keyof typeof COMPOUND]](word, line);
    this.depth--;
    const redirections: (Redirection | HereRedirection)[] = [];
    while (this.error === null && this.redirection(redirections));
    return { ...command, redirections };
  }

  private group(word: string, line: number): GroupCommand {
    const [kind, close] = word === "(" ? (["subshell", ")"] as const) : (["group", "}"] as const);
    return { kind, list: this.body(close), redirections: [], line };
  }

  /** A list with something in it, and the word behind it. */
  private body(close: string): List {
    const list = this.list([close]);
    this.expect(close, list.length > 0);
    return list;
  }

  private expect(close: string, isGood = true): void {
    if (this.error === null && (!isGood || !this.isClose([close]))) this.unexpected();
    if (this.error === null) this.at++;
  }

  private ifCommand(_word: string, line: number): IfCommand {
    const branches: { condition: List; body: List }[] = [];
    for (let more = true; this.error === null && more; ) {
      const condition = this.body("then");
      const body = this.list(["elif", "else", "fi"]);
      if (this.error === null && body.length === 0) this.unexpected();
      branches.push({ condition, body });
      more = this.plainWord() === "elif";
      if (more) this.at++;
    }
    const hasElse = this.error === null && this.plainWord() === "else";
    if (hasElse) this.at++;
    const otherwise = hasElse ? this.body("fi") : [];
    if (!hasElse) this.expect("fi");
    return { kind: "if", branches, otherwise, redirections: [], line };
  }

  private loop(word: string, line: number): LoopCommand {
    const condition = this.body("do");
    return { kind: word as "while" | "until", condition, body: this.body("done"), redirections: [], line };
  }

  private forCommand(_word: string, line: number): ForCommand {
    const name = this.plainWord();
    if (this.isOperator("(")) this.fail("`for ((' is not modelled");
    if (this.error === null && name === null) this.unexpected();
    if (name !== null && !NAME.test(name)) this.fail(`\`${name}': not a valid identifier`, false, 1);
    this.advance();
    this.skipNewlines();
    const isIn = this.plainWord() === "in";
    const words: Word[] = [];
    if (isIn) {
      this.advance();
      for (; this.next.kind === "word"; this.advance()) this.addWord(words, this.next.parts);
      if (!this.isOperator(";") && this.next.kind !== "newline") this.unexpected();
    }
    this.take(";");
    this.skipNewlines();
    this.expect("do");
    return {
      kind: "for",
      name: name ?? "",
      words: isIn ? words : null,
      body: this.body("done"),
      redirections: [],
      line,
    };
  }

  private caseCommand(_word: string, line: number): CaseCommand {
    const word = this.next.kind === "word" ? this.next.parts : [];
    if (this.next.kind !== "word") this.unexpected();
    this.advance();
    this.skipNewlines();
    this.expect("in");
    this.skipNewlines();
    const branches: { patterns: Word[]; body: List }[] = [];
    while (this.error === null && this.plainWord() !== "esac") {
      const patterns = this.patterns();
      branches.push({ patterns, body: this.list([";;", "esac"]) });
      if (!this.take(";;") && this.plainWord() !== "esac") this.unexpected();
      this.skipNewlines();
    }
    this.expect("esac");
    return { kind: "case", word, branches, redirections: [], line };
  }

  private patterns(): Word[] {
    const patterns: Word[] = [];
    this.take("(");
    do {
      if (this.next.kind === "word") patterns.push(this.next.parts);
      else this.unexpected();
      this.advance();
    } while (this.error === null && this.take("|"));
    if (!this.take(")")) this.unexpected();
    return patterns;
  }

  /** The end is never passed. */
  private advance(): void {
    if (this.next.kind !== "end") this.at++;
  }

  private addWord(words: Word[], parts: Word): void {
    const all = expandBraces(parts);
    if (all === null) this.fail("more than 10000 words of a brace expansion are not modelled");
    else words.push(...all);
  }

  private simple(line: number): SimpleCommand {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirections: (Redirection | HereRedirection)[] = [];
    const from = this.at;
    while (this.error === null) {
      if (this.redirection(redirections)) continue;
      if (this.next.kind !== "word") break;
      const assignment = words.length === 0 ? assignmentOf(this.next.parts) : null;
      if (assignment === null) this.addWord(words, this.next.parts);
      else assignments.push(assignment);
      this.at++;
    }
    if (this.error === null && this.at === from) this.unexpected();
    if (words.length === 1 && this.isOperator("(")) this.parenthesis();
    return { kind: "simple", assignments, words, redirections, line };
  }

  /** `name ()` begins a function; any other word before a parenthesis is a mistake. */
  private parenthesis(): void {
    const after = this.tokens[this.at + 1];
    if (after?.kind === "operator" && after.text === ")") this.fail("functions are not modelled");
    else this.unexpected();
  }

  private redirection(into: (Redirection | HereRedirection)[]): boolean {
    const token = this.next;
    if (token.kind !== "operator") return false;
    const { text, document } = token;
    const isPlain = text === "<" || text === ">" || text === ">>" || text === ">&" || text === "&>";
    if (!isPlain && document === null) return false;
    this.at++;
    const target = this.next;
    if (target.kind !== "word") {
      this.unexpected();
      return true;
    }
    this.at++;
    const fd = token.fd ?? (text.startsWith("<") ? 0 : 1);
    if (fd > 2) this.fail(`file descriptor ${fd} is not modelled`);
    if (document !== null) into.push({ fd, kind: "<<", document });
    else if (isPlain && text !== "&>") into.push({ fd, kind: text, target: target.parts });
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

  private fail(message: string, incomplete = false, status = 2): void {
    this.error ??= { message, line: this.next.line, incomplete, status };
    // The end of the tokens, so that every loop stops.
    this.at = this.tokens.length - 1;
  }
}

/** The word that begins it, and who reads the rest. */
const COMPOUND = {
  "(": "group",
  "{": "group",
  if: "ifCommand",
  while: "loop",
  until: "loop",
  for: "forCommand",
  case: "caseCommand",
} as const;

const ONE: Word = [{ kind: "text", text: "1", quoted: false }];

function assignmentOf(parts: Word): Assignment | null {
  const [first, ...rest] = parts;
  if (first === undefined || first.kind !== "text" || first.quoted) return null;
  const name = ASSIGNMENT.exec(first.text)?.[1];
  if (name === undefined) return null;
  const text = first.text.slice(name.length + 1);
  return { name, value: text === "" ? rest : [{ kind: "text", text, quoted: false }, ...rest] };
}
