/**
 * ICMP that the kernel sends: errors about packets it could not serve, and answers to echo requests.
 * Follows net/ipv4/icmp.c (__icmp_send, icmp_reply), RFC 1122 3.2.2, RFC 1812 4.3.2.
 */
import { put32 } from "../base/bytes.ts";
import type { NetDevice } from "../device/device.ts";
import { ANY_IPV4, type Ipv4, isGroup, isMulticast } from "../packet/address.ts";
import { HEADER_LENGTH as LINK, destination as linkDestination } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { newPacket, PAYLOAD } from "./ip-packet.ts";
import { Discovery, replyMark, sendPacket } from "./ip-send.ts";
import type { Namespace } from "./namespace.ts";
import { attachAnswer } from "./netfilter/conntrack/flow.ts";
import { type OutputRoute, routeOutput } from "./route-output.ts";
import { RouteType, type RouteTypeCode, Scope } from "./route-table.ts";
import { Step } from "./steps.ts";

/** RFC 1812 4.3.2.3: as much of the culprit as fits into a packet that every host takes. */
const MAX_ERROR = 576;
/** IPTOS_PREC_INTERNETCONTROL, in place of the culprit's own precedence. */
const INTERNET_CONTROL = 0xc0;
const TOS_MASK = 0x1e;
/** INADDR_DUMMY, 192.0.0.8: who has no address at all speaks with this one (RFC 7600). */
const DUMMY = 0xc000_0008 as Ipv4;
export const NR_ICMP_TYPES = 18;

/**
 * Borrows the culprit. `info` is the four bytes after the checksum: an MTU, a pointer in the highest byte. `device` is
 * where the culprit came in, or was to go out. Silent where RFC 1122 wants silence.
 */
export function sendIcmpError(
  ns: Namespace,
  culprit: Frame,
  type: number,
  code: number,
  info: number,
  device: NetDevice | null,
): void {
  const destination = ipv4.destination(culprit.bytes, culprit.at + LINK);
  if (isMulticast(destination) || ns.fib.typeOf(destination) === RouteType.BROADCAST) return;
  complain(ns, culprit, type, code, info, device, errorSource(ns, destination, device));
}

/** About a packet that only passes a bridge: of its fake route nothing is known, not even whether it is for many. */
export function sendBridgedError(ns: Namespace, culprit: Frame, code: number, bridge: NetDevice | null): void {
  complain(ns, culprit, icmp.Type.UNREACHABLE, code, 0, bridge, ANY_IPV4);
}

/** `source` 0: the address that leads back. */
function complain(
  ns: Namespace,
  culprit: Frame,
  type: number,
  code: number,
  info: number,
  device: NetDevice | null,
  source: Ipv4,
): void {
  if (ns.sendsIcmp || !deservesError(culprit)) return;
  const peer = ipv4.source(culprit.bytes, culprit.at + LINK);
  const isInside = device?.traits.link === "loopback";
  if (!isInside && !ns.icmpLimit.allowsAny(type, code)) {
    ns.snmp.icmp.outRateLimitGlobal++;
    return ns.note(Step.ERROR_LIMITED, culprit, type * 256 + code, peer);
  }
  const route = routeOutput(ns, peer, source, null, replyMark(ns, culprit));
  if ("errno" in route) return;
  if (route.device.traits.link !== "loopback" && !ns.icmpLimit.allowsTo(peer, type, code)) {
    ns.snmp.icmp.outRateLimitHost++;
    return ns.note(Step.ERROR_LIMITED, culprit, type * 256 + code, peer);
  }
  ns.note(Step.ERROR_SENT, culprit, type * 256 + code, peer);
  const isNameless = route.source === ANY_IPV4;
  emitError(ns, culprit, isNameless ? { ...route, source: DUMMY } : route, type, code, info);
}

/** Never about group frames, fragments but the first, other errors, or packets without a sender. */
function deservesError(culprit: Frame): boolean {
  const b = culprit.bytes;
  const ip = culprit.at + LINK;
  if (isGroup(linkDestination(b, culprit.at)) || ipv4.fragmentOffset(b, ip) !== 0) return false;
  if (ipv4.source(b, ip) === ANY_IPV4) return false;
  if (ipv4.protocol(b, ip) !== ipv4.Protocol.ICMP) return true;
  const message = ipv4.payloadAt(b, ip);
  return message < culprit.end && isQuery(icmp.type(b, message));
}

/** icmp_pointers: types that nobody has given a meaning count as errors. */
const isQuery = (type: number): boolean =>
  type <= NR_ICMP_TYPES && !icmp.isError(type) && !UNASSIGNED_ERRORS.includes(type);
const UNASSIGNED_ERRORS: readonly number[] = [1, 2, 6, 7, 9, 10];

/** Who was spoken to answers; a router speaks from where its route to the sender leaves. */
function errorSource(ns: Namespace, destination: Ipv4, device: NetDevice | null): Ipv4 {
  if (ns.fib.isLocal(destination)) return destination;
  if (device === null || ns.settings.ipv4.icmp_errors_use_inbound_ifaddr === 0) return ANY_IPV4;
  return ns.addresses.select(device, ANY_IPV4, Scope.LINK);
}

function emitError(ns: Namespace, culprit: Frame, route: OutputRoute, type: number, code: number, info: number): void {
  const room = Math.min(route.mtu, MAX_ERROR) - ipv4.MIN_HEADER_LENGTH - icmp.HEADER_LENGTH;
  const quoted = Math.min(culprit.length - LINK, room);
  const frame = newPacket(ns.world.frames, icmp.HEADER_LENGTH + quoted);
  const b = frame.bytes;
  const at = frame.at + PAYLOAD;
  icmp.setType(b, at, type);
  icmp.setCode(b, at, code);
  put32(b, at + 4, info);
  b.set(culprit.bytes.subarray(culprit.at + LINK, culprit.at + LINK + quoted), icmp.dataAt(at));
  frame.mark = replyMark(ns, culprit);
  // icmp_glue_bits
  attachAnswer(frame, culprit);
  const tos = (ipv4.tos(culprit.bytes, culprit.at + LINK) & TOS_MASK) | INTERNET_CONTROL;
  sendKernelIcmp(ns, frame, route, tos);
}

/** Borrows the request. `type` is that of its destination: one to a broadcast address is answered from our own. */
export function sendEchoReply(ns: Namespace, request: Frame, type: RouteTypeCode): void {
  const ip = request.at + LINK;
  const peer = ipv4.source(request.bytes, ip);
  const spoken = type === RouteType.LOCAL ? ipv4.destination(request.bytes, ip) : ANY_IPV4;
  const route = routeOutput(ns, peer, spoken, null, replyMark(ns, request));
  if ("errno" in route) return;
  const message = ipv4.payloadAt(request.bytes, ip);
  const frame = newPacket(ns.world.frames, request.end - message);
  const at = frame.at + PAYLOAD;
  frame.bytes.set(request.bytes.subarray(message, request.end), at);
  // The code stays as it was asked with.
  icmp.setType(frame.bytes, at, icmp.Type.ECHO_REPLY);
  frame.mark = replyMark(ns, request);
  ns.note(Step.ECHO_ANSWERED, request, peer, 0);
  sendKernelIcmp(ns, frame, route, ipv4.tos(request.bytes, ip));
}

/** The kernel's own ICMP socket does no path MTU discovery: no don't-fragment flag. */
function sendKernelIcmp(ns: Namespace, frame: Frame, route: OutputRoute, tos: number): void {
  icmp.fillChecksum(frame.bytes, frame.at + PAYLOAD, frame.end);
  countIcmpOut(ns, icmp.type(frame.bytes, frame.at + PAYLOAD));
  const protocol = ipv4.Protocol.ICMP;
  ns.sendsIcmp = true;
  sendPacket(ns, frame, route, { protocol, ttl: 0, tos, discovery: Discovery.DONT, identification: null });
  ns.sendsIcmp = false;
}

export function countIcmpOut(ns: Namespace, type: number): void {
  ns.snmp.icmp.outMsgs++;
  ns.snmp.icmp.outType[type]!++;
}
