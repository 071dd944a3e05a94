/**
 * The expression of ss: "( sport = :53 or dport = :53 ) and not src 10/8". Follows misc/ssfilter.y, whose words for "and"
 * and "or" bind alike, from left to right, and run_ssfilter of misc/ss.c. Not modelled: cgroup, backslashes, -F.
 */
import type { Ipv4 } from "../../../packet/address.ts";
import { type Condition, type HostReader, Unreadable } from "./host-condition.ts";

/** What a filter sees of a socket. */
export interface FilterSubject {
  readonly local: Ipv4;
  readonly localPort: number;
  readonly remote: Ipv4;
  readonly remotePort: number;
  readonly ifindex: number;
  /** Its port was chosen by the kernel. */
  readonly isAutobound: boolean;
}

export type Filter =
  | { readonly kind: "and" | "or"; readonly one: Filter; readonly other: Filter }
  | { readonly kind: "not"; readonly one: Filter }
  | { readonly kind: "host"; readonly side: Side; readonly condition: Condition }
  | { readonly kind: "least" | "most"; readonly side: Side; readonly port: number }
  | { readonly kind: "device"; readonly ifindex: number }
  | { readonly kind: "mark"; readonly mark: number }
  | { readonly kind: "autobound" };

type Side = "local" | "remote";

export class SyntaxFault extends Error {}

export function passes(filter: Filter, each: FilterSubject): boolean {
  switch (filter.kind) {
    case "and":
      return passes(filter.one, each) && passes(filter.other, each);
    case "or":
      return passes(filter.one, each) || passes(filter.other, each);
    case "not":
      return !passes(filter.one, each);
    case "host":
      return filter.condition.matches(each[filter.side], each[`${filter.side}Port`]);
    case "least":
      return each[`${filter.side}Port`] >= filter.port;
    case "most":
      return each[`${filter.side}Port`] <= filter.port;
    case "device":
      return each.ifindex === filter.ifindex;
    case "mark":
      return filter.mark === 0;
    case "autobound":
      return each.isAutobound;
  }
}

/** Words to tokens; what is none of them is a value, of the kind that the last keyword wants. */
const TOKENS: Readonly<Record<string, string>> = {
  ...{ "!": "!", not: "!", "&": "&", "&&": "&", and: "&", "|": "|", "||": "|", or: "|", "(": "(", ")": ")" },
  ...{ dst: "dst", src: "src", dport: "dport", sport: "sport", dev: "dev", fwmark: "fwmark", cgroup: "cgroup" },
  ...{ ">=": ">=", ge: ">=", geq: ">=", "<=": "<=", le: "<=", leq: "<=", "!=": "!=", ne: "!=", neq: "!=" },
  ...{ "=": "=", "==": "=", eq: "=", ">": ">", gt: ">", "<": "<", lt: "<", autobound: "autobound" },
};
const KEYWORDS: readonly string[] = ["dst", "src", "dport", "sport", "dev", "fwmark", "cgroup", "autobound"];

type Token =
  | { readonly word: string; readonly value: null }
  | { readonly word: "host"; readonly value: Condition }
  | { readonly word: "device" | "mark"; readonly value: number };

/** Throws `SyntaxFault`, or `Unreadable` with the sentence for a value that is none. */
export class FilterReader {
  private readonly words: string[];
  private readonly hosts: HostReader;
  private keyword = "";
  private ahead: Token | null = null;

  constructor(operands: readonly string[], hosts: HostReader) {
    this.words = operands.flatMap((each) => each.split(/[ \t]+/)).filter((each) => each !== "");
    this.hosts = hosts;
  }

  /** Null where there is none. */
  read(): Filter | null {
    if (this.peek() === null) return null;
    const filter = this.list();
    if (this.peek() !== null) throw new SyntaxFault();
    return filter;
  }

  private list(): Filter {
    let filter = this.one();
    for (let next = this.peek(); next !== null && next.word !== ")"; next = this.peek()) {
      const isOr = next.word === "|";
      if (isOr || next.word === "&") this.next();
      filter = { kind: isOr ? "or" : "and", one: filter, other: this.one() };
    }
    return filter;
  }

  private one(): Filter {
    const token = this.next();
    switch (token?.word) {
      case "(":
        return this.inBrackets();
      case "!":
        return { kind: "not", one: this.one() };
      case "src":
      case "dst":
        return this.compare(token.word === "src" ? "local" : "remote", ["="]);
      case "sport":
      case "dport":
        return this.compare(token.word === "sport" ? "local" : "remote", ["=", "!=", ">=", "<=", ">", "<"]);
      case "dev":
      case "fwmark":
        return this.number();
      case "autobound":
        return { kind: "autobound" };
      case "cgroup":
        this.next();
        throw new SyntaxFault();
      default:
        throw new SyntaxFault();
    }
  }

  private inBrackets(): Filter {
    const filter = this.list();
    if (this.next()?.word !== ")") throw new SyntaxFault();
    return filter;
  }

  private compare(side: Side, operators: readonly string[]): Filter {
    const operator = this.operator(operators);
    const token = this.next();
    if (token === null || token.word !== "host" || token.value === null) throw new SyntaxFault();
    const condition = token.value as Condition;
    const { port } = condition;
    const not = (one: Filter): Filter => ({ kind: "not", one });
    if (operator === ">=") return { kind: "least", side, port };
    if (operator === "<=") return { kind: "most", side, port };
    if (operator === ">") return not({ kind: "most", side, port });
    if (operator === "<") return not({ kind: "least", side, port });
    const same: Filter = { kind: "host", side, condition };
    return operator === "!=" ? not(same) : same;
  }

  private number(): Filter {
    const operator = this.operator(["=", "!="]);
    const token = this.next();
    if (token === null || typeof token.value !== "number") throw new SyntaxFault();
    const same: Filter =
      token.word === "device" ? { kind: "device", ifindex: token.value } : { kind: "mark", mark: token.value };
    return operator === "!=" ? { kind: "not", one: same } : same;
  }

  private operator(known: readonly string[]): string {
    const next = this.peek();
    return next !== null && known.includes(next.word) ? this.next()!.word : "=";
  }

  private peek(): Token | null {
    this.ahead ??= this.token();
    return this.ahead;
  }

  private next(): Token | null {
    const token = this.peek();
    this.ahead = null;
    return token;
  }

  private token(): Token | null {
    const word = this.words.shift();
    if (word === undefined) return null;
    if (Object.hasOwn(TOKENS, word)) {
      const token = TOKENS[word]!;
      if (KEYWORDS.includes(token)) this.keyword = token;
      return { word: token, value: null };
    }
    if (this.keyword === "cgroup") throw new Unreadable("ss: cgroup is not modelled\n");
    if (this.keyword === "dev") return { word: "device", value: this.hosts.device(word) };
    if (this.keyword === "fwmark") return { word: "mark", value: this.hosts.mark(word) };
    return { word: "host", value: this.hosts.host(word, this.keyword === "sport" || this.keyword === "dport") };
  }
}
