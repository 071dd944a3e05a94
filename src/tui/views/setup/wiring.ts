/** How a host is wired, one row for each cable, pair and vif, with a line to the bar of its bridge. */
import type { DeviceSnapshot, HostSnapshot } from "../../../lab/index.ts";
import { unusedEnds } from "../../parts/pairs-of-devices.ts";
import { isRouter } from "../../parts/routing-hosts.ts";

/** What leads into domain 0, and where it ends there. */
export interface WireRow {
  /** ifindex of the device in domain 0: the same before and after. */
  readonly index: number;
  /** What is at its far end: a network, the host's own stack, a guest. */
  readonly from: string;
  readonly device: string;
  readonly addresses: readonly string[];
  /** The bridge, when it is a port. */
  readonly master: string | null;
  /** Up at both ends. */
  readonly live: boolean;
}

export interface BridgeRow {
  readonly name: string;
  readonly up: boolean;
  readonly addresses: readonly string[];
}

export interface Wiring {
  readonly rows: readonly WireRow[];
  readonly bridges: readonly BridgeRow[];
  /** Of a host that routes: what has an address and is no port ends at the IP stack. Null: its guests are bridged. */
  readonly stack: { readonly forwards: boolean } | null;
  readonly unusedPairs: number;
}

export function wiringOf(host: HostSnapshot): Wiring {
  const { devices } = host.dom0;
  const unused = unusedEnds(devices);
  return {
    rows: devices.flatMap((device) => rowOf(host, device, unused) ?? []),
    bridges: host.bridges.map(({ device: { name, up, addresses } }) => ({ name, up, addresses })),
    stack: isRouter(host) ? { forwards: host.routing.ipForward } : null,
    unusedPairs: unused.size / 2,
  };
}

function rowOf(host: HostSnapshot, device: DeviceSnapshot, unused: ReadonlySet<string>): WireRow | null {
  const { index, name, master, addresses, kind } = device;
  const row = { index, device: name, master, addresses: withoutMask(addresses), live: device.up && device.carrier };
  if (kind === "nic") return { ...row, from: device.plugged === true ? (device.network ?? "cable") : "no cable" };
  if (kind === "vif") return { ...row, from: guestOf(host, name) };
  if (device.peer === null || unused.has(name)) return null;
  const peer = host.dom0.devices.find((each) => each.name === device.peer);
  // The end for the bridge is made first; its row shows both.
  if (peer === undefined || peer.index < index) return null;
  return { ...row, from: [peer.name, ...withoutMask(peer.addresses)].join(" "), live: device.up && peer.up };
}

const withoutMask = (addresses: readonly string[]): string[] => addresses.map((each) => each.split("/")[0]!);

function guestOf({ guests }: HostSnapshot, vif: string): string {
  for (const { name, vifs } of guests) {
    const found = vifs.find((each) => each.name === vif);
    if (found !== undefined) return `${name} ${found.guestDevice}`;
  }
  return "guest";
}

/** All that a row or the legend of a bridge says, to compare before with after. */
export const saidBy = (row: WireRow | BridgeRow): string => JSON.stringify(row);
