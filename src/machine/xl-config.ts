/**
 * xl's configuration syntax (xl.cfg, xl.conf, "key=value" on the command line): strings, numbers, lists over several
 * lines, `+=`, `;`. Follows libxlu_cfg_y.y and libxlu_cfg.c of Xen 4.17, down to bison's sentences and its recovery:
 * after an error it goes on behind the next newline, silent until three words have been understood.
 */
import { ConfigLexer, type ConfigReport, type ConfigToken } from "./xl-config-lexer.ts";

export type ConfigValue = string | readonly ConfigValue[];

export interface ConfigSetting {
  readonly name: string;
  readonly value: ConfigValue;
  /** Line of the value. */
  readonly line: number;
  /** With `+=`. */
  readonly added: boolean;
}

const PYTHON_WARNING = `warning: Config file looks like it contains Python code.
warning:  Arbitrary Python is no longer supported.
warning:  See https://wiki.xen.org/wiki/PythonInXlConfig
`;

const LONG_LIMIT = 2 ** 63;

export class XlConfig {
  private readonly source: string;
  private readonly settings = new Map<string, ConfigSetting>();
  /** What libxlu prints while somebody asks: a parameter of the wrong kind. */
  warnings = "";

  constructor(source: string) {
    this.source = source;
  }

  get names(): readonly string[] {
    return [...this.settings.keys()];
  }

  /** The last setting of a name counts. */
  find(name: string): ConfigSetting | null {
    return this.settings.get(name) ?? null;
  }

  store(setting: ConfigSetting): void {
    this.settings.set(setting.name, setting);
  }

  /** Null when it is not set, or is a list (with a warning). */
  string(name: string): string | null {
    const setting = this.find(name);
    if (setting === null) return null;
    if (typeof setting.value === "string") return setting.value;
    this.warn(setting, `parameter \`${name}' is a list but should be a single value`);
    return null;
  }

  /** strtol with base 0. Null when it is not set, or no number (with a warning). */
  number(name: string): number | null {
    const text = this.string(name);
    if (text === null) return null;
    const setting = this.find(name)!;
    if (setting.added) return this.warn(setting, `can't use += with numbers for parameter \`${name}'`);
    const value = parseLong(text);
    if (value === null) return this.warn(setting, `parameter \`${name}' is not a valid number`);
    if (value < LONG_LIMIT && value >= -LONG_LIMIT) return value;
    return this.warn(setting, `parameter \`${name}' could not be parsed as a number: Numerical result out of range`);
  }

  /** The strings of a list up to the first item that is none, as xl reads it. Null when it is not set, or no list. */
  list(name: string): string[] | null {
    const setting = this.find(name);
    if (setting === null) return null;
    if (typeof setting.value === "string") {
      return this.warn(setting, `parameter \`${name}' is a single value but should be a list`);
    }
    const end = setting.value.findIndex((item) => typeof item !== "string");
    return setting.value.slice(0, end < 0 ? undefined : end) as string[];
  }

  private warn(setting: ConfigSetting, sentence: string): null {
    this.warnings += `${this.source}:${setting.line}: warning: ${sentence}\n`;
    return null;
  }
}

function parseLong(text: string): number | null {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  if (match === null) return null;
  const digits = match[2]!;
  const value = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return match[1] === "-" ? -value : value;
}

/** What libxlu printed; "" means that all of it was understood. */
export interface ConfigResult {
  readonly config: XlConfig;
  readonly errors: string;
}

export function parseXlConfig(text: string, source: string): ConfigResult {
  const parser = new Parser(text, source);
  parser.run();
  return { config: parser.config, errors: parser.errors };
}

/** bison's lists of what may stand there. */
const AT_START = "$end or IDENT or NEWLINE or ';'";
const AT_OPERATOR = "+= or '='";
const AT_VALUE = "STRING or NUMBER or '['";
const IN_LIST = "']'";
const BEHIND_ASSIGNMENT = "$end";

/** yyerrstatus after an error. */
const SILENT_WORDS = 3;

class Parser implements ConfigReport {
  readonly config: XlConfig;
  errors = "";
  failed = false;
  private readonly source: string;
  private readonly lexer: ConfigLexer;
  /** Read only when somebody looks: a value's error comes before those of the word behind it. */
  private lookahead: ConfigToken | null = null;
  private last: ConfigToken | null = null;
  private silence = 0;

  constructor(text: string, source: string) {
    this.config = new XlConfig(source);
    this.source = source;
    this.lexer = new ConfigLexer(text, this);
  }

  private get token(): ConfigToken {
    this.lookahead ??= this.lexer.next();
    return this.lookahead;
  }

  run(): void {
    while (this.token.kind !== "$end") if (!this.statement()) break;
    if (this.failed && this.lexer.likelyPython) this.errors += PYTHON_WARNING;
  }

  /** xlu__cfg_yyerror */
  complain(at: number, scanned: string, message: string): void {
    const cut = scanned.endsWith("\n");
    const text = (cut ? scanned.slice(0, -1) : scanned).replace(/[ \t]+$/, "");
    const line = cut ? at - 1 : at;
    const near = cut && scanned === "\n" ? "<newline>" : `\`${text}'`;
    this.errors += `${this.source}:${line}: config parsing error near ${near}: ${message}\n`;
    this.failed = true;
  }

  /** False when nothing more can be understood. */
  private statement(): boolean {
    if (this.atEnd()) return this.shift();
    const { kind, value: name } = this.token;
    if (kind !== "IDENT") return this.recover(AT_START);
    this.shift();
    const operator = this.token.kind;
    if (operator !== "=" && operator !== "+=") return this.recover(AT_OPERATOR);
    this.shift();
    const { line } = this.token;
    const value = this.value();
    if (value === null) return this.skipLine();
    this.assign({ name, value, line, added: operator === "+=" });
    if (this.atEnd()) return this.shift();
    if (this.token.kind === "$end") return true;
    // Here bison takes the file for finished, and does not find back.
    this.unexpected(BEHIND_ASSIGNMENT);
    return false;
  }

  private atEnd(): boolean {
    return this.token.kind === "NEWLINE" || this.token.kind === ";";
  }

  private value(): ConfigValue | null {
    if (this.token.kind === "STRING" || this.token.kind === "NUMBER") {
      const { value } = this.token;
      this.shift();
      return value;
    }
    if (this.token.kind !== "[") return this.unexpected(AT_VALUE);
    return this.items();
  }

  /** Nesting is kept on a list of our own: a file may open more brackets than a call stack holds. */
  private items(): ConfigValue | null {
    const open: ConfigValue[][] = [];
    let wantsItem = true;
    for (;;) {
      const { kind } = this.token;
      if (kind === "NEWLINE") this.shift();
      else if (kind === "[" && wantsItem) {
        open.push([]);
        this.shift();
      } else if ((kind === "STRING" || kind === "NUMBER") && wantsItem) {
        open.at(-1)!.push(this.token.value);
        this.shift();
        wantsItem = false;
      } else if (kind === "," && !wantsItem) {
        this.shift();
        wantsItem = true;
      } else if (kind === "]") {
        const closed = open.pop()!;
        this.shift();
        if (open.length === 0) return closed;
        open.at(-1)!.push(closed);
        wantsItem = false;
      } else return this.unexpected(IN_LIST);
    }
  }

  private assign(setting: ConfigSetting): void {
    if (this.failed) return;
    const before = setting.added ? this.config.find(setting.name) : null;
    const value = before === null ? setting.value : concatenate(before.value, setting.value);
    if (value !== null) this.config.store({ ...setting, value });
    else this.lexer.complain(this.last!.text, 'can\'t add [list] to "string" or vice versa');
  }

  private shift(): true {
    this.last = this.token;
    this.lookahead = null;
    if (this.silence > 0) this.silence--;
    return true;
  }

  private recover(expected: string): boolean {
    this.unexpected(expected);
    return this.skipLine();
  }

  private unexpected(expected: string): null {
    const { kind, line, text } = this.token;
    const quoted = /^[A-Z$]/.test(kind) || kind === "+=" ? kind : `'${kind}'`;
    this.failed = true;
    if (this.silence === 0 && line > this.lexer.lexicalErrorLine) {
      this.complain(line, text, `syntax error, unexpected ${quoted}, expecting ${expected}`);
    }
    this.silence = SILENT_WORDS;
    return null;
  }

  /** `stmt: error NEWLINE` */
  private skipLine(): boolean {
    while (this.token.kind !== "NEWLINE" && this.token.kind !== "$end") this.lookahead = null;
    return this.token.kind === "NEWLINE" && this.shift();
  }
}

function concatenate(before: ConfigValue, more: ConfigValue): ConfigValue | null {
  if (typeof before === "string") return typeof more === "string" ? before + more : null;
  return typeof more === "string" ? null : [...before, ...more];
}
