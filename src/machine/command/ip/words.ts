/**
 * The words of a command line as iproute2 reads them, and its sentences about wrong ones. Follows lib/utils.c
 * (NEXT_ARG, matches, invarg, duparg, get_unsigned).
 */

/** Ends the command: stands for the exit(3) deep inside iproute2's parsers. Caught where the command starts. */
export class Misuse extends Error {
  readonly code: number;

  /** `sentence` without newline; empty when all is said. */
  constructor(sentence: string, code = 255) {
    super(sentence);
    this.code = code;
  }
}

export class Words {
  private readonly words: readonly string[];
  private at = 0;

  constructor(words: readonly string[]) {
    this.words = words;
  }

  get more(): boolean {
    return this.at < this.words.length;
  }

  /** Without taking it; empty at the end. */
  get peek(): string {
    return this.words[this.at] ?? "";
  }

  /** The next word, which must be there. */
  take(): string {
    const word = this.words[this.at++];
    if (word === undefined) throw new Misuse('Command line is not complete. Try option "help"');
    return word;
  }

  /** The value behind an optional keyword: "dev eth0" and "eth0" are the same. */
  behind(keyword: string, word: string): string {
    return word === keyword ? this.take() : word;
  }
}

/** matches(): "a" stands for "address". */
export const abbreviates = (word: string, full: string): boolean => word !== "" && full.startsWith(word);

export function abbreviatesAny(word: string, ...full: string[]): boolean {
  for (let i = 0; i < full.length; i++) if (abbreviates(word, full[i]!)) return true;
  return false;
}

/** invarg(); several of iproute2's reasons end with a newline of their own. */
export const wrong = (word: string, reason: string): Misuse =>
  new Misuse(`Error: argument "${word}" is wrong: ${reason}`);

export const duplicate = (key: string, word: string): Misuse =>
  new Misuse(`Error: duplicate "${key}": "${word}" is the second value.`);

export const garbage = (key: string, word: string): Misuse =>
  new Misuse(`Error: either "${key}" is duplicate, or "${word}" is a garbage.`);

/** What xenlab does not model is refused, never ignored. */
export const notModelled = (what: string): Misuse => new Misuse(`ip: ${what}: not modelled`, 1);

/** get_unsigned with base 0: decimal, 0x hexadecimal, leading 0 octal; null when it is no such number. */
export function readUnsigned(text: string, most = 0xffff_ffff): number | null {
  const value = /^0x[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : readPlain(text);
  return value !== null && value <= most ? value : null;
}

function readPlain(text: string): number | null {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : null;
}

export function onOff(key: string, word: string): boolean {
  if (word === "on" || word === "off") return word === "on";
  throw new Misuse(`Error: argument of "${key}" must be "on" or "off", not "${word}"`, 1);
}
