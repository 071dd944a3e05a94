/**
 * What `nc -u` does once its words are understood: lines in are datagrams out, datagrams in are text out.
 * Follows OpenBSD netcat as Debian ships it (main, udptest, readwrite). UDP over IPv4 only.
 */
import { fromText, toText } from "../../base/bytes.ts";
import { type Nanos, seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import { formatIpv4, type Ipv4 } from "../../packet/address.ts";
import { ERRNO_TEXT, type Errno } from "../../stack/errno.ts";
import type { Datagram } from "../../stack/socket/datagram.ts";
import type { Socket, SocketError, SocketOwner } from "../../stack/socket/socket.ts";
import { type Endpoint, UdpSocket } from "../../stack/socket/udp.ts";
import { Program } from "../process.ts";
import { nameOf } from "./resolve.ts";

export interface NetcatPeer {
  /** As typed. */
  readonly host: string;
  readonly address: Ipv4;
  /** More than one only with `zero`. */
  readonly first: number;
  readonly last: number;
  /** What the ports are called. */
  readonly names: ReadonlyMap<number, string>;
}

export interface NetcatSettings {
  /** Null: listen. */
  readonly peer: NetcatPeer | null;
  readonly localAddress: Ipv4;
  readonly localPort: number;
  readonly broadcast: boolean;
  readonly verbose: boolean;
  readonly numeric: boolean;
  /** Listen to everybody. */
  readonly keep: boolean;
  /** Scan: nothing of the input is sent. */
  readonly zero: boolean;
  /** Seconds of silence after which it ends; null: never. */
  readonly idle: number | null;
  /** Seconds after the end of stdin; null: as long as `idle` says. */
  readonly linger: number | null;
}

const IDLE = 1;
const TEST = 2;
/** UDP_SCAN_TIMEOUT: seconds in which a port may refuse, unless -w says. */
const TEST_SECONDS = 3;

export class Netcat extends Program implements SocketOwner<Datagram> {
  private readonly settings: NetcatSettings;
  private socket: UdpSocket | null = null;
  /** Whom input goes to. */
  private peer: Endpoint | null = null;
  private idle: Timer | null = null;
  private tests: Timer | null = null;
  private testsLeft = 0;
  private isTalking = false;
  private isRefused = false;
  private port = 0;
  private code = 1;

  constructor(settings: NetcatSettings) {
    super();
    this.settings = settings;
  }

  start(): void {
    this.idle = this.process.timer(this, IDLE);
    this.tests = this.process.timer(this, TEST);
    const { peer } = this.settings;
    if (peer === null) return this.listen();
    this.port = peer.first;
    this.connect();
  }

  override handle(kind: number): void {
    if (kind === TEST) this.test();
    else this.process.exit(0);
  }

  override inputReady(): void {
    if (!this.isTalking) return;
    const { linger } = this.settings;
    let text = this.process.stdin.read();
    while (text !== null && text !== "" && !this.process.hasEnded) {
      this.send(text);
      text = this.process.stdin.read();
    }
    if (text === null && linger !== null) this.idle!.armAfter(seconds(linger) as Nanos);
  }

  received(socket: Socket<Datagram>, datagram: Datagram): void {
    const isFirst = this.settings.peer === null && this.peer === null && !this.settings.keep;
    if (isFirst) this.accept(socket as UdpSocket, datagram);
    this.process.print(toText(datagram.data));
    this.touch(this.settings.idle);
    if (isFirst) this.inputReady();
  }

  /** ECONNREFUSED ends the talk as the end of input would; while the port is tried the next write learns of it. */
  failed(_socket: Socket<Datagram>, _error: SocketError): void {
    if (this.isTalking) this.process.exit(0);
    else this.isRefused = true;
  }

  override ended(): void {
    this.socket?.close();
  }

  private listen(): void {
    const { keep, verbose, localPort } = this.settings;
    const refusal = this.open();
    if (refusal !== null) return this.process.exit(this.process.fail(ERRNO_TEXT[refusal]));
    if (verbose) this.process.error(`Bound on ${formatIpv4(this.socket!.localAddress)} ${localPort}\n`);
    if (keep) this.talk();
  }

  /** From now on only who spoke first is heard. */
  private accept(socket: UdpSocket, { source, sourcePort }: Datagram): void {
    this.peer = { address: source, port: sourcePort };
    socket.connect(source, sourcePort);
    this.isTalking = true;
    if (!this.settings.verbose) return;
    const name = (this.settings.numeric ? null : nameOf(this.process.machine, source)) ?? formatIpv4(source);
    this.process.error(`Connection received on ${name} ${sourcePort}\n`);
  }

  /** Null when bound as the words want it. */
  private open(): Errno | null {
    const { localAddress, localPort, broadcast } = this.settings;
    this.socket?.close();
    this.socket = this.process.hold(new UdpSocket(this.process.machine.net, this));
    this.socket.broadcast = broadcast;
    const isBound = localPort !== 0 || localAddress !== 0;
    return isBound ? (this.socket.bind(localAddress, localPort)?.errno ?? null) : null;
  }

  private connect(): void {
    const { verbose } = this.settings;
    const { host, address } = this.settings.peer!;
    const unbound = this.open();
    if (unbound !== null) return this.process.exit(this.process.fail(`bind failed: ${ERRNO_TEXT[unbound]}`));
    this.isRefused = false;
    const refusal = this.socket!.connect(address, this.port);
    if (refusal !== null) {
      const where = `${host}${this.addressBeside()} port ${this.port}`;
      if (verbose) this.process.fail(`connect to ${where} (udp) failed: ${ERRNO_TEXT[refusal.errno]}`);
      return this.next();
    }
    this.peer = { address, port: this.port };
    if (!verbose) return this.connected();
    if (!this.cross() || !this.cross()) return this.refused();
    this.testsLeft = this.settings.idle ?? TEST_SECONDS;
    this.waitOrConnected();
  }

  /** udptest: somebody has until the last X to refuse. */
  private test(): void {
    this.testsLeft--;
    if (this.cross()) this.waitOrConnected();
    else this.refused();
  }

  private waitOrConnected(): void {
    if (this.testsLeft > 0) this.tests!.armAfter(seconds(1) as Nanos);
    else this.connected();
  }

  /** False when the port has refused. */
  private cross(): boolean {
    if (this.isRefused) return false;
    return this.socket!.send(fromText("X")) === null;
  }

  private refused(): void {
    this.code = 1;
    this.next();
  }

  private connected(): void {
    const { peer, verbose, zero } = this.settings;
    this.code = 0;
    if (verbose) {
      const service = peer!.names.get(this.port) ?? "*";
      const where = `${peer!.host}${this.addressBeside()} ${this.port}`;
      this.process.error(`Connection to ${where} port [udp/${service}] succeeded!\n`);
    }
    if (zero) this.next();
    else this.talk();
  }

  /** The address behind a name. */
  private addressBeside(): string {
    const { peer, numeric } = this.settings;
    const address = formatIpv4(peer!.address);
    return numeric || peer!.host === address ? "" : ` (${address})`;
  }

  private next(): void {
    if (this.port >= this.settings.peer!.last) return this.process.exit(this.code);
    this.port++;
    this.connect();
  }

  private talk(): void {
    this.isTalking = true;
    this.touch(this.settings.idle);
    this.inputReady();
  }

  private send(text: string): void {
    // Who listens to everybody has nobody to answer: EDESTADDRREQ, and it goes on listening.
    if (this.peer === null) return;
    const error = this.socket!.send(fromText(text), this.peer);
    if (error !== null) this.process.exit(this.process.fail(`Write error: ${ERRNO_TEXT[error.errno]}`));
    else this.touch(this.settings.idle);
  }

  private touch(limit: number | null): void {
    // With -k the end of a silence is the beginning of the next.
    if (limit !== null && !this.settings.keep) this.idle?.armAfter(seconds(limit) as Nanos);
  }
}
