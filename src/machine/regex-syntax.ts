/**
 * The syntax of POSIX regular expressions (XBD 9.3 and 9.4) and of GNU's \w \W \s \S \b \B \< \>, as a tree.
 * The sentences about what is wrong are those of glibc's regcomp. Back-references are not modelled and refused.
 */

export type Range = readonly [from: number, to: number];

export type Syntax =
  | { readonly kind: "set"; readonly ranges: readonly Range[]; readonly negated: boolean }
  | { readonly kind: "anchor"; readonly anchor: Anchor }
  | { readonly kind: "sequence"; readonly parts: readonly Syntax[] }
  | { readonly kind: "either"; readonly parts: readonly Syntax[] }
  | { readonly kind: "repeat"; readonly part: Syntax; readonly min: number; readonly max: number };

export type Anchor = "^" | "$" | "b" | "B" | "<" | ">";

/** RE_DUP_MAX */
const MAX_REPEAT = 32_767;

export const WORD_RANGES: readonly Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE_RANGES: readonly Range[] = [
  [9, 13],
  [32, 32],
];
const MAX_DEPTH = 100;

/** Recursive descent over one pattern. In basic syntax the operators are written \( \) \{ \} \| \+ \?. */
export class PatternParser {
  private readonly pattern: string;
  private readonly extended: boolean;
  private at = 0;
  private depth = 0;
  private error: string | null = null;

  constructor(pattern: string, extended: boolean) {
    this.pattern = pattern;
    this.extended = extended;
  }

  parse(): Syntax | string {
    const syntax = this.either();
    if (this.error === null && this.at < this.pattern.length) this.fail("Unmatched ) or \\)");
    return this.error ?? syntax;
  }

  private fail(sentence: string): void {
    this.error ??= sentence;
    this.at = this.pattern.length;
  }

  /** The operator at this place, without its backslash; null for an ordinary character. */
  private operator(): string | null {
    const c = this.pattern[this.at];
    if (this.extended) return c !== undefined && "|()*+?{".includes(c) ? c : null;
    if (c === "*") return c;
    const escaped = this.pattern[this.at + 1];
    return c === "\\" && escaped !== undefined && "|()+?{".includes(escaped) ? escaped : null;
  }

  private skipOperator(): void {
    this.at += this.pattern[this.at] === "\\" ? 2 : 1;
  }

  private either(): Syntax {
    const parts = [this.sequence()];
    while (this.error === null && this.operator() === "|") {
      this.skipOperator();
      parts.push(this.sequence());
    }
    return parts.length === 1 ? parts[0]! : { kind: "either", parts };
  }

  private sequence(): Syntax {
    const parts: Syntax[] = [];
    while (this.error === null && this.at < this.pattern.length) {
      const operator = this.operator();
      // A lone ")" at the outermost level of an extended expression is ordinary in GNU grep -E only when unmatched.
      if (operator === "|" || (operator === ")" && (this.depth > 0 || !this.extended))) break;
      parts.push(this.repeated(this.atom(operator, parts.length === 0)));
    }
    return { kind: "sequence", parts };
  }

  private atom(operator: string | null, isFirst: boolean): Syntax {
    if (operator === "(") return this.group();
    const c = this.pattern[this.at]!;
    if (operator !== null) return this.strayOperator(operator, isFirst);
    this.at++;
    if (c === "[") return this.bracket();
    if (c === ".") return { kind: "set", ranges: [], negated: true };
    if (c === "\\") return this.escaped();
    if (c === "^" && (this.extended || isFirst)) return { kind: "anchor", anchor: "^" };
    if (c === "$" && (this.extended || this.isLastInBasic())) return { kind: "anchor", anchor: "$" };
    return literal(c);
  }

  private isLastInBasic(): boolean {
    const rest = this.pattern.slice(this.at);
    return rest === "" || rest.startsWith("\\)") || rest.startsWith("\\|");
  }

  /** "*" at the start is itself in basic syntax, and nothing at all in GNU's extended one. */
  private strayOperator(operator: string, isFirst: boolean): Syntax {
    this.skipOperator();
    if (operator === ")") return literal(")");
    if (isFirst && this.extended && operator !== "{") return { kind: "sequence", parts: [] };
    return literal(operator);
  }

  private group(): Syntax {
    this.skipOperator();
    if (++this.depth > MAX_DEPTH) this.fail("Regular expression too big");
    const inside = this.either();
    this.depth--;
    if (this.error === null && this.operator() !== ")") this.fail("Unmatched ( or \\(");
    else this.skipOperator();
    return inside;
  }

  private repeated(atom: Syntax): Syntax {
    let part = atom;
    for (let operator = this.operator(); this.error === null; operator = this.operator()) {
      const bounds = this.bounds(operator);
      if (bounds === null) return part;
      part = { kind: "repeat", part, ...bounds };
    }
    return part;
  }

  private bounds(operator: string | null): { min: number; max: number } | null {
    if (operator === "{") return this.interval();
    const known = operator === null ? undefined : REPEATS[operator];
    if (known !== undefined) this.skipOperator();
    return known ?? null;
  }

  /** {n}, {n,}, {n,m}, {,m}; in extended syntax a brace that is none of these is itself. */
  private interval(): { min: number; max: number } | null {
    const close = this.extended ? "\\}" : "\\\\\\}";
    const rest = this.pattern.slice(this.at + (this.extended ? 1 : 2));
    const found = new RegExp(`^(\\d*)(,?)(\\d*)${close}`).exec(rest);
    if (found === null || (found[1] === "" && found[2] === "")) {
      if (!this.extended) this.fail(rest.includes("\\}") ? "Invalid content of \\{\\}" : "Unmatched { or \\{");
      return null;
    }
    const min = Number(found[1]);
    const max = found[2] === "" ? min : found[3] === "" ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > max) this.fail("Invalid content of \\{\\}");
    if (min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && max > MAX_REPEAT))
      this.fail("Regular expression too big");
    this.at += (this.extended ? 1 : 2) + found[0].length;
    return { min, max };
  }

  private escaped(): Syntax {
    const c = this.pattern[this.at];
    this.at++;
    if (c === undefined) {
      this.fail("Trailing backslash");
      return literal("\\");
    }
    if (/[1-9]/.test(c)) this.fail(`back-reference \\${c} is not modelled`);
    if (c === "w" || c === "W") return { kind: "set", ranges: WORD_RANGES, negated: c === "W" };
    if (c === "s" || c === "S") return { kind: "set", ranges: SPACE_RANGES, negated: c === "S" };
    if (c === "b" || c === "B" || c === "<" || c === ">") return { kind: "anchor", anchor: c };
    if (c === "`") return { kind: "anchor", anchor: "^" };
    if (c === "'") return { kind: "anchor", anchor: "$" };
    return literal(c);
  }

  private bracket(): Syntax {
    const negated = this.pattern[this.at] === "^";
    if (negated) this.at++;
    const ranges: Range[] = [];
    const first = this.at;
    for (;;) {
      const c = this.pattern[this.at];
      if (c === undefined) {
        this.fail("Unmatched [, [^, [:, [., or [=");
        break;
      }
      if (c === "]" && this.at > first) break;
      this.bracketItem(ranges);
    }
    this.at++;
    return { kind: "set", ranges, negated };
  }

  private bracketItem(ranges: Range[]): void {
    const named = /^\[:(\w*):\]/.exec(this.pattern.slice(this.at));
    if (named !== null) {
      const known = CLASSES[named[1]!];
      if (known === undefined) return this.fail("Invalid character class name");
      ranges.push(...known);
      this.at += named[0].length;
      return;
    }
    const from = this.pattern.charCodeAt(this.at++);
    if (this.pattern[this.at] !== "-" || this.pattern[this.at + 1] === "]" || this.at + 1 >= this.pattern.length) {
      ranges.push([from, from]);
      return;
    }
    const to = this.pattern.charCodeAt(this.at + 1);
    if (to < from) return this.fail("Invalid range end");
    ranges.push([from, to]);
    this.at += 2;
  }
}

function literal(c: string): Syntax {
  const code = c.charCodeAt(0);
  return { kind: "set", ranges: [[code, code]], negated: false };
}

const REPEATS: Readonly<Record<string, { min: number; max: number }>> = {
  "*": { min: 0, max: Number.POSITIVE_INFINITY },
  "+": { min: 1, max: Number.POSITIVE_INFINITY },
  "?": { min: 0, max: 1 },
};

const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
  ],
  alpha: [
    [65, 90],
    [97, 122],
  ],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: [[48, 57]],
  graph: [[33, 126]],
  lower: [[97, 122]],
  print: [[32, 126]],
  punct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  space: SPACE_RANGES,
  upper: [[65, 90]],
  xdigit: [
    [48, 57],
    [65, 70],
    [97, 102],
  ],
};
