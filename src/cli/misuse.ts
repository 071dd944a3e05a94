/** What the parser of the command line refuses, in words a user would choose, with the place where help stands. */
import { CliError } from "./cli-error.ts";

/** `known`: every option of the command, and what else it may be called. */
export class Misuse extends Error {
  readonly known: readonly string[];

  constructor(message: string, known: readonly string[]) {
    super(message);
    this.known = known;
  }

  async told(words: readonly string[], commands: readonly string[]): Promise<CliError> {
    const word = words[0] ?? "";
    const help = commands.includes(word) ? `xenlab ${word} --help` : "xenlab --help";
    return new CliError(`${await this.sentence(words, word)}\nTry: ${help}`);
  }

  /** A misspelt option takes the next word for its value: what is missing then is not what is wrong. */
  private async sentence(words: readonly string[], command: string): Promise<string> {
    const { message, known } = this;
    const isMissing = /^(Not enough non-option|Missing required) argument/.test(message);
    const option = isMissing || message.startsWith("Unknown argument") ? unknownOption(words, known) : null;
    if (option !== null) {
      const { nearestWord } = await import("../lab/index.ts");
      const near = nearestWord(
        option,
        known.filter((each) => each.length > 1).map((each) => `--${each}`),
      );
      return `unknown option ${option}${near === null ? "" : `; did you mean ${near}?`}`;
    }
    if (isMissing) return `${command}: an argument is missing`;
    return message.startsWith("Did you mean") ? `there is no command ${command}. ${message}` : message;
  }
}

function unknownOption(words: readonly string[], known: readonly string[]): string | null {
  for (const word of words) {
    if (word === "--") return null;
    const name = /^--?([a-zA-Z][\w-]*)/.exec(word)?.[1];
    if (name === undefined || known.includes(name) || known.includes(name.replace(/^no-/, ""))) continue;
    if (word.startsWith("--") || name.length === 1) return word.replace(/=.*/s, "");
  }
  return null;
}
