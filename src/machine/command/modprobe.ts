/**
 * modprobe(8) of kmod 30: what the machines of a lab can do is there or comes when it is used, so it is asked for in vain;
 * br_netfilter is the one that changes something by being loaded. Not modelled: parameters, unloading.
 */
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";
import { readShortOptions } from "../short-options.ts";
import { MODULES } from "./lsmod.ts";

export const modprobe: Command = {
  name: "modprobe",
  summary: "Add a module to the kernel.",
  usage: "modprobe [-nqv] MODULE | modprobe -a [-nqv] MODULE...",
  options: [
    { flag: "-a", text: "every word is a module" },
    { flag: "-n", text: "do nothing" },
    { flag: "-q", text: "do not complain about a module that is not there" },
    { flag: "-v", text: "say more (there is nothing more to say)" },
  ],
  operands: ["text"],
  start,
};

/** Beside those of lsmod: netfilter's, whose tables and extensions come with the first rule, and netloop of Xen 3. */
const BUILT_IN =
  /^(x_tables|(ip|arp|eb)_tables|nf_(conntrack|nat|tables)|nf_defrag_ipv4|(ip|eb)table_(filter|nat|mangle|raw|broute)|xt_\w+|ipt_\w+|netloop)$/;

function start(process: Process): number {
  const { given, operands, problem } = readShortOptions(process.argv.slice(1), "anqv");
  if (problem !== null) return process.fail(problem);
  const has = (letter: string): boolean => given.some((option) => option.letter === letter);
  if (operands.length === 0) {
    process.error("modprobe: ERROR: missing parameters. See -h.\n");
    return 1;
  }
  const names = has("a") ? operands : operands.slice(0, 1);
  const missing = names.filter((name) => !isThere(name));
  if (!has("n") && missing.length < names.length && names.some((name) => underscored(name) === "br_netfilter"))
    process.machine.net.netfilter.bridgeCall.load();
  const word = has("a") ? "WARNING" : "FATAL";
  for (const name of has("q") ? [] : missing)
    process.error(`modprobe: ${word}: Module ${name} not found in directory /lib/modules/${process.machine.release}\n`);
  return missing.length === 0 ? 0 : 1;
}

const underscored = (name: string): string => name.replaceAll("-", "_");

const isThere = (name: string): boolean =>
  BUILT_IN.test(underscored(name)) || MODULES.some((module) => module.name === underscored(name));
