/**
 * getopt(3) for tools with short options only, which stop at the first one they do not know: ping, arping, tcpdump.
 * Operands may stand anywhere; `--` ends the options. "--word" is the unknown option "-".
 */

export interface ShortOption {
  readonly letter: string;
  /** "" when it takes none. */
  readonly value: string;
}

export interface ShortOptions {
  /** In order, up to the problem. */
  readonly given: readonly ShortOption[];
  readonly operands: readonly string[];
  /** getopt's sentence about the first wrong option, without the program's name; null when all are fine. */
  readonly problem: string | null;
}

/** `letters` as in C: a colon behind a letter that takes a value. */
export function readShortOptions(words: readonly string[], letters: string): ShortOptions {
  const given: ShortOption[] = [];
  const operands: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === "--") break;
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    const problem = readCluster(word.slice(1), letters, given, left);
    if (problem !== null) return { given, operands, problem };
  }
  return { given, operands: [...operands, ...left], problem: null };
}

/** "-nc3": letters up to one that takes a value, which is the rest or the next word. */
function readCluster(text: string, letters: string, given: ShortOption[], left: string[]): string | null {
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    if (letter === ":" || !letters.includes(letter)) return `invalid option -- '${letter}'`;
    if (!letters.includes(`${letter}:`)) {
      given.push({ letter, value: "" });
      continue;
    }
    const value = i + 1 < text.length ? text.slice(i + 1) : left.shift();
    if (value === undefined) return `option requires an argument -- '${letter}'`;
    given.push({ letter, value });
    return null;
  }
  return null;
}
