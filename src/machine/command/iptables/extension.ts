/** What matches and targets with options of their own have in common: xtoptions.c of iptables 1.8.9. */
import { wrong } from "./problem.ts";

export interface ExtensionOption {
  /** Without the dashes. */
  readonly name: string;
  /** Under which it is kept; two spellings may share one. */
  readonly key: string;
  readonly takesValue: boolean;
}

export const option = (name: string, key = name): ExtensionOption => ({ name, key, takesValue: true });
export const flag = (name: string): ExtensionOption => ({ name, key: name, takesValue: false });

/** Whoever reads the command line, as an option sees it. */
export interface OptionReader {
  /** The next word, for an option with two values; null when there is none. */
  next(): string | null;
  warn(text: string): void;
}

/** A match or target whose options are being read. */
export abstract class Draft<Finished> {
  /** As error sentences call it. */
  abstract readonly name: string;
  abstract readonly options: readonly ExtensionOption[];
  protected readonly given = new Set<string>();

  /** One of its options. */
  abstract take(key: string, value: string, inverted: boolean, reader: OptionReader): void;
  /** All have been read. */
  abstract finish(): Finished;

  protected once(key: string): void {
    if (this.given.has(key)) throw wrong(`${this.name}: option "--${key}" can only be used once.\n`);
    this.given.add(key);
  }

  protected upright(key: string, inverted: boolean): void {
    if (inverted) throw wrong(`${this.name}: option "--${key}" cannot be inverted.\n`);
  }

  protected need(key: string): void {
    if (!this.given.has(key)) throw wrong(`${this.name}: option "--${key}" must be specified\n`);
  }
}
