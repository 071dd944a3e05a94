/**
 * test(1) and [ as bash has them built in: POSIX's rules by the number of arguments, then -a, -o and parentheses.
 * Not modelled: what asks for links, owners, modes and times of files.
 */
import { Errno } from "../errno.ts";
import { type FileTree, isDirectory } from "../files.ts";

/** 0 true, 1 false, or a sentence about what is wrong (exit code 2). */
export type Truth = 0 | 1 | string;

const UNARY = new Set(["-n", "-z", "-e", "-f", "-d", "-r", "-w", "-x", "-s", "-t", "-L", "-h"]);
const NUMBERS = new Set(["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);
const BINARY = new Set(["=", "==", "!=", "<", ">", ...NUMBERS]);

export function test(words: readonly string[], files: FileTree, cwd: string): Truth {
  return new Expression(words, files, cwd).run();
}

class Expression {
  private readonly words: readonly string[];
  private readonly files: FileTree;
  private readonly cwd: string;
  private at = 0;
  private error: string | null = null;

  constructor(words: readonly string[], files: FileTree, cwd: string) {
    this.words = words;
    this.files = files;
    this.cwd = cwd;
  }

  run(): Truth {
    const value = this.short(this.words) ?? this.long();
    return this.error ?? (value ? 0 : 1);
  }

  /** Up to four words mean what their number says. Null: more, or nothing that fits. */
  private short(words: readonly string[]): boolean | null {
    const [first = "", second = "", third = ""] = words;
    switch (words.length) {
      case 0:
        return false;
      case 1:
        return first !== "";
      case 2:
        if (first === "!") return second === "";
        return UNARY.has(first) ? this.unary(first, second) : this.fail(`${first}: unary operator expected`);
      case 3:
        if (BINARY.has(second)) return this.binary(first, second, third);
        if (second === "-a" || second === "-o") return null;
        if (first === "!") return !this.short([second, third]);
        if (first === "(" && third === ")") return second !== "";
        return this.fail(`${second}: binary operator expected`);
      case 4:
        return first === "!" ? !this.short(words.slice(1)) : null;
      default:
        return null;
    }
  }

  private long(): boolean {
    const value = this.or();
    if (this.error === null && this.at < this.words.length) return this.fail("too many arguments");
    return value;
  }

  private or(): boolean {
    let value = this.and();
    while (this.take("-o")) value = this.and() || value;
    return value;
  }

  private and(): boolean {
    let value = this.primary();
    while (this.take("-a")) value = this.primary() && value;
    return value;
  }

  private primary(): boolean {
    const [first, second, third] = this.words.slice(this.at);
    if (first === undefined) return this.fail("argument expected");
    if (second !== undefined && BINARY.has(second) && third !== undefined) {
      this.at += 3;
      return this.binary(first, second, third);
    }
    this.at++;
    if (first === "!") return !this.primary();
    if (first === "(") {
      const value = this.or();
      return this.take(")") ? value : this.fail("`)' expected");
    }
    if (UNARY.has(first) && second !== undefined) {
      this.at++;
      return this.unary(first, second);
    }
    return first !== "";
  }

  private take(word: string): boolean {
    const isNext = this.words[this.at] === word;
    if (isNext) this.at++;
    return isNext;
  }

  private unary(operator: string, word: string): boolean {
    if (operator === "-n") return word !== "";
    if (operator === "-z") return word === "";
    if (operator === "-t" || operator === "-L" || operator === "-h") return false;
    const node = this.files.find(word, this.cwd);
    if (node instanceof Errno) return false;
    if (operator === "-d") return isDirectory(node);
    if (operator === "-f") return !isDirectory(node);
    if (operator === "-s") return isDirectory(node) || node.size > 0;
    if (operator === "-x") return isDirectory(node) || node.executable;
    return true;
  }

  private binary(left: string, operator: string, right: string): boolean {
    if (NUMBERS.has(operator)) return this.compare(left, operator, right);
    if (operator === "<") return left < right;
    if (operator === ">") return left > right;
    return (left === right) === (operator !== "!=");
  }

  private compare(left: string, operator: string, right: string): boolean {
    for (const word of [left, right])
      if (!/^\s*[-+]?\d+\s*$/.test(word)) return this.fail(`${word}: integer expression expected`);
    const difference = Number(left) - Number(right);
    switch (operator) {
      case "-eq":
        return difference === 0;
      case "-ne":
        return difference !== 0;
      case "-lt":
        return difference < 0;
      case "-le":
        return difference <= 0;
      case "-gt":
        return difference > 0;
      default:
        return difference >= 0;
    }
  }

  private fail(sentence: string): false {
    this.error ??= sentence;
    return false;
  }
}
