/**
 * What a subcommand of xm is, how its arguments are counted and how it fails: arg_check, usage, err and _run_cmd of
 * main.py. Errors go to stderr, usage to stdout, as there.
 */
import type { Domain } from "../../../xen/hypervisor.ts";
import { type Process, Program } from "../../process.ts";
import type { XenHost } from "../../xen-host.ts";
import type { Task, TaskOwner } from "../../xend/task.ts";
import type { Xend, XendClient } from "../../xend/xend.ts";
import { FORMATS, type XmFormat } from "./format.ts";

export interface Subcommand {
  readonly name: string;
  /** Behind the name, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  /** Options with their texts, as help shows them. */
  readonly options?: readonly (readonly [flags: string, text: string])[];
  /** How many arguments; without it the subcommand sees to that itself. */
  readonly arguments?: (format: XmFormat) => readonly [least: number, most: number];
  run(call: XmCall): Program | number;
}

export class XmCall {
  readonly process: Process;
  readonly xen: XenHost;
  readonly xend: Xend;
  /** The subcommand's name. */
  readonly name: string;
  private readonly usageText: string;
  readonly args: readonly string[];

  constructor(process: Process, xen: XenHost, xend: Xend, subcommand: Subcommand, args: readonly string[]) {
    this.process = process;
    this.xen = xen;
    this.xend = xend;
    this.args = args;
    this.name = subcommand.name;
    this.usageText = usageOf(subcommand, this.format);
  }

  get format(): XmFormat {
    return FORMATS[this.xend.context.era.name];
  }

  /** err and sys.exit(1) */
  fail(sentence: string, code = 1): number {
    this.process.error(`Error: ${sentence}\n`);
    return code;
  }

  /** An error, and how the subcommand is to be used. */
  misuse(sentence: string): number {
    this.fail(sentence);
    return this.usage();
  }

  usage(): number {
    this.process.print(this.usageText);
    return 1;
  }

  /** An exception of xend's. */
  fault(sentence: string): number {
    return this.format.faultShowsUsage ? this.misuse(sentence) : this.fail(sentence);
  }

  noDomain(word: string): number {
    return this.fail(this.format.noDomain(word, this.name), this.format.noDomainCode);
  }

  /** An option of the real xm that this one does not have. */
  notModelled(what: string): number {
    this.process.error(`xm: ${what} is not modelled\n`);
    return 1;
  }

  /** domain_lookup_nr: a name, or else an id. */
  domain(word: string): Domain | null {
    const { hypervisor } = this.xen;
    return hypervisor.byName(word) ?? (/^\d+$/.test(word) ? hypervisor.find(Number(word)) : null);
  }
}

/** A subcommand that waits for xend. */
export abstract class XmProgram extends Program implements TaskOwner, XendClient {
  protected readonly call: XmCall;

  constructor(call: XmCall) {
    super();
    this.call = call;
  }

  start(): void {
    this.call.xend.clients.add(this);
    this.begin();
  }

  override ended(): void {
    this.call.xend.clients.delete(this);
  }

  connectionLost(): void {
    this.process.exit(this.call.fail(this.call.format.noConnection("Connection reset by peer")));
  }

  /** xend goes on without an xm that was interrupted. */
  taskDone(task: Task, error: string | null): void {
    if (!this.process.hasEnded) this.answered(task, error);
  }

  protected abstract begin(): void;
  protected abstract answered(task: Task, error: string | null): void;
}

export function usageOf(command: Subcommand, format: XmFormat): string {
  if (format.isHelpBrief) return `   ${line(command, 33)}\n`;
  const options = (command.options ?? []).map(([flags, text]) => `  ${flags.padEnd(30)} ${text.padEnd(43)}\n`);
  const end = options.length === 0 ? "" : `${options.join("")}\n`;
  return `Usage: xm ${command.name} ${command.usage}\n\n${command.summary}\n${end}`;
}

/** 3.0: name, arguments and summary on one line. */
export const line = ({ name, usage, summary }: Subcommand, width: number): string =>
  `${`${name} ${usage}`.padEnd(width)}${summary.replace(/\.$/, "")}`;

/** arg_check */
export function countError(command: Subcommand, format: XmFormat, count: number): string | null {
  const [least, most] = command.arguments?.(format) ?? [0, Number.POSITIVE_INFINITY];
  if (count >= least && count <= most) return null;
  const wanted =
    least === most ? `${least} argument${least === 1 ? "" : "s"}` : `between ${least} and ${most} arguments`;
  return `'xm ${command.name}' requires ${wanted}.\n`;
}
