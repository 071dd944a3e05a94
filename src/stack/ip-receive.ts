/**
 * A packet that came in: is it whole, is it for us, who gets it.
 * Follows net/ipv4/ip_input.c (ip_rcv_core, ip_local_deliver) and ip_options.c.
 * Not modelled: record route and timestamp being filled in, multicast routing.
 */
import { get8 } from "../base/bytes.ts";
import { Fate, type FateCode } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import { type Ipv4, isMulticast } from "../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import * as ipv4 from "../packet/ipv4.ts";
import * as ipv4Options from "../packet/ipv4-options.ts";
import { MIN_HEADER_LENGTH as TCP_HEADER } from "../packet/tcp.ts";
import { pull } from "./fragment.ts";
import { Hook } from "./hooks.ts";
import { checkHeader, countFault, ECN } from "./ip-check.ts";
import { forward } from "./ip-forward.ts";
import type { Namespace } from "./namespace.ts";
import { DefragUser } from "./reassembly.ts";
import { multicastFate, routeInput } from "./route-input.ts";
import { RouteType, type RouteTypeCode } from "./route-table.ts";
import { Step } from "./steps.ts";

/** Owns the frame. */
export function receiveIp(ns: Namespace, frame: Frame, device: NetDevice): void {
  const { ip } = ns.snmp;
  ip.inReceives++;
  ip.inOctets += frame.length - LINK;
  const fault = checkHeader(frame.bytes, frame.at + LINK, frame.end);
  if (fault !== Fate.NONE) {
    countFault(ip, fault, frame.bytes, frame.at + LINK, frame.end);
    return ns.drop(frame, fault);
  }
  ip.inByEcn[ipv4.tos(frame.bytes, frame.at + LINK) & ECN]!++;
  // Ethernet pads short frames; what lies behind the packet is nobody's.
  frame.length = LINK + ipv4.totalLength(frame.bytes, frame.at + LINK);
  const whole = ns.netfilter.gather(frame, device.index, DefragUser.CONNTRACK_IN);
  if (whole !== frame && whole !== null) demultiplex(whole);
  if (whole !== null && ns.netfilter.pass(Hook.PREROUTING, whole, device, null)) routePacket(ns, whole, device);
}

/** tcp_v4_early_demux */
function demultiplex(whole: Frame): void {
  if (ipv4.protocol(whole.bytes, whole.at + LINK) === ipv4.Protocol.TCP) pull(whole, TCP_HEADER);
}

function routePacket(ns: Namespace, frame: Frame, device: NetDevice): void {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  const hasOptions = ipv4.headerLength(b, ip) > ipv4.MIN_HEADER_LENGTH;
  const source = ipv4.source(b, ip);
  const destination = ipv4.destination(b, ip);
  if (isMulticast(destination)) return receiveMulticast(ns, frame, device, destination, source, hasOptions);
  const answer = routeInput(ns, frame, destination, source, device, frame.mark);
  if (answer.fate !== Fate.NONE) return refuse(ns, frame, answer.fate);
  if (hasOptions && !acceptOptions(ns, frame, device)) return;
  switch (answer.type) {
    case RouteType.LOCAL:
      return deliver(ns, frame, device, RouteType.LOCAL);
    case RouteType.BROADCAST:
      countGroup(ns, frame, RouteType.BROADCAST);
      // With bc_forwarding it goes on as any other packet, and we do not hear it.
      return answer.route === null
        ? deliver(ns, frame, device, RouteType.BROADCAST)
        : forward(ns, frame, device, answer);
    default:
      return forward(ns, frame, device, answer);
  }
}

function refuse(ns: Namespace, frame: Frame, fate: FateCode): void {
  if (fate === Fate.REVERSE_PATH) ns.snmp.ip.reversePathFilter++;
  ns.drop(frame, fate);
}

function receiveMulticast(
  ns: Namespace,
  frame: Frame,
  device: NetDevice,
  group: Ipv4,
  source: Ipv4,
  hasOptions: boolean,
): void {
  if (!ns.groups.has(group)) return ns.drop(frame, Fate.NOT_FOR_US);
  const fate = multicastFate(ns, group, source, device, frame.mark);
  if (fate !== Fate.NONE) return refuse(ns, frame, fate);
  if (hasOptions && !acceptOptions(ns, frame, device)) return;
  countGroup(ns, frame, RouteType.MULTICAST);
  deliver(ns, frame, device, RouteType.MULTICAST);
}

/** IPSTATS_MIB_INBCAST and _INMCAST, packets and octets. */
function countGroup({ snmp: { ip } }: Namespace, frame: Frame, type: RouteTypeCode): void {
  if (type === RouteType.BROADCAST) {
    ip.inBcastPkts++;
    ip.inBcastOctets += frame.length - LINK;
  } else if (type === RouteType.MULTICAST) {
    ip.inMcastPkts++;
    ip.inMcastOctets += frame.length - LINK;
  }
}

/** Our own copy of what we have sent to a group: it comes in once more, and its way is known. */
export function receiveLooped(ns: Namespace, frame: Frame, device: NetDevice, type: RouteTypeCode): void {
  const { ip } = ns.snmp;
  ip.inReceives++;
  ip.inOctets += frame.length - LINK;
  ip.inByEcn[ipv4.tos(frame.bytes, frame.at + LINK) & ECN]!++;
  countGroup(ns, frame, type);
  deliver(ns, frame, device, type);
}

/** ip_options_compile: false when the frame has ended. What stands behind the end mark is wiped out. Source routes are refused, as accept_source_route=0 does. */
function acceptOptions(ns: Namespace, frame: Frame, device: NetDevice): boolean {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  for (const option of ipv4Options.parse(b, ipv4.optionsAt(ip), ipv4.payloadAt(b, ip))) {
    if (option.kind === "malformed") {
      ns.snmp.ip.inHdrErrors++;
      ns.sendError(frame, icmp.Type.PARAMETER_PROBLEM, 0, (option.from - ip) * 0x100_0000, device);
      ns.drop(frame, Fate.IP_MALFORMED);
      return false;
    }
    if (option.kind === "end") b.fill(0, option.to, ipv4.payloadAt(b, ip));
    if (isSourceRoute(get8(b, option.from)) && !ns.settings.both(device.index, "accept_source_route")) {
      ns.drop(frame, Fate.IP_OPTIONS_REFUSED);
      return false;
    }
  }
  return true;
}

const isSourceRoute = (type: number): boolean =>
  type === ipv4Options.OptionType.LOOSE_SOURCE_ROUTE || type === ipv4Options.OptionType.STRICT_SOURCE_ROUTE;

/** ip_local_deliver: together, through INPUT, to the protocol. `type` is that of the destination. */
function deliver(ns: Namespace, fragment: Frame, device: NetDevice, type: RouteTypeCode): void {
  let frame: Frame | null = fragment;
  if (ipv4.isFragment(fragment.bytes, fragment.at + LINK))
    frame = ns.reassembly.add(fragment, device.index, DefragUser.LOCAL_DELIVER);
  if (frame === null) return;
  if (!ns.netfilter.pass(Hook.INPUT, frame, device, null)) return;
  const protocol = ipv4.protocol(frame.bytes, frame.at + LINK);
  ns.note(Step.LOCAL_DELIVERY, frame, protocol, device.index);
  const transport = ns.transports[protocol] ?? null;
  if (transport !== null) {
    ns.snmp.ip.inDelivers++;
    return transport.receive(frame, device, type);
  }
  if (protocol === ipv4.Protocol.IGMP) {
    ns.snmp.ip.inDelivers++;
    return ns.consume(frame);
  }
  ns.snmp.ip.inUnknownProtos++;
  ns.sendError(frame, icmp.Type.UNREACHABLE, icmp.Unreachable.PROTOCOL, 0, device);
  ns.drop(frame, Fate.PROTOCOL_UNREACHABLE);
}
