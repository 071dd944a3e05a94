/**
 * What a DHCP client speaks through: a packet socket while it has no address of its own, a UDP socket for what goes to the
 * server alone. Follows the raw sockets of busybox (networking/udhcp/packet.c) and of isc-dhcp (common/lpf.c).
 */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, BROADCAST_MAC, type Ipv4, LIMITED_BROADCAST } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import * as ethernet from "../../../packet/ethernet.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import * as udp from "../../../packet/udp.ts";
import { ETH_P_ALL, PacketSocket, type RawFrame } from "../../../stack/socket/packet.ts";
import type { Socket, SocketError, SocketOwner } from "../../../stack/socket/socket.ts";
import { UdpSocket } from "../../../stack/socket/udp.ts";
import type { Process } from "../../process.ts";
import { Mailbox } from "../mailbox.ts";

/** A reply for us, and who sent it. */
export interface Heard {
  readonly message: dhcp.Message;
  readonly from: Ipv4;
}

/** What the two clients do differently: their packet socket, and what they write into the IP header. */
export interface HeaderStyle {
  readonly socket: "raw" | "dgram";
  readonly tos: number;
  readonly ttl: number;
}

const IP_HEADER = ipv4.MIN_HEADER_LENGTH;

export class DhcpLink implements SocketOwner<RawFrame> {
  readonly device: NetDevice;
  private readonly process: Process;
  private readonly style: HeaderStyle;
  private readonly socket: PacketSocket;
  private readonly mailbox: Mailbox<RawFrame>;
  /** While there is an address: so that the kernel does not call the port unreachable, and for what is sent from there. */
  private kernel: UdpSocket | null = null;

  /** `operation` is what the program is handed when something has come: then it must `read`. */
  constructor(process: Process, device: NetDevice, style: HeaderStyle, operation: number) {
    this.process = process;
    this.device = device;
    this.style = style;
    this.socket = process.hold(new PacketSocket(process.machine.net, this, ethernet.EtherType.IPV4));
    this.socket.type = style.socket;
    // isc-dhcp takes the IP of all there is with a filter.
    if (style.socket === "raw") this.socket.protocol = ETH_P_ALL;
    this.socket.open(device);
    this.mailbox = new Mailbox(process, process.program!, operation);
  }

  close(): void {
    this.socket.close();
    this.unbind();
  }

  /** From now on the kernel knows our address. */
  bind(address: Ipv4): void {
    this.unbind();
    const socket = this.process.hold(new UdpSocket(this.process.machine.net, new Deaf()));
    socket.bindToDevice(this.device);
    socket.reuseAddress = true;
    if (socket.bind(address, dhcp.CLIENT_PORT) === null) this.kernel = socket;
  }

  unbind(): void {
    this.kernel?.close();
    this.kernel = null;
  }

  /** To the server alone. Null when sent. */
  unicast(message: dhcp.Message, server: Ipv4): SocketError | null {
    return this.kernel?.send(dhcp.encode(message), { address: server, port: dhcp.SERVER_PORT }) ?? null;
  }

  /** To everybody, from nobody or from `source`. */
  broadcast(message: dhcp.Message, source: Ipv4 = ANY_IPV4): SocketError | null {
    const payload = dhcp.encode(message);
    const bytes = new Uint8Array(ethernet.HEADER_LENGTH + IP_HEADER + udp.HEADER_LENGTH + payload.length);
    const at = ethernet.emit(bytes, 0, {
      destination: BROADCAST_MAC,
      source: this.device.mac,
      etherType: ethernet.EtherType.IPV4,
    });
    const ports = { sourcePort: dhcp.CLIENT_PORT, destinationPort: dhcp.SERVER_PORT };
    udp.emit(bytes, at + IP_HEADER, { ...ports, payload });
    udp.fillChecksum(bytes, at + IP_HEADER, source, LIMITED_BROADCAST);
    bytes[at] = 0x45;
    ipv4.setTos(bytes, at, this.style.tos);
    ipv4.setTotalLength(bytes, at, bytes.length - at);
    ipv4.setTtl(bytes, at, this.style.ttl);
    ipv4.setProtocol(bytes, at, ipv4.Protocol.UDP);
    ipv4.setSource(bytes, at, source);
    ipv4.setDestination(bytes, at, LIMITED_BROADCAST);
    ipv4.fillChecksum(bytes, at);
    return this.socket.send(bytes);
  }

  /** All replies that have come. */
  read(): Heard[] {
    const heard: Heard[] = [];
    this.mailbox.open();
    for (let frame = this.mailbox.take(); frame !== null; frame = this.mailbox.take()) {
      const found = this.understand(frame);
      if (found !== null) heard.push(found);
    }
    return heard;
  }

  received(socket: Socket<RawFrame>, frame: RawFrame): void {
    this.mailbox.put(socket, frame);
  }

  failed(): void {}

  /** A whole, sound DHCP reply about our MAC; null for everything else on the link. */
  private understand({ data, partial }: RawFrame): Heard | null {
    const ip = ethernet.HEADER_LENGTH;
    if (!ipv4.check(data, ip, data.length) || ipv4.protocol(data, ip) !== ipv4.Protocol.UDP) return null;
    const at = ipv4.payloadAt(data, ip);
    const end = ip + ipv4.totalLength(data, ip);
    if (ipv4.isFragment(data, ip) || !udp.check(data, at, end)) return null;
    if (udp.destinationPort(data, at) !== dhcp.CLIENT_PORT) return null;
    const [from, to] = [ipv4.source(data, ip), ipv4.destination(data, ip)];
    if (!partial && !udp.verifyChecksum(data, at, from, to)) return null;
    const message = dhcp.parse(data, udp.payloadAt(at), udp.payloadEnd(data, at));
    if (message === null || message.operation !== dhcp.Operation.REPLY) return null;
    return message.clientMac === this.device.mac ? { message, from } : null;
  }
}

/** Owner of the kernel's socket: the packet socket hears the same. */
class Deaf implements SocketOwner<unknown> {
  received(): void {}
  failed(): void {}
}
