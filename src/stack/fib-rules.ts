/**
 * The routing policy: which table is asked for which packet. Follows net/core/fib_rules.c (fib_nl_newrule, fib_nl_delrule,
 * fib_rules_lookup) and net/ipv4/fib_rules.c. Not modelled: TOS, ports, protocols, user ids, goto, suppressors.
 */
import type { Ipv4 } from "../packet/address.ts";
import { maskOf } from "../packet/address.ts";
import { type Refusal, refuse } from "./errno.ts";
import { RouteProtocol, TableId } from "./route-table.ts";

/** FR_ACT_*: the numbers of the route types that say the same. */
export const RuleAction = { TO_TABLE: 1, BLACKHOLE: 6, UNREACHABLE: 7, PROHIBIT: 8 } as const;
export type RuleActionCode = (typeof RuleAction)[keyof typeof RuleAction];

interface RulePrefix {
  readonly address: Ipv4;
  readonly prefix: number;
}

/** A rule as `ip rule add` describes it. */
export interface RuleFields {
  readonly priority: number;
  /** Prefix length 0: from, or to, anybody. */
  readonly from: RulePrefix;
  readonly to: RulePrefix;
  /** Device names, looked up when a packet comes; null: any. Our own packets come in by "lo". */
  readonly iif: string | null;
  readonly oif: string | null;
  readonly mark: number;
  readonly mask: number;
  /** Holds for what does not fit. */
  readonly inverted: boolean;
  readonly action: RuleActionCode;
  /** 0 for rules that name no table. */
  readonly table: number;
  readonly protocol: number;
}

/** What names a rule to remove; what is absent matches anything. */
export type RuleMatch = Partial<RuleFields>;

/** What a rule wants to know of a packet. */
export interface Flow {
  readonly destination: Ipv4;
  /** 0 when it is not chosen yet. */
  readonly source: Ipv4;
  /** Indices: 1, the loopback, for our own packets; 0 for any way out. */
  readonly iif: number;
  readonly oif: number;
  readonly mark: number;
}

/** Knows the devices by name; -1 where there is none. */
export interface DeviceIndex {
  indexOf(name: string): number;
}

export const ANYBODY: RulePrefix = { address: 0 as Ipv4, prefix: 0 };

const rule = (priority: number, table: number): RuleFields => ({
  priority,
  from: ANYBODY,
  to: ANYBODY,
  iif: null,
  oif: null,
  mark: 0,
  mask: 0,
  inverted: false,
  action: RuleAction.TO_TABLE,
  table,
  protocol: RouteProtocol.KERNEL,
});

/** fib_default_rules_init */
const DEFAULTS: readonly RuleFields[] = [
  rule(0, TableId.LOCAL),
  rule(32_766, TableId.MAIN),
  rule(32_767, TableId.DEFAULT),
];

export class FibRules {
  private rules: readonly RuleFields[] = DEFAULTS;
  /** Only the three that every kernel starts with, and never others: nobody needs to ask them (fib_has_custom_rules). */
  isDefault = true;

  /** By priority, then age. */
  list(): readonly RuleFields[] {
    return this.rules;
  }

  /** fib_default_rule_pref: before the second rule that there is. */
  get nextPriority(): number {
    const second = this.rules[1]?.priority ?? 0;
    return second === 0 ? 0 : second - 1;
  }

  /** Null when done; EEXIST when there is one like it. */
  add(added: RuleFields): Refusal | null {
    if (this.rules.some((each) => isSame(each, added))) return refuse("EEXIST");
    const after = this.rules.findIndex((each) => each.priority > added.priority);
    this.isDefault = false;
    this.rules = this.rules.toSpliced(after < 0 ? this.rules.length : after, 0, added);
    return null;
  }

  /** Null when done; ENOENT when no rule matches. The first that matches goes. */
  remove(match: RuleMatch): Refusal | null {
    const at = this.rules.findIndex((each) => fitsMatch(each, match));
    if (at < 0) return refuse("ENOENT");
    this.isDefault = false;
    this.rules = this.rules.toSpliced(at, 1);
    return null;
  }

  /** Does the rule hold for the packet? */
  holds(each: RuleFields, flow: Flow, devices: DeviceIndex): boolean {
    return isFor(each, flow, devices) !== each.inverted;
  }
}

function isFor(each: RuleFields, flow: Flow, devices: DeviceIndex): boolean {
  if (each.iif !== null && devices.indexOf(each.iif) !== flow.iif) return false;
  if (each.oif !== null && devices.indexOf(each.oif) !== flow.oif) return false;
  if (((each.mark ^ flow.mark) & each.mask) !== 0) return false;
  return isIn(each.from, flow.source) && isIn(each.to, flow.destination);
}

const isIn = ({ address, prefix }: RulePrefix, asked: Ipv4): boolean => ((asked ^ address) & maskOf(prefix)) === 0;

const SAME: readonly (keyof RuleFields)[] = [
  "priority",
  "iif",
  "oif",
  "mark",
  "mask",
  "inverted",
  "action",
  "table",
  "protocol",
];

const samePrefix = (a: RulePrefix, b: RulePrefix): boolean => a.address === b.address && a.prefix === b.prefix;

const isSame = (a: RuleFields, b: RuleFields): boolean =>
  SAME.every((key) => a[key] === b[key]) && samePrefix(a.from, b.from) && samePrefix(a.to, b.to);

function fitsMatch(each: RuleFields, match: RuleMatch): boolean {
  if (match.from !== undefined && !samePrefix(each.from, match.from)) return false;
  if (match.to !== undefined && !samePrefix(each.to, match.to)) return false;
  return SAME.every((key) => match[key] === undefined || match[key] === each[key]);
}
