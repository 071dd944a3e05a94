/**
 * xl(1) of Xen 4.17: finds the subcommand as xl.c and xl_cmdtable.c do, unambiguous beginnings included. A new
 * subcommand is a file beside this and a line in `SUBCOMMANDS`.
 */
import type { Command } from "../../command.ts";
import { getopt } from "../../getopt.ts";
import type { Process, Program } from "../../process.ts";
import { console } from "./console.ts";
import { create } from "./create.ts";
import { destroy } from "./destroy.ts";
import { info } from "./info.ts";
import { list } from "./list.ts";
import { domid, domname } from "./names.ts";
import { networkAttach, networkDetach } from "./network-attach.ts";
import { networkList } from "./network-list.ts";
import { pause, unpause } from "./pause.ts";
import { reboot, shutdown } from "./shutdown.ts";
import { call, helpOf, type Subcommand } from "./subcommand.ts";
import { uptime } from "./uptime.ts";
import { vmList } from "./vm-list.ts";

const SUBCOMMANDS: readonly Subcommand[] = [
  create,
  list,
  destroy,
  shutdown,
  reboot,
  pause,
  unpause,
  console,
  vmList,
  info,
  domid,
  domname,
  networkAttach,
  networkList,
  networkDetach,
  uptime,
];

/** The others of the real xl: known by name, so that a beginning is as ambiguous as there. */
const OTHERS: readonly string[] = (
  "config-update pci-attach pci-detach pci-list pci-assignable-add pci-assignable-remove " +
  "pci-assignable-list vncviewer save migrate restore migrate-receive dump-core cd-insert cd-eject mem-max mem-set " +
  "button-press vcpu-list vcpu-pin vcpu-set sharing sched-credit sched-credit2 sched-rtds rename trigger sysrq " +
  "debug-keys set-parameters dmesg top channel-list block-attach block-list block-detach vtpm-attach vtpm-list " +
  "vtpm-detach vkb-attach vkb-list vkb-detach vdispl-attach vdispl-list vdispl-detach vsnd-attach vsnd-list " +
  "vsnd-detach claims cpupool-create cpupool-list cpupool-destroy cpupool-rename cpupool-cpu-add " +
  "cpupool-cpu-remove cpupool-migrate cpupool-numa-split getenforce setenforce loadpolicy remus devd psr-hwinfo " +
  "psr-cmt-attach psr-cmt-detach psr-cmt-show psr-cat-set psr-cat-show psr-mba-set psr-mba-show usbctrl-attach " +
  "usbctrl-detach usbdev-attach usbdev-detach usb-list qemu-monitor-command"
).split(" ");

export const xl: Command = {
  name: "xl",
  summary: "The Xen management tool: makes, shows and changes domains and their devices.",
  usage: "xl [-vfNtT] <subcommand> [args]",
  words: SUBCOMMANDS.map(({ name }) => name),
  operands: ["text"],
  start,
};

const NO_XEN = `xencall: error: Could not obtain handle on privileged command interface: No such file or directory
libxl: error: libxl.c:102:libxl_ctx_alloc: cannot open libxc handle: No such file or directory
cannot init xl context
`;

function start(process: Process): Program | number {
  const words = process.argv.slice(1);
  const first = words.findIndex((word) => !/^-./.test(word));
  const global = getopt(first < 0 ? words : words.slice(0, first), "vftTN");
  if (global.unknown.length > 0) {
    for (const { sentence } of global.unknown) process.error(`${process.name}: ${sentence}\n`);
    return say(process, "unknown global option");
  }
  const name = first < 0 ? undefined : words[first];
  if (name === undefined) return help(process, null, 1);
  const refused = global.given.find(({ letter }) => letter === "v" || letter === "T");
  if (refused !== undefined) return say(process, `xl: the global option -${refused.letter} is not modelled`);
  const dryRun = global.given.some(({ letter }) => letter === "N");
  return dispatch(process, name, words.slice(first! + 1), dryRun);
}

function dispatch(process: Process, name: string, rest: readonly string[], dryRun: boolean): Program | number {
  const { xen } = process.machine.parts;
  if (xen === undefined) {
    process.error(NO_XEN);
    return 1;
  }
  const command = lookUp(name);
  if (typeof command === "string") return say(process, `xl: ${command} is not modelled`);
  if (command !== null) {
    if (!dryRun) return call(process, xen, command, rest);
    if (command.canDryRun !== true) return say(process, "command does not implement -N (dryrun) option");
    return command === create
      ? call(process, xen, command, ["-n", ...rest])
      : say(process, "xl: -N is only modelled for create");
  }
  return name === "help" ? help(process, rest[0] ?? null, 0) : say(process, "command not implemented");
}

/** A subcommand, the name of one that is not modelled, or null: unknown or ambiguous. */
function lookUp(word: string): Subcommand | string | null {
  const exact = SUBCOMMANDS.find(({ name }) => name === word) ?? OTHERS.find((name) => name === word);
  if (exact !== undefined) return exact;
  const found = [
    ...SUBCOMMANDS.filter(({ name }) => name.startsWith(word)),
    ...OTHERS.filter((name) => name.startsWith(word)),
  ];
  return found.length === 1 ? found[0]! : null;
}

function help(process: Process, word: string | null, code: number): number {
  process.print(word === null || word === "help" ? overview() : helpFor(word));
  return code;
}

function helpFor(word: string): string {
  const command = lookUp(word);
  if (command === null) return `command "${word}" not implemented\n`;
  return typeof command === "string" ? `xl: ${command} is not modelled\n` : helpOf(command);
}

function overview(): string {
  const lines = SUBCOMMANDS.map(({ name, summary }) => ` ${name.padEnd(19)} ${summary}\n`);
  return `Usage xl [-vfNtT] <subcommand> [args]\n\nxl full list of subcommands:\n\n${lines.join("")}`;
}

function say(process: Process, sentence: string): number {
  process.error(`${sentence}\n`);
  return 1;
}
