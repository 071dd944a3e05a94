/** What a reader is told of a capture point: what kind of device it is, and what passes there. */
import { Bridge } from "../../device/bridge.ts";
import type { NetDevice } from "../../device/device.ts";
import { Nic } from "../../device/nic.ts";
import { Veth } from "../../device/veth.ts";
import type { Machine } from "../../machine/machine.ts";
import { Netfront } from "../../xen/netfront.ts";
import { Vif } from "../../xen/vif.ts";

/** Machines by name, as the lab has them. */
export type Machines = ReadonlyMap<string, Machine>;

/** The word of `ip -d link` where it has one; a Xen device by its half of the driver, a real one as "nic". */
export function kindWord(device: NetDevice): string {
  if (device instanceof Vif) return "vif";
  if (device instanceof Netfront) return "netfront";
  if (device instanceof Nic) return "nic";
  return device.kind === "" ? device.traits.link : device.kind;
}

/** What passes at the device, in a few words. `promiscuous`: of a bridge also what passes by its host. */
export function whereWords(device: NetDevice, promiscuous: boolean, machines: Machines): string {
  if (device instanceof Vif) return `${frontendOf(device, machines)} as dom0 sees it`;
  if (device instanceof Netfront) return "inside the guest, before the ring";
  if (device instanceof Nic) return "on the wire";
  if (device instanceof Veth) return vethWords(device);
  if (device instanceof Bridge) return promiscuous ? "every frame the bridge handles" : "the host's own frames";
  return "what it sends and receives";
}

/** "web1's eth0"; the guest may have given its device another name, or not know it yet. */
function frontendOf(vif: Vif, machines: Machines): string {
  const { frontend, handleNumber } = vif;
  const guest = machines.get(vif.table.machine)?.parts.xen?.hypervisor.find(frontend)?.name;
  if (guest === undefined) return `domain ${frontend}'s vif ${handleNumber}`;
  const busInfo = `vif-${handleNumber}`;
  const device = machines.get(guest)?.table.devices.find(({ traits }) => traits.busInfo === busInfo);
  return `${guest}'s ${device?.name ?? `vif ${handleNumber}`}`;
}

function vethWords({ peer, table }: Veth): string {
  if (peer === null) return "a pair without its other end";
  const other = peer.table === table ? peer.name : `${peer.table.machine}:${peer.name}`;
  return `between it and ${other}`;
}

/** For an interface's block in a file. */
export function describeDevice(device: NetDevice): string {
  const driver = device.traits.driver === "" ? device.kind : device.traits.driver;
  return `${device.name} of ${device.table.machine}${driver === "" ? "" : ` (${driver})`}`;
}
