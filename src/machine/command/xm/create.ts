/** xm create: create.py and load_defconfig of opts.py. Not modelled: -c, -n, SXP and XML configurations. */

import { EISDIR, Errno } from "../../errno.ts";
import { getopt } from "../../getopt.ts";
import type { Program } from "../../process.ts";
import { CreateDomain } from "../../xend/create-domain.ts";
import type { ManagedDomain } from "../../xend/managed-domain.ts";
import type { DomainSettings } from "../../xend/settings.ts";
import type { Task } from "../../xend/task.ts";
import { WaitForVifs } from "../../xend/vif-tasks.ts";
import { readDomainFile } from "./domain-file.ts";
import { pythonSentence } from "./list.ts";
import { type Subcommand, type XmCall, XmProgram } from "./subcommand.ts";

export const create: Subcommand = {
  name: "create",
  usage: "<ConfigFile> [options] [vars]",
  summary: "Create a domain based on <ConfigFile>.",
  options: [
    ["-h, --help", "Print this help."],
    ["-q, --quiet", "Quiet."],
    ["--path=PATH", "Search path for configuration scripts."],
    ["-f=FILE, --defconfig=FILE", "Use the given Python configuration script."],
    ["-p, --paused", "Leave the domain paused after it is created."],
  ],
  run,
};

const LONGS = {
  quiet: "q",
  path: "P",
  defconfig: "f",
  config: "F",
  dryrun: "n",
  xmldryrun: "x",
  skipdtd: "s",
  paused: "p",
  console_autoconnect: "c",
};
const NOT_MODELLED: Readonly<Record<string, string>> = {
  F: "a configuration in SXP (-F)",
  n: "a dry run (-n)",
  x: "a dry run (-x)",
  s: "a configuration in XML (-s)",
  c: "a console at once (-c)",
};
const DEFAULT_PATH = ".:/etc/xen";

function run(call: XmCall): Program | number {
  const { given, operands, unknown } = getopt(call.args, "qf:F:nxspcP:", LONGS);
  if (unknown.length > 0) return call.misuse(pythonSentence(unknown[0]!.letter, call.args));
  const refused = given.find(({ letter }) => NOT_MODELLED[letter] !== undefined);
  if (refused !== undefined) return call.notModelled(NOT_MODELLED[refused.letter]!);
  const value = (letter: string): string | undefined => given.findLast((each) => each.letter === letter)?.value;
  const words = operands.filter((word) => !word.includes("="));
  const overrides = operands.filter((word) => word.includes("=")).map(pair);
  const file = find(call, words.at(-1) ?? value("f") ?? "xmdefconfig", value("P") ?? DEFAULT_PATH);
  if (typeof file === "number") return file;
  const quiet = value("q") !== undefined;
  if (!quiet) call.process.print(`Using config file "${file.path}".\n`);
  const { machine } = call.process;
  const read = readDomainFile(file.text, file.path, overrides, call.format, machine.world.random("xm"));
  if ("error" in read) return call.fail(read.error);
  if ("notModelled" in read) return call.notModelled(read.notModelled);
  return new Create(call, read.settings, value("p") !== undefined, quiet);
}

const pair = (word: string): readonly [string, string] => {
  const at = word.indexOf("=");
  return [word.slice(0, at).trim(), word.slice(at + 1).trim()];
};

/** load_defconfig: as it is called, then in each directory of the path. */
function find(call: XmCall, word: string, path: string): { path: string; text: string } | number {
  const { machine, cwd } = call.process;
  for (const directory of ["", ...path.split(":")]) {
    const joined = directory === "" || word.startsWith("/") ? word : `${directory}/${word}`;
    const name = joined.startsWith("/") || joined.startsWith(call.format.here) ? joined : call.format.here + joined;
    const text = machine.files.read(name, cwd);
    if (text === EISDIR) return call.fail("[Errno 21] Is a directory");
    if (!(text instanceof Errno)) return { path: name, text };
  }
  const sentence = call.format.noFile(word);
  return call.format.faultShowsUsage ? call.misuse(sentence) : call.fail(sentence);
}

class Create extends XmProgram {
  private readonly settings: DomainSettings;
  private readonly paused: boolean;
  private readonly quiet: boolean;
  private domain: ManagedDomain | null = null;

  constructor(call: XmCall, settings: DomainSettings, paused: boolean, quiet: boolean) {
    super(call);
    this.settings = settings;
    this.paused = paused;
    this.quiet = quiet;
  }

  protected begin(): void {
    new CreateDomain(this.call.xend.domains, this, this.settings).start();
  }

  protected answered(task: Task, error: string | null): void {
    if (task instanceof CreateDomain) return this.created(task.domain, error);
    const { domains } = this.call.xend;
    const domain = this.domain!;
    if (error !== null && domains.has(domain)) domains.destroy(domain);
    if (error !== null) return this.process.exit(this.call.fail(error));
    this.connected(domain);
  }

  private created(domain: ManagedDomain | null, error: string | null): void {
    this.domain = domain;
    if (error !== null || domain === null) return this.process.exit(this.call.fail(error ?? ""));
    new WaitForVifs(this.call.xend.context, this, domain).start();
  }

  private connected({ domain }: ManagedDomain): void {
    const { xen, xend, format } = this.call;
    if (xen.hypervisor.find(domain.id) !== domain) {
      return this.process.exit(this.call.fail(`Failed to unpause domain ${domain.name}`));
    }
    if (!this.paused) {
      xend.context.log("INFO", "XendDomain", `Domain ${domain.name} (${domain.id}) unpaused.`);
      xen.unpause(domain);
    }
    if (!this.quiet) this.process.print(`${format.started(domain.name, domain.id)}\n`);
    this.process.exit(0);
  }
}
