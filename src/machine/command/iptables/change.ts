/**
 * The commands that change a table: iptables/nft.c and nft-cmd.c of iptables 1.8.9. What goes wrong is thrown; whoever
 * called takes the whole change back then.
 */
import { ERRNO_TEXT, type Refusal } from "../../../stack/errno.ts";
import { Rule, type RuleSpec } from "../../../stack/netfilter/rule.ts";
import type { Chain, Table } from "../../../stack/netfilter/table.ts";
import { failed, refusedByKernel, wrong } from "./problem.ts";
import type { Request } from "./request.ts";

const NO_CHAIN = "No chain/target/match by that name";
const NO_RULE = "Bad rule (does a matching rule exist in that chain?)";

/** Hears what the kernel refuses, and why. */
export interface Kernel {
  apply(table: Table, refused: Refusal | null): Refusal | null;
}

export class Changes {
  private readonly table: Table;
  private readonly kernel: Kernel;

  constructor(table: Table, kernel: Kernel) {
    this.table = table;
    this.kernel = kernel;
  }

  append(request: Request): void {
    const chain = this.target(request);
    for (const spec of request.specs) this.add(request, chain, spec, chain.length, "RULE_APPEND");
  }

  insert(request: Request): void {
    const at = request.number - 1;
    const known = this.table.chain(request.chain!);
    if (at > 0 && at > (known?.length ?? 0)) throw failed("Index of insertion too big");
    const chain = this.target(request);
    for (const spec of request.specs) this.add(request, chain, spec, at, "RULE_INSERT");
  }

  replace(request: Request): void {
    this.checkJump(request);
    const chain = this.known(request.chain!);
    if (request.number > chain.rules.length) throw failed("Index of replacement too big");
    const rule = new Rule(request.specs[0]!, request.packets, request.bytes);
    this.demand(this.table.replace(chain, request.number - 1, rule), "RULE_REPLACE", `rule in chain ${chain.name}`);
  }

  delete(request: Request): void {
    this.checkJump(request);
    for (const spec of request.specs) {
      const { chain, at } = this.find(request, spec);
      chain.delete(at);
    }
  }

  deleteNumber(request: Request): void {
    const chain = this.known(request.chain!);
    if (request.number > chain.rules.length) throw failed("Index of deletion too big");
    chain.delete(request.number - 1);
  }

  check(request: Request): void {
    this.checkJump(request);
    for (const spec of request.specs) this.find(request, spec);
  }

  flush(name: string | null): void {
    if (name === null) for (const chain of this.table.chains.values()) chain.flush();
    else this.establish(name).flush();
  }

  create(name: string): void {
    if (this.table.create(name) !== null) throw failed("Chain already exists");
  }

  /** The user's chains that may go, or the one that is named; a built-in one too, when nothing is set in it. */
  remove(name: string | null): void {
    const { table } = this;
    if (name === null) {
      for (const chain of [...table.chains.values()]) {
        if (chain.hook === null) this.removeChain(chain);
        else if (isUnset(chain)) table.chains.delete(chain.name);
      }
      return;
    }
    const chain = this.known(name);
    if (chain.hook !== null && chain.rules.length === 0 && !isUnset(chain)) throw failed("Directory not empty");
    this.removeChain(chain);
  }

  private removeChain({ name }: Chain): void {
    this.demand(this.table.remove(name), "CHAIN_DEL", `chain ${name}`);
  }

  rename(from: string, to: string): void {
    const refused = this.table.chain(to) !== null || this.table.isBuiltIn(to) ? "File exists" : null;
    if (refused !== null) throw failed(refused);
    if (this.table.rename(from, to) !== null) throw failed(NO_CHAIN);
  }

  setPolicy(name: string, policy: string): void {
    if (policy !== "ACCEPT" && policy !== "DROP") throw failed("Bad policy name. Run `dmesg' for more information");
    if (!this.table.isBuiltIn(name)) throw failed("Bad built-in chain name");
    const chain = this.establish(name);
    chain.policy = policy;
    chain.counts = true;
  }

  /** All counters, those of a chain, or of one of its rules. */
  zero(name: string | null, number: number): void {
    if (name === null) for (const chain of this.table.chains.values()) chain.zero();
    else if (number === 0) this.known(name).zero();
    else this.known(name).zeroRule(number - 1);
  }

  private target(request: Request): Chain {
    this.checkJump(request);
    return this.establish(request.chain!);
  }

  private add(request: Request, chain: Chain, spec: RuleSpec, at: number, operation: string): void {
    const rule = new Rule(spec, request.packets, request.bytes);
    this.demand(this.table.insert(chain, rule, at), operation, `rule in chain ${chain.name}`);
  }

  private checkJump({ jumpTo, target }: Request): void {
    if (jumpTo === null) return;
    const isChain = this.table.chain(jumpTo) !== null || this.table.isBuiltIn(jumpTo);
    if (!isChain || target.kind === "none") throw wrong(`Chain '${jumpTo}' does not exist`);
  }

  private find(request: Request, spec: RuleSpec): { chain: Chain; at: number } {
    const chain = this.table.chain(request.chain!);
    const at = chain === null ? -1 : this.table.position(chain, spec);
    if (chain === null || at < 0) throw failed(NO_RULE);
    return { chain, at };
  }

  private establish(name: string): Chain {
    const chain = this.table.establish(name);
    if (chain === null) throw failed(NO_CHAIN);
    return chain;
  }

  private known(name: string): Chain {
    const chain = this.table.chain(name);
    if (chain === null) throw failed(NO_CHAIN);
    return chain;
  }

  private demand(refused: Refusal | null, operation: string, where: string): void {
    if (this.kernel.apply(this.table, refused) === null) return;
    throw refusedByKernel(` ${operation} failed (${ERRNO_TEXT[refused!.errno]}): ${where}`);
  }
}

const isUnset = ({ hook, policy, rules }: Chain): boolean => hook !== null && policy === "ACCEPT" && rules.length === 0;
