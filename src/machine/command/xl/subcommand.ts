/**
 * What a subcommand of xl is, how its options are read and how it finds a domain: cmd_spec, def_getopt and find_domain
 * of xl.h and xl_utils.c, Xen 4.17.
 */
import type { Domain } from "../../../xen/hypervisor.ts";
import { type Given, getopt } from "../../getopt.ts";
import type { Process, Program } from "../../process.ts";
import type { XenHost } from "../../xen-host.ts";

export interface Subcommand {
  readonly name: string;
  readonly summary: string;
  /** Behind the name, as help shows it. */
  readonly usage: string;
  /** The text under "Options:", or none. */
  readonly options?: string;
  /** As getopt wants them. */
  readonly letters?: string;
  readonly longs?: Readonly<Record<string, string>>;
  /** Operands it cannot do without. */
  readonly required?: number;
  /** Changes the host (-f), and knows a dry run (-N). */
  readonly modifies?: boolean;
  readonly canDryRun?: boolean;
  run(call: XlCall): Program | number;
}

/** One call of a subcommand: options and operands read, nothing done yet. */
export class XlCall {
  readonly process: Process;
  readonly xen: XenHost;
  readonly given: readonly Given[];
  readonly operands: readonly string[];

  constructor(process: Process, xen: XenHost, given: readonly Given[], operands: readonly string[]) {
    this.process = process;
    this.xen = xen;
    this.given = given;
    this.operands = operands;
  }

  has(letter: string): boolean {
    return this.given.some((each) => each.letter === letter);
  }

  /** Prints a sentence of xl's on stderr; returns `code`. */
  fail(sentence: string, code = 1): number {
    this.process.error(`${sentence}\n`);
    return code;
  }

  /** An option of the real xl that this one does not have. */
  notModelled(what: string): number {
    return this.fail(`xl: ${what} is not modelled`);
  }

  /** find_domain: digits are an id whether there is such a domain or not; null after an error was printed. */
  domid(word: string): number | null {
    if (/^\d+$/.test(word)) return Number(word);
    const domain = this.xen.hypervisor.byName(word);
    if (domain !== null) return domain.id;
    this.fail(`${word} is an invalid domain identifier (rc=-6)`);
    return null;
  }

  domain(domid: number): Domain | null {
    return this.xen.hypervisor.find(domid);
  }
}

export function helpOf(command: Subcommand): string {
  const flags = `${command.modifies === true ? "f" : ""}${command.canDryRun === true ? "N" : ""}`;
  const options = command.options === undefined ? "" : `Options:\n\n${command.options}\n`;
  return `Usage: xl [-vtT${flags}] ${command.name} ${command.usage}\n\n${command.summary}.\n\n${options}`;
}

const HELP = { help: "h" };

/** SWITCH_FOREACH_OPT. `words` stand behind the subcommand's name. */
export function call(process: Process, xen: XenHost, command: Subcommand, words: readonly string[]): Program | number {
  const longs = command.longs === undefined ? HELP : { ...command.longs, ...HELP };
  const { given, operands, unknown } = getopt(words, `h${command.letters ?? ""}`, longs);
  if (given.some((each) => each.letter === "h")) {
    process.print(helpOf(command));
    return 0;
  }
  if (unknown[0] !== undefined) {
    process.error(`option \`${unknown[0].letter}' not supported.\n`);
    return 2;
  }
  const required = command.required ?? 0;
  if (operands.length < required) {
    process.error(`'xl ${command.name}' requires at least ${required} argument${required > 1 ? "s" : ""}.\n\n`);
    process.print(helpOf(command));
    return 2;
  }
  return command.run(new XlCall(process, xen, given, operands));
}
