/**
 * ip6tables(8) and arptables(8) of Debian 12 (1.8.9, nf_tables), as far as scripts look: IPv6 is not modelled and ARP meets
 * no arptables hooks here, so there are no rules, and every policy is ACCEPT. Whatever would change that is refused.
 */
import { hookNames } from "../../stack/hooks.ts";
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";

const [PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING] = hookNames;

const CHAINS: Readonly<Record<string, readonly string[]>> = {
  raw: [PREROUTING, OUTPUT],
  mangle: [PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING],
  nat: [PREROUTING, INPUT, OUTPUT, POSTROUTING],
  filter: [INPUT, FORWARD, OUTPUT],
};

const HEADING = "target     prot opt source               destination         \n";
const VERBOSE_HEADING = " pkts bytes target     prot opt in     out     source               destination         \n";

/** What the words ask for; null: more than looking. */
interface Look {
  readonly table: string;
  readonly what: "list" | "rules" | "version";
  readonly chain: string | null;
  readonly verbose: boolean;
  readonly numbered: boolean;
}

/** Letters that only say how to show. */
const STYLE = /^[nvx]*$/;

function lookOf(words: readonly string[]): Look | null {
  let look: Omit<Look, "what"> & { readonly what: Look["what"] | null } = {
    ...{ table: "filter", what: null, chain: null, verbose: false, numbered: false },
  };
  const left = [...words];
  for (let word = left.shift(); word !== undefined && look.what !== "version"; word = left.shift()) {
    const more = readWord(word, left);
    if (more === null) return null;
    look = { ...look, ...more };
  }
  const { what } = look;
  return what === null ? null : { ...look, what };
}

/** What a word adds; its value may be the next of those that are left. */
function readWord(word: string, left: string[]): Partial<Look> | null {
  if (word === "-w" || word === "--wait" || word === "--numeric") return {};
  if (word === "-t" || word === "--table") return { table: left.shift() ?? "" };
  if (word === "--line-numbers") return { numbered: true };
  if (word === "-V" || word === "--version") return { what: "version" };
  const kind = kindOf(word);
  if (kind === null) return null;
  const verbose = kind.verbose ? { verbose: true } : {};
  if (kind.what === null) return verbose;
  return { ...verbose, what: kind.what, ...(left[0]?.startsWith("-") === false ? { chain: left.shift()! } : {}) };
}

function kindOf(word: string): { readonly what: "list" | "rules" | null; readonly verbose: boolean } | null {
  if (word === "--list") return { what: "list", verbose: false };
  if (word === "--list-rules") return { what: "rules", verbose: false };
  if (!/^-[a-zA-Z]+$/.test(word)) return null;
  const letters = word.slice(1);
  const style = letters.replace(/[LS]/, "");
  if (!STYLE.test(style) || (letters.match(/[LS]/g) ?? []).length > 1) return null;
  const what = letters.includes("L") ? "list" : letters.includes("S") ? "rules" : null;
  return { what, verbose: style.includes("v") };
}

/** Scripts flush and set policies before they begin; that there is nothing to flush is no reason to stop them. */
const changesNothing = (words: readonly string[]): boolean =>
  words.some((word) => /^(-F|--flush|-X|--delete-chain|-Z|--zero)$/.test(word)) ||
  words.some((word, i) => /^(-P|--policy)$/.test(word) && words[i + 2] === "ACCEPT");

function show6(process: Process, look: Look): number {
  if (look.what === "version") {
    process.print("ip6tables v1.8.9 (nf_tables)\n");
    return 0;
  }
  const all = CHAINS[look.table];
  if (all === undefined) return process.fail(`ip6tables v1.8.9 (nf_tables): table '${look.table}' does not exist`, 3);
  const chains = look.chain === null ? all : all.filter((name) => name === look.chain);
  if (chains.length === 0) return process.fail("No chain/target/match by that name.");
  const counts = look.verbose ? " 0 packets, 0 bytes" : "";
  const number = look.numbered ? "num  " : "";
  process.print(
    look.what === "rules"
      ? chains.map((name) => `-P ${name} ACCEPT${look.verbose ? " -c 0 0" : ""}\n`).join("")
      : chains
          .map((name) => `Chain ${name} (policy ACCEPT${counts})\n${number}${look.verbose ? VERBOSE_HEADING : HEADING}`)
          .join("\n"),
  );
  return 0;
}

export const ip6tables: Command = {
  name: "ip6tables",
  summary: "Show that there are no IPv6 rules; IPv6 is not modelled.",
  usage: "ip6tables [-t table] -L|-S [-nvx]",
  options: [
    { flag: "-L, --list", text: "list the rules" },
    { flag: "-S, --list-rules", text: "print the rules" },
    { flag: "-n, --numeric", text: "numbers in place of names" },
    { flag: "-v, --verbose", text: "with counters" },
    { flag: "-t, --table=TABLE", text: "filter, nat, mangle or raw" },
  ],
  start(process) {
    const words = process.argv.slice(1);
    const look = lookOf(words);
    if (look !== null) return show6(process, look);
    if (changesNothing(words)) return 0;
    return process.fail("IPv6 is not modelled; there is nothing that IPv6 rules could hold for");
  },
};

/** With no table in use the real one prints nothing. */
export const ip6tablesSave: Command = {
  name: "ip6tables-save",
  summary: "Print nothing: there are no IPv6 rules; IPv6 is not modelled.",
  usage: "ip6tables-save",
  start: () => 0,
};

export const ip6tablesRestore: Command = {
  name: "ip6tables-restore",
  summary: "Not modelled, as IPv6 is not.",
  usage: "ip6tables-restore",
  start: (process) => process.fail("IPv6 is not modelled; there is nothing that IPv6 rules could hold for"),
};

export const arptables: Command = {
  name: "arptables",
  summary: "Show that there are no ARP rules; ebtables -p ARP filters it on bridges.",
  usage: "arptables -L [-nv]",
  options: [
    { flag: "-L, --list", text: "list the rules" },
    { flag: "-n, --numeric", text: "numbers in place of names" },
    { flag: "-v, --verbose", text: "with counters" },
  ],
  start(process) {
    const words = process.argv.slice(1);
    const look = lookOf(words);
    if (look?.what === "version") process.print("arptables v1.8.9 (nf_tables)\n");
    else if (look !== null) {
      const counts = look.verbose ? " 0 packets, 0 bytes" : "";
      process.print([INPUT, OUTPUT].map((name) => `Chain ${name} (policy ACCEPT${counts})\n`).join("\n"));
    } else if (!changesNothing(words)) return process.fail("ARP rules are not modelled; on a bridge: ebtables -p ARP");
    return 0;
  },
};

export const arptablesSave: Command = {
  name: "arptables-save",
  summary: "Print nothing: there are no ARP rules.",
  usage: "arptables-save",
  start: () => 0,
};
