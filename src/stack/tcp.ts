/**
 * TCP of a namespace without sockets: every port is closed, and whoever speaks to one hears RST (RFC 9293 3.10.7.1).
 * Follows net/ipv4/tcp_ipv4.c of Linux 6.1 (tcp_v4_rcv, tcp_v4_send_reset, tcp_v4_err).
 */
import { put16 } from "../base/bytes.ts";
import { Fate, type FateCode } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import { finish, pseudoHeader, sum } from "../packet/checksum.ts";
import { isToGroup, HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import { Checksum, type Frame } from "../packet/frame.ts";
import * as ipv4 from "../packet/ipv4.ts";
import * as tcp from "../packet/tcp.ts";
import { ECN } from "./ip-check.ts";
import { newPacket, PAYLOAD } from "./ip-packet.ts";
import { Discovery, sendPacket } from "./ip-send.ts";
import type { Namespace } from "./namespace.ts";
import { routeOutput } from "./route-output.ts";
import { RouteType, type RouteTypeCode } from "./route-table.ts";
import { Step } from "./steps.ts";
import { writeReset } from "./tcp-reset.ts";
import type { Transport } from "./transport.ts";

export class Tcp implements Transport {
  private readonly ns: Namespace;

  constructor(ns: Namespace) {
    this.ns = ns;
  }

  receive(frame: Frame, _device: NetDevice, type: RouteTypeCode): void {
    const { ns } = this;
    const b = frame.bytes;
    const ip = frame.at + LINK;
    const at = ipv4.payloadAt(b, ip);
    // What was for everybody is not counted either.
    if (type !== RouteType.LOCAL || isToGroup(b, frame.at)) return ns.drop(frame, Fate.TCP_NO_SOCKET);
    ns.snmp.tcp.inSegs++;
    if (!tcp.check(b, at, frame.end)) return this.refuse(frame, Fate.TCP_MALFORMED);
    const isTrusted = frame.checksum !== Checksum.NONE;
    if (!isTrusted && !tcp.verifyChecksum(b, at, frame.end, ipv4.source(b, ip), ipv4.destination(b, ip))) {
      ns.snmp.tcp.inCsumErrors++;
      return this.refuse(frame, Fate.TCP_BAD_CHECKSUM);
    }
    if ((tcp.flags(b, at) & tcp.Flag.RST) === 0) this.sendReset(frame, ip, at);
    ns.drop(frame, Fate.TCP_NO_SOCKET);
  }

  /** There are no sockets. */
  hasSent(): boolean {
    return false;
  }

  /** There is no connection that an error could be about. */
  failed(): void {
    this.ns.snmp.icmp.inErrors++;
  }

  private refuse(frame: Frame, fate: FateCode): void {
    this.ns.snmp.tcp.inErrs++;
    this.ns.drop(frame, fate);
  }

  /** tcp_v4_send_reset. Never fragmented and without identification, as all that the kernel's own socket sends. */
  private sendReset(culprit: Frame, ip: number, at: number): void {
    const { ns } = this;
    const peer = ipv4.source(culprit.bytes, ip);
    const route = routeOutput(ns, peer, ipv4.destination(culprit.bytes, ip));
    ns.snmp.tcp.outSegs++;
    ns.snmp.tcp.outRsts++;
    if ("errno" in route) return;
    ns.note(Step.RESET_SENT, culprit, tcp.destinationPort(culprit.bytes, at), peer);
    const frame = newPacket(ns.world.frames, tcp.MIN_HEADER_LENGTH);
    const segment = frame.at + PAYLOAD;
    writeReset(frame, culprit.bytes, at, culprit.end);
    const pseudo = pseudoHeader(route.source, peer, ipv4.Protocol.TCP, tcp.MIN_HEADER_LENGTH);
    put16(frame.bytes, segment + tcp.CHECKSUM, finish(sum(frame.bytes, segment, frame.end, pseudo)));
    // ip_send_unicast_reply: congestion is told by connections.
    const tos = ipv4.tos(culprit.bytes, ip) & ~ECN;
    const options = { protocol: ipv4.Protocol.TCP, ttl: 0, tos, discovery: Discovery.DO, identification: 0 };
    sendPacket(ns, frame, route, options);
  }
}
