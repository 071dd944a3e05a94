/**
 * iptables-restore(8) 1.8.9: reads what iptables-save prints, and changes all or nothing. Follows
 * iptables/xtables-restore.c. Not modelled: other tables than filter, -T, -M.
 */
import type { Netfilter } from "../../../stack/netfilter/netfilter.ts";
import type { Table, TableName } from "../../../stack/netfilter/table.ts";
import type { Command } from "../../command.ts";
import { Errno } from "../../errno.ts";
import { type Process, Program } from "../../process.ts";
import { readShortOptions } from "../../short-options.ts";
import { Changes } from "./change.ts";
import { Execution } from "./execute.ts";
import { parse } from "./parse.ts";
import { Problem, problemText, VERSION } from "./problem.ts";
import type { Request } from "./request.ts";
import { type Block, type ChainLine, type LineParser, RestoreReader, type Step } from "./restore-reader.ts";

const NAME = "iptables-restore";

export const iptablesRestore: Command = {
  name: NAME,
  summary: "Set the rules for packets from a file.",
  usage: "iptables-restore [-c] [-n] [-t] [-v] [-w seconds] [file]",
  options: [
    { flag: "-c", text: "set counters too" },
    { flag: "-n", text: "leave the rules that are there" },
    { flag: "-t", text: "only test" },
    { flag: "-v", text: "say what is done" },
  ],
  operands: ["file"],
  start(process) {
    const { given, operands, problem } = readShortOptions(process.argv.slice(1).map(shortened), "bcvVthnw:W:M:T:");
    if (problem !== null) {
      process.error(`${NAME}: ${problem}\nTry \`${NAME} -h' for more information.\n`);
      return 1;
    }
    const has = (letter: string): boolean => given.some((each) => each.letter === letter);
    if (has("V")) {
      process.print(`${NAME} ${VERSION}\n`);
      return 0;
    }
    for (const letter of ["T", "M", "h"]) if (has(letter)) return process.fail(`option -${letter} is not modelled`);
    const options = { counters: has("c"), keeps: has("n"), tests: has("t"), verbose: has("v") };
    if (operands.length === 0) return new Restore(options);
    const text = process.machine.files.read(operands[0]!, process.cwd);
    if (!(text instanceof Errno)) return restore(process, text, options);
    process.error(`Can't open ${operands[0]}: ${text.text}\n`);
    return 1;
  },
};

const LONGS: readonly (readonly [long: string, short: string])[] = [
  ["--counters", "-c"],
  ["--noflush", "-n"],
  ["--test", "-t"],
  ["--verbose", "-v"],
  ["--version", "-V"],
];
const shortened = (word: string): string => LONGS.find(([long]) => long === word)?.[1] ?? word;

interface RestoreOptions {
  readonly counters: boolean;
  readonly keeps: boolean;
  readonly tests: boolean;
  readonly verbose: boolean;
}

/** Waits for all of stdin. */
class Restore extends Program {
  private readonly options: RestoreOptions;
  private text = "";

  constructor(options: RestoreOptions) {
    super();
    this.options = options;
  }

  start(): void {
    this.inputReady();
  }

  override inputReady(): void {
    for (let text = this.process.stdin.read(); text !== ""; text = this.process.stdin.read()) {
      if (text === null) return this.process.exit(restore(this.process, this.text, this.options));
      this.text += text;
    }
  }
}

function restore(process: Process, text: string, options: RestoreOptions): number {
  const reader = new RestoreReader(text, options.counters, new Lines(process));
  try {
    for (let block = reader.take(); block !== null; block = reader.take()) commit(process, block, reader, options);
    return 0;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    process.error(complaint(problem, reader.line));
    return problem.code;
  }
}

class Lines implements LineParser {
  private readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  parse(words: readonly string[], restored: TableName): Request | null {
    const { process } = this;
    const around = { machine: process.machine, restored, warn: (text: string) => process.error(text) };
    const parsed = parse(words, around);
    return parsed === "version" || parsed === "help" ? null : parsed;
  }
}

/** With the number of the line, wherever the tool puts it. */
function complaint(problem: Problem, line: number): string {
  const text = problemText(problem, NAME);
  if (problem.advice === "try") return text.replace(/^Try /m, `Error occurred at line: ${line}\nTry `);
  if (problem.code === 4) return text.replace(`${VERSION}:  `, `${VERSION}: \nline ${line}: `);
  if (problem.message.startsWith(NAME)) return `${problem.message}\n`;
  const sentence = problem.message.replace(/^iptables: /, "").replace(/ Run `dmesg' for more information\.$/, "");
  return `${NAME}: line ${line} failed: ${sentence}\n`;
}

function commit(process: Process, block: Block, reader: RestoreReader, options: RestoreOptions): void {
  const execution = new Execution(process);
  const { netfilter } = process.machine.net;
  const before = netfilter.table(block.table).copy();
  execution.whole(block.table, () => {
    if (!options.keeps) clear(netfilter.table(block.table));
    for (const step of block.steps) carryOut(step, execution, netfilter, reader, block, options);
  });
  if (options.tests) netfilter.changed(before);
}

function carryOut(
  step: Step,
  execution: Execution,
  netfilter: Netfilter,
  reader: RestoreReader,
  block: Block,
  options: RestoreOptions,
): void {
  reader.line = step.line;
  try {
    if (step.kind === "chain") setChain(netfilter, block.table, step);
    else {
      if (options.verbose) step.request.verbose = 1;
      execution.run(step.request);
    }
  } catch (problem) {
    // Words are looked at again when all is committed.
    if (problem instanceof Problem && problem.advice === "try") reader.line = block.line;
    throw problem;
  }
  reader.line = block.line;
}

function setChain(netfilter: Netfilter, tableName: TableName, { name, policy, packets, bytes }: ChainLine): void {
  const table = netfilter.table(tableName);
  const changes = new Changes(table, netfilter);
  if (!table.isBuiltIn(name)) {
    if (table.chain(name) === null) changes.create(name);
    else changes.flush(name);
    return;
  }
  const chain = table.establish(name)!;
  if (policy === "-") return;
  changes.setPolicy(name, policy);
  chain.packets = packets;
  chain.bytes = bytes;
}

function clear(table: Table): void {
  table.chains.clear();
  table.exists = false;
}
