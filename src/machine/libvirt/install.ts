/** Makes a machine one with libvirtd: networks defined and marked autostart, and the lines that start them. */
import { invariant } from "../../base/invariant.ts";
import type { Machine } from "../machine.ts";
import type { Step } from "../setup/step.ts";
import { Libvirtd } from "./libvirtd.ts";
import type { NetworkDefinition } from "./network.ts";

/** Nothing where there is no network: such a host has no libvirtd. The definitions get along with each other. */
export function installLibvirt(machine: Machine, networks: readonly NetworkDefinition[]): Step[] {
  if (networks.length === 0) return [];
  const libvirtd = new Libvirtd(machine);
  return networks.map((network) => {
    const object = libvirtd.define(network);
    invariant(typeof object !== "string", `libvirt takes the network ${network.name}: ${object}`);
    libvirtd.setAutostart(object, true);
    return {
      run: `virsh net-start ${network.name}`,
      why: "libvirtd does so by itself when it starts, for each network marked autostart.",
    };
  });
}
