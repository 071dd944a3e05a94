/** Cuts the text that iptables-restore is given into blocks, one per COMMIT. Follows xtables_restore_parse. */
import type { TableName } from "../../../stack/netfilter/table.ts";
import { TABLES } from "./checks.ts";
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
  private readonly around: LineParser;

  constructor(text: string, counters: boolean, around: LineParser) {
    this.lines = text.replace(/\n$/, "").split("\n");
    this.counters = counters;
    this.around = around;
  }

  /** The next block; null at the end of the text. */
  take(): Block | null {
    let steps: Step[] | null = null;
    let table: TableName = "filter";
    while (this.line < this.lines.length) {
      const text = this.lines[this.line++]!;
      if (text.trim() === "" || text.startsWith("#")) continue;
      if (text.startsWith("COMMIT") && steps !== null) return { table, steps, line: this.line };
      if (text.startsWith("*") && steps === null) {
        table = this.chooseTable(text.slice(1).trim());
        steps = [];
      } else if (steps === null) throw new Problem(`${NAME}: line ${this.line} failed`, 1);
      else if (text.startsWith(":")) steps.push(this.chain(text.slice(1)));
      else steps.push(...this.rule(text, table));
    }
    if (steps !== null) throw new Problem(`${NAME}: COMMIT expected at line ${this.line + 1}`, 1);
    return null;
  }

  private chooseTable(name: string): TableName {
    const known = TABLES.find((each) => each === name);
    if (known !== undefined) return known;
    if (name === "security") throw new Problem(`${NAME}: table security is not modelled`, 2);
    throw wrong(`${NAME}: line ${this.line} table name '${name}' invalid`);
  }

  private chain(text: string): ChainLine {
    const [name = "", policy, counts = ""] = text.trim().split(/\s+/);
    if (policy === undefined) throw wrong(`${NAME}: line ${this.line} policy invalid`);
    const found = /^\[(\d+):(\d+)\]$/.exec(counts);
    const [packets, bytes] = found === null || !this.counters ? [0, 0] : [Number(found[1]), Number(found[2])];
    return { kind: "chain", line: this.line, name, policy, packets, bytes };
  }

  private rule(text: string, table: TableName): Step[] {
    const counts = /^\[(\d+):(\d+)\]\s*/.exec(text);
    const request = this.around.parse(wordsOf(text.slice(counts?.[0].length ?? 0)), table);
    if (request === null) return [];
    if (counts !== null && this.counters) {
      request.packets = Number(counts[1]);
      request.bytes = Number(counts[2]);
    }
    return [{ kind: "rule", line: this.line, request }];
  }
}

/** Null when the words ask for nothing. */
export interface LineParser {
  parse(words: readonly string[], table: TableName): Request | null;
}

/** add_param_to_argv: words between blanks; quotation marks hold blanks together, a backslash takes the next letter. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/"((?:\\.|[^"\\])*)"|((?:\\.|[^\s"\\])+)/g))
    words.push((quoted ?? plain)!.replace(/\\(.)/g, "$1"));
  return words;
}
