/** What iptables looks at when all of a command line has been read: generic_opt_check and the end of do_parse. */
import type { TableName } from "../../../stack/netfilter/table.ts";
import { notModelled, upgrade, wrong } from "./problem.ts";
import type { CommandLetter, Request } from "./request.ts";
import { isTargetName } from "./target/index.ts";
import { readNumber } from "./values.ts";

/** XT_EXTENSION_MAXNAMELEN */
export const MAX_CHAIN = 29;
const MAX_NUMBER = 0xffff_ffff;
/** In the order in which a wrong one is looked for. */
const OPTION_ORDER = ["n", "s", "d", "p", "j", "v", "x", "i", "o", "0", "c", "f"];
/** commands_v_options: which options each command may have. */
const ALLOWED: Readonly<Record<CommandLetter, string>> = {
  I: "sdpjviocf",
  D: "sdpjviof",
  "#": "v",
  R: "sdpjviocf",
  A: "sdpjviocf",
  L: "nvx0",
  F: "v",
  Z: "v",
  N: "v",
  X: "v",
  P: "vc",
  E: "v",
  S: "v",
  C: "sdpjviof",
};
/** In the order in which iptables-save prints them: enum nft_table_type. */
export const TABLES: readonly TableName[] = ["mangle", "raw", "filter", "nat"];

export function ruleNumber(word: string): number {
  const number = readNumber(word, MAX_NUMBER);
  if (number === null || number === 0) throw wrong(`Invalid rule number \`${word}'`);
  return number;
}

export function checkNewName(name: string): void {
  if (/^[-!]/.test(name)) throw wrong(`chain name not allowed to start with \`${name.charAt(0)}'`);
  if (name === "" || isTargetName(name)) throw wrong("chain name may not clash with target name");
  if (/\s/.test(name)) throw wrong(`Invalid chain name \`${name}'`);
}

/** generic_opt_check */
export function checkOptions({ options }: Request, command: CommandLetter): void {
  const illegal = OPTION_ORDER.find((each) => options.has(each) && !ALLOWED[command].includes(each));
  if (illegal !== undefined) throw wrong(`Illegal option \`-${illegal}' with this command`);
}

export function checkChain({ chain, options }: Request, command: CommandLetter): void {
  if (chain !== null && chain.length >= MAX_CHAIN)
    throw wrong(`chain name \`${chain}' too long (must be under ${MAX_CHAIN} chars)`);
  if (!/[A#DIRC]/.test(command)) return;
  if ((chain === "PREROUTING" || chain === "INPUT") && options.has("o")) throw wrong(`Can't use -o with ${chain}\n`);
  if ((chain === "POSTROUTING" || chain === "OUTPUT") && options.has("i")) throw wrong(`Can't use -i with ${chain}\n`);
}

/** nft's own form of tcp and udp asks for their protocol; they keep the old form while they have no question. */
export function checkProtocols({ matches, protocol }: Request): void {
  for (const match of matches) {
    if (match.kind !== "tcp" && match.kind !== "udp") continue;
    const { kind, source, destination } = match;
    const hasQuestion = source !== null || destination !== null || (kind === "tcp" && match.flags !== null);
    if (hasQuestion && protocol?.number !== (kind === "tcp" ? 6 : 17))
      throw wrong(`${kind.toUpperCase()} match requires '-p ${kind}'`);
  }
}

export function tableNamed(name: string): TableName {
  const known = TABLES.find((each) => each === name);
  if (known !== undefined) return known;
  throw name === "security" ? notModelled("table security") : upgrade(`table '${name}' does not exist`);
}
