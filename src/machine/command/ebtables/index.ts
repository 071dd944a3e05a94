/**
 * ebtables(8), ebtables-save and ebtables-restore of Debian 12 (1.8.9, nf_tables): the table filter of the host's bridges.
 * A restore file is read whole before anything is changed.
 */

import { EbTable } from "../../../stack/netfilter/ebtables/table.ts";
import { formatDate } from "../../calendar.ts";
import type { Command } from "../../command.ts";
import { helpText } from "../../options.ts";
import { type Process, Program } from "../../process.ts";
import { execute } from "./execute.ts";
import { EbProblem, parseWords } from "./parse.ts";
import { saveText } from "./print.ts";

const TITLE = "ebtables v1.8.9 (nf_tables)";

/** The kernel's own word has one form, the tool's another; what the words do wrong points to help. */
function tell(process: Process, { message, code }: EbProblem): number {
  if (code === 2) {
    process.error(`${TITLE}: ${message}\nTry \`ebtables -h' or 'ebtables --help' for more information.\n`);
  } else if (code === 3) process.error(`${TITLE}: ${message}\n`);
  else process.error(message.endsWith("\n") ? `${TITLE}: ${message}` : `ebtables: ${message}\n`);
  return code;
}

function attempt(process: Process, run: () => number): number {
  try {
    return run();
  } catch (error) {
    if (error instanceof EbProblem) return tell(process, error);
    throw error;
  }
}

export const ebtables: Command = {
  name: "ebtables",
  summary: "Filter the frames on bridges.",
  usage: "ebtables -[ADI] chain rule-specification | -P chain target | -[LFZNX] [chain]",
  options: [
    { flag: "-A chain", text: "append a rule" },
    { flag: "-I chain [number]", text: "insert a rule" },
    { flag: "-D chain number|rule", text: "delete a rule" },
    { flag: "-L [chain]", text: "list; --Lc with counters, --Ln with numbers" },
    { flag: "-F [chain]", text: "delete all rules" },
    { flag: "-N chain", text: "make a chain" },
    { flag: "-X [chain]", text: "delete a chain" },
    { flag: "-P chain ACCEPT|DROP", text: "set the policy" },
    { flag: "-Z [chain]", text: "zero the counters" },
    { flag: "-p [!] proto", text: "IPv4, ARP, 802_1Q, LENGTH or hexadecimal; then --ip-... and --arp-..." },
    { flag: "-s, -d [!] MAC[/mask]", text: "addresses" },
    { flag: "-i, -o [!] name[+]", text: "ports; --logical-in, --logical-out bridges" },
    { flag: "-j target", text: "ACCEPT, DROP, CONTINUE, RETURN or a chain" },
  ],
  start: (process) =>
    attempt(process, () => {
      const words = process.argv.slice(1);
      if (words.length === 0) {
        process.print(helpText(ebtables));
        return 0;
      }
      const request = parseWords(words);
      if (request.command === "V") process.print("ebtables 1.8.9 (nf_tables)\n");
      else if (request.command === "h") process.print(helpText(ebtables));
      else {
        const { ebtables: kernel } = process.machine.net;
        process.print(execute(kernel.filter, request));
        kernel.changed();
      }
      return 0;
    }),
};

export const ebtablesSave: Command = {
  name: "ebtables-save",
  summary: "Print the rules of ebtables so that ebtables-restore can read them.",
  usage: "ebtables-save [-c]",
  options: [{ flag: "-c", text: "with counters" }],
  start(process) {
    const { net, clockSeconds } = process.machine;
    process.print(
      saveText(net.ebtables.filter, process.argv.includes("-c"), formatDate("%a %b %e %H:%M:%S %Y", clockSeconds)),
    );
    return 0;
  },
};

/** Waits for all of stdin, then makes a whole table of it, or none. */
class Restore extends Program {
  private text = "";

  start(): void {
    this.inputReady();
  }

  override inputReady(): void {
    for (let text = this.process.stdin.read(); text !== ""; text = this.process.stdin.read()) {
      if (text === null) return this.process.exit(attempt(this.process, () => this.restore()));
      this.text += text;
    }
  }

  private restore(): number {
    const table = new EbTable();
    for (const [i, line] of this.text.split("\n").entries()) takeLine(table, line.trim(), i + 1);
    this.process.machine.net.ebtables.changed(table);
    return 0;
  }
}

/** Words between blanks; quotes keep them together. */
const wordsOf = (line: string): string[] =>
  (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"(.*)"$/, "$1"));

function takeLine(table: EbTable, line: string, number: number): void {
  if (line === "" || line.startsWith("#") || line === "*filter" || line === "COMMIT") return;
  const chain = /^:(\S+) (\S+)$/.exec(line);
  if (chain !== null) {
    table.create(chain[1]!);
    execute(table, parseWords(["-P", chain[1]!, chain[2]!]));
  } else if (line.startsWith("-")) execute(table, parseWords(wordsOf(line)));
  else if (line.startsWith("*")) throw new EbProblem(`the table ${line.slice(1)} is not modelled, only filter`, 3);
  else throw new EbProblem(`line ${number} makes no sense: ${line}`);
}

export const ebtablesRestore: Command = {
  name: "ebtables-restore",
  summary: "Replace the rules of ebtables by those read from stdin.",
  usage: "ebtables-restore < FILE",
  start: () => new Restore(),
};
