/** What a request does to the table, and how the kernel's no is told. */
import { EB_TARGETS, type EbSpec } from "../../../stack/netfilter/ebtables/rule.ts";
import {
  DEEPEST,
  EB_CHAINS,
  type EbChain,
  type EbPolicy,
  type EbTable,
} from "../../../stack/netfilter/ebtables/table.ts";
import { EbProblem, type EbRequest } from "./parse.ts";
import { listText, sortedChains } from "./print.ts";

const NO_CHAIN = "No chain/target/match by that name";
const LONGEST_NAME = 31;

/** Answers what is to be printed. Throws `EbProblem`. */
export function execute(table: EbTable, request: EbRequest): string {
  if (request.table !== "filter") throw new EbProblem(`the table ${request.table} is not modelled, only filter`, 3);
  const { command } = request;
  if (command === "L") return list(table, request);
  if (command === "A" || command === "I" || command === "D") changeRules(table, request, command);
  else if (command === "N" || command === "X" || command === "E") changeChains(table, request, command);
  else if (command === "P") setPolicy(findChain(table, request.chain!), request.word);
  else for (const chain of chainsOf(table, request.chain)) command === "F" ? empty(chain) : zero(chain);
  return "";
}

function list(table: EbTable, { chain, counters, numbers }: EbRequest): string {
  if (chain !== null && table.find(chain) === null) {
    throw new EbProblem(`chain \`${chain}' in table \`filter' is incompatible, use 'nft' tool.\n`, 1);
  }
  return listText(chain === null ? sortedChains(table) : [table.find(chain)!], { counters, numbers });
}

function findChain(table: EbTable, name: string): EbChain {
  const chain = table.find(name);
  if (chain === null) throw new EbProblem(NO_CHAIN, 1);
  return chain;
}

const chainsOf = (table: EbTable, name: string | null): readonly EbChain[] =>
  name === null ? [...table.chains.values()] : [findChain(table, name)];

function empty(chain: EbChain): void {
  chain.rules.length = 0;
}

function zero(chain: EbChain): void {
  for (const rule of chain.rules) {
    rule.packets = 0;
    rule.bytes = 0;
  }
}

function changeRules(table: EbTable, request: EbRequest, command: "A" | "I" | "D"): void {
  const { spec, from } = request;
  judgeDevices(request.chain!, spec);
  judgeTarget(table, spec.target);
  const chain = findChain(table, request.chain!);
  if (command === "D") return removeRules(table, chain, request);
  judgeSpec(chain, spec);
  const at = command === "A" ? chain.rules.length : (from ?? 1) - 1;
  if (at > chain.rules.length) throw new EbProblem("Index of insertion too big", 1);
  if (table.insert(chain, spec, at) === null) return;
  throw new EbProblem(` RULE_APPEND failed (Too many links): chains jump in a circle, or ${DEEPEST} deep\n`, 4);
}

function removeRules(table: EbTable, chain: EbChain, { from, to, spec }: EbRequest): void {
  if (from === null) {
    const refused = table.remove(chain, spec);
    if (refused !== null) throw new EbProblem("Bad rule (does a matching rule exist in that chain?)", 1);
    return;
  }
  if (to! > chain.rules.length) throw new EbProblem("Index of deletion too big", 1);
  // The numbers are those of each moment: of 2:3 the rules that were 2 and 4 go, as with the real one.
  for (let number = from; number <= to!; number++) table.remove(chain, number - 1);
}

function judgeDevices(chain: string, { matches }: EbSpec): void {
  const has = (kind: string): boolean => matches.some((match) => match.kind === kind);
  if (chain === "INPUT" && has("out")) throw new EbProblem("Use -o only in OUTPUT, FORWARD and POSTROUTING chains");
  if (chain === "OUTPUT" && has("in")) {
    throw new EbProblem("Use -i only in INPUT, FORWARD, PREROUTING and BROUTING chains");
  }
}

function judgeTarget(table: EbTable, target: string): void {
  if ((EB_TARGETS as readonly string[]).includes(target)) return;
  const chain = table.find(target);
  if (chain === null || chain.isBuiltIn) throw new EbProblem(`Chain '${target}' does not exist`);
}

/** ebt_ip_mt_check and ebt_arp_mt_check: the protocol must be asked for, and ports only of what has them. */
function judgeSpec(chain: EbChain, { matches }: EbSpec): void {
  const proto = matches.find((match) => match.kind === "proto");
  const isFor = (...types: readonly number[]): boolean =>
    proto !== undefined && !proto.not && "value" in proto && types.includes(proto.value);
  const ip = matches.filter(({ kind }) => kind.startsWith("ip-"));
  const ipProto = ip.find((match) => match.kind === "ip-proto");
  const protocol = ipProto !== undefined && !ipProto.not && "value" in ipProto ? ipProto.value : 0;
  const hasPorts = ip.some(({ kind }) => kind.endsWith("port"));
  const wrong =
    (ip.length > 0 && !isFor(0x0800)) ||
    (hasPorts && ![6, 17, 33, 132, 136].includes(protocol)) ||
    (matches.some(({ kind }) => kind.startsWith("arp-")) && !isFor(0x0806, 0x8035));
  if (wrong) throw new EbProblem(` RULE_APPEND failed (Invalid argument): rule in chain ${chain.name}\n`, 4);
}

function changeChains(table: EbTable, { chain: name, word }: EbRequest, command: "N" | "X" | "E"): void {
  if (command === "E") throw new EbProblem("-E is not modelled");
  if (command === "X") {
    const doomed =
      name === null ? [...table.chains.values()].filter(({ isBuiltIn }) => !isBuiltIn) : [findChain(table, name)];
    for (const chain of doomed) {
      const refused = chain.isBuiltIn || table.destroy(chain) !== null;
      if (refused) throw new EbProblem(` CHAIN_DEL failed (Device or resource busy): chain ${chain.name}\n`, 4);
    }
    return;
  }
  if (name!.length > LONGEST_NAME * 8) throw new EbProblem(`Chain name too long: ${word}`);
  const policy = word === "" ? "ACCEPT" : readPolicy(word);
  if (table.create(name!) !== null) throw new EbProblem("Chain already exists", 1);
  table.find(name!)!.policy = policy;
}

function readPolicy(word: string): EbPolicy {
  if (word === "CONTINUE") throw new EbProblem("Wrong policy 'CONTINUE'");
  if (!/^(ACCEPT|DROP|RETURN)$/.test(word)) throw new EbProblem(`Unknown policy '${word}'`);
  return word as EbPolicy;
}

function setPolicy(chain: EbChain, word: string): void {
  const policy = readPolicy(word);
  if (policy === "RETURN" && (EB_CHAINS as readonly string[]).includes(chain.name)) {
    throw new EbProblem("Policy RETURN only allowed for user defined chains");
  }
  chain.policy = policy;
}
