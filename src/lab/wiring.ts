/**
 * Which NIC hangs on which network: every cable that the topology lays, with the network it belongs to. A NIC that was
 * renamed (peth0) is found by the name it has now, and by the name that the topology gave it.
 */
import type { Cable } from "../device/cable.ts";
import type { NetDevice } from "../device/device.ts";
import type { Nic } from "../device/nic.ts";

/** A NIC and the cable in it. */
export interface Link {
  readonly network: string;
  readonly nic: Nic;
  /** The NIC's name in the topology. */
  readonly plannedName: string;
  readonly cable: Cable;
}

export class Wiring {
  /** In the order of the topology. */
  readonly links: Link[] = [];
  private readonly byNic = new Map<NetDevice, Link>();

  add(network: string, nic: Nic, cable: Cable): void {
    const link = { network, nic, plannedName: nic.name, cable };
    this.links.push(link);
    this.byNic.set(nic, link);
  }

  /** Null for a device without a cable. */
  of(device: NetDevice): Link | null {
    return this.byNic.get(device) ?? null;
  }

  /** Null when there is no such NIC. */
  find(machine: string, device: string): Link | null {
    const own = this.links.filter(({ nic }) => nic.table.machine === machine);
    return own.find(({ nic }) => nic.name === device) ?? own.find((link) => link.plannedName === device) ?? null;
  }

  /** Of every NIC that a cable can be pulled from: "xen1:eth0". */
  get names(): readonly string[] {
    return this.links.map(({ nic }) => `${nic.table.machine}:${nic.name}`);
  }

  /** A NIC is still finding out what the other end of its cable can. */
  get negotiating(): boolean {
    return this.links.some(({ nic }) => nic.negotiating);
  }
}
