/**
 * A packet of our own on its way out: header, identification, OUTPUT, then `output`.
 * Follows net/ipv4/ip_output.c (__ip_make_skb, ip_select_ident_segs, __ip_local_out). Not modelled: IP options.
 */
import { Fate } from "../base/fate.ts";
import { ANY_IPV4, type Ipv4 } from "../packet/address.ts";
import { EtherType, HEADER_LENGTH as LINK, setEtherType } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { Hook } from "./hooks.ts";
import { output } from "./ip-output.ts";
import { PAYLOAD } from "./ip-packet.ts";
import type { Namespace } from "./namespace.ts";
import { type OutputRoute, routeOutput } from "./route-output.ts";
import { RouteType } from "./route-table.ts";
import { Step } from "./steps.ts";

/** IP_PMTUDISC_*: what a socket wants of the don't-fragment flag. */
export const Discovery = {
  /** Never set. */
  DONT: 0,
  /** Set on what fits; what does not is fragmented here. */
  WANT: 1,
  /** Always set; what does not fit is refused. */
  DO: 2,
} as const;
export type DiscoveryMode = (typeof Discovery)[keyof typeof Discovery];

export interface SendOptions {
  readonly protocol: number;
  /** 0: the system's default. */
  readonly ttl: number;
  readonly tos: number;
  readonly discovery: DiscoveryMode;
  /** Null: chosen as the kernel does; connected sockets count their own. */
  readonly identification: number | null;
}

/** IP4_REPLY_MARK: does what the kernel answers carry the mark of what was asked? */
export const replyMark = (ns: Namespace, asked: Frame): number =>
  ns.settings.ipv4.fwmark_reflect === 0 ? 0 : asked.mark;

/** Owns the frame; its payload is written. The size was judged by the caller. */
export function sendPacket(ns: Namespace, frame: Frame, route: OutputRoute, options: SendOptions): void {
  const b = frame.bytes;
  b.fill(0, frame.at, frame.at + PAYLOAD);
  setEtherType(b, frame.at, EtherType.IPV4);
  writeHeader(ns, frame, route, options);
  ns.note(Step.ROUTE_CHOSEN, frame, route.device.index, route.nextHop);
  const { mark } = frame;
  if (!ns.netfilter.pass(Hook.OUTPUT, frame, null, route.device)) return;
  const isAsRouted = ipv4.destination(b, frame.at + LINK) === route.destination && frame.mark === mark;
  const way = isAsRouted ? route : routeAgain(ns, frame);
  if (way !== null) output(ns, frame, way.device, way.nextHop, way.type, way.mtu);
}

/** ip_route_me_harder: the tables mangle and nat may have sent it elsewhere. Null when the frame has ended. */
function routeAgain(ns: Namespace, frame: Frame): OutputRoute | null {
  const ip = frame.at + LINK;
  const source = ipv4.source(frame.bytes, ip);
  const from = ns.fib.isLocal(source) ? source : ANY_IPV4;
  const way = routeOutput(ns, ipv4.destination(frame.bytes, ip), from, null, frame.mark);
  if (!("errno" in way)) return way;
  ns.drop(frame, Fate.NO_ROUTE_TO_SEND);
  return null;
}

function writeHeader(ns: Namespace, frame: Frame, route: OutputRoute, options: SendOptions): void {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  const total = frame.length - LINK;
  const keepWhole =
    options.discovery === Discovery.DO || (options.discovery === Discovery.WANT && wantsWhole(ns, route, total));
  b[ip] = 0x45;
  ipv4.setTos(b, ip, options.tos);
  ipv4.setTotalLength(b, ip, total);
  ipv4.setFragment(b, ip, 0, false, keepWhole);
  // __ip_make_skb: what goes to a group goes no further than the link, unless the sender says so.
  ipv4.setTtl(b, ip, options.ttl || (route.type === RouteType.MULTICAST ? 1 : ns.settings.ipv4.ip_default_ttl));
  ipv4.setProtocol(b, ip, options.protocol);
  ipv4.setSource(b, ip, route.source);
  ipv4.setDestination(b, ip, route.destination);
  ipv4.setId(b, ip, identify(ns, route.source, route.destination, options));
  ipv4.fillChecksum(b, ip);
}

/** ip_dont_fragment */
const wantsWhole = (ns: Namespace, route: OutputRoute, total: number): boolean =>
  total <= route.mtu && !ns.pathMtus.isLocked(route.destination);

/** Nobody will put such a packet together, so it needs no number: RFC 6864 4.1. */
function identify(ns: Namespace, source: Ipv4, destination: Ipv4, options: SendOptions): number {
  if (options.identification !== null) return options.identification;
  return options.discovery === Discovery.DO ? 0 : ns.idents.take(source, destination, options.protocol);
}
