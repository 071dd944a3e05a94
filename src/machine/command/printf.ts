/** printf: bash's builtin, with %s %d %i %u %x %X %o %c %b %f %%, flags, width and precision. */
import type { Command } from "../command.ts";
import { cookEscapes } from "../escapes.ts";
import type { Process } from "../process.ts";

export const printf: Command = {
  name: "printf",
  summary: "Format and print ARGUMENTS under control of FORMAT.",
  usage: "printf FORMAT [ARGUMENT]...",
  operands: ["text"],
  builtin: true,
  start(process) {
    const [format, ...words] = process.argv.slice(1);
    if (format === undefined) {
      process.error("printf: usage: printf [-v var] format [arguments]\n");
      return 2;
    }
    if (format.startsWith("-") && format.length > 1 && format !== "--") {
      process.fail(`${format.slice(0, 2)}: invalid option`);
      process.error("printf: usage: printf [-v var] format [arguments]\n");
      return 2;
    }
    return new Printer(process, format === "--" ? (words.shift() ?? "") : format, words).run();
  },
};

const DIRECTIVE = /%([-+ 0#]*)(\d*)(?:\.(\d*))?([a-zA-Z%])/g;

class Printer {
  private readonly process: Process;
  private readonly format: string;
  private readonly words: string[];
  private status = 0;
  private used = false;

  constructor(process: Process, format: string, words: string[]) {
    this.process = process;
    this.format = format;
    this.words = words;
  }

  /** The format is used again while words are left. */
  run(): number {
    let out = "";
    do {
      this.used = false;
      out += this.once();
    } while (this.words.length > 0 && this.used && this.status < 2);
    this.process.print(out);
    return this.status === 0 ? 0 : 1;
  }

  private once(): string {
    let out = "";
    let at = 0;
    for (const found of this.format.matchAll(DIRECTIVE)) {
      out += cookEscapes(this.format.slice(at, found.index), "printf").text;
      at = found.index + found[0].length;
      out += this.directive(found[1]!, Number(found[2] || 0), found[3], found[4]!);
    }
    return out + cookEscapes(this.format.slice(at), "printf").text;
  }

  private directive(flags: string, width: number, precision: string | undefined, kind: string): string {
    if (kind === "%") return "%";
    this.used = true;
    const word = this.words.shift();
    const text = this.convert(kind, word ?? "", precision, flags);
    if (text === null) {
      this.process.fail(`\`${kind}': invalid format character`);
      this.status = 2;
      return "";
    }
    if (flags.includes("-")) return text.padEnd(width);
    if (!flags.includes("0") || "sbc".includes(kind)) return text.padStart(width);
    const sign = /^[-+ ]/.exec(text)?.[0] ?? "";
    return sign + text.slice(sign.length).padStart(width - sign.length, "0");
  }

  private convert(kind: string, word: string, precision: string | undefined, flags: string): string | null {
    const limit = precision === undefined ? null : Number(precision || 0);
    if (kind === "s" || kind === "b") {
      const text = kind === "b" ? cookEscapes(word, "echo").text : word;
      return limit === null ? text : text.slice(0, limit);
    }
    if (kind === "c") return word.slice(0, 1);
    if (kind === "f" || kind === "F") return signed(this.number(word).toFixed(limit ?? 6), flags);
    const value = truncated(this.number(word));
    if (kind === "d" || kind === "i" || kind === "u") return signed(String(value), flags);
    if (kind === "x") return value.toString(16);
    if (kind === "X") return value.toString(16).toUpperCase();
    return kind === "o" ? value.toString(8) : null;
  }

  private number(word: string): number {
    if (word === "") return 0;
    if (/^["']./.test(word)) return word.charCodeAt(1);
    if (/^[-+]?0[0-7]+$/.test(word)) return Number.parseInt(word, 8);
    if (/^[-+]?(0x[0-9a-f]+|\d+\.?\d*|\.\d+)$/i.test(word)) {
      return word.startsWith("-") ? -Number(word.slice(1)) : Number(word.replace("+", ""));
    }
    this.process.fail(`${word}: invalid number`);
    this.status = Math.max(this.status, 1);
    return Number.parseInt(word, 10) || 0;
  }
}

const signed = (text: string, flags: string): string =>
  text.startsWith("-") ? text : flags.includes("+") ? `+${text}` : flags.includes(" ") ? ` ${text}` : text;
const truncated = (value: number): number => (value < 0 ? -Math.floor(-value) : Math.floor(value)) + 0;
