/**
 * The rules of a host as `iptables-save` prints them, cut into words: what the traps look at, whatever the engine is like
 * inside.
 */

export interface SavedRule {
  readonly table: string;
  readonly chain: string;
  /** As saved: "-A FORWARD -i vif+ -j ACCEPT". */
  readonly text: string;
  readonly words: readonly string[];
}

export class SavedRules {
  readonly rules: readonly SavedRule[];
  private readonly policies = new Map<string, string>();

  constructor(text: string) {
    const rules: SavedRule[] = [];
    let table = "";
    for (const line of text.split("\n")) {
      if (line.startsWith("*")) table = line.slice(1);
      const policy = /^:(\S+) (\S+)/.exec(line);
      if (policy !== null) this.policies.set(`${table} ${policy[1]}`, policy[2]!);
      const rule = /^-A (\S+)/.exec(line);
      if (rule !== null) rules.push({ table, chain: rule[1]!, text: line, words: line.split(" ") });
    }
    this.rules = rules;
  }

  policy(table: string, chain: string): string | null {
    return this.policies.get(`${table} ${chain}`) ?? null;
  }

  of(table: string, chain: string): readonly SavedRule[] {
    return this.rules.filter((rule) => rule.table === table && rule.chain === chain);
  }

  /** The rules of a built-in chain and of all chains that it jumps to. */
  reached(table: string, chain: string, seen: readonly string[] = []): readonly SavedRule[] {
    if (seen.includes(chain)) return [];
    return this.of(table, chain).flatMap((rule) => {
      const target = targetOf(rule);
      return [rule, ...(target === null ? [] : this.reached(table, target, [...seen, chain]))];
    });
  }
}

export const valueOf = ({ words }: SavedRule, ...options: readonly string[]): string | null => {
  const at = words.findIndex((word) => options.includes(word));
  return at < 0 ? null : (words[at + 1] ?? null);
};

export const targetOf = (rule: SavedRule): string | null => valueOf(rule, "-j", "-g");

export const isNegated = ({ words }: SavedRule, ...options: readonly string[]): boolean =>
  words.some((word, i) => options.includes(word) && words[i - 1] === "!");

export const usesPhysdev = ({ words }: SavedRule): boolean => words.includes("physdev");

/** No match at all: it holds for everything. */
export const isForAll = ({ words }: SavedRule): boolean => words[2] === "-j" || words[2] === "-g";

/** Only for what belongs to a flow that is there already. */
export const isForRepliesOnly = (rule: SavedRule): boolean => {
  const states = valueOf(rule, "--ctstate", "--state");
  return states !== null && !states.split(",").includes("NEW");
};

/** Could `option` of the rule ("-i") hold for the device? Without the option it does; a negated one may. */
export function mayMatch(rule: SavedRule, option: string, device: string): boolean {
  const wanted = valueOf(rule, option);
  if (wanted === null) return true;
  const holds = wanted.endsWith("+") ? device.startsWith(wanted.slice(0, -1)) : device === wanted;
  return holds !== isNegated(rule, option);
}
