/**
 * What `nc -u` does once its words are understood: lines in are datagrams out, datagrams in are text out.
 * Follows OpenBSD netcat as Debian ships it. UDP over IPv4 only.
 */
import { fromText, toText } from "../../base/bytes.ts";
import { type Nanos, seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import { ANY_IPV4, type Ipv4 } from "../../packet/address.ts";
import { ERRNO_TEXT } from "../../stack/errno.ts";
import type { Datagram } from "../../stack/socket/datagram.ts";
import type { Socket, SocketError, SocketOwner } from "../../stack/socket/socket.ts";
import { type Endpoint, UdpSocket } from "../../stack/socket/udp.ts";
import { Program } from "../process.ts";

export interface NetcatSettings {
  /** Null: listen. */
  readonly peer: Endpoint | null;
  readonly localPort: number;
  readonly broadcast: boolean;
  /** Seconds of silence after which it ends; null: never. */
  readonly idle: number | null;
  /** Seconds after the end of stdin; null: as long as `idle` says. */
  readonly linger: number | null;
}

const IDLE = 1;

export class Netcat extends Program implements SocketOwner<Datagram> {
  private readonly settings: NetcatSettings;
  private socket: UdpSocket | null = null;
  private peer: Endpoint | null = null;
  private idle: Timer | null = null;

  constructor(settings: NetcatSettings) {
    super();
    this.settings = settings;
  }

  start(): void {
    const { peer, localPort, broadcast } = this.settings;
    const socket = new UdpSocket(this.process.machine.net, this);
    this.socket = socket;
    socket.broadcast = broadcast;
    const refusal =
      (localPort === 0 ? null : socket.bind(ANY_IPV4, localPort)) ??
      (peer === null ? null : socket.connect(peer.address, peer.port));
    if (refusal !== null) {
      this.process.exit(this.process.fail(ERRNO_TEXT[refusal.errno]));
      return;
    }
    this.peer = peer;
    this.idle = this.process.timer(this, IDLE);
    this.touch(this.settings.idle);
    this.inputReady();
  }

  override handle(): void {
    this.process.exit(0);
  }

  override inputReady(): void {
    const text = this.process.stdin.read();
    if (text === null && this.settings.linger !== null) this.touch(this.settings.linger);
    else if (text !== null && text !== "") this.send(text);
  }

  received(_socket: Socket<Datagram>, datagram: Datagram): void {
    this.peer ??= { address: datagram.source as Ipv4, port: datagram.sourcePort };
    this.process.print(toText(datagram.data));
    this.touch(this.settings.idle);
  }

  /** A refused port ends a connected socket's read, as ECONNREFUSED does. */
  failed(_socket: Socket<Datagram>, _error: SocketError): void {
    this.process.exit(1);
  }

  override ended(): void {
    this.socket?.close();
  }

  private send(text: string): void {
    const error = this.socket!.send(fromText(text), this.peer);
    if (error !== null) this.process.exit(this.process.fail(`Write error: ${ERRNO_TEXT[error.errno]}`));
    else this.touch(this.settings.idle);
  }

  private touch(limit: number | null): void {
    if (limit !== null) this.idle?.armAfter(seconds(limit) as Nanos);
  }
}
