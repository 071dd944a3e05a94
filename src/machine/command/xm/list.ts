/** xm list: xm_list and xm_brief_list of main.py. Not modelled: long output, labels, a choice by state. */
import type { Domain } from "../../../xen/hypervisor.ts";
import { getopt } from "../../getopt.ts";
import type { XenHost } from "../../xen-host.ts";
import type { Subcommand, XmCall } from "./subcommand.ts";

export const list: Subcommand = {
  name: "list",
  usage: "[options] [Domain, ...]",
  summary: "List information about all/some domains.",
  options: [["-l, --long", "Output all VM details in SXP"]],
  run,
};

function run(call: XmCall): number {
  const { given, operands, unknown } = getopt(call.args, "lvZ", { long: "l", vcpus: "v", label: "Z" });
  if (unknown.length > 0) return call.misuse(pythonSentence(unknown[0]!.letter, call.args));
  if (given.length > 0) return call.notModelled("xm list with options");
  const domains: Domain[] = [];
  for (const word of operands) {
    const domain = call.domain(word);
    if (domain === null) return call.noDomain(word);
    domains.push(domain);
  }
  call.process.print(`${call.format.listHead}\n`);
  for (const domain of operands.length === 0 ? call.xen.hypervisor.domains : domains) {
    const { name, id, memory, cpus, cpuTime } = domain;
    const row = { name, id, memory, vcpus: cpus.length, state: stateOf(call.xen, domain), time: cpuTime / 1e9 };
    call.process.print(`${call.format.listRow(row)}\n`);
  }
  return 0;
}

/** Python's getopt. */
export const pythonSentence = (letter: string, args: readonly string[]): string =>
  `option ${letter === "" ? args.find((word) => word.startsWith("--")) : `-${letter}`} not recognized`;

/** running, blocked, paused, shutdown, crashed, dying: first letters. */
function stateOf(xen: XenHost, domain: Domain): string {
  return [
    domain === xen.dom0 ? "r" : "-",
    xen.isBlocked(domain) ? "b" : "-",
    domain.paused ? "p" : "-",
    domain.shutdown === null ? "-" : "s",
    domain.shutdown === "crash" ? "c" : "-",
    domain.dying ? "d" : "-",
  ].join("");
}
