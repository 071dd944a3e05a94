/**
 * Splits a shell text into words and operators: POSIX XCU 2.3 (token recognition) and 2.7.4 (here-documents), with bash's
 * sentences. Words keep their parts, so that `$x` is expanded when the command runs, not when it is read.
 */
import { type HereDocument, merged, OPERATORS, type Part, type ShellError, type Token, type Word } from "./token.ts";
import { WordReader } from "./word-reader.ts";

export type Lexed = { readonly tokens: readonly Token[] } | { readonly error: ShellError };

/** Never throws: whatever is wrong comes back as a sentence. */
export function lex(source: string): Lexed {
  return new Lexer(source, 0).run();
}

const BEGINS_OPERATOR = "0123456789;&|<>()";
const NOT_MODELLED_REDIRECTIONS = ["<<<", "<>", "<&", ">|", "|&"];

/** A here-document whose lines are still to come. */
interface Awaited {
  readonly document: HereDocument;
  readonly stripsTabs: boolean;
  /** Null: its word is the next one. */
  end: { readonly text: string; readonly isQuoted: boolean } | null;
}

class Lexer extends WordReader {
  private readonly tokens: Token[] = [];
  private readonly awaited: Awaited[] = [];
  /** Of parentheses; a lexer of commands in $( ) ends where its own closes. */
  private open = 0;

  constructor(source: string, depth: number) {
    super(source);
    this.depth = depth;
  }

  run(): Lexed {
    while (this.error === null && !this.isAtEnd) this.token();
    if (this.error === null && this.awaited.length > 0) this.documentEnds(this.awaited[0]!);
    if (this.error !== null) return { error: this.error };
    this.tokens.push({ kind: "end", from: this.at, to: this.at, line: this.line });
    return { tokens: this.tokens };
  }

  /** The words of a here-document: as in double quotes, but for the quotes. */
  document(): { readonly parts: Word } | { readonly error: ShellError } {
    const parts: Part[] = [];
    while (this.error === null && !this.isAtEnd) this.pieceInDouble(parts, "$`\\");
    return this.error === null ? { parts: merged(parts) } : { error: this.error };
  }

  protected override skipCommands(): void {
    const inner = new Lexer(this.source, this.depth);
    inner.at = this.at;
    inner.line = this.line;
    while (inner.error === null && !inner.isAtEnd && !(inner.open === 0 && inner.next === ")")) inner.token();
    this.line = inner.line;
    this.at = inner.at;
    if (inner.error !== null) this.error ??= inner.error;
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
    for (const each of this.awaited.splice(0)) if (this.error === null) this.readDocument(each);
  }

  private comment(): void {
    while (!this.isAtEnd && this.next !== "\n") this.at++;
  }

  private operator(): boolean {
    const from = this.at;
    // Most words are no operators, and one look says so.
    if (!BEGINS_OPERATOR.includes(this.next)) return false;
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
    this.open += text === "(" ? 1 : text === ")" ? -1 : 0;
    const document = text.startsWith("<<") ? { body: [] } : null;
    if (document !== null) this.awaited.push({ document, stripsTabs: text === "<<-", end: null });
    const place = { from, to: this.at, line: this.line };
    this.tokens.push({ kind: "operator", text, fd: fd === "" ? null : Number(fd), document, ...place });
    return true;
  }

  private word(): void {
    const from = this.at;
    const line = this.line;
    const parts: Part[] = [];
    while (this.error === null && !this.isAtEnd && !/[ \t\r\n;&|<>()]/.test(this.next)) this.piece(parts);
    const here = this.awaited.find(({ end }) => end === null);
    if (here !== undefined) here.end = endWord(parts);
    this.tokens.push({ kind: "word", parts: merged(parts), from, to: this.at, line });
  }

  /** The lines up to the one that is the word; `at` is at the beginning of the first. */
  private readDocument(awaited: Awaited): void {
    const lines: string[] = [];
    const { end, stripsTabs, document } = awaited;
    for (;;) {
      if (this.isAtEnd) return this.documentEnds(awaited);
      const newline = this.source.indexOf("\n", this.at);
      const to = newline < 0 ? this.source.length : newline;
      const text = this.source.slice(this.at, to);
      const line = stripsTabs ? text.replace(/^\t+/, "") : text;
      this.at = Math.min(to + 1, this.source.length);
      this.line++;
      if (line === end?.text) break;
      lines.push(`${line}\n`);
    }
    const body = lines.join("");
    if (end.isQuoted) document.body = [{ kind: "text", text: body, quoted: true }];
    else {
      const read = new Lexer(body, this.depth).document();
      if ("error" in read) this.error ??= read.error;
      else document.body = read.parts;
    }
  }

  private documentEnds({ end }: Awaited): void {
    this.fail(`here-document delimited by end-of-file (wanted \`${end?.text ?? ""}')`, true);
  }
}

/** Nothing in the word that ends a here-document is expanded; any quote in it makes the document literal. */
function endWord(parts: readonly Part[]): { text: string; isQuoted: boolean } {
  const text = parts.map((part) =>
    part.kind === "text" ? part.text : part.kind === "variable" ? `$${part.name}` : "",
  );
  return { text: text.join(""), isQuoted: parts.some(({ quoted }) => quoted) };
}
