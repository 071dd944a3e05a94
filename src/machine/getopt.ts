/**
 * getopt_long(3) for tools whose sentences and habits the common option reader does not share: xl and xenstore-*.
 * Operands may stand anywhere; `--` ends the options.
 */

export interface Given {
  /** The short letter, also of a long option. */
  readonly letter: string;
  /** "" when it takes none. */
  readonly value: string;
}

export interface Unknown {
  /** optopt: "" for a long option. */
  readonly letter: string;
  /** getopt's own sentence, without the program's name. */
  readonly sentence: string;
}

export interface Parsed {
  readonly given: readonly Given[];
  readonly operands: readonly string[];
  /** What getopt did not understand, in order. */
  readonly unknown: readonly Unknown[];
}

/** `letters` as in C: a colon behind a letter that takes a value. `longs` maps names to letters. */
export function getopt(
  words: readonly string[],
  letters: string,
  longs: Readonly<Record<string, string>> = {},
): Parsed {
  const given: Given[] = [];
  const operands: string[] = [];
  const unknown: Unknown[] = [];
  const left = [...words];
  const takesValue = (letter: string): boolean => letters.includes(`${letter}:`);
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === "--") break;
    if (!word.startsWith("-") || word === "-") operands.push(word);
    else if (word.startsWith("--")) long(word.slice(2));
    else short(word.slice(1));
  }
  return { given, operands: [...operands, ...left], unknown };

  function long(text: string): void {
    const [name = "", ...rest] = text.split("=");
    const letter = Object.hasOwn(longs, name) ? longs[name] : undefined;
    if (letter === undefined) unknown.push({ letter: "", sentence: `unrecognized option '--${text}'` });
    else take(letter, rest.length > 0 ? rest.join("=") : null);
  }

  function short(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const letter = text.charAt(i);
      if (letter === ":" || !letters.includes(letter)) {
        unknown.push({ letter, sentence: `invalid option -- '${letter}'` });
      } else if (takesValue(letter)) return take(letter, i + 1 < text.length ? text.slice(i + 1) : null);
      else given.push({ letter, value: "" });
    }
  }

  function take(letter: string, attached: string | null): void {
    const value = takesValue(letter) ? (attached ?? left.shift()) : "";
    if (value === undefined) unknown.push({ letter, sentence: `option requires an argument -- '${letter}'` });
    else given.push({ letter, value });
  }
}
