/** A packet for somebody else: RFC 1812 5.2; net/ipv4/ip_forward.c, route.c (ip_error). */
import { Fate } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import type { Ipv4 } from "../packet/address.ts";
import { EtherType, isToGroup, HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { Hook } from "./hooks.ts";
import type { InputRoute } from "./input-route.ts";
import { output } from "./ip-output.ts";
import type { Namespace } from "./namespace.ts";
import { sendRedirect } from "./redirect.ts";
import { type Route, RouteType } from "./route-table.ts";
import { PacketSocket } from "./socket/packet.ts";
import { Step } from "./steps.ts";

/** Owns the frame. `answer` is what the tables said, an error route or nothing included. */
export function forward(ns: Namespace, frame: Frame, device: NetDevice, answer: InputRoute): void {
  const { route, type, isDetour } = answer;
  if (!ns.settings.forwards(device.index)) {
    ns.snmp.ip.inAddrErrors++;
    return ns.drop(frame, isPending(ns, device) ? Fate.ADDRESS_PENDING : Fate.NOT_FORWARDING);
  }
  if (route === null || type === RouteType.UNREACHABLE) return refuseRoute(ns, frame, device, route);
  if (isToGroup(frame.bytes, frame.at)) return ns.drop(frame, Fate.NOT_FOR_US);
  forwardThrough(ns, frame, device, route, isDetour);
}

/** No address yet, and a program hears the IPv4 packets of this device beside the stack: a DHCP client at work. */
const isPending = (ns: Namespace, device: NetDevice): boolean =>
  ns.addresses.of(device).length === 0 &&
  (device.rx.taps.listeners?.some((tap) => tap instanceof PacketSocket && tap.etherType === EtherType.IPV4) ?? false);

/** ip_error */
function refuseRoute(ns: Namespace, frame: Frame, device: NetDevice, route: Route | null): void {
  if (route === null) ns.snmp.ip.inNoRoutes++;
  const code = refusalCode(route);
  const sender = ipv4.source(frame.bytes, frame.at + LINK);
  if (code !== null && ns.peers.allowsRouteError(sender)) ns.sendError(frame, icmp.Type.UNREACHABLE, code, 0, device);
  else if (code !== null) ns.note(Step.ERROR_LIMITED, frame, icmp.Type.UNREACHABLE * 256 + code, sender);
  ns.drop(frame, Fate.NO_ROUTE);
}

/** Null: a blackhole says nothing. */
function refusalCode(route: Route | null): number | null {
  if (route === null) return icmp.Unreachable.NET;
  if (route.type === RouteType.UNREACHABLE) return icmp.Unreachable.HOST;
  return route.type === RouteType.PROHIBIT ? icmp.Unreachable.FILTERED : null;
}

function forwardThrough(ns: Namespace, frame: Frame, input: NetDevice, route: Route, isDetour: boolean): void {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  const outward = route.device!;
  if (ipv4.ttl(b, ip) <= 1) return refuseTtl(ns, frame, input);
  const destination = ipv4.destination(b, ip);
  const mtu = mtuOf(ns, destination, outward);
  if (ipv4.dontFragment(b, ip) && exceeds(frame, mtu)) return refuseSize(ns, frame, input, mtu);
  ipv4.decreaseTtl(b, ip);
  const nextHop = (ns.pathMtus.gateway(destination, route) || route.via || destination) as Ipv4;
  if (isDetour) sendRedirect(ns, frame, outward, nextHop);
  if (!ns.netfilter.pass(Hook.FORWARD, frame, input, outward)) return;
  // ip_forward_options: what was wiped out of them.
  if (ipv4.headerLength(b, ip) > ipv4.MIN_HEADER_LENGTH) ipv4.fillChecksum(b, ip);
  ns.snmp.ip.forwDatagrams++;
  ns.note(Step.FORWARDED, frame, input.index, outward.index);
  output(ns, frame, outward, nextHop, route.type, mtu, true);
}

/** ip_exceeds_mtu: what came in fragments leaves in fragments. */
const exceeds = ({ fragments, length }: Frame, mtu: number): boolean =>
  (fragments === null ? length - LINK : fragments.largest) > mtu;

/** ip_dst_mtu_maybe_forward: a router does not believe what it heard of smaller MTUs, unless it is told to. */
const mtuOf = (ns: Namespace, destination: Ipv4, outward: NetDevice): number =>
  ns.settings.ipv4.ip_forward_use_pmtu === 0 ? outward.mtu : ns.pathMtus.towards(destination, outward.mtu);

function refuseTtl(ns: Namespace, frame: Frame, input: NetDevice): void {
  ns.snmp.ip.inHdrErrors++;
  ns.sendError(frame, icmp.Type.TIME_EXCEEDED, icmp.TimeExceeded.IN_TRANSIT, 0, input);
  ns.drop(frame, Fate.TTL_EXPIRED);
}

function refuseSize(ns: Namespace, frame: Frame, input: NetDevice, mtu: number): void {
  ns.snmp.ip.fragFails++;
  ns.sendError(frame, icmp.Type.UNREACHABLE, icmp.Unreachable.FRAGMENTATION_NEEDED, mtu, input);
  ns.drop(frame, Fate.FRAGMENTATION_NEEDED);
}
