/**
 * What the tools say of a network device, collected once for every printer. Follows rtnl_fill_ifinfo and dev_get_flags
 * of Linux 6.1 (net/core/rtnetlink.c, net/core/dev.c) and the operational states of RFC 2863 (net/core/link_watch.c).
 */
import { Bridge } from "../../../device/bridge.ts";
import type { NetDevice } from "../../../device/device.ts";
import { type OperState, operState } from "../../../device/oper-state.ts";
import { Veth } from "../../../device/veth.ts";
import { formatMac, ZERO_MAC } from "../../../packet/address.ts";
import { bridgeDetails, type Detail, portDetails } from "./bridge-facts.ts";

export interface LinkFacts {
  readonly index: number;
  readonly name: string;
  /** The other end of a veth; its index counts where it is in another namespace. */
  readonly peer: { readonly name: string; readonly index: number; readonly isLocal: boolean } | null;
  /** As ip prints them, without M-DOWN and NO-CARRIER. */
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly qdisc: string;
  readonly master: string | null;
  readonly state: OperState;
  readonly queueLength: number;
  readonly type: string;
  readonly address: string;
  readonly broadcast: string;
  /** Only where another address is in use. */
  readonly permanentAddress: string | null;
}

/** What -d adds. */
export interface LinkDetails {
  readonly promiscuity: number;
  readonly allMulticast: number;
  readonly minMtu: number;
  readonly maxMtu: number;
  readonly kind: string;
  readonly kindDetails: readonly Detail[];
  /** Null: no port of a bridge. */
  readonly portDetails: readonly Detail[] | null;
  readonly queues: number;
  readonly maxSegmentation: number;
  readonly parentBus: string | null;
  readonly parentDevice: string | null;
}

export function linkFacts(device: NetDevice): LinkFacts {
  const isLoopback = device.traits.link === "loopback";
  return {
    index: device.index,
    name: device.name,
    peer: peerOf(device),
    flags: flagsOf(device),
    mtu: device.mtu,
    qdisc: qdiscOf(device),
    master: device.master?.name ?? null,
    state: operState(device),
    queueLength: device.txQueueLength,
    type: device.traits.link,
    address: formatMac(device.mac),
    broadcast: isLoopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff",
    permanentAddress: permanentAddress(device),
  };
}

function peerOf(device: NetDevice): LinkFacts["peer"] {
  const peer = device instanceof Veth ? device.peer : null;
  return peer === null ? null : { name: peer.name, index: peer.index, isLocal: peer.table === device.table };
}

/** print_link_flags: in ip's order; the first and last ones only show what follows from the others. */
function flagsOf(device: NetDevice): string[] {
  const { up, carrier } = device;
  const isLoopback = device.traits.link === "loopback";
  const peer = device instanceof Veth && device.peer?.table === device.table ? device.peer : null;
  const flags: readonly (readonly [string, boolean])[] = [
    ["NO-CARRIER", up && !carrier],
    ["LOOPBACK", isLoopback],
    ["BROADCAST", !isLoopback],
    ["MULTICAST", device.multicast],
    ["NOARP", !device.arp],
    ["PROMISC", device.promisc],
    ["UP", up],
    ["LOWER_UP", up && carrier],
    ["M-DOWN", peer !== null && !peer.up],
  ];
  return flags.filter(([, isSet]) => isSet).map(([name]) => name);
}

/** noop until the device comes up for the first time (dev_activate). */
export function qdiscOf(device: NetDevice): "noop" | "noqueue" | "pfifo" {
  if (!device.activated) return "noop";
  return device.qdisc === null ? "noqueue" : "pfifo";
}

/** Random addresses (veth, bridge) are none to go back to, and netloop gives its host end none at all. */
function permanentAddress(device: NetDevice): string | null {
  const isBorn = device.kind === "" && device.traits.link === "ether" && device.permanentMac !== ZERO_MAC;
  return isBorn && device.permanentMac !== device.mac ? formatMac(device.permanentMac) : null;
}

/** TSO_LEGACY_MAX_SIZE and TSO_MAX_SIZE of include/linux/netdevice.h. */
const TSO_LEGACY = 65_536;
const TSO_MOST = 524_280;

export function linkDetails(device: NetDevice): LinkDetails {
  const { master } = device;
  const { bus, busInfo } = device.traits;
  const bridge = master instanceof Bridge ? master : null;
  return {
    promiscuity: device.promiscuity,
    allMulticast: bridge === null ? 0 : 1,
    minMtu: device.traits.minMtu,
    maxMtu: device.traits.maxMtu,
    kind: device.kind,
    kindDetails: device instanceof Bridge ? bridgeDetails(device) : [],
    portDetails: bridge === null ? null : portDetails(bridge, bridge.portOf(device)!),
    queues: device instanceof Veth ? device.table.cpus.length : 1,
    maxSegmentation: maxSegmentation(device),
    parentBus: bus === "" ? null : bus,
    parentDevice: bus === "" ? null : busInfo,
  };
}

/** br_set_gso_limits: a bridge takes the least of its ports. */
function maxSegmentation(device: NetDevice): number {
  if (device instanceof Bridge && device.ports.length > 0) {
    return Math.min(...device.ports.map((port) => maxSegmentation(port.device)));
  }
  return device instanceof Veth || device.traits.link === "loopback" ? TSO_MOST : TSO_LEGACY;
}
