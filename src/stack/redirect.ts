/**
 * ICMP redirects: RFC 792, RFC 1122 3.2.2.2, RFC 1812 5.2.7.2. Follows net/ipv4/route.c (ip_rt_send_redirect,
 * __ip_do_redirect).
 */
import type { NetDevice } from "../device/device.ts";
import { ANY_IPV4, formatIpv4, type Ipv4, isMulticast, LIMITED_BROADCAST } from "../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import * as ipv4 from "../packet/ipv4.ts";
import type { Namespace } from "./namespace.ts";
import { type Route, RouteType } from "./route-table.ts";
import { Step } from "./steps.ts";

/** The sender could have sent the packet to the next hop itself: tells him, now and then. Borrows the frame. */
export function sendRedirect(ns: Namespace, frame: Frame, device: NetDevice, nextHop: Ipv4): void {
  if (!ns.settings.either(device.index, "send_redirects")) return;
  const ip = frame.at + LINK;
  const sender = ipv4.source(frame.bytes, ip);
  const verdict = ns.peers.allowsRedirect(sender);
  if (verdict === "no") return;
  ns.note(Step.REDIRECT_SENT, frame, sender, nextHop);
  ns.sendError(frame, icmp.Type.REDIRECT, icmp.Redirect.HOST, nextHop, device);
  if (verdict !== "last" || !ns.settings.either(device.index, "log_martians") || !ns.logLimit.allows()) return;
  const way = `${formatIpv4(ipv4.destination(frame.bytes, ip))} to ${formatIpv4(nextHop)}`;
  ns.table.log.print(`host ${formatIpv4(sender)}/if${device.index} ignores redirects for ${way}`);
}

/** `quote` is where the packet of ours starts that went the long way. True when the better way is taken from now on. */
export function obeyRedirect(ns: Namespace, frame: Frame, device: NetDevice, quote: number): boolean {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  const gateway = ipv4.source(b, ip);
  const better = icmp.gateway(b, ipv4.payloadAt(b, ip));
  const destination = ipv4.destination(b, quote);
  if (icmp.code(b, ipv4.payloadAt(b, ip)) > icmp.Redirect.HOST_TOS) return false;
  const route = ns.fib.lookup(destination);
  if (route === null || route.type !== RouteType.UNICAST || route.device === null) return false;
  if (hopOf(ns, route, destination) !== gateway) return false;
  if (!isWelcome(ns, device, gateway, better)) {
    logRefused(ns, device, gateway, better, ipv4.source(b, quote), destination);
    return false;
  }
  return follow(ns, route, destination, better);
}

/** The gateway that is in use: that of an earlier redirect, or the route's. */
const hopOf = (ns: Namespace, route: Route, destination: Ipv4): Ipv4 =>
  (ns.pathMtus.gateway(destination, route) || route.via) as Ipv4;

function isWelcome(ns: Namespace, device: NetDevice, gateway: Ipv4, better: Ipv4): boolean {
  const { settings, addresses } = ns;
  const { index } = device;
  const isListening = settings.forwards(index)
    ? settings.both(index, "accept_redirects")
    : settings.either(index, "accept_redirects");
  if (better === gateway || !isListening) return false;
  if (isMulticast(better) || better === LIMITED_BROADCAST || better === ANY_IPV4) return false;
  if (settings.either(index, "shared_media")) return ns.fib.typeOf(better) === RouteType.UNICAST;
  if (!addresses.sharesLink(device, better, gateway)) return false;
  return !settings.either(index, "secure_redirects") || isDefaultGateway(ns, better, device);
}

/** ip_fib_check_default */
const isDefaultGateway = (ns: Namespace, address: Ipv4, device: NetDevice): boolean =>
  ns.fib.main.list().some((route) => route.device === device && route.via === address && route.via !== ANY_IPV4);

/** Only a gateway whose MAC is known is used; another one is asked for first. */
function follow(ns: Namespace, route: Route, destination: Ipv4, better: Ipv4): boolean {
  const entry = ns.neighbours.obtain(route.device!, better);
  if (entry === null) return false;
  if (!entry.isValid) {
    entry.ask();
    return false;
  }
  ns.pathMtus.redirect(destination, route, better);
  return true;
}

function logRefused(
  ns: Namespace,
  device: NetDevice,
  gateway: Ipv4,
  better: Ipv4,
  source: Ipv4,
  destination: Ipv4,
): void {
  if (!ns.settings.either(device.index, "log_martians") || !ns.logLimit.allows()) return;
  const { log } = ns.table;
  log.print(`Redirect from ${formatIpv4(gateway)} on ${device.name} about ${formatIpv4(better)} ignored`);
  log.print(`  Advised path = ${formatIpv4(source)} -> ${formatIpv4(destination)}`);
}
