/**
 * POSIX regular expressions (XBD 9, basic and extended, with GNU's \w \W \s \S \b \< \>), matched by Thompson's
 * construction: time grows with the text, never explodes as a backtracking matcher may, and the longest match wins, as
 * POSIX wants. Back-references are not modelled and refused.
 */

type Range = readonly [from: number, to: number];

type Syntax =
  | { readonly kind: "set"; readonly ranges: readonly Range[]; readonly negated: boolean }
  | { readonly kind: "anchor"; readonly anchor: Anchor }
  | { readonly kind: "sequence"; readonly parts: readonly Syntax[] }
  | { readonly kind: "either"; readonly parts: readonly Syntax[] }
  | { readonly kind: "repeat"; readonly part: Syntax; readonly min: number; readonly max: number };

type Anchor = "^" | "$" | "b" | "B" | "<" | ">";

type Instruction =
  | { readonly op: "set"; readonly ranges: readonly Range[]; readonly negated: boolean }
  | { readonly op: "anchor"; readonly anchor: Anchor }
  | { op: "split"; a: number; b: number }
  | { op: "jump"; a: number }
  | { readonly op: "match" };

export interface RegexOptions {
  readonly extended: boolean;
  readonly ignoreCase: boolean;
}

export interface Match {
  readonly from: number;
  readonly to: number;
}

/** A pattern that would make more instructions than this is refused. */
const MAX_SIZE = 20_000;
/** RE_DUP_MAX */
const MAX_REPEAT = 32_767;

export class Regex {
  private readonly program: readonly Instruction[];
  private readonly ignoreCase: boolean;

  private constructor(program: readonly Instruction[], ignoreCase: boolean) {
    this.program = program;
    this.ignoreCase = ignoreCase;
  }

  /** The sentence when the pattern is wrong. Several lines are alternatives. */
  static compile(pattern: string, options: RegexOptions): Regex | string {
    const parts: Syntax[] = [];
    for (const line of pattern.split("\n")) {
      const parsed = new PatternParser(line, options.extended).parse();
      if (typeof parsed === "string") return parsed;
      parts.push(parsed);
    }
    const program: Instruction[] = [];
    emit({ kind: "either", parts }, program);
    if (program.length > MAX_SIZE) return "Regular expression too big";
    program.push({ op: "match" });
    return new Regex(program, options.ignoreCase);
  }

  /** The leftmost longest match that starts at `from` or later; null without. */
  search(text: string, from = 0): Match | null {
    for (let start = from; start <= text.length; start++) {
      const to = this.matchAt(text, start);
      if (to >= 0) return { from: start, to };
    }
    return null;
  }

  /** True when some part of `text` matches: one pass, with a new start at each place. */
  test(text: string): boolean {
    let states = new Set<number>();
    for (let at = 0; ; at++) {
      if (this.follow(0, text, at, states)) return true;
      if (at === text.length) return false;
      const next = new Set<number>();
      if (this.step(states, text, at, next)) return true;
      states = next;
    }
  }

  /** End of the longest match that starts exactly at `start`; -1 without. */
  private matchAt(text: string, start: number): number {
    let states = new Set<number>();
    let end = this.follow(0, text, start, states) ? start : -1;
    for (let at = start; at < text.length && states.size > 0; at++) {
      const next = new Set<number>();
      if (this.step(states, text, at, next)) end = at + 1;
      states = next;
    }
    return end;
  }

  private step(states: ReadonlySet<number>, text: string, at: number, next: Set<number>): boolean {
    const code = text.charCodeAt(at);
    let matched = false;
    for (const state of states) {
      const instruction = this.program[state]!;
      if (instruction.op === "set" && this.accepts(instruction, code)) {
        matched = this.follow(state + 1, text, at + 1, next) || matched;
      }
    }
    return matched;
  }

  private accepts(set: { ranges: readonly Range[]; negated: boolean }, code: number): boolean {
    const hit = inRanges(set.ranges, code) || (this.ignoreCase && inRanges(set.ranges, otherCase(code)));
    return hit !== set.negated;
  }

  /** Adds every state reachable without reading; true when the match is among them. */
  private follow(from: number, text: string, at: number, states: Set<number>): boolean {
    const work = [from];
    let matched = false;
    for (let state = work.pop(); state !== undefined; state = work.pop()) {
      if (states.has(state)) continue;
      states.add(state);
      const instruction = this.program[state]!;
      if (instruction.op === "match") matched = true;
      else if (instruction.op === "jump") work.push(instruction.a);
      else if (instruction.op === "split") work.push(instruction.a, instruction.b);
      else if (instruction.op === "anchor" && holds(instruction.anchor, text, at)) work.push(state + 1);
    }
    return matched;
  }
}

const inRanges = (ranges: readonly Range[], code: number): boolean =>
  ranges.some(([from, to]) => code >= from && code <= to);

/** ASCII only: the tools run in the C locale. */
function otherCase(code: number): number {
  if (code >= 65 && code <= 90) return code + 32;
  return code >= 97 && code <= 122 ? code - 32 : code;
}

function holds(anchor: Anchor, text: string, at: number): boolean {
  const before = at > 0 && isWordCode(text.charCodeAt(at - 1));
  const after = at < text.length && isWordCode(text.charCodeAt(at));
  if (anchor === "^") return at === 0;
  if (anchor === "$") return at === text.length;
  if (anchor === "<") return !before && after;
  if (anchor === ">") return before && !after;
  return (before !== after) === (anchor === "b");
}

const WORD_RANGES: readonly Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE_RANGES: readonly Range[] = [
  [9, 13],
  [32, 32],
];
export const isWordCode = (code: number): boolean => inRanges(WORD_RANGES, code);

/** Thompson's construction; stops growing beyond MAX_SIZE. */
function emit(syntax: Syntax, program: Instruction[]): void {
  if (program.length > MAX_SIZE) return;
  if (syntax.kind === "set") program.push({ op: "set", ranges: syntax.ranges, negated: syntax.negated });
  else if (syntax.kind === "anchor") program.push({ op: "anchor", anchor: syntax.anchor });
  else if (syntax.kind === "sequence") for (const part of syntax.parts) emit(part, program);
  else if (syntax.kind === "either") emitEither(syntax.parts, program);
  else emitRepeat(syntax, program);
}

function emitEither(parts: readonly Syntax[], program: Instruction[]): void {
  const jumps: { op: "jump"; a: number }[] = [];
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1) {
      emit(part, program);
      break;
    }
    const split = { op: "split" as const, a: program.length + 1, b: 0 };
    program.push(split);
    emit(part, program);
    const jump = { op: "jump" as const, a: 0 };
    jumps.push(jump);
    program.push(jump);
    split.b = program.length;
  }
  for (const jump of jumps) jump.a = program.length;
}

function emitRepeat({ part, min, max }: Syntax & { kind: "repeat" }, program: Instruction[]): void {
  for (let i = 0; i < min && program.length <= MAX_SIZE; i++) emit(part, program);
  if (max === Number.POSITIVE_INFINITY) {
    const split = { op: "split" as const, a: program.length + 1, b: 0 };
    program.push(split);
    emit(part, program);
    program.push({ op: "jump", a: program.indexOf(split) });
    split.b = program.length;
    return;
  }
  const splits: { op: "split"; a: number; b: number }[] = [];
  for (let i = min; i < max && program.length <= MAX_SIZE; i++) {
    const split = { op: "split" as const, a: program.length + 1, b: 0 };
    splits.push(split);
    program.push(split);
    emit(part, program);
  }
  for (const split of splits) split.b = program.length;
}

const MAX_DEPTH = 100;

/** Recursive descent over one pattern. In basic syntax the operators are written \( \) \{ \} \| \+ \?. */
class PatternParser {
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
