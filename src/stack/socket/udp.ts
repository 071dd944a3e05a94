/**
 * A UDP socket: bind, connect, send. Follows net/ipv4/udp.c (udp_sendmsg, udp_lib_get_port), RFC 768, RFC 1122 4.1.
 * Not modelled: corking, multicast membership, SO_REUSEPORT groups.
 */
import type { NetDevice } from "../../device/device.ts";
import { ANY_IPV4, type Ipv4 } from "../../packet/address.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as udp from "../../packet/udp.ts";
import { type Refusal, refuse } from "../errno.ts";
import { newPacket, PAYLOAD } from "../ip-packet.ts";
import { Discovery, sendPacket } from "../ip-send.ts";
import type { Namespace } from "../namespace.ts";
import { type OutputRoute, routeOutput } from "../route-output.ts";
import { RouteType } from "../route-table.ts";
import type { Datagram } from "./datagram.ts";
import { IpSocket, localError, type SocketError, type SocketOwner } from "./socket.ts";

/** The most a datagram can carry. */
export const MAX_PAYLOAD = ipv4.MAX_LENGTH - ipv4.MIN_HEADER_LENGTH - udp.HEADER_LENGTH;

export interface Endpoint {
  readonly address: Ipv4;
  readonly port: number;
}

/** IP_PKTINFO of a message that is sent: by which device, from which address. */
export interface PacketInfo {
  /** Null: that of the socket, or of the route. */
  readonly device: NetDevice | null;
  /** 0: that of the socket, or of the route. */
  readonly source: Ipv4;
}

/** Who has which port: `UdpSockets`. */
export interface UdpPorts {
  /** Gives the socket `port`, or one of its own for 0. Answers the port; 0 when it cannot be had. */
  claim(socket: UdpSocket, port: number): number;
  free(socket: UdpSocket): void;
}

/** The namespace as UDP sockets see it. */
export interface UdpNamespace extends Namespace {
  readonly udp: UdpPorts;
}

export class UdpSocket extends IpSocket<Datagram> {
  /** 0: any address of ours. */
  localAddress: Ipv4 = ANY_IPV4;
  /** 0 until bound. */
  localPort = 0;
  peer: Endpoint | null = null;
  /** SOCK_BINDPORT_LOCK: the port was asked for, not chosen. */
  hasOwnPort = false;
  /** SO_REUSEADDR */
  reuseAddress = false;
  /** inet_id of a connected socket. */
  private nextId: number;
  private readonly ports: UdpPorts;

  constructor(namespace: UdpNamespace, owner: SocketOwner<Datagram>) {
    super(namespace, owner);
    this.ports = namespace.udp;
    this.nextId = namespace.socketRandom.below(0x1_0000);
  }

  /** Null when done. EADDRNOTAVAIL: no address of ours; EADDRINUSE: taken, or no port is left. Port 0 chooses one. */
  bind(address: Ipv4, port: number): Refusal | null {
    if (this.localPort !== 0) return refuse("EINVAL");
    const type = this.namespace.fib.typeOf(address);
    const isOurs = address === ANY_IPV4 || type === RouteType.LOCAL || type === RouteType.BROADCAST;
    if (!isOurs) return refuse("EADDRNOTAVAIL");
    this.localAddress = address;
    const bound = this.ports.claim(this, port);
    if (bound === 0) {
      this.localAddress = ANY_IPV4;
      return refuse("EADDRINUSE");
    }
    this.localPort = bound;
    this.hasOwnPort = port !== 0;
    return null;
  }

  /** Fixes the peer and the source address; from now on only the peer is heard. */
  connect(address: Ipv4, port: number): Refusal | null {
    const route = routeOutput(this.namespace, address, this.localAddress, this.device);
    if ("errno" in route && route.errno === "ENETUNREACH") this.namespace.snmp.ip.outNoRoutes++;
    if ("errno" in route) return route;
    if (route.type === RouteType.BROADCAST && !this.broadcast) return refuse("EACCES");
    const refusal = this.autobind();
    if (refusal !== null) return refusal;
    if (this.localAddress === ANY_IPV4) this.localAddress = route.source;
    this.peer = { address: route.destination, port };
    return null;
  }

  /** SO_BINDTODEVICE; null unties. */
  bindToDevice(device: NetDevice | null): void {
    this.device = device;
  }

  /** Null when sent. Without `to` the peer is meant (EDESTADDRREQ when there is none). */
  send(data: Uint8Array, to: Endpoint | null = this.peer, info: PacketInfo | null = null): SocketError | null {
    if (to === null) return localError("EDESTADDRREQ", ANY_IPV4, 0);
    if (data.length > MAX_PAYLOAD) return localError("EMSGSIZE", to.address, to.port);
    const refusal = this.autobind();
    if (refusal !== null) return localError("EAGAIN", to.address, to.port);
    const source = info === null || info.source === ANY_IPV4 ? this.localAddress : info.source;
    const route = routeOutput(this.namespace, to.address, source, info?.device ?? this.device);
    if ("errno" in route) {
      if (route.errno === "ENETUNREACH") this.namespace.snmp.ip.outNoRoutes++;
      return localError(route.errno, to.address, to.port);
    }
    if (route.type === RouteType.BROADCAST && !this.broadcast) return localError("EACCES", to.address, to.port);
    const size = ipv4.MIN_HEADER_LENGTH + udp.HEADER_LENGTH + data.length;
    if (this.discovery === Discovery.DO && size > route.mtu)
      return localError("EMSGSIZE", to.address, to.port, route.mtu);
    this.emit(route, to.port, data);
    return null;
  }

  /** For `UdpSockets`: false when the buffer is full. */
  hear(datagram: Datagram, bytes: number): boolean {
    return this.accept(datagram, bytes);
  }

  protected override unhook(): void {
    this.ports.free(this);
  }

  private autobind(): Refusal | null {
    if (this.localPort !== 0) return null;
    this.localPort = this.ports.claim(this, 0);
    return this.localPort === 0 ? refuse("EAGAIN") : null;
  }

  private emit(route: OutputRoute, destinationPort: number, payload: Uint8Array): void {
    const { namespace } = this;
    const frame = newPacket(namespace.world.frames, udp.HEADER_LENGTH + payload.length);
    udp.emit(frame.bytes, frame.at + PAYLOAD, { sourcePort: this.localPort, destinationPort, payload });
    fillChecksum(frame, route);
    namespace.snmp.udp.outDatagrams++;
    const identification = this.peer === null ? null : this.nextId++ & 0xffff;
    const { ttl, tos, discovery } = this;
    sendPacket(namespace, frame, route, { protocol: ipv4.Protocol.UDP, ttl, tos, discovery, identification });
  }
}

/** A device that sums for us gets the frame unfinished, unless the packet is to be cut first. */
function fillChecksum(frame: Frame, route: OutputRoute): void {
  const at = frame.at + PAYLOAD;
  const size = frame.length - PAYLOAD + ipv4.MIN_HEADER_LENGTH;
  if (!route.device.txChecksum || size > route.mtu)
    return udp.fillChecksum(frame.bytes, at, route.source, route.destination);
  udp.fillPartialChecksum(frame.bytes, at, route.source, route.destination);
  frame.checksum = Checksum.PARTIAL;
  frame.checksumStart = PAYLOAD;
  frame.checksumOffset = udp.CHECKSUM;
}
