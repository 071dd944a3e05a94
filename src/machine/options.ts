/**
 * Command-line options as getopt_long(3) reads them, derived from what a command's help says about itself. An option
 * that is not in that table is refused with getopt's sentence: nothing is ever ignored.
 */
import type { Manual } from "./manual.ts";
import type { Process } from "./process.ts";

/** The options given, keyed by the first name in the help ("n" for "-n, --lines=NUM"). */
export class Options {
  readonly values = new Map<string, string>();
  readonly operands: string[] = [];

  has(key: string): boolean {
    return this.values.has(key);
  }

  /** The last value given, or null. */
  value(key: string): string | null {
    return this.values.get(key) ?? null;
  }
}

interface Known {
  readonly key: string;
  readonly takesValue: boolean;
}

/** Name of each option (short letter or long name) to what is known of it. */
function table(command: Manual): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const { flag } of command.options ?? []) {
    const names = flag.split(", ").map((each) => /^--?([^\s=[]+)/.exec(each)![1]!);
    for (const name of names)
      known.set(name, { key: names[0]!, takesValue: /[= ]\S*$/.test(flag.replaceAll(", ", ",")) });
  }
  return known;
}

/**
 * Reads argv of `process`. A wrong option, or --help, is answered on the spot and the exit code returned.
 * With `inOrder` the first operand ends the options (`env`, `timeout`, `watch`); `words` replaces argv[1] and on.
 */
export function readOptions(
  process: Process,
  command: Manual,
  { inOrder = false, words = process.argv.slice(1) }: { inOrder?: boolean; words?: readonly string[] } = {},
): Options | number {
  const reader = new Reader([...words], table(command), inOrder);
  const wrong = reader.read();
  if (reader.options.has("help")) {
    process.print(helpText(command));
    return 0;
  }
  return wrong === null ? reader.options : misused(process, command, wrong);
}

/** Says what is wrong and, as the real tool, where help is. */
export function misused(process: Process, command: Manual, sentence: string): number {
  const usage = command.misuseShows === "usage-and-try" ? `Usage: ${command.usage}\n` : "";
  const said = sentence === "" ? "" : `${process.name}: ${sentence}\n`;
  const rest =
    command.misuseShows === "help"
      ? `\n${helpText(command)}`
      : `${usage}Try '${process.name} --help' for more information.\n`;
  process.error(said + rest);
  return command.misuse ?? 1;
}

export function helpText(command: Manual): string {
  const width = Math.max(0, ...(command.options ?? []).map((option) => option.flag.length));
  const lines = (command.options ?? []).map((option) => `  ${option.flag.padEnd(width)}  ${option.text}\n`);
  return `Usage: ${command.usage}\n${command.summary}\n${lines.length > 0 ? "\n" : ""}${lines.join("")}`;
}

class Reader {
  readonly options = new Options();
  private readonly words: string[];
  private readonly known: Map<string, Known>;
  private readonly inOrder: boolean;

  constructor(words: string[], known: Map<string, Known>, inOrder: boolean) {
    this.words = words;
    this.known = known;
    this.inOrder = inOrder;
  }

  /** Null, or what is wrong. */
  read(): string | null {
    for (let word = this.words.shift(); word !== undefined; word = this.words.shift()) {
      if (word === "--") break;
      const isOption = word.startsWith("-") && word !== "-";
      if (!isOption) {
        this.options.operands.push(word);
        if (this.inOrder) break;
        continue;
      }
      const wrong = word.startsWith("--") ? this.long(word.slice(2)) : this.short(word.slice(1));
      if (wrong !== null) return wrong;
    }
    this.options.operands.push(...this.words);
    return null;
  }

  private long(text: string): string | null {
    const [name = "", ...rest] = text.split("=");
    if (name === "help") return this.set("help", "");
    const known = name.length > 1 ? this.known.get(name) : undefined;
    if (known === undefined) return `unrecognized option '--${text}'`;
    if (!known.takesValue)
      return rest.length > 0 ? `option '--${name}' doesn't allow an argument` : this.set(known.key, "");
    const value = rest.length > 0 ? rest.join("=") : this.words.shift();
    return value === undefined ? `option '--${name}' requires an argument` : this.set(known.key, value);
  }

  private short(letters: string): string | null {
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i]!;
      const known = this.known.get(letter);
      if (known === undefined) return `invalid option -- '${letter}'`;
      if (known.takesValue) {
        const value = i + 1 < letters.length ? letters.slice(i + 1) : this.words.shift();
        return value === undefined ? `option requires an argument -- '${letter}'` : this.set(known.key, value);
      }
      this.set(known.key, "");
    }
    return null;
  }

  private set(key: string, value: string): null {
    this.options.values.set(key, value);
    return null;
  }
}

/** The old spelling of `head -n5` and `tail -n5`: a number as first option. */
export const withOldCount = (words: readonly string[]): string[] =>
  words.map((word, i) => (i === 0 && /^-\d+$/.test(word) ? `-n${word.slice(1)}` : word));
