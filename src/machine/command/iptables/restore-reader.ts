/** Cuts the text that iptables-restore is given into blocks, one per COMMIT. Follows xtables_restore_parse. */
import type { TableName } from "../../../stack/netfilter/table.ts";
import { checkNewName, TABLES } from "./checks.ts";
import { Problem, wrong } from "./problem.ts";
import type { Request } from "./request.ts";

const NAME = "iptables-restore";

/** ":FORWARD DROP [3:400]" */
export interface ChainLine {
  readonly kind: "chain";
  readonly line: number;
  readonly name: string;
  readonly policy: string;
  readonly packets: number;
  readonly bytes: number;
}

export type Step = ChainLine | { readonly kind: "rule"; readonly line: number; readonly request: Request };

export interface Block {
  readonly table: TableName;
  readonly steps: readonly Step[];
  /** Of its COMMIT. */
  readonly line: number;
}

export class RestoreReader {
  /** The number of the line that is being dealt with. */
  line = 0;
  private readonly lines: readonly string[];
  private readonly counters: boolean;
  private readonly verbose: boolean;
  private readonly only: string | null;
  /** That of the last line with a star. */
  private table: TableName | null = null;
  private readonly around: LineParser;

  constructor(
    text: string,
    options: { readonly counters: boolean; readonly verbose: number; readonly table: string | null },
    around: LineParser,
  ) {
    this.lines = text.replace(/\n$/, "").split("\n");
    this.counters = options.counters;
    this.verbose = options.verbose > 0;
    this.only = options.table;
    this.around = around;
  }

  /** The next block; null at the end of the text. */
  take(): Block | null {
    let steps: Step[] | null = null;
    while (this.line < this.lines.length) {
      const text = this.lines[this.line++]!;
      if (text === "") continue;
      if (text.startsWith("#")) {
        if (this.verbose) this.around.tell(`${text}\n`);
      } else if (text === "COMMIT" && steps !== null) return { table: this.table!, steps, line: this.line };
      else if (text.startsWith("*") && steps === null) steps = this.begin(text);
      else if (steps === null) this.stray();
      else if (text.startsWith(":")) steps.push(this.chain(text.slice(1)));
      else steps.push(...this.rule(text, this.table!));
    }
    if (steps !== null) throw new Problem(`${NAME}: COMMIT expected at line ${this.line + 1}`, 1);
    return null;
  }

  /** Null where the table is not the one that is wanted: its lines are passed over. */
  private begin(text: string): Step[] | null {
    const [name] = text.slice(1).trim().split(/\s+/);
    if (name === "" || name === undefined) throw wrong(`${NAME}: line ${this.line} table name invalid`);
    this.table = this.chooseTable(name);
    return this.only === null || this.only === name ? [] : null;
  }

  /** A line outside of any table. */
  private stray(): void {
    if (this.only === null || this.table === null || this.only === this.table)
      throw new Problem(`${NAME}: line ${this.line} failed`, 1);
  }

  private chooseTable(name: string): TableName {
    const known = TABLES.find((each) => each === name);
    if (known !== undefined) return known;
    if (name === "security") throw new Problem(`${NAME}: table security is not modelled`, 2);
    throw wrong(`${NAME}: line ${this.line} table name '${name}' invalid`);
  }

  private chain(text: string): ChainLine {
    const [name = "", policy, counts] = text.split(/[ \t]+/).filter((word) => word !== "");
    if (name === "") throw wrong(`${NAME}: line ${this.line} chain name invalid`);
    checkNewName(name);
    if (policy === undefined) throw wrong(`${NAME}: line ${this.line} policy invalid`);
    const isBuiltIn = /^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/.test(name);
    const [packets, bytes] = this.counters && isBuiltIn ? policyCounters(name, counts ?? "") : [0, 0];
    return { kind: "chain", line: this.line, name, policy, packets, bytes };
  }

  private rule(text: string, table: TableName): Step[] {
    const counts = text.startsWith("[") ? this.ruleCounters(text) : null;
    const words = wordsOf(counts === null ? text : text.slice(text.indexOf("]") + 1));
    if (this.counters && counts !== null) words.unshift("--set-counters", ...counts);
    const request = this.around.parse(words, table);
    return request === null ? [] : [{ kind: "rule", line: this.line, request }];
  }

  /** "[5:600]": tokenize_rule_counters. */
  private ruleCounters(text: string): [string, string] {
    if (!text.includes("]")) throw wrong(`Bad line ${this.line}: need ]`);
    const [packets = "", ...rest] = text.slice(1).split(":");
    const bytes = rest.join(":").split("]")[0]!;
    if (bytes === "") throw wrong(`Bad line ${this.line}: need ]`);
    return [packets, bytes];
  }
}

function policyCounters(name: string, text: string): [number, number] {
  const found = /^\[(\d+):(\d+)\]/.exec(text);
  if (found === null) throw wrong(`invalid policy counters for chain '${name}'`);
  return [Number(found[1]), Number(found[2])];
}

/** Null when the words ask for nothing. */
export interface LineParser {
  tell(text: string): void;
  parse(words: readonly string[], table: TableName): Request | null;
}

/** add_param_to_argv: words between blanks; quotation marks hold blanks together, and within them a backslash keeps the next letter. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    if (isQuoted && letter === "\\") word += text.charAt(++i);
    else if (letter === '"' && !isQuoted) isQuoted = true;
    else if (letter === '"' || (!isQuoted && /[ \t]/.test(letter))) {
      if (letter === '"' || word !== "") words.push(word);
      word = "";
      isQuoted = false;
    } else word += letter;
  }
  // The line's end is within the marks, when they are open.
  const last = isQuoted ? `${word}\n` : word;
  return last === "" ? words : [...words, last];
}
