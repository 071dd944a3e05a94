/** A network device at one instant, as `ip -s address` and `tc -s qdisc` show it, and the cable in it. */
import { invariant } from "../../base/invariant.ts";
import type { Counters, NetDevice } from "../../device/device.ts";
import { deviceKinds } from "../../device/kinds.ts";
import { Netloop } from "../../device/netloop.ts";
import { type OperState, operState } from "../../device/oper-state.ts";
import { Veth } from "../../device/veth.ts";
import { qdiscFacts } from "../../machine/command/tc.ts";
import type { Machine } from "../../machine/machine.ts";
import { formatCidr, formatMac } from "../../packet/address.ts";
import { Netfront } from "../../xen/netfront.ts";
import { Vif } from "../../xen/vif.ts";
import type { Wiring } from "../wiring.ts";

export interface DeviceSnapshot {
  readonly machine: string;
  readonly name: string;
  /** ifindex */
  readonly index: number;
  readonly kind: DeviceKind;
  readonly mac: string;
  readonly mtu: number;
  /** The administrator's word. */
  readonly up: boolean;
  readonly carrier: boolean;
  /** Behind "state" in `ip link`. */
  readonly state: OperState;
  /** Null: it has no cable. */
  readonly plugged: boolean | null;
  /** Where its cable leads. */
  readonly network: string | null;
  /** The other end of its pair (netloop, veth), when that is on the same machine. */
  readonly peer: string | null;
  /** The bridge it is a port of. */
  readonly master: string | null;
  /** "192.168.1.10/24", in the order of `ip address`. */
  readonly addresses: readonly string[];
  readonly counters: Readonly<Counters>;
  /** Null: nothing queues here (noqueue), or it was never up. */
  readonly queue: QueueSnapshot | null;
}

/** The qdisc: frames that wait for the driver. */
export interface QueueSnapshot {
  /** Frames. */
  readonly length: number;
  readonly limit: number;
  /** Bytes that wait. */
  readonly backlog: number;
  readonly dropped: number;
  /** The driver has stopped the queue; `stops` is how often it ever did. */
  readonly stopped: boolean;
  readonly stops: number;
}

const kinds = [...deviceKinds, { name: "netfront", device: Netfront }, { name: "vif", device: Vif }] as const;
export type DeviceKind = (typeof kinds)[number]["name"];

export function deviceSnapshot(device: NetDevice, machine: Machine, wiring: Wiring): DeviceSnapshot {
  const link = wiring.of(device);
  return {
    machine: machine.name,
    name: device.name,
    index: device.index,
    kind: kindOf(device),
    mac: formatMac(device.mac),
    mtu: device.mtu,
    up: device.up,
    carrier: device.carrier,
    state: operState(device),
    plugged: link?.cable.plugged ?? null,
    network: link?.network ?? null,
    peer: peerOf(device),
    master: device.master?.name ?? null,
    addresses: machine.net.addresses.of(device).map(formatCidr),
    counters: { ...device.counters },
    queue: queueSnapshot(device),
  };
}

function kindOf(device: NetDevice): DeviceKind {
  const kind = kinds.find((each) => device instanceof each.device);
  invariant(kind !== undefined, `${device.name} is of a kind that views do not know`);
  return kind.name;
}

function peerOf(device: NetDevice): string | null {
  const peer = device instanceof Netloop || device instanceof Veth ? device.peer : null;
  return peer?.table.machine === device.table.machine ? peer.name : null;
}

function queueSnapshot(device: NetDevice): QueueSnapshot | null {
  const { limit, length, backlog, drops } = qdiscFacts(device);
  if (limit === null) return null;
  return { length, limit, backlog, dropped: drops, stopped: device.stopped, stops: device.stops };
}
