/**
 * Splits a shell line into words and operators: POSIX XCU 2.2 (quoting) and 2.3 (token recognition), bash's sentences.
 * Words keep their parts, so that `$x` is expanded when the command runs, not when it is read.
 *
 * Not modelled, and said so: command substitution, arithmetic, here-documents. Tildes and globs stay as they are.
 */

export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  /** `fallback`: what stands behind `:-`, null without. */
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly fallback: readonly Part[] | null;
      readonly quoted: boolean;
    };

export type Word = readonly Part[];

export const OPERATORS = ["&&", "||", ";;", "&>", ">>", ">&", ";", "&", "|", "<", ">", "(", ")"] as const;
export type Operator = (typeof OPERATORS)[number];

interface Place {
  /** First character in the source, and one behind the last. */
  readonly from: number;
  readonly to: number;
  /** From 1. */
  readonly line: number;
}

export type Token = Place &
  (
    | { readonly kind: "word"; readonly parts: Word }
    /** `fd`: the digits right before a redirection; null without. */
    | { readonly kind: "operator"; readonly text: Operator; readonly fd: number | null }
    | { readonly kind: "newline" }
    | { readonly kind: "end" }
  );

/** What is wrong with a line; `incomplete` when more lines could mend it. `status` is the exit code bash gives. */
export interface ShellError {
  readonly message: string;
  readonly line: number;
  readonly incomplete: boolean;
  readonly status: number;
}

export type Lexed = { readonly tokens: readonly Token[] } | { readonly error: ShellError };

/** Never throws: whatever is wrong comes back as a sentence. */
export function lex(source: string): Lexed {
  return new Lexer(source).run();
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPECIAL = "?$!#@*0123456789";
/** Deeper nesting than anybody types; `${a:-${b:-...}}` is read by recursion. */
const MAX_DEPTH = 100;
const NOT_MODELLED_REDIRECTIONS = ["<<<", "<<", "<>", "<&", ">|", "|&"];

class Lexer {
  private readonly source: string;
  private readonly tokens: Token[] = [];
  private at = 0;
  private line = 1;
  private depth = 0;
  private error: ShellError | null = null;

  constructor(source: string) {
    this.source = source;
  }

  run(): Lexed {
    while (this.error === null && this.at < this.source.length) this.token();
    if (this.error !== null) return { error: this.error };
    this.tokens.push({ kind: "end", from: this.at, to: this.at, line: this.line });
    return { tokens: this.tokens };
  }

  private get next(): string {
    return this.source[this.at] ?? "";
  }

  private token(): void {
    const c = this.next;
    if (c === "\n") return this.newline();
    if (c === " " || c === "\t" || c === "\r") this.at++;
    else if (c === "\\" && this.source[this.at + 1] === "\n") this.skipContinuation();
    else if (c === "#") this.comment();
    else if (!this.operator()) this.word();
  }

  private newline(): void {
    this.tokens.push({ kind: "newline", from: this.at, to: this.at + 1, line: this.line });
    this.at++;
    this.line++;
  }

  private skipContinuation(): void {
    this.at += 2;
    this.line++;
  }

  private comment(): void {
    while (this.at < this.source.length && this.next !== "\n") this.at++;
  }

  private operator(): boolean {
    const from = this.at;
    const digits = /\d+(?=[<>])/y;
    digits.lastIndex = from;
    const fd = digits.exec(this.source)?.[0] ?? "";
    const rest = this.source.slice(from + fd.length, from + fd.length + 3);
    const unknown = NOT_MODELLED_REDIRECTIONS.find((each) => rest.startsWith(each));
    if (unknown !== undefined) {
      this.fail(`\`${unknown}' is not modelled`);
      return true;
    }
    const text = OPERATORS.find((each) => rest.startsWith(each));
    if (text === undefined) return false;
    this.at = from + fd.length + text.length;
    this.tokens.push({ kind: "operator", text, fd: fd === "" ? null : Number(fd), from, to: this.at, line: this.line });
    return true;
  }

  private word(): void {
    const from = this.at;
    const line = this.line;
    const parts: Part[] = [];
    while (this.error === null && this.at < this.source.length && !/[\s;&|<>()]/.test(this.next)) this.piece(parts);
    this.tokens.push({ kind: "word", parts: merged(parts), from, to: this.at, line });
  }

  /** One quoted stretch, one variable, one escaped or one plain character. */
  private piece(parts: Part[]): void {
    const c = this.next;
    if (c === "'") this.single(parts);
    else if (c === '"') this.double(parts);
    else if (c === "\\") this.escape(parts);
    else if (c === "$" || c === "`") this.dollar(parts, false);
    else this.plain(parts, false);
  }

  private plain(parts: Part[], quoted: boolean): void {
    if (this.next === "\n") this.line++;
    parts.push({ kind: "text", text: this.next, quoted });
    this.at++;
  }

  private escape(parts: Part[]): void {
    const c = this.source[this.at + 1];
    if (c === "\n") return this.skipContinuation();
    parts.push({ kind: "text", text: c ?? "\\", quoted: true });
    this.at += c === undefined ? 1 : 2;
  }

  private single(parts: Part[]): void {
    const close = this.source.indexOf("'", this.at + 1);
    if (close < 0) return this.unclosed("'");
    const text = this.source.slice(this.at + 1, close);
    this.line += text.split("\n").length - 1;
    parts.push({ kind: "text", text, quoted: true });
    this.at = close + 1;
  }

  private double(parts: Part[]): void {
    this.at++;
    // An empty part, so that "" is a word.
    parts.push({ kind: "text", text: "", quoted: true });
    while (this.error === null && this.next !== '"') {
      if (this.at >= this.source.length) return this.unclosed('"');
      if (this.next === "\\") this.escapeInDouble(parts);
      else if (this.next === "$" || this.next === "`") this.dollar(parts, true);
      else this.plain(parts, true);
    }
    this.at++;
  }

  /** Inside double quotes a backslash escapes only $ ` " \ and newline. */
  private escapeInDouble(parts: Part[]): void {
    const c = this.source[this.at + 1];
    if (c === "\n") return this.skipContinuation();
    const escapes = c !== undefined && '$`"\\'.includes(c);
    parts.push({ kind: "text", text: escapes ? c : "\\", quoted: true });
    this.at += escapes ? 2 : 1;
  }

  private dollar(parts: Part[], quoted: boolean): void {
    const c = this.source[this.at + 1] ?? "";
    if (this.next === "`" || c === "(") return this.fail("command substitution is not modelled");
    if (c === "{") return this.braced(parts, quoted);
    if (c === "'" && !quoted) return this.fail("$'...' is not modelled");
    const name = c !== "" && SPECIAL.includes(c) ? c : this.nameAt(this.at + 1);
    if (name === "") return this.plain(parts, quoted);
    parts.push({ kind: "variable", name, fallback: null, quoted });
    this.at += 1 + name.length;
  }

  private nameAt(at: number): string {
    NAME.lastIndex = at;
    return NAME.exec(this.source)?.[0] ?? "";
  }

  private braced(parts: Part[], quoted: boolean): void {
    if (++this.depth > MAX_DEPTH) return this.fail("nested too deeply");
    this.bracedAt(parts, quoted, this.at);
    this.depth--;
  }

  private bracedAt(parts: Part[], quoted: boolean, from: number): void {
    const c = this.source[from + 2] ?? "";
    const name = c !== "" && SPECIAL.includes(c) ? c : this.nameAt(from + 2);
    this.at = from + 2 + name.length;
    let fallback: Part[] | null = null;
    if (this.source.startsWith(":-", this.at)) {
      this.at += 2;
      fallback = [];
      while (this.error === null && this.at < this.source.length && this.next !== "}") {
        if (quoted) this.pieceInDouble(fallback);
        else this.piece(fallback);
      }
    }
    if (this.error !== null) return;
    if (this.source.indexOf("}", this.at) < 0) return this.unclosed("}");
    if (this.next !== "}" || name === "") return this.badSubstitution(from);
    parts.push({ kind: "variable", name, fallback: fallback === null ? null : merged(fallback), quoted });
    this.at++;
  }

  private pieceInDouble(parts: Part[]): void {
    if (this.next === "\\") this.escapeInDouble(parts);
    else if (this.next === "$" || this.next === "`") this.dollar(parts, true);
    else this.plain(parts, true);
  }

  private badSubstitution(from: number): void {
    const close = this.source.indexOf("}", this.at);
    this.fail(`${this.source.slice(from, close + 1)}: bad substitution`, false, 1);
  }

  private unclosed(quote: string): void {
    this.fail(`unexpected EOF while looking for matching \`${quote}'`, true);
  }

  private fail(message: string, incomplete = false, status = 2): void {
    this.error ??= { message, line: this.line, incomplete, status };
    this.at = this.source.length;
  }
}

/** Neighbouring texts of one kind become one. */
function merged(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (part.kind === "text" && last?.kind === "text" && last.quoted === part.quoted) {
      result[result.length - 1] = { kind: "text", text: last.text + part.text, quoted: part.quoted };
    } else result.push(part);
  }
  return result;
}

/** A word in quotes that any shell reads back as the same text. */
export const quote = (text: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
