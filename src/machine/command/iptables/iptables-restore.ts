/**
 * iptables-restore(8) 1.8.9: reads what iptables-save prints. Follows
 * iptables/xtables-restore.c. What a COMMIT ends is
 * whole or not there; blocks before it stay. Not modelled: -M.
 */
import type { Netfilter } from "../../../stack/netfilter/netfilter.ts";
import type { Table, TableName } from "../../../stack/netfilter/table.ts";
import type { Command } from "../../command.ts";
import { Errno } from "../../errno.ts";
import { getopt } from "../../getopt.ts";
import { type Process, Program } from "../../process.ts";
import { Changes } from "./change.ts";
import { Execution } from "./execute.ts";
import { parse } from "./parse.ts";
import { Problem, problemText, VERSION } from "./problem.ts";
import { Request } from "./request.ts";
import { type Block, type ChainLine, type LineParser, RestoreReader, type Step } from "./restore-reader.ts";

const NAME = "iptables-restore";

export const iptablesRestore: Command = {
  name: NAME,
  summary: "Set the rules for packets from a file.",
  usage: "iptables-restore [-c] [-n] [-t] [-v] [-T table] [-w seconds] [file]",
  options: [
    { flag: "-c", text: "set counters too" },
    { flag: "-n", text: "leave the rules that are there" },
    { flag: "-t", text: "only test" },
    { flag: "-v", text: "say what is done" },
    { flag: "-T table", text: "only this table" },
  ],
  operands: ["file"],
  start(process) {
    const { given, operands, unknown } = getopt(withoutWaits(process.argv.slice(1)), "bcvVthnM:T:", LONGS);
    const [fault] = unknown;
    if (fault !== undefined) {
      process.error(`${NAME}: ${fault.sentence}\nTry \`${NAME} -h' for more information.\n`);
      return 1;
    }
    const has = (letter: string): boolean => given.some((each) => each.letter === letter);
    if (has("V")) process.print(`${NAME} ${VERSION}\n`);
    if (has("h")) process.error(USAGE);
    if (has("V") || has("h")) return 0;
    const options: RestoreOptions = {
      counters: has("c"),
      keeps: has("n"),
      tests: has("t"),
      verbose: given.filter(({ letter }) => letter === "v").length,
      table: given.findLast(({ letter }) => letter === "T")?.value ?? null,
    };
    return begin(process, operands, options);
  },
};

const LONGS: Readonly<Record<string, string>> = {
  counters: "c",
  verbose: "v",
  version: "V",
  test: "t",
  help: "h",
  noflush: "n",
  modprobe: "M",
  table: "T",
};

/** There is nobody to wait for; a word behind -w is its seconds, whatever it looks like. */
function withoutWaits(words: readonly string[]): string[] {
  const isWait = (word: string | undefined): boolean => /^(-[wW]|--wait|--wait-interval)$/.test(word ?? "");
  return words.filter((word, i) => {
    if (isWait(word) || /^(-[wW]\d|--wait(-interval)?=)/.test(word)) return false;
    return !isWait(words[i - 1]) || /^[-!]/.test(word);
  });
}

const USAGE = `Usage: ${NAME} [-c] [-v] [-V] [-t] [-h] [-n] [-T table] [-M command] [-4] [-6] [file]
\t   [ --counters ]
\t   [ --verbose ]
\t   [ --version]
\t   [ --test ]
\t   [ --help ]
\t   [ --noflush ]
\t   [ --table=<TABLE> ]
\t   [ --modprobe=<command> ]
\t   [ --ipv4 ]
\t   [ --ipv6 ]
`;

interface RestoreOptions {
  readonly counters: boolean;
  readonly keeps: boolean;
  /** Lines are read, nothing is changed. */
  readonly tests: boolean;
  readonly verbose: number;
  /** Only this one. */
  readonly table: string | null;
}

function begin(process: Process, operands: readonly string[], options: RestoreOptions): Program | number {
  const [file, ...more] = operands;
  if (file === undefined) return new Restore(options);
  if (more.length > 0) {
    process.error("Unknown arguments found on commandline\n");
    return 1;
  }
  const text = process.machine.files.read(file, process.cwd);
  if (!(text instanceof Errno)) return restore(process, text, options);
  process.error(`Can't open ${file}: ${text.text}\n`);
  return 1;
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
  const reader = new RestoreReader(text, options, new Lines(process));
  try {
    for (let block = reader.take(); block !== null; block = reader.take())
      if (!options.tests) commit(process, block, reader, options);
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

  tell(text: string): void {
    this.process.print(text);
  }

  parse(words: readonly string[], restored: TableName): Request | null {
    const { process } = this;
    const around = { machine: process.machine, restored, warn: (text: string) => process.error(text) };
    const parsed = parse(words, around);
    return parsed instanceof Request ? parsed : null;
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
  execution.whole(block.table, () => {
    if (!options.keeps) clear(execution, netfilter.table(block.table), options);
    for (const step of block.steps) carryOut(step, execution, netfilter, reader, block, options);
  });
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
      if (!options.keeps) step.request.verbose += options.verbose;
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

/** With -v it is done by commands that tell, and policies stay. */
function clear(execution: Execution, table: Table, { verbose }: RestoreOptions): void {
  if (verbose === 0) {
    table.chains.clear();
    table.exists = false;
    return;
  }
  for (const command of ["F", "X"] as const) {
    const request = new Request();
    request.table = table.name;
    request.command = command;
    request.verbose = verbose;
    execution.run(request);
  }
}
