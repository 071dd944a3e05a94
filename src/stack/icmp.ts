/**
 * ICMP that comes in: echo requests are answered, errors and echo replies go to the socket they are for.
 * Follows net/ipv4/icmp.c (icmp_rcv, icmp_unreach, icmp_echo) and net/ipv4/ping.c.
 * Not modelled: timestamp requests, router messages.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import { HEADER_LENGTH as LINK } from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { NR_ICMP_TYPES, sendEchoReply } from "./icmp-send.ts";
import type { Namespace } from "./namespace.ts";
import { obeyRedirect } from "./redirect.ts";
import { RouteType, type RouteTypeCode } from "./route-table.ts";
import type { PingSockets } from "./socket/icmp.ts";
import { Step } from "./steps.ts";
import type { IcmpReport, Quote, Transport } from "./transport.ts";

/** RFC 792: an error quotes the IP header and eight bytes more. */
const QUOTED_AT_LEAST = 8;

export class Icmp implements Transport {
  private readonly ns: Namespace;
  private readonly sockets: PingSockets;

  constructor(ns: Namespace, sockets: PingSockets) {
    this.ns = ns;
    this.sockets = sockets;
  }

  receive(frame: Frame, device: NetDevice, type: RouteTypeCode): void {
    const { ns } = this;
    const b = frame.bytes;
    const at = ipv4.payloadAt(b, frame.at + LINK);
    const counters = ns.snmp.icmp;
    counters.inMsgs++;
    if (!icmp.check(b, at, frame.end)) return this.refuse(frame, Fate.ICMP_MALFORMED);
    if (!icmp.verifyChecksum(b, at, frame.end)) {
      counters.inCsumErrors++;
      return this.refuse(frame, Fate.ICMP_BAD_CHECKSUM);
    }
    const kind = icmp.type(b, at);
    counters.inType[kind]!++;
    if (kind === icmp.Type.ECHO_REQUEST) return this.answer(frame, type);
    // RFC 1122 3.2.2: nothing but questions may come to a group.
    if (type !== RouteType.LOCAL || kind > NR_ICMP_TYPES) return this.refuse(frame, Fate.ICMP_UNHANDLED);
    if (kind === icmp.Type.ECHO_REPLY) return this.sockets.reply(frame);
    if (kind === icmp.Type.REDIRECT) return this.redirect(frame, at, device);
    if (isReport(kind)) return this.report(frame, at, kind);
    ns.drop(frame, Fate.ICMP_UNHANDLED);
  }

  /** An error about one of our own pings. */
  failed(report: IcmpReport): void {
    this.sockets.failed(report);
  }

  /** icmp_err: of the kernel's own messages only echo replies are remembered. */
  hasSent(quote: Quote): boolean {
    return icmp.type(quote.bytes, quote.from) === icmp.Type.ECHO_REPLY || this.sockets.hasSent(quote);
  }

  private answer(frame: Frame, type: RouteTypeCode): void {
    const { icmp_echo_ignore_all, icmp_echo_ignore_broadcasts } = this.ns.settings.ipv4;
    if (type !== RouteType.LOCAL && icmp_echo_ignore_broadcasts !== 0)
      return this.refuse(frame, Fate.ICMP_ECHO_IGNORED);
    if (icmp_echo_ignore_all !== 0) return this.ns.drop(frame, Fate.ICMP_ECHO_IGNORED);
    sendEchoReply(this.ns, frame, type);
    this.ns.consume(frame);
  }

  /** icmp_unreach: finds out which packet of ours the error is about. */
  private report(frame: Frame, at: number, kind: number): void {
    const { ns } = this;
    const b = frame.bytes;
    const quote = icmp.dataAt(at);
    if (!isQuoteWhole(b, quote, frame.end)) return this.refuse(frame, Fate.ICMP_MALFORMED);
    const destination = ipv4.destination(b, quote);
    const code = icmp.code(b, at);
    const { ip_no_pmtu_disc } = ns.settings.ipv4;
    const isSizeReport = kind === icmp.Type.UNREACHABLE && code === icmp.Unreachable.FRAGMENTATION_NEEDED;
    if (isSizeReport && ip_no_pmtu_disc === 2) return ns.consume(frame);
    // Mode 1 does not believe the size: min_pmtu is assumed, and no more don't-fragment.
    const info = isSizeReport && ip_no_pmtu_disc !== 1 ? icmp.mtu(b, at) : 0;
    const transport = ns.transports[ipv4.protocol(b, quote)] ?? null;
    const source = ipv4.source(b, quote);
    const from = ipv4.payloadAt(b, quote);
    const isBelieved = transport?.hasSent({ source, destination, bytes: b, from }) ?? false;
    if (isSizeReport && isBelieved && ns.fib.isLocal(source)) ns.pathMtus.learn(destination, info);
    ns.note(Step.ERROR_RECEIVED, frame, kind * 256 + code, destination);
    transport?.failed({
      type: kind,
      code,
      info,
      offender: ipv4.source(b, frame.at + LINK),
      ttl: ipv4.ttl(b, frame.at + LINK),
      source,
      destination,
      bytes: b,
      from,
      to: frame.end,
    });
    ns.consume(frame);
  }

  /** icmp_redirect */
  private redirect(frame: Frame, at: number, device: NetDevice): void {
    const { ns } = this;
    const b = frame.bytes;
    const quote = icmp.dataAt(at);
    if (!isQuoteWhole(b, quote, frame.end)) return this.refuse(frame, Fate.ICMP_MALFORMED);
    const destination = ipv4.destination(b, quote);
    const transport = ns.transports[ipv4.protocol(b, quote)];
    const from = ipv4.payloadAt(b, quote);
    const isOurs = transport?.hasSent({ source: ipv4.source(b, quote), destination, bytes: b, from }) ?? false;
    if (!isOurs) ns.snmp.icmp.inErrors++;
    if (!isOurs || !obeyRedirect(ns, frame, device, quote)) return ns.drop(frame, Fate.REDIRECT_IGNORED);
    ns.note(Step.REDIRECT_OBEYED, frame, destination, icmp.gateway(b, at));
    ns.consume(frame);
  }

  private refuse(frame: Frame, fate: FateCode): void {
    this.ns.snmp.icmp.inErrors++;
    this.ns.drop(frame, fate);
  }
}

const isReport = (kind: number): boolean => icmp.isError(kind) && kind !== icmp.Type.REDIRECT;

const isQuoteWhole = (b: Uint8Array, quote: number, end: number): boolean =>
  quote + ipv4.MIN_HEADER_LENGTH <= end &&
  ipv4.version(b, quote) === 4 &&
  ipv4.headerLength(b, quote) >= ipv4.MIN_HEADER_LENGTH &&
  ipv4.payloadAt(b, quote) + QUOTED_AT_LEAST <= end;
