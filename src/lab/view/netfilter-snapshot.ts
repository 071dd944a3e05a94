/** Netfilter's tables at one instant: how many rules, what their policies and counters say, and what each chain dropped. */
import { ruleText } from "../../machine/command/iptables/print-rule.ts";
import type { Netfilter } from "../../stack/netfilter/netfilter.ts";
import type { Rule } from "../../stack/netfilter/rule.ts";
import type { Chain, Policy, Table, TableName } from "../../stack/netfilter/table.ts";

export interface TableSnapshot {
  readonly name: TableName;
  /** In all of its chains. */
  readonly rules: number;
  /** The built-in ones that exist, in order of their hooks, then the user's by name; the first of them. */
  readonly chains: readonly ChainSnapshot[];
}

export interface ChainSnapshot {
  readonly name: string;
  /** Null: a user's. */
  readonly policy: Policy | null;
  readonly rules: number;
  /** What reached the policy. */
  readonly packets: number;
  readonly bytes: number;
  /** Frames that ended here, by a rule or by the policy. */
  readonly dropped: number;
}

/** A rule that gives packets another address. */
export interface NatRuleSnapshot {
  /** As `iptables -t nat -S` prints it. */
  readonly text: string;
  readonly chain: string;
  readonly kind: NatKind;
  /** Connections: of each only the first packet meets the nat table. */
  readonly packets: number;
  readonly bytes: number;
  /** The device it asks for with -o or -i; null: any. */
  readonly device: string | null;
}

const NAT_KINDS = ["snat", "dnat", "masquerade", "redirect", "netmap"] as const;
export type NatKind = (typeof NAT_KINDS)[number];

const TABLES: readonly TableName[] = ["raw", "mangle", "nat", "filter"];
/** More than any screen shows. */
const CHAINS = 64;
const NAT_RULES = 64;

/** `drops`: frames that were lost, by point. */
export function tableSnapshots(
  netfilter: Netfilter,
  machine: string,
  drops: ReadonlyMap<string, number>,
): TableSnapshot[] {
  return TABLES.map((name) => netfilter.table(name))
    .filter(({ exists }) => exists)
    .map((table) => tableSnapshot(table, (chain) => drops.get(`${machine}:${table.name}.${chain}`) ?? 0));
}

function tableSnapshot(table: Table, droppedBy: (chain: string) => number): TableSnapshot {
  const chains = chainsOf(table);
  return {
    name: table.name,
    rules: chains.reduce((sum, { rules }) => sum + rules.length, 0),
    chains: chains.slice(0, CHAINS).map(({ name, hook, policy, rules, packets, bytes }) => ({
      name,
      policy: hook === null ? null : policy,
      rules: rules.length,
      packets,
      bytes,
      dropped: droppedBy(name),
    })),
  };
}

const chainsOf = (table: Table): readonly Chain[] => table.list().filter(({ name }) => table.chains.has(name));

export function natRules(netfilter: Netfilter): NatRuleSnapshot[] {
  const found: NatRuleSnapshot[] = [];
  for (const { name, rules } of chainsOf(netfilter.table("nat")))
    for (const rule of rules) {
      const kind = NAT_KINDS.find((each) => each === rule.spec.target.kind);
      if (kind === undefined) continue;
      if (found.length === NAT_RULES) return found;
      found.push(natRule(name, kind, rule));
    }
  return found;
}

const natRule = (chain: string, kind: NatKind, { spec, packets, bytes }: Rule): NatRuleSnapshot => ({
  text: ruleText(chain, spec),
  chain,
  kind,
  packets,
  bytes,
  device: (spec.output ?? spec.input)?.name ?? null,
});
