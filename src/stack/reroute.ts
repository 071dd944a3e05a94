/**
 * A packet of our own whose addresses or mark were changed in OUTPUT finds its way anew.
 * Follows ip_route_me_harder of net/ipv4/netfilter.c.
 */
import type { Ipv4 } from "../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as ipv4 from "../packet/ipv4.ts";
import type { Refusal } from "./errno.ts";
import type { Namespace } from "./namespace.ts";
import { type OutputRoute, routeOutput } from "./route-output.ts";

/** Borrows the frame. A source that is no longer ours does not matter: the route is looked up for the destination. */
export function reroute(ns: Namespace, frame: Frame, mark: number): OutputRoute | Refusal {
  const ip = frame.at + LINK;
  const source = ipv4.source(frame.bytes, ip);
  const spoken = ns.fib.isLocal(source) ? source : (0 as Ipv4);
  const route = routeOutput(ns, ipv4.destination(frame.bytes, ip), spoken, null, mark);
  return "errno" in route ? route : { ...route, source };
}
