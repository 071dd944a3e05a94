/** The echo service on UDP (RFC 862): every datagram goes back to where it came from. */
import { ANY_IPV4 } from "../../packet/address.ts";
import { ERRNO_TEXT } from "../../stack/errno.ts";
import type { Datagram } from "../../stack/socket/datagram.ts";
import type { Socket, SocketOwner } from "../../stack/socket/socket.ts";
import { UdpSocket } from "../../stack/socket/udp.ts";
import { Program } from "../process.ts";

export const ECHO_PORT = 7;

export class EchoServer extends Program implements SocketOwner<Datagram> {
  private socket: UdpSocket | null = null;

  start(): void {
    this.socket = this.process.hold(new UdpSocket(this.process.machine.net, this));
    const refusal = this.socket.bind(ANY_IPV4, ECHO_PORT);
    if (refusal !== null) this.process.exit(this.process.fail(`bind: ${ERRNO_TEXT[refusal.errno]}`));
  }

  /** RFC 862 says nothing of it, but two echo servers must not talk to each other for ever. */
  received(_socket: Socket<Datagram>, { source, sourcePort, data }: Datagram): void {
    if (sourcePort !== ECHO_PORT) this.socket?.send(data, { address: source, port: sourcePort });
  }

  failed(): void {}

  override ended(): void {
    this.socket?.close();
  }
}
