/**
 * The words of an xl configuration file. Follows libxlu_cfg_l.l of Xen 4.17, with its habits: a comment needs its
 * newline, a number is any run of 0-9, a-f and x, and numeric escapes in a string vanish.
 */

export type ConfigTokenKind = "IDENT" | "STRING" | "NUMBER" | "NEWLINE" | "+=" | "=" | ";" | "[" | "]" | "," | "$end";

export interface ConfigToken {
  readonly kind: ConfigTokenKind;
  /** As written. */
  readonly text: string;
  /** Without quotes and escapes. */
  readonly value: string;
  /** What flex hands to the parser as the token's line: an end of file has that of the word before it. */
  readonly line: number;
}

/** Hears of what is wrong; `text` is what the scanner had in hand. */
export interface ConfigReport {
  /** Something has been wrong before: strings are no longer looked into. */
  readonly failed: boolean;
  complain(line: number, text: string, message: string): void;
}

const WORD =
  /[a-z][._0-9a-z]*|[0-9][0-9a-fx]*|,|\[|\]|\+=|=|;|\n|#[^\n]*\n|'(?:[^'\\\n]|\\[^\n])*'|"(?:[^"\\\n]|\\[^\n])*"/y;
/** Characters that valid Python has outside of strings and xl has not. */
const PYTHON = /[+\-.():]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

export class ConfigLexer {
  private readonly text: string;
  private readonly report: ConfigReport;
  private at = 0;
  /** yylineno */
  private line = 1;
  private lastLine = 1;
  /** Errors up to this line have been reported by the scanner: the parser says nothing more of them. */
  lexicalErrorLine = -1;
  likelyPython = false;

  constructor(text: string, report: ConfigReport) {
    this.text = text;
    this.report = report;
  }

  next(): ConfigToken {
    for (this.skipBlanks(); this.at < this.text.length; this.skipBlanks()) {
      WORD.lastIndex = this.at;
      const word = WORD.exec(this.text)?.[0];
      const token = word === undefined ? this.error() : this.token(word);
      if (token !== null) return token;
    }
    return { kind: "$end", text: "", value: "", line: this.lastLine };
  }

  private skipBlanks(): void {
    while (this.text[this.at] === " " || this.text[this.at] === "\t") this.at++;
  }

  private token(word: string): ConfigToken {
    this.at += word.length;
    if (word.endsWith("\n")) return this.make("NEWLINE", word, word, this.line++);
    const first = word.charAt(0);
    if (/[a-z]/.test(first)) return this.make("IDENT", word, word, this.line);
    if (/[0-9]/.test(first)) return this.make("NUMBER", word, word, this.line);
    if (first === '"' || first === "'") return this.make("STRING", word, this.dequote(word), this.line);
    return this.make(word as ConfigTokenKind, word, word, this.line);
  }

  private make(kind: ConfigTokenKind, text: string, value: string, line: number): ConfigToken {
    this.lastLine = line;
    return { kind, text, value, line };
  }

  /** The scanner's error state: up to the next blank; a newline in it still ends the line. */
  private error(): ConfigToken | null {
    if (PYTHON.test(this.text.charAt(this.at))) this.likelyPython = true;
    const start = this.at++;
    while (this.at < this.text.length && !/[ \t\n]/.test(this.text.charAt(this.at))) this.at++;
    // Only a lone bad character takes the newline behind it along: otherwise the longer match is the word.
    const atNewline = this.at === start + 1 && this.text.charAt(this.at) === "\n";
    if (atNewline) {
      this.at++;
      this.line++;
    }
    const text = this.text.slice(start, this.at);
    if (text.length === 1 && this.at === this.text.length) return this.lone(text);
    this.complain(text, "lexical error");
    return atNewline ? this.make("NEWLINE", text, text, this.line) : null;
  }

  /** flex finds no longer match for one bad character at the very end, and takes it for the end. */
  private lone(text: string): ConfigToken {
    return this.make("$end", text, "", this.lastLine);
  }

  /** xlu__cfgl_lexicalerror: of the line where the scanner is; `text` is what it had in hand last. */
  complain(text: string, message: string): void {
    if (this.line > this.lexicalErrorLine) this.report.complain(this.line, text, message);
    this.lexicalErrorLine = this.line;
  }

  private dequote(quoted: string): string {
    if (this.report.failed) return "";
    if (!quoted.includes("\\")) return quoted.slice(1, -1);
    let value = "";
    for (let i = 1; i < quoted.length - 1; i++) {
      const c = quoted.charAt(i);
      if (c !== "\\") {
        value += c;
        continue;
      }
      const escaped = quoted.charAt(++i);
      const plain = ESCAPES[escaped];
      const octal = /^[0-7]([0-9]{2,3})/.exec(quoted.slice(i));
      if (plain !== undefined) value += plain;
      else if (octal !== null) i += octal[1]!.length;
      else return this.badEscape(quoted, escaped, value);
    }
    return value;
  }

  private badEscape(quoted: string, escaped: string, value: string): string {
    const base = escaped === "x" ? "hex" : "octal";
    const numeric = /[x0-7]/.test(escaped);
    this.complain(
      quoted,
      numeric
        ? `invalid digit after backslash ${base}numerical character escape in quoted string`
        : "invalid character after backlash in quoted string",
    );
    return value;
  }
}
