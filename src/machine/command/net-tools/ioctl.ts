/**
 * The kernel's older door, by which net-tools set things: addresses by label, routes, ARP entries. Follows devinet_ioctl
 * (net/ipv4/devinet.c), rtentry_to_fib_config (net/ipv4/fib_frontend.c) and arp_req_set (net/ipv4/arp.c) of Linux 6.1.
 */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, broadcastOf, type Ipv4, isLoopback, type Mac } from "../../../packet/address.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import { type Refusal, refuse } from "../../../stack/errno.ts";
import { Nud, type NudState } from "../../../stack/neighbour.ts";
import { Scope } from "../../../stack/route-table.ts";
import type { Box } from "../../box.ts";
import { prefixOfMask } from "../ip/prefix.ts";

/** "eth0:1" is an address of eth0 under its own label. */
export const deviceOfLabel = (machine: Box, label: string): NetDevice | null =>
  machine.table.find(label.split(":")[0]!);

/** The first address with this label: what an ioctl by name means. */
export function addressOfLabel(machine: Box, label: string): IfAddress | null {
  const device = deviceOfLabel(machine, label);
  if (device === null) return null;
  return machine.net.addresses.of(device).find((each) => each.label === label) ?? null;
}

/** inet_abc_len: the prefix length that the address's class implies; null where there is none. */
export function classLength(address: Ipv4): number | null {
  const first = address >>> 24;
  if (address === ANY_IPV4) return 0;
  if (first < 128) return 8;
  if (first < 192) return 16;
  if (first < 224) return 24;
  return first >= 240 ? 32 : null;
}

interface Plan {
  readonly address: Ipv4;
  readonly prefix: number;
  readonly broadcast: Ipv4 | null;
}

/** SIOCSIFADDR; 0.0.0.0 takes the address away. */
export function setAddress(machine: Box, label: string, address: Ipv4): Refusal | null {
  const device = deviceOfLabel(machine, label);
  if (device === null) return refuse("ENODEV");
  const prefix = classLength(address);
  if (prefix === null) return refuse("EINVAL");
  const known = addressOfLabel(machine, label);
  if (known !== null && known.address === address) return null;
  if (known !== null) machine.net.addresses.remove(device, known);
  return address === ANY_IPV4
    ? null
    : add(machine, device, label, { address, prefix, broadcast: broadcastFor(device, address, prefix) });
}

function add(machine: Box, device: NetDevice, label: string, { address, prefix, broadcast }: Plan): Refusal | null {
  const scope = isLoopback(address) ? Scope.HOST : Scope.UNIVERSE;
  return machine.net.addresses.add(device, { address, prefix, broadcast, label, scope });
}

const broadcastFor = (device: NetDevice, address: Ipv4, prefix: number): Ipv4 | null =>
  device.traits.link === "loopback" || prefix >= 31 ? null : broadcastOf(address, prefix);

/** SIOCSIFNETMASK: a broadcast address that followed the old mask follows the new one, but not to where there is none. */
export function setNetmask(machine: Box, label: string, mask: Ipv4): Refusal | null {
  const known = addressOfLabel(machine, label);
  if (known === null) return noAddress(machine, label);
  const prefix = prefixOfMask(mask);
  if (prefix === null) return refuse("EINVAL");
  if (prefix === known.prefix) return null;
  const { device, address } = known;
  const follows = prefix < 31 && known.broadcast === broadcastOf(address, known.prefix);
  machine.net.addresses.remove(device, known);
  return add(machine, device, label, {
    address,
    prefix,
    broadcast: follows ? broadcastFor(device, address, prefix) : known.broadcast,
  });
}

/** SIOCSIFBRDADDR */
export function setBroadcast(machine: Box, label: string, broadcast: Ipv4): Refusal | null {
  const known = addressOfLabel(machine, label);
  if (known === null) return noAddress(machine, label);
  if (known.broadcast === broadcast) return null;
  machine.net.addresses.remove(known.device, known);
  return add(machine, known.device, label, { address: known.address, prefix: known.prefix, broadcast });
}

const noAddress = (machine: Box, label: string): Refusal =>
  refuse(deviceOfLabel(machine, label) === null ? "ENODEV" : "EADDRNOTAVAIL");

/** SIOCSIFFLAGS on IFF_UP: an alias has no state of its own, down takes it away. */
export function setUp(machine: Box, label: string, up: boolean): Refusal | null {
  const device = deviceOfLabel(machine, label);
  if (device === null) return refuse("ENODEV");
  if (!label.includes(":")) device.setUp(up);
  else {
    const known = addressOfLabel(machine, label);
    if (known === null) return refuse("EADDRNOTAVAIL");
    if (!up) machine.net.addresses.remove(device, known);
  }
  return null;
}

/** SIOCSARP: without a device it is the one that the address is routed through. */
export function setArp(
  machine: Box,
  address: Ipv4,
  mac: Mac,
  device: NetDevice | null,
  isPermanent: boolean,
): Refusal | null {
  const route = device === null ? machine.net.fib.lookup(address) : null;
  const out = device ?? route?.device ?? null;
  if (out === null) return refuse("ENETUNREACH");
  const state: NudState = isPermanent ? Nud.PERMANENT : Nud.STALE;
  return machine.net.neighbours.set(out, address, mac, state, false);
}

/** SIOCDARP: an entry that failed already is not there. */
export function deleteArp(machine: Box, address: Ipv4, device: NetDevice | null): Refusal | null {
  const out = device ?? machine.net.fib.lookup(address)?.device ?? null;
  if (out === null) return refuse("ENETUNREACH");
  return machine.net.neighbours.delete(out, address);
}
