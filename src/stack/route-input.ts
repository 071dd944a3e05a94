/**
 * What the routing tables say about a packet that came in: for whom it is, and whether its sender may be there.
 * Follows net/ipv4/route.c (ip_route_input_slow, __mkroute_input, ip_handle_martian_source) and net/ipv4/fib_frontend.c
 * (fib_validate_source). Not modelled: multipath, lightweight tunnels, TOS.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import { ANY_IPV4, formatIpv4, type Ipv4, isLoopback, isMulticast, LIMITED_BROADCAST } from "../packet/address.ts";
import { HEADER_LENGTH } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import { LOOPBACK_INDEX } from "./fib.ts";
import type { InputRoute } from "./input-route.ts";
import type { Namespace } from "./namespace.ts";
import { type Route, RouteType, Scope } from "./route-table.ts";

/** Asks for a packet to `destination`; the answer is in `ns.inputRoute`. The frame is borrowed, for the log; null: nobody sent one. */
export function routeInput(
  ns: Namespace,
  frame: Frame | null,
  destination: Ipv4,
  source: Ipv4,
  device: NetDevice,
  mark = 0,
): InputRoute {
  const answer = ns.inputRoute;
  answer.fate = Fate.NONE;
  answer.route = null;
  answer.isDetour = false;
  if (device.traits.link === "loopback") resolve(ns, answer, destination, source, device, mark);
  else if (isWeirdSource(ns, destination, source, device)) answer.fate = Fate.MARTIAN_SOURCE;
  else if (isWeirdDestination(ns, destination, source, device)) answer.fate = Fate.MARTIAN_DESTINATION;
  else resolve(ns, answer, destination, source, device, mark);
  if (answer.fate !== Fate.NONE) logMartian(ns, frame, answer.fate, destination, source, device);
  return answer;
}

const allowsLocalnet = (ns: Namespace, device: NetDevice): boolean =>
  ns.settings.either(device.index, "route_localnet");

const isForEverybody = (destination: Ipv4, source: Ipv4): boolean =>
  destination === LIMITED_BROADCAST || (source === ANY_IPV4 && destination === ANY_IPV4);

/** Addresses that no packet from outside can come from. */
function isWeirdSource(ns: Namespace, destination: Ipv4, source: Ipv4, device: NetDevice): boolean {
  if (isMulticast(source) || source === LIMITED_BROADCAST) return true;
  if (isForEverybody(destination, source)) return false;
  if (source === ANY_IPV4) return true;
  return isLoopback(source) && !isLoopback(destination) && !allowsLocalnet(ns, device);
}

function isWeirdDestination(ns: Namespace, destination: Ipv4, source: Ipv4, device: NetDevice): boolean {
  if (isForEverybody(destination, source)) return false;
  return destination === ANY_IPV4 || (isLoopback(destination) && !allowsLocalnet(ns, device));
}

function resolve(
  ns: Namespace,
  answer: InputRoute,
  destination: Ipv4,
  source: Ipv4,
  device: NetDevice,
  mark: number,
): void {
  if (isForEverybody(destination, source)) return toEverybody(ns, answer, source, device, mark);
  const route = ns.fib.lookup(destination, 0, Scope.UNIVERSE, source, device.index, mark);
  answer.route = route;
  answer.type = RouteType.UNREACHABLE;
  if (route === null) return;
  switch (route.type) {
    case RouteType.BROADCAST:
      if (!ns.settings.both(device.index, "bc_forwarding")) return toEverybody(ns, answer, source, device, mark);
      answer.type = RouteType.BROADCAST;
      return goOn(ns, answer, destination, source, device, route, mark);
    case RouteType.LOCAL:
      answer.type = RouteType.LOCAL;
      answer.fate = verdictOf(validateSource(ns, source, destination, null, device, mark));
      return;
    case RouteType.UNICAST:
      if (!ns.settings.forwards(device.index)) return;
      answer.type = RouteType.UNICAST;
      return goOn(ns, answer, destination, source, device, route, mark);
    case RouteType.MULTICAST:
      if (ns.settings.forwards(device.index)) answer.fate = Fate.MARTIAN_DESTINATION;
      return;
    default:
      return;
  }
}

function toEverybody(ns: Namespace, answer: InputRoute, source: Ipv4, device: NetDevice, mark: number): void {
  answer.type = RouteType.BROADCAST;
  answer.route = null;
  if (source !== ANY_IPV4) answer.fate = verdictOf(validateSource(ns, source, ANY_IPV4, null, device, mark));
}

/** __mkroute_input */
function goOn(
  ns: Namespace,
  answer: InputRoute,
  destination: Ipv4,
  source: Ipv4,
  device: NetDevice,
  route: Route,
  mark: number,
): void {
  const outward = route.device!;
  const origin = validateSource(ns, source, destination, outward, device, mark);
  answer.fate = verdictOf(origin);
  if (answer.fate !== Fate.NONE || outward !== device || origin !== Origin.ON_LINK) return;
  const { settings, addresses } = ns;
  if (!settings.either(device.index, "send_redirects")) return;
  answer.isDetour = settings.either(device.index, "shared_media") || addresses.sharesLink(device, source, route.via);
}

/** ip_mc_validate_source: may `source` send to a group that we are in? A martian here is not logged. */
export function multicastFate(
  ns: Namespace,
  destination: Ipv4,
  source: Ipv4,
  device: NetDevice,
  mark: number,
): FateCode {
  if (isMulticast(source) || source === LIMITED_BROADCAST) return Fate.MARTIAN_SOURCE;
  if (isLoopback(source) && !allowsLocalnet(ns, device)) return Fate.MARTIAN_SOURCE;
  if (source === ANY_IPV4) return destination >>> 8 === LOCAL_GROUPS ? Fate.NONE : Fate.MARTIAN_SOURCE;
  return verdictOf(validateSource(ns, source, ANY_IPV4, null, device, mark));
}

/** 224.0.0.0/24 */
const LOCAL_GROUPS = 0xe0_0000;

/** What fib_validate_source found out about a sender. */
export const Origin = { ACCEPTED: 0, ON_LINK: 1, MARTIAN: 2, REVERSE_PATH: 3 } as const;
export type OriginCode = (typeof Origin)[keyof typeof Origin];

function verdictOf(origin: OriginCode): FateCode {
  if (origin === Origin.MARTIAN) return Fate.MARTIAN_SOURCE;
  return origin === Origin.REVERSE_PATH ? Fate.REVERSE_PATH : Fate.NONE;
}

/** fib_validate_source: `outward` is where the packet would leave, null when it stays. */
export function validateSource(
  ns: Namespace,
  source: Ipv4,
  destination: Ipv4,
  outward: NetDevice | null,
  device: NetDevice,
  mark: number,
): OriginCode {
  // What was looped back has kept the route that its sender was given.
  if (device.traits.link === "loopback") return Origin.ACCEPTED;
  const { settings } = ns;
  const filter = settings.greater(device.index, "rp_filter");
  const mayBeDetour = outward === device && settings.either(device.index, "send_redirects");
  if (filter !== 0 || mayBeDetour) return traceBack(ns, source, destination, outward, device, filter, mark);
  if (settings.either(device.index, "accept_local")) return Origin.ACCEPTED;
  if (ns.fib.isCustom) return traceBack(ns, source, destination, outward, device, filter, mark);
  return ns.fib.isLocal(source) ? Origin.MARTIAN : Origin.ACCEPTED;
}

/** __fib_validate_source: looks where an answer to the sender would go. */
function traceBack(
  ns: Namespace,
  source: Ipv4,
  destination: Ipv4,
  outward: NetDevice | null,
  device: NetDevice,
  filter: number,
  mark: number,
): OriginCode {
  const { fib, settings } = ns;
  // The answer itself carries no mark, unless it is told that it will.
  const asked = settings.either(device.index, "src_valid_mark") ? mark : 0;
  const iif = outward?.index ?? LOOPBACK_INDEX;
  const back = fib.lookup(source, 0, Scope.UNIVERSE, destination, iif, asked);
  if (back === null || isRefusal(back)) return filter === 0 ? Origin.ACCEPTED : Origin.REVERSE_PATH;
  const isOwn = back.type === RouteType.LOCAL && settings.either(device.index, "accept_local");
  if (back.type !== RouteType.UNICAST && !isOwn) return Origin.MARTIAN;
  if (back.device === device) return originOf(back);
  if (ns.addresses.of(device).length === 0) return filter === 0 ? Origin.ACCEPTED : Origin.REVERSE_PATH;
  if (filter === 1) return Origin.REVERSE_PATH;
  const here = fib.lookup(source, device.index, Scope.UNIVERSE, destination, iif, asked);
  return here !== null && here.type === RouteType.UNICAST ? originOf(here) : Origin.ACCEPTED;
}

const isRefusal = (route: Route): boolean => route.type >= RouteType.BLACKHOLE;
const originOf = (back: Route): OriginCode =>
  back.via === ANY_IPV4 && back.scope <= Scope.LINK ? Origin.ON_LINK : Origin.ACCEPTED;

/** ip_handle_martian_source, and its twin for destinations. RFC 1812: the MAC header is the only hint. */
export function logMartian(
  ns: Namespace,
  frame: Frame | null,
  fate: FateCode,
  destination: Ipv4,
  source: Ipv4,
  device: NetDevice,
): void {
  if (!ns.settings.either(device.index, "log_martians") || !ns.logLimit.allows()) return;
  const { log } = ns.table;
  const ends = `${formatIpv4(destination)} from ${formatIpv4(source)}`;
  if (fate === Fate.MARTIAN_DESTINATION) return log.print(`martian destination ${ends}, dev ${device.name}`);
  log.print(`martian source ${ends}, on dev ${device.name}`);
  if (frame === null) return;
  const header = [...frame.bytes.subarray(frame.at, frame.at + HEADER_LENGTH)];
  log.print(`ll header: 00000000: ${header.map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`);
}
