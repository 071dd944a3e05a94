/**
 * getopt_long(3) as iptables uses it: words in order, options that extensions add on the way, short options with a value
 * that may be missing.
 */
import type { ExtensionOption } from "./extension.ts";

/** As in C: a colon behind a letter that takes a value, two where it may be attached only. */
const LETTERS = "A:C:D:E:F::I:L::M:N:P:R:S::VX::Z::c:d:fg:h::i:j:m:no:p:s:t:vw::W::x46";

const LONGS: Readonly<Record<string, string>> = {
  append: "A",
  delete: "D",
  check: "C",
  insert: "I",
  replace: "R",
  list: "L",
  "list-rules": "S",
  flush: "F",
  zero: "Z",
  "new-chain": "N",
  "delete-chain": "X",
  "rename-chain": "E",
  policy: "P",
  source: "s",
  destination: "d",
  src: "s",
  dst: "d",
  protocol: "p",
  "in-interface": "i",
  jump: "j",
  table: "t",
  match: "m",
  numeric: "n",
  "out-interface": "o",
  verbose: "v",
  wait: "w",
  "wait-interval": "W",
  exact: "x",
  fragments: "f",
  version: "V",
  help: "h",
  "line-numbers": "0",
  modprobe: "M",
  "set-counters": "c",
  goto: "g",
  ipv4: "4",
  ipv6: "6",
};

export type Found =
  /** Neither option nor value. */
  | { readonly kind: "word"; readonly word: string }
  /** `value` is null where none stands behind a letter that may have one. */
  | { readonly kind: "letter"; readonly letter: string; readonly value: string | null }
  | { readonly kind: "extension"; readonly name: string; readonly value: string }
  | { readonly kind: "unknown"; readonly word: string }
  | { readonly kind: "valueless"; readonly word: string };

type Need = "none" | "must" | "may";

function needOf(letter: string): Need | null {
  if (letter === "0") return "none";
  const at = letter === ":" ? -1 : LETTERS.indexOf(letter);
  if (at < 0) return null;
  if (LETTERS.charAt(at + 1) !== ":") return "none";
  return LETTERS.charAt(at + 2) === ":" ? "may" : "must";
}

export class Getopt {
  private readonly words: readonly string[];
  private at = 0;
  /** Letters left of a cluster: "nvL" behind the dash. */
  private cluster = "";

  constructor(words: readonly string[]) {
    this.words = words;
  }

  /** `extensions` are the options that matches and targets have brought so far. Null at the end. */
  take(extensions: readonly ExtensionOption[]): Found | null {
    if (this.cluster !== "") return this.short();
    const word = this.words[this.at];
    if (word === undefined) return null;
    this.at++;
    if (word === "-" || !word.startsWith("-")) return { kind: "word", word };
    if (word === "--") return null;
    if (word.startsWith("--")) return this.long(word, extensions);
    this.cluster = word.slice(1);
    return this.short();
  }

  /** A further value of the option just taken: xs_has_arg. */
  extra(): string | null {
    const word = this.words[this.at];
    if (word === undefined || this.cluster !== "" || word.startsWith("-") || word.startsWith("!")) return null;
    this.at++;
    return word;
  }

  /** The next word, whatever it is. */
  next(): string | null {
    return this.words[this.at++] ?? null;
  }

  private short(): Found {
    const letter = this.cluster.charAt(0);
    const need = needOf(letter);
    this.cluster = this.cluster.slice(1);
    if (need === null) {
      const word = this.words[this.at - 1]!;
      this.cluster = "";
      return { kind: "unknown", word };
    }
    if (need === "none") return { kind: "letter", letter, value: null };
    const attached = this.cluster === "" ? null : this.cluster;
    this.cluster = "";
    return this.valued(letter, attached, need, this.words[this.at - 1]!);
  }

  private valued(letter: string, attached: string | null, need: Need, word: string): Found {
    const value = attached ?? (need === "must" ? this.next() : null);
    if (value === null && need === "must") return { kind: "valueless", word };
    return { kind: "letter", letter, value };
  }

  private long(word: string, extensions: readonly ExtensionOption[]): Found {
    const [name = "", ...rest] = word.slice(2).split("=");
    const attached = rest.length > 0 ? rest.join("=") : null;
    const exact = Object.hasOwn(LONGS, name) ? LONGS[name] : undefined;
    const own = extensions.find((each) => each.name === name);
    if (own === undefined && exact !== undefined) return this.base(exact, attached, word);
    if (own !== undefined) return this.extended(own, attached, word);
    const letters = new Set(
      Object.keys(LONGS)
        .filter((each) => each.startsWith(name))
        .map((each) => LONGS[each]!),
    );
    const owns = extensions.filter((each) => each.name.startsWith(name));
    if (letters.size + owns.length !== 1) return { kind: "unknown", word };
    return owns.length === 1 ? this.extended(owns[0]!, attached, word) : this.base([...letters][0]!, attached, word);
  }

  private base(letter: string, attached: string | null, word: string): Found {
    const need = needOf(letter)!;
    if (need === "none") return attached === null ? { kind: "letter", letter, value: null } : { kind: "unknown", word };
    return this.valued(letter, attached, need, word);
  }

  private extended(option: ExtensionOption, attached: string | null, word: string): Found {
    if (!option.takesValue)
      return attached === null ? { kind: "extension", name: option.name, value: "" } : { kind: "unknown", word };
    const value = attached ?? this.next();
    return value === null ? { kind: "valueless", word } : { kind: "extension", name: option.name, value };
  }
}
