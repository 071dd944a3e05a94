/**
 * A packet for somebody else: RFC 1812 5.2; net/ipv4/ip_forward.c, route.c (ip_error).
 * Not modelled yet: redirects (between TTL and FORWARD), martian logging, per-peer limits of ip_error.
 */
import { Fate } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import { type Ipv4, isGroup } from "../packet/address.ts";
import { HEADER_LENGTH as LINK, destination as linkDestination } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { Hook } from "./hooks.ts";
import { output } from "./ip-output.ts";
import type { Namespace } from "./namespace.ts";
import { type Route, RouteType } from "./route-table.ts";
import { Step } from "./steps.ts";

/** Owns the frame. `route` is what the tables said, an error route or nothing included. */
export function forward(ns: Namespace, frame: Frame, device: NetDevice, route: Route | null): void {
  if (!ns.settings.forwards(device.index)) {
    ns.snmp.ip.inAddrErrors++;
    return ns.drop(frame, Fate.NOT_FORWARDING);
  }
  if (route === null || route.type !== RouteType.UNICAST) return refuseRoute(ns, frame, device, route);
  if (isGroup(linkDestination(frame.bytes, frame.at))) return ns.drop(frame, Fate.NOT_FOR_US);
  forwardThrough(ns, frame, device, route, route.device!);
}

function refuseRoute(ns: Namespace, frame: Frame, device: NetDevice, route: Route | null): void {
  if (route === null) ns.snmp.ip.inNoRoutes++;
  const code = refusalCode(route);
  if (code !== null) ns.sendError(frame, icmp.Type.UNREACHABLE, code, 0, device);
  ns.drop(frame, Fate.NO_ROUTE);
}

/** Null: a blackhole says nothing. */
function refusalCode(route: Route | null): number | null {
  if (route === null) return icmp.Unreachable.NET;
  if (route.type === RouteType.UNREACHABLE) return icmp.Unreachable.HOST;
  return route.type === RouteType.PROHIBIT ? icmp.Unreachable.FILTERED : null;
}

function forwardThrough(ns: Namespace, frame: Frame, input: NetDevice, route: Route, outward: NetDevice): void {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  if (ipv4.ttl(b, ip) <= 1) return refuseTtl(ns, frame, input);
  if (ipv4.dontFragment(b, ip) && frame.length - LINK > outward.mtu) return refuseSize(ns, frame, input, outward.mtu);
  ipv4.decreaseTtl(b, ip);
  if (!ns.netfilter.pass(Hook.FORWARD, frame, input, outward)) return;
  ns.snmp.ip.forwDatagrams++;
  ns.note(Step.FORWARDED, frame, input.index, outward.index);
  const nextHop = (route.via || ipv4.destination(b, ip)) as Ipv4;
  output(ns, frame, outward, nextHop, RouteType.UNICAST, outward.mtu);
}

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
