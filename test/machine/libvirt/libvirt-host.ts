/** A machine with libvirtd and nothing but lo, as the one whose dumps are in the fixtures. */
import { readFileSync } from "node:fs";
import { Loopback } from "../../../src/device/loopback.ts";
import { Libvirtd } from "../../../src/machine/libvirt/libvirtd.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { newMachine, type Outcome, started } from "../on-machine.ts";

export const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/libvirt-9.0/${name}`, import.meta.url), "utf8");
export const recordedCommands = (name: string): string[] =>
  readFileSync(new URL(`../../fixtures/libvirt-9.0-commands/${name}.txt`, import.meta.url), "utf8")
    .replaceAll("'!'", "!")
    .trim()
    .split("\n");

export function libvirtHost(cpus = 1): Machine {
  const machine = newMachine(cpus);
  machine.table.register(new Loopback(machine.table));
  new Libvirtd(machine);
  started(machine, "ip", "link", "set", "lo", "up");
  return machine;
}

export const virsh = (machine: Machine, ...words: string[]): Outcome => started(machine, "virsh", ...words);

export function created(machine: Machine, xml: string): Outcome {
  machine.files.write("/tmp/net.xml", xml);
  return virsh(machine, "net-create", "/tmp/net.xml");
}
