/**
 * REJECT --reject-with tcp-reset: a segment that ends the connection of another, from the one it was sent to.
 * Follows nf_send_reset of net/ipv4/netfilter/nf_reject_ipv4.c.
 */
import { get32, put8, put16, put32 } from "../base/bytes.ts";
import type { NetDevice } from "../device/device.ts";
import { ANY_IPV4, isMulticast } from "../packet/address.ts";
import { partial } from "../packet/checksum.ts";
import * as ethernet from "../packet/ethernet.ts";
import { Checksum, type Frame } from "../packet/frame.ts";
import * as ipv4 from "../packet/ipv4.ts";
import * as tcp from "../packet/tcp.ts";
import { newPacket, PAYLOAD } from "./ip-packet.ts";
import { Discovery, replyMark, sendPacket } from "./ip-send.ts";
import type { Namespace } from "./namespace.ts";
import { attachAnswer } from "./netfilter/conntrack/flow.ts";
import { routeOutput } from "./route-output.ts";
import { RouteType } from "./route-table.ts";

const LINK = ethernet.HEADER_LENGTH;
const { FIN, SYN, RST, ACK } = tcp.Flag;
const HEADER = 0x50;

/** Borrows the culprit, whose checksum is right. `port`: it was bridged, and the answer goes out there as it came. */
export function sendTcpReset(ns: Namespace, culprit: Frame, port: NetDevice | null): void {
  const b = culprit.bytes;
  const ip = culprit.at + LINK;
  const at = ipv4.payloadAt(b, ip);
  if (ipv4.protocol(b, ip) !== ipv4.Protocol.TCP || ipv4.fragmentOffset(b, ip) !== 0) return;
  // nf_reject_ip_tcphdr_get: how long the header says it is is not asked.
  if (at + tcp.MIN_HEADER_LENGTH > culprit.end || (tcp.flags(b, at) & RST) !== 0) return;
  const source = ipv4.destination(b, ip);
  const peer = ipv4.source(b, ip);
  // A bridge's fake route is for nobody in particular.
  const isForMany = isMulticast(source) || ns.fib.typeOf(source) === RouteType.BROADCAST;
  if (isForMany && port === null) return;
  const mark = replyMark(ns, culprit);
  // ip_route_me_harder: a bridged one may have been for 127.0.0.1, from where no answer leaves the host.
  const route = routeOutput(ns, peer, ns.fib.isLocal(source) ? source : ANY_IPV4, null, mark);
  if ("errno" in route) return;
  const frame = newPacket(ns.world.frames, tcp.MIN_HEADER_LENGTH);
  writeReset(frame, b, at, culprit.end);
  put16(
    frame.bytes,
    frame.at + PAYLOAD + tcp.CHECKSUM,
    partial(source, peer, ipv4.Protocol.TCP, tcp.MIN_HEADER_LENGTH),
  );
  frame.mark = mark;
  frame.checksum = Checksum.PARTIAL;
  frame.checksumStart = PAYLOAD;
  frame.checksumOffset = tcp.CHECKSUM;
  attachAnswer(frame, culprit);
  const options = { protocol: ipv4.Protocol.TCP, ttl: 0, tos: 0, discovery: Discovery.DO, identification: 0 };
  if (port === null) return sendPacket(ns, frame, { ...route, source }, options);
  ipv4.emit(frame.bytes, frame.at + LINK, header(source, peer, ns.settings.ipv4.ip_default_ttl));
  const from = ethernet.destination(b, culprit.at);
  const { IPV4 } = ethernet.EtherType;
  ethernet.emit(frame.bytes, frame.at, { destination: ethernet.source(b, culprit.at), source: from, etherType: IPV4 });
  port.transmit(frame);
}

/** RFC 9293 3.5.2: a number that the peer must believe. The checksum is left zero. */
export function writeReset(frame: Frame, culprit: Uint8Array, at: number, end: number): void {
  const b = frame.bytes;
  const to = frame.at + PAYLOAD;
  const flags = tcp.flags(culprit, at);
  const length = end - tcp.payloadAt(culprit, at) + Number((flags & SYN) !== 0) + Number((flags & FIN) !== 0);
  const isAcknowledged = (flags & ACK) !== 0;
  b.fill(0, to, to + tcp.MIN_HEADER_LENGTH);
  put16(b, to, tcp.destinationPort(culprit, at));
  put16(b, to + 2, tcp.sourcePort(culprit, at));
  put32(b, to + 4, isAcknowledged ? get32(culprit, at + 8) : 0);
  put32(b, to + 8, isAcknowledged ? 0 : (tcp.sequence(culprit, at) + length) >>> 0);
  put8(b, to + 12, HEADER);
  put8(b, to + 13, isAcknowledged ? RST : RST | ACK);
}

const header = (source: ipv4.Header["source"], destination: ipv4.Header["source"], ttl: number): ipv4.Header => ({
  ...{ tos: 0, id: 0, dontFragment: true, moreFragments: false, fragmentOffset: 0, ttl },
  ...{ protocol: ipv4.Protocol.TCP, source, destination },
  ...{ options: ipv4.NO_OPTIONS, payloadLength: tcp.MIN_HEADER_LENGTH },
});
