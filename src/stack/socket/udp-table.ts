/**
 * All UDP sockets of a namespace: who has which port, who gets which datagram.
 * Follows net/ipv4/udp.c (__udp4_lib_rcv, compute_score, __udp4_lib_mcast_deliver, __udp4_lib_err).
 */
import { Fate } from "../../base/fate.ts";
import type { NetDevice } from "../../device/device.ts";
import { ANY_IPV4, type Ipv4 } from "../../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as udp from "../../packet/udp.ts";
import type { Namespace } from "../namespace.ts";
import { RouteType, type RouteTypeCode } from "../route-table.ts";
import { Step } from "../steps.ts";
import type { IcmpReport, Quote, Transport } from "../transport.ts";
import { datagramOf } from "./datagram.ts";
import { convertError, icmpError } from "./socket.ts";
import type { UdpPorts, UdpSocket } from "./udp.ts";

const NONE: readonly UdpSocket[] = [];

export class UdpSockets implements Transport, UdpPorts {
  private readonly ns: Namespace;
  private readonly byPort = new Map<number, UdpSocket[]>();

  constructor(ns: Namespace) {
    this.ns = ns;
  }

  /** Every bound socket, for `ss -u`. */
  list(): UdpSocket[] {
    return [...this.byPort.values()].flat();
  }

  claim(socket: UdpSocket, port: number): number {
    const chosen = port === 0 ? this.choosePort(socket) : port;
    if (chosen === 0 || this.isTaken(socket, chosen)) return 0;
    const others = this.byPort.get(chosen);
    if (others === undefined) this.byPort.set(chosen, [socket]);
    else others.push(socket);
    return chosen;
  }

  free(socket: UdpSocket): void {
    const rest = (this.byPort.get(socket.localPort) ?? []).filter((each) => each !== socket);
    if (rest.length === 0) this.byPort.delete(socket.localPort);
    else this.byPort.set(socket.localPort, rest);
  }

  receive(frame: Frame, device: NetDevice, type: RouteTypeCode): void {
    const { ns } = this;
    const b = frame.bytes;
    const ip = frame.at + LINK;
    const at = ipv4.payloadAt(b, ip);
    if (!udp.check(b, at, frame.end)) return this.refuse(frame, Fate.UDP_MALFORMED);
    const isTrusted = frame.checksum !== Checksum.NONE;
    if (!isTrusted && !udp.verifyChecksum(b, at, ipv4.source(b, ip), ipv4.destination(b, ip))) {
      ns.snmp.udp.inCsumErrors++;
      return this.refuse(frame, Fate.UDP_BAD_CHECKSUM);
    }
    if (type !== RouteType.LOCAL) return this.deliverToAll(frame, at, device);
    // pskb_trim_rcsum: what lies behind the datagram is not quoted either.
    frame.length = udp.payloadEnd(b, at) - frame.at;
    const socket = this.best(b, ip, at, device);
    if (socket !== null) return this.deliverTo([socket], frame, at, device);
    ns.snmp.udp.noPorts++;
    ns.sendError(frame, icmp.Type.UNREACHABLE, icmp.Unreachable.PORT, 0, device);
    ns.drop(frame, Fate.UDP_NO_SOCKET);
  }

  failed(report: IcmpReport): void {
    const socket = this.senderOf(report);
    const port = udp.destinationPort(report.bytes, report.from);
    const error = convertError(report.type, report.code);
    if (socket === undefined) this.ns.snmp.icmp.inErrors++;
    if (socket === undefined || error === null) return;
    const isHeard = socket.receiveErrors || (error.hard && socket.peer !== null);
    if (isHeard) socket.owner.failed(socket, icmpError(report, error.errno, port));
  }

  hasSent(quote: Quote): boolean {
    return this.senderOf(quote) !== undefined;
  }

  private senderOf({ bytes, from, source, destination }: Quote): UdpSocket | undefined {
    const port = udp.destinationPort(bytes, from);
    return (this.byPort.get(udp.sourcePort(bytes, from)) ?? NONE).find(
      (each) => hasAddress(each, source) && hasPeer(each, destination, port),
    );
  }

  private refuse(frame: Frame, fate: typeof Fate.UDP_MALFORMED | typeof Fate.UDP_BAD_CHECKSUM): void {
    this.ns.snmp.udp.inErrors++;
    this.ns.drop(frame, fate);
  }

  /** Broadcasts go to everybody who listens; nobody is told when there is none. */
  private deliverToAll(frame: Frame, at: number, device: NetDevice): void {
    const b = frame.bytes;
    const ip = frame.at + LINK;
    const takers = this.listeners(b, at).filter((each) => fits(each, b, ip, at, device));
    if (takers.length > 0) return this.deliverTo(takers, frame, at, device);
    this.ns.snmp.udp.ignoredMulti++;
    this.ns.drop(frame, Fate.UDP_BROADCAST_UNHEARD);
  }

  private deliverTo(takers: readonly UdpSocket[], frame: Frame, at: number, device: NetDevice): void {
    const { ns } = this;
    const b = frame.bytes;
    const port = udp.sourcePort(b, at);
    let taken = 0;
    for (const socket of takers) {
      const datagram = datagramOf(frame, device, ns.now, port, udp.payloadAt(at), udp.payloadEnd(b, at));
      if (socket.hear(datagram, frame.length)) taken++;
      else this.overflow();
    }
    ns.snmp.udp.inDatagrams += taken;
    if (taken === 0) return ns.drop(frame, Fate.SOCKET_BUFFER_FULL);
    ns.note(Step.TO_SOCKET, frame, udp.destinationPort(b, at), 0);
    ns.world.frames.finish(frame, Fate.DELIVERED);
  }

  private overflow(): void {
    const { udp: counters } = this.ns.snmp;
    counters.rcvbufErrors++;
    counters.inErrors++;
  }

  private listeners(b: Uint8Array, at: number): readonly UdpSocket[] {
    return this.byPort.get(udp.destinationPort(b, at)) ?? NONE;
  }

  private best(b: Uint8Array, ip: number, at: number, device: NetDevice): UdpSocket | null {
    let best: UdpSocket | null = null;
    let bestScore = -1;
    for (const socket of this.listeners(b, at)) {
      const score = fits(socket, b, ip, at, device) ? scoreOf(socket) : -1;
      if (score > bestScore) {
        best = socket;
        bestScore = score;
      }
    }
    return best;
  }

  private choosePort(socket: UdpSocket): number {
    const [low = 0, high = 0] = this.ns.settings.localPorts;
    const count = high - low + 1;
    const start = this.ns.socketRandom.below(count);
    for (let i = 0; i < count; i++) {
      const port = low + ((start + i) % count);
      if (!this.isTaken(socket, port)) return port;
    }
    return 0;
  }

  private isTaken(socket: UdpSocket, port: number): boolean {
    return (this.byPort.get(port) ?? NONE).some((other) => clash(socket, other));
  }
}

const clash = (a: UdpSocket, b: UdpSocket): boolean =>
  !(a.reuseAddress && b.reuseAddress) &&
  (a.device === null || b.device === null || a.device === b.device) &&
  (a.localAddress === ANY_IPV4 || b.localAddress === ANY_IPV4 || a.localAddress === b.localAddress);

const hasAddress = (socket: UdpSocket, address: Ipv4): boolean =>
  socket.localAddress === ANY_IPV4 || socket.localAddress === address;

const hasPeer = (socket: UdpSocket, address: Ipv4, port: number): boolean =>
  socket.peer === null || (socket.peer.address === address && socket.peer.port === port);

const fits = (socket: UdpSocket, b: Uint8Array, ip: number, at: number, device: NetDevice): boolean =>
  hasAddress(socket, ipv4.destination(b, ip)) &&
  hasPeer(socket, ipv4.source(b, ip), udp.sourcePort(b, at)) &&
  (socket.device === null || socket.device === device);

/** The more a socket asks for, the better it fits. */
const scoreOf = (socket: UdpSocket): number =>
  (socket.localAddress === ANY_IPV4 ? 0 : 4) + (socket.peer === null ? 0 : 8) + (socket.device === null ? 0 : 4);
