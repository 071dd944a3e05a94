/**
 * A ping socket: echo requests out, replies and errors in. Its id stands where other sockets have a port.
 * Follows net/ipv4/ping.c (ping_v4_sendmsg, ping_rcv, ping_err). To who lists sockets it is a raw one: what ping and
 * traceroute open as root while net.ipv4.ping_group_range is empty, as it is in Linux and Debian 12.
 */

import { get16 } from "../../base/bytes.ts";
import { Fate } from "../../base/fate.ts";
import { ANY_IPV4, type Ipv4 } from "../../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import { type Refusal, refuse } from "../errno.ts";
import { countIcmpOut } from "../icmp-send.ts";
import { newPacket, PAYLOAD } from "../ip-packet.ts";
import { Discovery, sendPacket } from "../ip-send.ts";
import type { Namespace } from "../namespace.ts";
import { type OutputRoute, routeOutput } from "../route-output.ts";
import { RouteType } from "../route-table.ts";
import type { IcmpReport, Quote } from "../transport.ts";
import { type Datagram, datagramOf } from "./datagram.ts";
import { convertError, IpSocket, icmpError, localError, type SocketError, type SocketOwner } from "./socket.ts";

/** Offset of the identifier in an echo message. */
const IDENTIFIER = 4;

export interface Echo {
  readonly destination: Ipv4;
  readonly sequence: number;
  readonly data: Uint8Array;
  /** MSG_CONFIRM: replies have come, so the neighbour is alive and need not be probed. */
  readonly confirm?: boolean;
}

/** The namespace as ping sockets see it. */
export interface PingNamespace extends Namespace {
  readonly pings: PingSockets;
}

export class IcmpSocket extends IpSocket<Datagram> {
  /** 0: the route chooses. */
  localAddress: Ipv4 = ANY_IPV4;
  /** 0 until bound. */
  id = 0;
  /** Whom connect(2) named; 0: nobody. */
  peer: Ipv4 = ANY_IPV4;
  private readonly others: PingSockets;

  constructor(namespace: PingNamespace, owner: SocketOwner<Datagram>) {
    super(namespace, owner);
    this.others = namespace.pings;
    this.receiveErrors = true;
  }

  /** Null when done. `id` 0 chooses one. EADDRNOTAVAIL: no address of ours; EADDRINUSE: the id is taken. */
  bind(address: Ipv4, id = 0): Refusal | null {
    if (address !== ANY_IPV4 && !this.namespace.fib.isLocal(address)) return refuse("EADDRNOTAVAIL");
    const claimed = this.others.claim(this, id);
    if (claimed === 0) return refuse("EADDRINUSE");
    this.localAddress = address;
    this.id = claimed;
    return null;
  }

  /** Null when sent. EMSGSIZE has the MTU in `info`; EACCES: a broadcast address without SO_BROADCAST. */
  send(echo: Echo): SocketError | null {
    const { namespace } = this;
    if (this.id === 0) this.id = this.others.claim(this, 0);
    const { destination } = echo;
    const route = routeOutput(namespace, destination, this.localAddress, this.device);
    if ("errno" in route) {
      if (route.errno === "ENETUNREACH") namespace.snmp.ip.outNoRoutes++;
      return localError(route.errno, destination, 0);
    }
    if (route.type === RouteType.BROADCAST && !this.broadcast) return localError("EACCES", destination, 0);
    const size = ipv4.MIN_HEADER_LENGTH + icmp.HEADER_LENGTH + echo.data.length;
    const limit = this.discovery === Discovery.DO ? route.mtu : ipv4.MAX_LENGTH;
    if (size > limit) return localError("EMSGSIZE", destination, 0, limit);
    if (echo.confirm === true) namespace.neighbours.find(route.device.index, route.nextHop)?.confirm();
    this.emit(route, echo);
    return null;
  }

  /** For `PingSockets`; owns the frame. */
  hear(frame: Frame): void {
    const at = ipv4.payloadAt(frame.bytes, frame.at + LINK);
    this.take(frame, datagramOf(frame, this.device, this.namespace.now, 0, at, frame.end), this.id);
  }

  protected override unhook(): void {
    this.others.free(this);
  }

  private emit(route: OutputRoute, echo: Echo): void {
    const { namespace, id: identifier, ttl, tos, discovery } = this;
    const frame = newPacket(namespace.world.frames, icmp.HEADER_LENGTH + echo.data.length);
    const { sequence, data } = echo;
    icmp.emit(frame.bytes, frame.at + PAYLOAD, { kind: "echo-request", identifier, sequence, data });
    countIcmpOut(namespace, icmp.Type.ECHO_REQUEST);
    const protocol = ipv4.Protocol.ICMP;
    sendPacket(namespace, frame, route, { protocol, ttl, tos, discovery, identification: null });
  }
}

/** The ping sockets of a namespace, by id. */
export class PingSockets {
  private readonly ns: Namespace;
  private readonly byId = new Map<number, IcmpSocket>();
  /** ping_port_rover */
  private rover: number;

  constructor(ns: Namespace) {
    this.ns = ns;
    this.rover = ns.socketRandom.below(0x8000);
  }

  /** Answers the id; 0 when it is taken, or none is left. */
  claim(socket: IcmpSocket, id: number): number {
    const chosen = id === 0 ? this.chooseId() : id;
    if (chosen === 0 || this.byId.has(chosen)) return 0;
    this.byId.set(chosen, socket);
    return chosen;
  }

  free(socket: IcmpSocket): void {
    if (this.byId.get(socket.id) === socket) this.byId.delete(socket.id);
  }

  /** Owns an echo reply. */
  reply(frame: Frame): void {
    const at = ipv4.payloadAt(frame.bytes, frame.at + LINK);
    const socket = this.byId.get(icmp.identifier(frame.bytes, at));
    if (socket === undefined) this.ns.drop(frame, Fate.ICMP_UNHANDLED);
    else socket.hear(frame);
  }

  hasSent({ bytes, from }: Quote): boolean {
    return icmp.type(bytes, from) === icmp.Type.ECHO_REQUEST && this.byId.has(get16(bytes, from + IDENTIFIER));
  }

  failed(report: IcmpReport): void {
    if (icmp.type(report.bytes, report.from) !== icmp.Type.ECHO_REQUEST) return;
    const socket = this.byId.get(get16(report.bytes, report.from + IDENTIFIER));
    const error = convertError(report.type, report.code);
    if (socket !== undefined && error !== null) socket.owner.failed(socket, icmpError(report, error.errno, 0));
  }

  private chooseId(): number {
    for (let tries = 0; tries < 0xffff; tries++) {
      this.rover = (this.rover % 0xffff) + 1;
      if (!this.byId.has(this.rover)) return this.rover;
    }
    return 0;
  }
}
