/**
 * What matches and targets with options of their own have in common: xtoptions.c of iptables 1.8.9. The order of its
 * checks is the order of its error sentences, so it is kept.
 */
import type { RuleSpec } from "../../../stack/netfilter/rule.ts";
import type { Box } from "../../box.ts";
import { wrong } from "./problem.ts";

export interface ExtensionOption {
  /** Without the dashes. */
  readonly name: string;
  /** Under which it is kept; two spellings may share one. */
  readonly key: string;
  readonly takesValue: boolean;
  /** XTOPT_INVERT: "!" may stand before it. */
  readonly invertible: boolean;
  /** XTOPT_MAND */
  readonly mandatory: boolean;
  /** Keys of the options that it cannot be used together with. */
  readonly excludes: readonly string[];
}

type Manner = Partial<Pick<ExtensionOption, "key" | "invertible" | "mandatory" | "excludes">>;

const make = (name: string, takesValue: boolean, manner: Manner): ExtensionOption => ({
  name,
  key: name,
  takesValue,
  invertible: false,
  mandatory: false,
  excludes: [],
  ...manner,
});
export const option = (name: string, manner: Manner = {}): ExtensionOption => make(name, true, manner);
export const flag = (name: string, manner: Manner = {}): ExtensionOption => make(name, false, manner);

/** Whoever reads the command line, as an option sees it. */
export interface OptionReader {
  readonly machine: Box;
  /** What -p has said so far. */
  readonly protocol: RuleSpec["protocol"];
  /** The next word, for an option with two values; null when there is none, or it is an option or "!". */
  next(): string | null;
  warn(text: string): void;
}

/** A match or target whose options are being read. */
export abstract class Draft<Finished> {
  /** As error sentences call it. */
  abstract readonly name: string;
  abstract readonly options: readonly ExtensionOption[];
  protected readonly given = new Set<string>();

  /** One of its options: xtables_option_parse. */
  take(key: string, value: string, inverted: boolean, reader: OptionReader): void {
    const { name, invertible } = this.options.find((each) => each.key === key)!;
    if (this.given.has(key)) throw wrong(`${this.name}: option "--${name}" can only be used once.\n`);
    if (inverted && !invertible) throw wrong(`${this.name}: option "--${name}" cannot be inverted.\n`);
    this.accept(key, value, inverted, reader);
    this.given.add(key);
  }

  /** All have been read: xtables_options_fcheck. */
  finish(): Finished {
    this.check();
    const seen = new Set<string>();
    for (const { name, key, mandatory, excludes } of this.options) {
      if (seen.has(key)) continue;
      seen.add(key);
      if (!this.given.has(key)) {
        if (mandatory) throw wrong(`${this.name}: option "--${name}" must be specified\n`);
        continue;
      }
      const other = this.options.find(
        (each) => each.key !== key && excludes.includes(each.key) && this.given.has(each.key),
      );
      if (other !== undefined)
        throw wrong(`${this.name}: option "--${name}" cannot be used together with "--${other.name}".\n`);
    }
    return this.result();
  }

  protected abstract accept(key: string, value: string, inverted: boolean, reader: OptionReader): void;
  protected abstract result(): Finished;
  /** Its own rules about which options go together. */
  protected check(): void {}
}

/** Where a match or target is printed. */
export interface PrintAbout {
  readonly spec: RuleSpec;
  /** -n */
  readonly numeric: boolean;
  /** Whose files say what addresses are called. */
  readonly machine: Box | null;
}
