/**
 * The last stretch of a packet, ours or forwarded: POSTROUTING, our own copy of a broadcast, fragments, the neighbour,
 * the device. Follows net/ipv4/ip_output.c (ip_output, ip_mc_output, ip_finish_output2).
 */
import { Fate } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";

import { BROADCAST_MAC, type Ipv4, type Mac, multicastMac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { fragment } from "./fragment.ts";
import { Hook } from "./hooks.ts";
import type { Namespace } from "./namespace.ts";
import { RouteType, type RouteTypeCode } from "./route-table.ts";
import { Step } from "./steps.ts";

const LINK = ethernet.HEADER_LENGTH;

/** Owns the frame. `mtu` in bytes of an IP packet; `type` is that of the destination. */
export function output(
  ns: Namespace,
  frame: Frame,
  device: NetDevice,
  nextHop: Ipv4,
  type: RouteTypeCode,
  mtu: number,
  isForwarded = false,
): void {
  // Linux 6.1 counts here, what is forwarded too.
  ns.snmp.ip.outRequests++;
  ns.snmp.ip.outOctets += frame.length - LINK;
  if (!ns.netfilter.pass(Hook.POSTROUTING, frame, null, device, nextHop)) return;
  if (!isForwarded && hearsItself(ns, frame, device, type)) ns.loopBack(frame, device);
  const { fragments } = frame;
  if (frame.length - LINK <= mtu && fragments === null) return toLink(ns, frame, device, nextHop, type);
  const mayCut = !ipv4.dontFragment(frame.bytes, frame.at + LINK) || (fragments !== null && fragments.largest <= mtu);
  if (!mayCut) return refuseToCut(ns, frame, device, mtu);
  // What came in fragments leaves in fragments no longer than those.
  const pieces = fragment(ns.world.frames, frame, mtu);
  ns.snmp.ip.fragOKs++;
  ns.snmp.ip.fragCreates += pieces.length;
  ns.note(Step.FRAGMENTED, frame, pieces.length, mtu);
  for (const piece of pieces) toLink(ns, piece, device, nextHop, type);
}

/** ip_mc_output: our own broadcasts, and packets to groups that we are in. */
function hearsItself(ns: Namespace, frame: Frame, device: NetDevice, type: RouteTypeCode): boolean {
  if (type !== RouteType.BROADCAST && type !== RouteType.MULTICAST) return false;
  if (device.traits.link === "loopback") return false;
  return type === RouteType.BROADCAST || ns.groups.has(ipv4.destination(frame.bytes, frame.at + LINK));
}

function refuseToCut(ns: Namespace, frame: Frame, device: NetDevice, mtu: number): void {
  ns.snmp.ip.fragFails++;
  ns.sendError(frame, icmp.Type.UNREACHABLE, icmp.Unreachable.FRAGMENTATION_NEEDED, mtu, device);
  ns.drop(frame, Fate.FRAGMENTATION_NEEDED);
}

function countGroup({ snmp: { ip } }: Namespace, frame: Frame, type: RouteTypeCode): void {
  if (type === RouteType.BROADCAST) {
    ip.outBcastPkts++;
    ip.outBcastOctets += frame.length - LINK;
  } else {
    ip.outMcastPkts++;
    ip.outMcastOctets += frame.length - LINK;
  }
}

/** ip_finish_output2: finds the link address of the next hop. */
function toLink(ns: Namespace, frame: Frame, device: NetDevice, nextHop: Ipv4, type: RouteTypeCode): void {
  if (type === RouteType.BROADCAST || type === RouteType.MULTICAST) countGroup(ns, frame, type);
  if (device.traits.link === "loopback") return toWire(ns, frame, device, device.mac);
  if (type === RouteType.BROADCAST) return toWire(ns, frame, device, BROADCAST_MAC);
  if (type === RouteType.MULTICAST) return toWire(ns, frame, device, multicastMac(nextHop));
  // arp_constructor: on a device without ARP every neighbour has the device's own address.
  if (!device.arp) return toWire(ns, frame, device, device.mac);
  if (!device.up) return ns.drop(frame, Fate.DEVICE_DOWN);
  const entry = ns.neighbours.obtain(device, nextHop);
  if (entry === null) return ns.drop(frame, Fate.NEIGHBOUR_QUEUE_FULL);
  entry.send(frame);
}

/** Writes the link header and hands the frame to the device. */
export function toWire(ns: Namespace, frame: Frame, device: NetDevice, mac: Mac): void {
  const b = frame.bytes;
  ethernet.setDestination(b, frame.at, mac);
  ethernet.setSource(b, frame.at, device.mac);
  ethernet.setEtherType(b, frame.at, ethernet.EtherType.IPV4);
  ns.note(Step.SENT, frame, device.index, mac);
  device.transmit(frame);
}
