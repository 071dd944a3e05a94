/**
 * lsmod(8): the modules that a kernel with these devices would have loaded, in the columns of kmod. Which modules are
 * there follows from what is in use; sizes are those of Debian's 6.1 kernel. Not modelled: everything that has nothing to
 * do with networks, loading and unloading.
 */

import type { Box } from "../box.ts";
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";

interface Module {
  readonly name: string;
  readonly size: number;
  readonly loaded: (machine: Box) => boolean;
  /** Modules that use it, when they are loaded. */
  readonly holders: readonly string[];
}

const hasKind = (machine: Box, kind: string): boolean => machine.table.devices.some((each) => each.kind === kind);
const hasDriver = (machine: Box, driver: string): boolean =>
  machine.table.devices.some((each) => each.traits.driver === driver);
const isHost = (machine: Box): boolean => machine.parts.xen !== undefined;
const isGuest = (machine: Box): boolean => machine.parts.guestOf !== undefined;
const hasBridge = (machine: Box): boolean => hasKind(machine, "bridge");
const filtersBridge = (machine: Box): boolean => machine.files.exists("/proc/sys/net/bridge");

/** The newest first, as the kernel keeps them. */
export const MODULES: readonly Module[] = [
  { name: "xen_netback", size: 81_920, loaded: isHost, holders: [] },
  { name: "veth", size: 36_864, loaded: (machine) => hasKind(machine, "veth"), holders: [] },
  { name: "br_netfilter", size: 36_864, loaded: filtersBridge, holders: [] },
  { name: "bridge", size: 319_488, loaded: hasBridge, holders: ["br_netfilter"] },
  { name: "stp", size: 16_384, loaded: hasBridge, holders: ["bridge"] },
  { name: "llc", size: 16_384, loaded: hasBridge, holders: ["bridge", "stp"] },
  { name: "xen_evtchn", size: 16_384, loaded: isHost, holders: [] },
  { name: "xenfs", size: 16_384, loaded: isHost, holders: [] },
  { name: "xen_privcmd", size: 24_576, loaded: isHost, holders: ["xenfs"] },
  { name: "xen_netfront", size: 61_440, loaded: isGuest, holders: [] },
  { name: "e1000", size: 172_032, loaded: (machine) => hasDriver(machine, "e1000"), holders: [] },
];

export const lsmod: Command = {
  name: "lsmod",
  summary: "Show the status of modules in the Linux kernel.",
  usage: "lsmod",
  start,
};

function start(process: Process): number {
  if (process.argv.length > 1) {
    process.error(`Usage: ${process.name}\n`);
    return 1;
  }
  const loaded = MODULES.filter((module) => module.loaded(process.machine));
  process.print("Module                  Size  Used by\n");
  for (const module of loaded) {
    const holders = module.holders.filter((name) => loaded.some((each) => each.name === name));
    const used = holders.length === 0 ? "" : ` ${holders.join(",")}`;
    process.print(`${module.name.padEnd(19)} ${String(module.size).padStart(8)}  ${holders.length}${used}\n`);
  }
  return 0;
}
