/**
 * iptables(8) 1.8.9 with the nf_tables backend, as Debian 12 has it. Follows iptables/xtables.c.
 * Not modelled, and said so: the table security, other matches and targets than those in `match/` and `target/`, what
 * -vv and -vvv print more than -v.
 */
import type { Command } from "../../command.ts";
import type { Process } from "../../process.ts";
import { Execution } from "./execute.ts";
import { MATCH_NAMES } from "./match/index.ts";
import { Help, parse } from "./parse.ts";
import { Problem, problemText, VERSION } from "./problem.ts";
import { TARGET_NAMES } from "./target/index.ts";

/** For completion. */
const WORDS = [
  ...["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  ...["raw", "mangle", "nat", "filter"],
  ...["ACCEPT", "DROP", "RETURN", ...TARGET_NAMES],
  ...MATCH_NAMES,
  ...["tcp", "udp", "icmp"],
];

export const iptables: Command = {
  name: "iptables",
  summary: "Show and change the rules for packets.",
  usage: "iptables -[ACD] chain rule-specification [options]",
  options: [
    { flag: "-t table", text: "raw, mangle, nat or filter, which it is unless told" },
    { flag: "-A", text: "append a rule to a chain" },
    { flag: "-I", text: "insert a rule into a chain" },
    { flag: "-D", text: "delete a rule" },
    { flag: "-R", text: "replace a rule" },
    { flag: "-C", text: "check for a rule" },
    { flag: "-L", text: "list the rules" },
    { flag: "-S", text: "print the rules as commands" },
    { flag: "-F", text: "delete all rules of a chain" },
    { flag: "-Z", text: "zero counters" },
    { flag: "-N", text: "make a chain" },
    { flag: "-X", text: "delete a chain" },
    { flag: "-E", text: "rename a chain" },
    { flag: "-P", text: "set a chain's policy" },
    { flag: "-n", text: "print numbers, not names" },
    { flag: "-v", text: "print counters and devices" },
    { flag: "-x", text: "print exact counters" },
    { flag: "--line-numbers", text: "print the rules' numbers" },
  ],
  words: WORDS,
  operands: ["text"],
  misuse: 2,
  start(process) {
    try {
      return run(process);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      process.error(problemText(problem, "iptables"));
      return problem.code;
    }
  },
};

function run(process: Process): number {
  const { machine } = process;
  const parsed = parse(process.argv.slice(1), { machine, restored: null, warn: (text) => process.error(text) });
  if (parsed === "version") process.print(`iptables ${VERSION}\n`);
  else if (parsed instanceof Help) process.print(parsed.text);
  else {
    new Execution(process).wholly(parsed);
  }
  return 0;
}
