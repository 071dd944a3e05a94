/**
 * Reads the pieces of a word: quotes, escapes, variables and substitutions (POSIX XCU 2.2 and 2.6), with bash's sentences.
 * Not modelled, and said so: $'...', ${x/a/b}, ${x:1:2} and what else bash has beyond POSIX.
 */
import { merged, type Part, type ShellError, SIGNS } from "./token.ts";

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
/** Letters that mean nothing to whoever reads a word or what is in it; none is fine too. */
const PLAIN = /[A-Za-z0-9_./:=@%+,-]*/y;
const SPECIAL = "?$!#@*0123456789";
/** Deeper nesting than anybody types; `${a:-${b:-...}}` is read by recursion. */
const MAX_DEPTH = 100;

export abstract class WordReader {
  protected readonly source: string;
  protected at = 0;
  protected line = 1;
  protected depth = 0;
  protected error: ShellError | null = null;

  constructor(source: string) {
    this.source = source;
  }

  protected get next(): string {
    return this.source[this.at] ?? "";
  }

  protected get isAtEnd(): boolean {
    return this.at >= this.source.length;
  }

  /** Moves on to the parenthesis that ends the commands which begin here, or to the end. */
  protected abstract skipCommands(): void;

  /** One quoted stretch, one variable, one escaped or one plain character. */
  protected piece(parts: Part[]): void {
    const c = this.next;
    if (c === "'") this.single(parts);
    else if (c === '"') this.double(parts);
    else if (c === "\\") this.escape(parts);
    else if (c === "$" || c === "`") this.dollar(parts, false);
    else this.plain(parts, false);
  }

  /** Inside double quotes a backslash escapes only $ ` " \ and newline; in a here-document not the quote. */
  protected pieceInDouble(parts: Part[], escapable = '$`"\\'): void {
    if (this.next === "\\") this.escapeInDouble(parts, escapable);
    else if (this.next === "$" || this.next === "`") this.dollar(parts, true);
    else this.plain(parts, true);
  }

  protected skipContinuation(): void {
    this.at += 2;
    this.line++;
  }

  protected fail(message: string, incomplete = false, status = 2): void {
    this.error ??= { message, line: this.line, incomplete, status };
    this.at = this.source.length;
  }

  private plain(parts: Part[], quoted: boolean): void {
    if (this.next === "\n") this.line++;
    PLAIN.lastIndex = this.at + 1;
    PLAIN.test(this.source);
    const to = PLAIN.lastIndex;
    parts.push({ kind: "text", text: this.source.slice(this.at, to), quoted });
    this.at = to;
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
      if (this.isAtEnd) return this.unclosed('"');
      this.pieceInDouble(parts);
    }
    this.at++;
  }

  private escapeInDouble(parts: Part[], escapable: string): void {
    const c = this.source[this.at + 1];
    if (c === "\n") return this.skipContinuation();
    const escapes = c !== undefined && escapable.includes(c);
    parts.push({ kind: "text", text: escapes ? c : "\\", quoted: true });
    this.at += escapes ? 2 : 1;
  }

  private dollar(parts: Part[], quoted: boolean): void {
    const c = this.source[this.at + 1] ?? "";
    if (this.next === "`") return this.backticks(parts, quoted);
    if (this.source.startsWith("((", this.at + 1) && this.arithmetic(parts, quoted)) return;
    if (c === "(") return this.commands(parts, quoted);
    if (c === "{") return this.nested(() => this.braced(parts, quoted, this.at));
    if (c === "'" && !quoted) return this.fail("$'...' is not modelled");
    const name = c !== "" && SPECIAL.includes(c) ? c : this.nameAt(this.at + 1);
    if (name === "") return this.plain(parts, quoted);
    parts.push({ kind: "variable", name, isLength: false, operation: null, quoted });
    this.at += 1 + name.length;
  }

  private nested(read: () => void): void {
    if (++this.depth > MAX_DEPTH) return this.fail("nested too deeply");
    read();
    this.depth--;
  }

  private nameAt(at: number): string {
    NAME.lastIndex = at;
    return NAME.exec(this.source)?.[0] ?? "";
  }

  private commands(parts: Part[], quoted: boolean): void {
    const from = this.at + 2;
    this.at = from;
    this.nested(() => this.skipCommands());
    if (this.error !== null) return;
    if (this.isAtEnd) return this.unclosed(")");
    parts.push({ kind: "command", source: this.source.slice(from, this.at), quoted });
    this.at++;
  }

  /** Between backticks a backslash escapes $ ` and \, and in double quotes also the quote. */
  private backticks(parts: Part[], quoted: boolean): void {
    let source = "";
    for (this.at++; this.next !== "`"; this.at++) {
      if (this.isAtEnd) return this.unclosed("`");
      const escaped = this.source[this.at + 1] ?? "";
      if (this.next === "\\" && (quoted ? '$`\\"' : "$`\\").includes(escaped) && escaped !== "") this.at++;
      if (this.next === "\n") this.line++;
      source += this.next;
    }
    this.at++;
    parts.push({ kind: "command", source, quoted });
  }

  /** False, and nothing read, when it turns out to be a substitution that begins with a subshell. */
  private arithmetic(parts: Part[], quoted: boolean): boolean {
    const { at, line } = this;
    const expression: Part[] = [];
    this.at += 3;
    for (let open = 0; this.error === null; ) {
      if (this.isAtEnd) {
        this.unclosed(")");
        return true;
      }
      if (this.next === "(") open++;
      if (this.next === ")" && open-- === 0) break;
      if (this.next === '"') this.at++;
      else this.pieceInDouble(expression);
    }
    if (this.error !== null) return true;
    if (!this.source.startsWith("))", this.at)) {
      this.at = at;
      this.line = line;
      return false;
    }
    this.at += 2;
    parts.push({ kind: "arithmetic", expression: merged(expression), quoted });
    return true;
  }

  private braced(parts: Part[], quoted: boolean, from: number): void {
    const isLength = this.source[from + 2] === "#" && !/[}:?+=%#-]/.test(this.source[from + 3] ?? "");
    const start = from + 2 + Number(isLength);
    const c = this.source[start] ?? "";
    const name = c !== "" && SPECIAL.includes(c) ? c : this.nameAt(start);
    this.at = start + name.length;
    const sign = isLength || name === "" ? undefined : SIGNS.find((each) => this.source.startsWith(each, this.at));
    const operation = sign === undefined ? null : { sign, word: this.operand(sign, quoted) };
    if (this.error !== null) return;
    if (this.source.indexOf("}", this.at) < 0) return this.unclosed("}");
    if (this.next !== "}" || name === "") return this.badSubstitution(from, name);
    parts.push({ kind: "variable", name, isLength, operation, quoted });
    this.at++;
  }

  /** What stands between the sign and the brace. */
  private operand(sign: string, quoted: boolean): Part[] {
    this.at += sign.length;
    const word: Part[] = [];
    const isPattern = sign.startsWith("#") || sign.startsWith("%");
    while (this.error === null && !this.isAtEnd && this.next !== "}") {
      if (quoted && !isPattern) this.pieceInDouble(word);
      else this.piece(word);
    }
    return merged(word);
  }

  private badSubstitution(from: number, name: string): void {
    const text = this.source.slice(from, this.source.indexOf("}", this.at) + 1);
    const isBashs = name !== "" && /^[/^,:@[]/.test(this.next);
    if (isBashs) this.fail(`${text}: this expansion is not modelled`);
    else this.fail(`${text}: bad substitution`, false, 1);
  }

  private unclosed(quote: string): void {
    this.fail(`unexpected EOF while looking for matching \`${quote}'`, true);
  }
}
