/**
 * A table of rules: built-in chains with policies, user chains, and the changes that are allowed.
 * Follows net/netfilter/nf_tables_api.c as iptables-nft uses it: a built-in chain exists from the first command that
 * needs it. Refusals: ENOENT, EEXIST, EBUSY, EINVAL, EMLINK (a loop, or jumps deeper than sixteen).
 */
import type { Point } from "../../device/point.ts";
import { type Refusal, refuse } from "../errno.ts";
import { type HookNumber, hookNames } from "../hooks.ts";
import { fitsHook, judge } from "./admission.ts";
import { Rule, type RuleSpec, textOf } from "./rule.ts";

export type Policy = "ACCEPT" | "DROP";

/** NFT_JUMP_STACK_SIZE */
export const MAX_DEPTH = 16;

/** Rules come and go one at a time, and thousands may stand here: nothing that a change needs to know is counted anew. */
export class Chain {
  readonly name: string;
  /** Null for a user chain. */
  readonly hook: HookNumber | null;
  policy: Policy = "ACCEPT";
  /** Counters of a built-in chain are there from the first command that sets its policy or zeroes it. */
  counts = false;
  /** What reached the policy. */
  packets = 0;
  bytes = 0;
  private list: Rule[] = [];
  /**
   * What was put before them all, the last one first to be met. While V8 marks, and that is most of the time of a host that
   * comes up, each element which a splice moves is looked at: a rule before 20,000 others took 260 us.
   */
  private front: Rule[] = [];
  /** How many of its rules hold br_netfilter and conntrack loaded. */
  private physdevs = 0;
  private tracking = 0;
  /** Where the frames end that it drops; from the first packet it may meet. */
  point: Point | null = null;

  constructor(name: string, hook: HookNumber | null) {
    this.name = name;
    this.hook = hook;
  }

  get rules(): readonly Rule[] {
    this.settle();
    return this.list;
  }

  get length(): number {
    return this.front.length + this.list.length;
  }

  get usesPhysdev(): boolean {
    return this.physdevs > 0;
  }

  get usesConntrack(): boolean {
    return this.tracking > 0;
  }

  /** `at` counts from 0. */
  insert(rule: Rule, at: number): void {
    if (at === this.length) this.list.push(rule);
    else if (at === 0) this.front.push(rule);
    else {
      this.settle();
      this.list.splice(at, 0, rule);
    }
    this.count(rule, 1);
  }

  private settle(): void {
    if (this.front.length === 0) return;
    this.list = this.front.reverse().concat(this.list);
    this.front = [];
  }

  replace(at: number, rule: Rule): void {
    this.settle();
    this.count(this.list[at]!, -1);
    this.list[at] = rule;
    this.count(rule, 1);
  }

  delete(at: number): void {
    this.settle();
    for (const rule of this.list.splice(at, 1)) this.count(rule, -1);
  }

  flush(): void {
    this.list = [];
    this.front = [];
    this.physdevs = 0;
    this.tracking = 0;
  }

  private count(rule: Rule, by: number): void {
    if (rule.usesPhysdev) this.physdevs += by;
    if (rule.usesConntrack) this.tracking += by;
  }

  /** From then on a built-in chain counts. */
  zero(): void {
    this.counts ||= this.hook !== null;
    this.packets = 0;
    this.bytes = 0;
    this.settle();
    for (let at = 0; at < this.list.length; at++) this.zeroRule(at);
  }

  zeroRule(at: number): void {
    this.settle();
    const rule = this.list[at];
    if (rule !== undefined) this.list[at] = rule.zeroed();
  }

  /** A chain with the same rules: what is counted from now on both see, other changes only one of them. */
  copy(name = this.name): Chain {
    const twin = new Chain(name, this.hook);
    twin.policy = this.policy;
    twin.counts = this.counts;
    twin.packets = this.packets;
    twin.bytes = this.bytes;
    twin.point = this.point;
    twin.list = this.rules.slice();
    twin.physdevs = this.physdevs;
    twin.tracking = this.tracking;
    return twin;
  }
}

export type TableName = "raw" | "mangle" | "nat" | "filter";

export class Table {
  readonly name: TableName;
  /** Where its built-in chains hang. */
  readonly hooks: readonly HookNumber[];
  /** Order among the tables of a hook: NF_IP_PRI_*. */
  readonly priority: number;
  /** By name: the built-in ones that exist, then the user's in order of making. */
  readonly chains = new Map<string, Chain>();

  constructor(name: TableName, hooks: readonly HookNumber[], priority: number) {
    this.name = name;
    this.hooks = hooks;
    this.priority = priority;
  }

  /** The kernel has it: from the first command that needs it. */
  exists = false;

  get usesPhysdev(): boolean {
    for (const chain of this.chains.values()) if (chain.usesPhysdev) return true;
    return false;
  }

  get usesConntrack(): boolean {
    for (const chain of this.chains.values()) if (chain.usesConntrack) return true;
    return false;
  }

  isBuiltIn(name: string): boolean {
    return this.hooks.some((hook) => hookNames[hook] === name);
  }

  chain(name: string): Chain | null {
    return this.chains.get(name) ?? null;
  }

  /** The chain; a built-in one is made when it is not there yet. */
  establish(name: string): Chain | null {
    const hook = this.hooks.find((each) => hookNames[each] === name);
    if (hook !== undefined && !this.chains.has(name)) this.chains.set(name, new Chain(name, hook));
    const chain = this.chain(name);
    if (chain !== null) this.exists = true;
    return chain;
  }

  establishAll(): void {
    for (const hook of this.hooks) this.establish(hookNames[hook]);
  }

  /** Built-in chains in order of their hooks, whether they are there or not, then the user's by name. */
  list(): readonly Chain[] {
    const builtIn = this.hooks.map((hook) => this.chain(hookNames[hook]) ?? new Chain(hookNames[hook], hook));
    return [...builtIn, ...this.own()];
  }

  /** The user's chains by name. */
  own(): readonly Chain[] {
    const own = [...this.chains.values()].filter((chain) => chain.hook === null);
    return own.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  create(name: string): Refusal | null {
    if (this.chains.has(name) || this.isBuiltIn(name)) return refuse("EEXIST");
    this.chains.set(name, new Chain(name, null));
    this.exists = true;
    return null;
  }

  remove(name: string): Refusal | null {
    const chain = this.chain(name);
    if (chain === null) return refuse("ENOENT");
    if (chain.rules.length > 0 || this.references(name) > 0) return refuse("EBUSY");
    this.chains.delete(name);
    return null;
  }

  /** Jumps follow. */
  rename(from: string, to: string): Refusal | null {
    const chain = this.chain(from);
    if (chain === null || chain.hook !== null) return refuse("ENOENT");
    if (this.chains.has(to)) return refuse("EEXIST");
    const renamed = chain.copy(to);
    renamed.point = null;
    const all = [...this.chains.values()];
    this.chains.clear();
    for (const each of all) this.chains.set(each === chain ? to : each.name, each === chain ? renamed : each);
    for (const each of this.chains.values())
      for (const [i, rule] of each.rules.entries())
        if (goesTo(rule.spec) === from) each.replace(i, retargeted(rule, to));
    return null;
  }

  /** How many rules lead there. */
  references(name: string): number {
    let count = 0;
    for (const chain of this.chains.values()) for (const { spec } of chain.rules) if (goesTo(spec) === name) count++;
    return count;
  }

  /** `at` counts from 0; at the end unless told. */
  insert(chain: Chain, rule: Rule, at = chain.length): Refusal | null {
    const wrong = this.refusal(chain, rule.spec);
    if (wrong !== null) return wrong;
    chain.insert(rule, at);
    const fault = this.faultOf(chain, rule);
    if (fault !== null) chain.delete(at);
    return fault;
  }

  replace(chain: Chain, at: number, rule: Rule): Refusal | null {
    const wrong = this.refusal(chain, rule.spec);
    if (wrong !== null) return wrong;
    const before = chain.rules[at]!;
    chain.replace(at, rule);
    const fault = this.faultOf(chain, rule);
    if (fault !== null) chain.replace(at, before);
    return fault;
  }

  /** Where the rule stands, from 0; -1 when it does not. */
  position(chain: Chain, spec: RuleSpec): number {
    const text = textOf(spec);
    return chain.rules.findIndex((rule) => rule.text === text);
  }

  private refusal(chain: Chain, spec: RuleSpec): Refusal | null {
    const to = goesTo(spec);
    if (to !== null && this.chain(to) === null) return refuse("ENOENT");
    if (to !== null && this.isBuiltIn(to)) return refuse("EOPNOTSUPP");
    return judge({ table: this.name, hook: chain.hook }, spec);
  }

  /** nft_table_validate, for a rule that has just come: of a built-in chain that it leads nowhere from, only itself. */
  private faultOf(chain: Chain, { spec }: Rule): Refusal | null {
    if (chain.hook !== null && goesTo(spec) === null) return fitsHook(spec, chain.hook) ? null : refuse("EINVAL");
    return this.validate();
  }

  /** All that can be reached from a built-in chain. */
  private validate(): Refusal | null {
    for (const chain of this.chains.values()) {
      const errno = chain.hook === null ? null : this.faultFrom(chain, chain.hook, 0);
      if (errno !== null) return refuse(errno);
    }
    return null;
  }

  private faultFrom(chain: Chain, hook: HookNumber, depth: number): "EMLINK" | "EINVAL" | null {
    if (depth >= MAX_DEPTH) return "EMLINK";
    for (const { spec } of chain.rules) {
      if (!fitsHook(spec, hook)) return "EINVAL";
      const to = goesTo(spec);
      const fault = to === null ? null : this.faultFrom(this.chain(to)!, hook, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** For a change that may have to be taken back as a whole. */
  copy(): Table {
    const twin = new Table(this.name, this.hooks, this.priority);
    twin.exists = this.exists;
    for (const chain of this.chains.values()) twin.chains.set(chain.name, chain.copy());
    return twin;
  }
}

export const goesTo = ({ target }: RuleSpec): string | null =>
  target.kind === "jump" || target.kind === "goto" ? target.chain : null;

function retargeted(rule: Rule, chain: string): Rule {
  const { target } = rule.spec;
  const spec =
    target.kind === "jump" || target.kind === "goto" ? { ...rule.spec, target: { ...target, chain } } : rule.spec;
  return new Rule(spec, rule.packets, rule.bytes);
}
