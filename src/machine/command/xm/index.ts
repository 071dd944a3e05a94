/**
 * xm(1), the tool of hosts with xend: finds the subcommand as main.py does, unambiguous beginnings and old names
 * included. Which Xen's xm it is says the host's xend. A new subcommand is a file beside this and a line below.
 */
import { ms, type Nanos } from "../../../engine/time.ts";
import type { Command } from "../../command.ts";
import { type Process, Program } from "../../process.ts";
import { console } from "./console.ts";
import { create } from "./create.ts";
import { destroy } from "./destroy.ts";
import { FORMATS, type XmFormat } from "./format.ts";
import { info } from "./info.ts";
import { list } from "./list.ts";
import { domid, domname } from "./names.ts";
import { networkAttach, networkDetach } from "./network-attach.ts";
import { networkList } from "./network-list.ts";
import { pause, unpause } from "./pause.ts";
import { reboot, shutdown } from "./shutdown.ts";
import { countError, line, type Subcommand, usageOf, XmCall } from "./subcommand.ts";

/** In the order of help. */
const SUBCOMMANDS: readonly Subcommand[] = [
  console,
  create,
  destroy,
  domid,
  domname,
  list,
  pause,
  reboot,
  shutdown,
  unpause,
  info,
  networkAttach,
  networkDetach,
  networkList,
];

/** The others of the real xm: known by name, so that a beginning is as ambiguous as there. */
const OTHERS: readonly string[] = (
  "shell new delete dump-core mem-max mem-set migrate rename restore resume save start suspend sysrq trigger top uptime " +
  "vcpu-list vcpu-pin vcpu-set debug-keys dmesg log serve sched-credit sched-sedf block-attach block-detach block-list " +
  "block-configure vtpm-list vnet-list vnet-create vnet-delete labels addlabel rmlabel getlabel dry-run resources " +
  "loadpolicy makepolicy cfgbootpolicy dumppolicy event-monitor"
).split(" ");

const ALIASES: Readonly<Record<string, string>> = {
  balloon: "mem-set",
  "set-vcpus": "vcpu-set",
  "vif-list": "network-list",
  "vbd-create": "block-attach",
  "vbd-destroy": "block-detach",
  "vbd-list": "block-list",
};

/** Python, and the modules xm imports before it looks at its arguments. */
const PYTHON_START: Nanos = ms(120);

export const xm: Command = {
  name: "xm",
  summary: "The management tool of hosts with xend: makes, shows and changes domains and their devices.",
  usage: "xm <subcommand> [args]",
  words: SUBCOMMANDS.map(({ name }) => name),
  operands: ["text"],
  start: () => new Xm(),
};

class Xm extends Program {
  start(): void {
    this.process.timer(this, 0).armAfter(PYTHON_START);
  }

  override handle(): void {
    const { process } = this;
    const result = main(process);
    if (typeof result === "number") process.exit(result);
    else process.adopt(result);
  }
}

function main(process: Process): Program | number {
  const [word, ...args] = process.argv.slice(1);
  const { xen, xend } = process.machine.parts;
  const format = FORMATS[xend?.context.era.name ?? "4.2"];
  if (word === undefined) return help(process, format, 1);
  if (format.helpWord.test(word)) return help(process, format, format.helpCode, args[0]);
  const found = lookUp(process, word);
  if (found === null) {
    process.error(`Error: ${format.noSubcommand(word)}\n`);
    return help(process, format, 1);
  }
  if (typeof found === "string") {
    process.error(`xm: ${found} is not modelled\n`);
    return 1;
  }
  if (args.includes("--help") || args.includes("-h")) {
    process.print(usageOf(found, format));
    return 1;
  }
  if (xen === undefined || xend === undefined || !xend.running) {
    process.error(`Error: ${format.noConnection("Connection refused")}\n`);
    return 1;
  }
  const call = new XmCall(process, xen, xend, found, args);
  const error = countError(found, format, args.filter((each) => each !== "--").length);
  return error === null ? found.run(call) : call.misuse(error);
}

/** A subcommand, the name of one that is not modelled, or null: unknown or ambiguous. */
function lookUp(process: Process, word: string): Subcommand | string | null {
  const alias = Object.hasOwn(ALIASES, word) ? ALIASES[word] : undefined;
  if (alias !== undefined) process.error(`Command ${word} is deprecated.  Please use xm ${alias} instead.\n`);
  const name = alias ?? word;
  const all = [...SUBCOMMANDS, ...OTHERS];
  const nameOf = (each: Subcommand | string): string => (typeof each === "string" ? each : each.name);
  const exact = all.find((each) => nameOf(each) === name);
  if (exact !== undefined) return exact;
  const found = name.length > 1 ? all.filter((each) => nameOf(each).startsWith(name)) : [];
  return found.length === 1 ? found[0]! : null;
}

function help(process: Process, format: XmFormat, code: number, word?: string): number {
  const command = SUBCOMMANDS.find(({ name }) => name === word);
  const asked = format.isHelpBrief && command !== undefined;
  process.print(asked ? usageOf(command, format) : overview(format));
  return code;
}

const OVERVIEW_3_0 = `Usage: xm <subcommand> [args]
    Control, list, and manipulate Xen guest instances

xm common subcommands:
`;
const FOOT_3_0 = `
<DomName> can be substituted for <DomId> in xm subcommands.

For a complete list of subcommands run 'xm help --long'
For more help on xm see the xm(1) man page
For more help on xm create see the xmdomain.cfg(5) man page
`;
const OVERVIEW = `Usage: xm <subcommand> [args]

Control, list, and manipulate Xen guest instances.

xm full list of subcommands:

`;
const FOOT = `
<Domain> can either be the Domain Name or Id.
For more help on 'xm' see the xm(1) man page.
For more help on 'xm create' see the xmdomain.cfg(5)  man page.

`;

/** Only what there is here. */
function overview(format: XmFormat): string {
  if (format.isHelpBrief) {
    return `${OVERVIEW_3_0}${SUBCOMMANDS.map((command) => `   ${line(command, 33)}\n`).join("")}${FOOT_3_0}`;
  }
  const lines = SUBCOMMANDS.map(({ name, summary }) => ` ${name.padEnd(20)} ${summary.padEnd(50)}\n`);
  return `${OVERVIEW}${lines.join("")}${FOOT}`;
}
