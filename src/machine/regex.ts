/**
 * POSIX regular expressions (XBD 9, basic and extended, with GNU's \w \W \s \S \b \< \>), matched by Thompson's
 * construction: time grows with the text, never explodes as a backtracking matcher may, and the longest match wins, as
 * POSIX wants. Back-references are not modelled and refused.
 */

import { type Anchor, PatternParser, type Range, type Syntax, WORD_RANGES } from "./regex-syntax.ts";

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
