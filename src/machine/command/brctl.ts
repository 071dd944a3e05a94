/**
 * brctl(8) of bridge-utils 1.7.1: texts, sentences and exit codes byte for byte.
 */
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";
import * as change from "./brctl/change.ts";
import { oldShow, show, showMacs, showStp } from "./brctl/show.ts";

interface Verb {
  readonly name: string;
  /** How many arguments it needs at least. */
  readonly needs: number;
  /** With the tabs of the real help. */
  readonly help: string;
  readonly run: (process: Process, names: readonly string[]) => number;
}

const VERBS: readonly Verb[] = [
  { name: "addbr", needs: 1, help: "<bridge>\t\tadd bridge", run: change.addBr },
  { name: "delbr", needs: 1, help: "<bridge>\t\tdelete bridge", run: change.delBr },
  { name: "addif", needs: 2, help: "<bridge> <device>\tadd interface to bridge", run: change.addIf },
  { name: "delif", needs: 2, help: "<bridge> <device>\tdelete interface from bridge", run: change.delIf },
  { name: "hairpin", needs: 3, help: "<bridge> <port> {on|off}\tturn hairpin on/off", run: change.hairpin },
  { name: "setageing", needs: 2, help: "<bridge> <time>\t\tset ageing time", run: change.setAgeing },
  { name: "setbridgeprio", needs: 2, help: "<bridge> <prio>\t\tset bridge priority", run: change.setBridgePrio },
  { name: "setfd", needs: 2, help: "<bridge> <time>\t\tset bridge forward delay", run: change.setFd },
  { name: "sethello", needs: 2, help: "<bridge> <time>\t\tset hello time", run: change.setHello },
  { name: "setmaxage", needs: 2, help: "<bridge> <time>\t\tset max message age", run: change.setMaxAge },
  { name: "setpathcost", needs: 3, help: "<bridge> <port> <cost>\tset path cost", run: change.setPathCost },
  { name: "setportprio", needs: 3, help: "<bridge> <port> <prio>\tset port priority", run: change.setPortPrio },
  { name: "show", needs: 0, help: "[ <bridge> ]\t\tshow a list of bridges", run: show },
  { name: "showmacs", needs: 1, help: "<bridge>\t\tshow a list of mac addrs", run: showMacs },
  { name: "showstp", needs: 1, help: "<bridge>\t\tshow bridge stp info", run: showStp },
  { name: "stp", needs: 2, help: "<bridge> {on|off}\tturn stp on/off", run: change.stp },
];

const HELP = `Usage: brctl [commands]\ncommands:\n${VERBS.map(({ name, help }) => `\t${name.padEnd(10)}\t${help}\n`).join("")}`;

const OLD_VERBS = VERBS.map((verb) => (verb.name === "show" ? { ...verb, run: oldShow } : verb));

const command = (verbs: readonly Verb[], version: string): Command => ({
  name: "brctl",
  summary: "Ethernet bridge administration.",
  usage: "brctl [commands]",
  options: [
    { flag: "-V, --version", text: "print the version" },
    { flag: "-h, --help", text: "list the commands" },
  ],
  words: VERBS.map(({ name }) => name),
  operands: ["interface"],
  start(process) {
    const words = readWords(process, version);
    if (typeof words === "number") return words;
    const [name, ...names] = words;
    if (name === undefined) return help(process);
    const verb = verbs.find((each) => each.name === name);
    if (verb === undefined) {
      process.error(`never heard of command [${name}]\n`);
      return help(process);
    }
    if (names.length >= verb.needs) return verb.run(process, names);
    process.print(`Incorrect number of arguments for command\nUsage: brctl ${verb.name} ${verb.help}\n`);
    return 1;
  },
});

export const brctl = command(VERBS, "1.7");
/** Of the time of xend: `brctl show` prints its header even when there is no bridge. */
export const oldBrctl = command(OLD_VERBS, "1.5");

function help(process: Process): 1 {
  process.print(HELP);
  return 1;
}

/** getopt_long over all words: the first option answers on the spot, wherever it stands. */
function readWords(process: Process, version: string): string[] | number {
  const operands: string[] = [];
  const words = process.argv.slice(1);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") return [...operands, ...words];
    if (word.length > 1 && word.startsWith("-")) return option(process, word, version);
    operands.push(word);
  }
  return operands;
}

function option(process: Process, word: string, version: string): number {
  if (word === "--help" || word.startsWith("-h")) {
    process.print(HELP);
    return 0;
  }
  if (word === "--version" || word.startsWith("-V")) {
    process.print(`bridge-utils, ${version}\n`);
    return 0;
  }
  const what = word.startsWith("--") ? `unrecognized option '${word}'` : `invalid option -- '${word[1]}'`;
  process.error(`${process.name}: ${what}\nUnknown option '?'\n`);
  return help(process);
}
