/**
 * The route of a packet we send ourselves, with the source address it gets.
 * Follows net/ipv4/route.c (ip_route_output_key_hash_rcu, __mkroute_output).
 */
import type { NetDevice } from "../device/device.ts";
import { ANY_IPV4, type Ipv4, isLoopback, isMulticast, LIMITED_BROADCAST } from "../packet/address.ts";
import { MIN_MTU } from "../packet/ipv4.ts";
import { type Refusal, refuse } from "./errno.ts";
import { isErrorType, LOOPBACK_INDEX } from "./fib.ts";
import type { Namespace } from "./namespace.ts";
import { type Route, RouteType, type RouteTypeCode, Scope } from "./route-table.ts";

const LOCALHOST = 0x7f00_0001 as Ipv4;

export interface OutputRoute {
  readonly type: RouteTypeCode;
  readonly device: NetDevice;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** The gateway, or the destination itself. */
  readonly nextHop: Ipv4;
  /** Bytes of an IP packet: the device's, or a smaller one that was learned. */
  readonly mtu: number;
  /** What the tables said; null where they were not asked. */
  readonly route: Route | null;
}

/**
 * `source` 0 lets the route choose; `bound` is the device a socket is tied to. Refusals: ENETUNREACH (no route, or the
 * source is not ours; or no IP fits the device: ip_setup_cork), EHOSTUNREACH, EACCES, EINVAL (unreachable, prohibit, blackhole; or a source that nobody can have).
 */
export function routeOutput(
  ns: Namespace,
  destination: Ipv4,
  source: Ipv4 = ANY_IPV4,
  bound: NetDevice | null = null,
  mark = 0,
): OutputRoute | Refusal {
  const route = choose(ns, destination, source, bound, mark);
  return !("errno" in route) && route.device.mtu < MIN_MTU ? refuse("ENETUNREACH") : route;
}

function choose(
  ns: Namespace,
  destination: Ipv4,
  source: Ipv4,
  bound: NetDevice | null,
  mark: number,
): OutputRoute | Refusal {
  const refusal = source === ANY_IPV4 ? null : refusedSource(ns, source, bound);
  if (refusal !== null) return refusal;
  if (bound !== null && !bound.up) return refuse("ENETUNREACH");
  const target = destination === ANY_IPV4 ? (source === ANY_IPV4 ? LOCALHOST : source) : destination;
  const isGroup = target === LIMITED_BROADCAST || isMulticast(target);
  const speaker = bound ?? (isGroup && source !== ANY_IPV4 ? ns.deviceOf(source) : null);
  if (isGroup && speaker !== null) return onLink(ns, speaker, source, target);
  const route = ns.fib.lookup(target, bound?.index ?? 0, Scope.UNIVERSE, source, LOOPBACK_INDEX, mark);
  if (route !== null && (bound === null || !isErrorType(route.type))) return through(ns, route, source, target);
  // "Apparently, routing tables are wrong": a socket tied to a device may speak to anybody on its link.
  return bound === null ? refuse("ENETUNREACH") : onLink(ns, bound, source, target);
}

function refusedSource(ns: Namespace, source: Ipv4, bound: NetDevice | null): Refusal | null {
  if (isMulticast(source) || source === LIMITED_BROADCAST || source === ANY_IPV4) return refuse("EINVAL");
  return bound === null && !ns.fib.isLocal(source) ? refuse("ENETUNREACH") : null;
}

function through(ns: Namespace, route: Route, source: Ipv4, target: Ipv4): OutputRoute | Refusal {
  switch (route.type) {
    case RouteType.UNREACHABLE:
      return refuse("EHOSTUNREACH");
    case RouteType.PROHIBIT:
      return refuse("EACCES");
    case RouteType.BLACKHOLE:
      return refuse("EINVAL");
    case RouteType.LOCAL: {
      const device = ns.loopback;
      if (device === null) return refuse("ENETUNREACH");
      return answer(ns, RouteType.LOCAL, device, source || route.source || target, target, target, route);
    }
    default: {
      const device = route.device!;
      const chosen = source || route.source || ns.addresses.select(device, route.via, route.scope);
      if (isTrapped(ns, device, chosen as Ipv4)) return refuse("EINVAL");
      const type = castOf(target, route.type);
      const hop = ns.pathMtus.gateway(target, route) || route.via || target;
      return answer(ns, type, device, chosen, target, type === RouteType.UNICAST ? hop : target, route);
    }
  }
}

/** 127/8 stays inside, unless route_localnet lets it out by this device. */
const isTrapped = (ns: Namespace, device: NetDevice, source: Ipv4): boolean =>
  isLoopback(source) && device.traits.link !== "loopback" && !ns.settings.either(device.index, "route_localnet");

function onLink(ns: Namespace, device: NetDevice, source: Ipv4, target: Ipv4): OutputRoute {
  const chosen = source || ns.addresses.select(device, ANY_IPV4, Scope.LINK);
  return answer(ns, castOf(target, RouteType.UNICAST), device, chosen, target, target, null);
}

function castOf(target: Ipv4, type: RouteTypeCode): RouteTypeCode {
  if (target === LIMITED_BROADCAST) return RouteType.BROADCAST;
  return isMulticast(target) ? RouteType.MULTICAST : type;
}

const answer = (
  ns: Namespace,
  type: RouteTypeCode,
  device: NetDevice,
  source: number,
  destination: Ipv4,
  nextHop: number,
  route: Route | null,
): OutputRoute => ({
  type,
  device,
  source: source as Ipv4,
  destination,
  nextHop: nextHop as Ipv4,
  mtu: ns.pathMtus.towards(destination, device.mtu),
  route,
});
