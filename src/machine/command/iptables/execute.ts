/** One request, carried out: what it prints and what it changes. Follows do_commandx of iptables/xtables.c, 1.8.9. */
import type { Netfilter } from "../../../stack/netfilter/netfilter.ts";
import type { Chain, Table, TableName } from "../../../stack/netfilter/table.ts";
import type { Process } from "../../process.ts";
import { Added, type Before, Copied } from "./before.ts";
import { Changes } from "./change.ts";
import { briefText, headerText, type ListFormat, rowText } from "./print-list.ts";
import { ruleText } from "./print-rule.ts";
import { Problem, refusedByKernel } from "./problem.ts";
import type { Request } from "./request.ts";

export class Execution {
  private readonly process: Process;
  private readonly netfilter: Netfilter;

  constructor(process: Process) {
    this.process = process;
    this.netfilter = process.machine.net.netfilter;
  }

  /** All of `work` on one table or nothing: what a problem interrupts is taken back. */
  whole(name: TableName, work: () => void, before: Before = new Copied(this.netfilter.table(name))): void {
    try {
      work();
    } catch (problem) {
      this.netfilter.changed(before.restored());
      throw problem;
    }
    this.netfilter.changed(this.netfilter.table(name));
  }

  /** The same of a single request. */
  wholly(request: Request): void {
    if (request.onlyReads) this.run(request);
    else this.whole(request.table, () => this.run(request), this.before(request));
  }

  /** Rules that come can go again; for all else the table is copied. To copy it for each of 20,000 took 5 s. */
  private before(request: Request): Before {
    const table = this.table(request);
    const { command, chain, number } = request;
    if (command === "A") return new Added(table, chain!, null);
    if (command === "I") return new Added(table, chain!, number - 1);
    return new Copied(table);
  }

  run(request: Request): void {
    const table = this.table(request);
    const changes = new Changes(table, this.netfilter);
    switch (request.command!) {
      case "A":
        this.tellRules(request);
        return changes.append(request);
      case "I":
        this.tellRules(request);
        return changes.insert(request);
      case "R":
        this.tellRules(request);
        return changes.replace(request);
      case "D":
        this.tellRules(request);
        return changes.delete(request);
      case "#":
        return changes.deleteNumber(request);
      case "C":
        return changes.check(request);
      case "F":
        if (request.verbose > 0 && request.chain === null) table.establishAll();
        changes.flush(request.chain);
        return this.tellChains(request, "Flushing", this.named(request));
      case "N":
        return changes.create(request.chain!);
      case "X": {
        const going = request.chain === null ? table.own() : this.named(request);
        this.tellChains(request, "Deleting", going);
        return changes.remove(request.chain);
      }
      case "E":
        return changes.rename(request.chain!, request.newName);
      case "P":
        return changes.setPolicy(request.chain!, request.policy);
      case "Z":
        this.tellChains(request, "Zeroing", this.named(request));
        return changes.zero(request.chain, request.number);
      case "L":
        this.list(request);
        return this.zeroAfter(request, changes);
      case "S":
        this.save(request);
        return this.zeroAfter(request, changes);
    }
  }

  private table(request: Request): Table {
    return this.netfilter.table(request.table);
  }

  /** Those that exist. */
  private named(request: Request): readonly Chain[] {
    const { chains } = this.table(request);
    const existing = this.table(request)
      .list()
      .filter(({ name }) => chains.has(name));
    return request.chain === null ? existing : existing.filter(({ name }) => name === request.chain);
  }

  private tellRules(request: Request): void {
    if (request.verbose > 0) for (const spec of request.specs) this.process.print(briefText(spec));
  }

  private tellChains({ verbose }: Request, verb: string, chains: readonly Chain[]): void {
    if (verbose > 0) for (const { name } of chains) this.process.print(`${verb} chain \`${name}'\n`);
  }

  private zeroAfter(request: Request, changes: Changes): void {
    if (!request.zeroes) return;
    const { chain } = request;
    const table = this.table(request);
    if (!table.exists)
      throw refusedByKernel(` CHAIN_ZERO failed (No such file or directory): chain ${chain ?? table.list()[0]!.name}`);
    // Listing brings the built-in chains that are not there yet.
    if (chain === null) table.establishAll();
    else table.establish(chain);
    if (chain === null || table.chain(chain) !== null) changes.zero(chain, request.number);
  }

  private shown(request: Request): readonly Chain[] {
    const { chain, table } = request;
    const chains = this.table(request)
      .list()
      .filter(({ name }) => chain === null || name === chain);
    if (chains.length > 0) return chains;
    throw new Problem(`chain \`${chain}' in table \`${table}' is incompatible, use 'nft' tool.\n`.trimEnd(), 1);
  }

  private list(request: Request): void {
    const format = formatOf(request);
    const shown = this.shown(request);
    // So asks a script whether there is an iptables at all.
    if (this.process.stdout.discards === true) return;
    const texts = shown.map((chain) => {
      const header = request.number > 0 ? "" : headerText(chain, this.table(request).references(chain.name), format);
      const rows = chain.rules.map((rule, i) => rowText(rule, i + 1, format, this.process.machine));
      return header + (request.number > 0 ? rows.slice(request.number - 1, request.number) : rows).join("");
    });
    this.process.print(texts.join("\n"));
  }

  private save(request: Request): void {
    const chains = this.shown(request);
    const counts = request.verbose > 0;
    const number = request.number;
    if (number === 0) for (const chain of chains) this.process.print(`${chainText(chain, counts)}\n`);
    for (const chain of chains)
      for (const [i, { spec, packets, bytes }] of chain.rules.entries()) {
        if (number > 0 && number !== i + 1) continue;
        this.process.print(`${ruleText(chain.name, spec, counts ? `-c ${packets} ${bytes}` : "")}\n`);
      }
  }
}

function chainText({ name, hook, policy, packets, bytes }: Chain, counts: boolean): string {
  if (hook === null) return `-N ${name}`;
  return `-P ${name} ${policy}${counts ? ` -c ${packets} ${bytes}` : ""}`;
}

const formatOf = ({ options, verbose }: Request): ListFormat => ({
  numeric: options.has("n"),
  verbose: verbose > 0,
  exact: options.has("x"),
  lineNumbers: options.has("0"),
});
