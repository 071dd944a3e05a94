/**
 * Tests of what is known of a packet beside its headers. Follows net/netfilter/xt_mark.c, xt_connmark.c, xt_multiport.c,
 * xt_addrtype.c and xt_pkttype.c; limit is token-bucket.ts, conntrack is match-conntrack.ts.
 */
import { get16 } from "../../base/bytes.ts";
import type { NetDevice } from "../../device/device.ts";
import { BROADCAST_MAC, type Ipv4, isGroup, isMulticast, LIMITED_BROADCAST } from "../../packet/address.ts";
import * as ethernet from "../../packet/ethernet.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import { RouteType } from "../route-table.ts";
import { matchesConnection } from "./match-conntrack.ts";
import type { Packet } from "./packet.ts";
import { PacketCode, type Program, Test } from "./program.ts";
import type { AddrtypeMatch, MultiportMatch } from "./rule.ts";

const LINK = ethernet.HEADER_LENGTH;
const PORTS = 4;

export function testMatch(
  program: Program,
  code: number,
  inverted: boolean,
  a: number,
  b: number,
  packet: Packet,
): boolean {
  switch (code) {
    case Test.MARK:
      return ((packet.frame.mark & b) >>> 0 === a >>> 0) !== inverted;
    case Test.CONNMARK: {
      const line = packet.tracker.table.lineOf(packet.frame);
      return line !== null && ((line.mark & b) >>> 0 === a >>> 0) !== inverted;
    }
    case Test.LIMIT:
      return program.limits[a]!.take(packet.host.world.scheduler.now);
    case Test.PACKET_TYPE:
      return (typeOf(packet) === a) !== inverted;
    default:
      return testWritten(program, a, packet);
  }
}

function testWritten(program: Program, index: number, packet: Packet): boolean {
  const match = program.written[index]!;
  switch (match.kind) {
    case "multiport":
      return matchesPorts(match, packet);
    case "conntrack":
      return matchesConnection(match, packet);
    case "addrtype":
      return matchesTypes(match, packet);
  }
}

/** What its sender meant it for, by its link header; what the host itself sends is for one. */
function typeOf({ frame, input, bridgeInput }: Packet): number {
  if (input === null && bridgeInput === null) return PacketCode.unicast;
  const destination = ethernet.destination(frame.bytes, frame.at);
  if (!isGroup(destination)) return PacketCode.unicast;
  return destination === BROADCAST_MAC ? PacketCode.broadcast : PacketCode.multicast;
}

/** Of a cut header xt_multiport says "hotdrop". */
function matchesPorts({ which, ports, inverted }: MultiportMatch, packet: Packet): boolean {
  const { frame } = packet;
  const b = frame.bytes;
  const ip = frame.at + LINK;
  if (ipv4.fragmentOffset(b, ip) !== 0) return false;
  const at = ipv4.payloadAt(b, ip);
  packet.hotdrop = at + PORTS > frame.end;
  if (packet.hotdrop) return false;
  const source = which === "destination" ? -1 : get16(b, at);
  const destination = which === "source" ? -1 : get16(b, at + 2);
  for (const { from, to } of ports)
    if ((source >= from && source <= to) || (destination >= from && destination <= to)) return !inverted;
  return inverted;
}

/** addrtype_mt_v1 */
function matchesTypes(match: AddrtypeMatch, packet: Packet): boolean {
  const { frame, input, output } = packet;
  const ip = frame.at + LINK;
  const device = match.limitIn ? input : match.limitOut ? output : null;
  const isOf = ({ bits, inverted }: AddrtypeMatch["source"], address: Ipv4): boolean =>
    bits === 0 || ((bits & (1 << addressType(packet, address, device))) !== 0) !== inverted;
  return isOf(match.source, ipv4.source(frame.bytes, ip)) && isOf(match.destination, ipv4.destination(frame.bytes, ip));
}

/** inet_dev_addr_type: what the address is to this host, or to one of its devices. */
function addressType({ host }: Packet, address: Ipv4, device: NetDevice | null): number {
  if (address >>> 24 === 0 || address === LIMITED_BROADCAST) return RouteType.BROADCAST;
  if (isMulticast(address)) return RouteType.MULTICAST;
  const route = host.fib.local.lookup(address);
  return route === null || (device !== null && route.device !== device) ? RouteType.UNICAST : route.type;
}
