/**
 * tracepath: UDP probes as long as the path may take them, with a TTL that grows, one at a time; what is said about them
 * on the way tells the hops and the path MTU. Follows main, probe_ttl and recverr of tracepath.c, iputils 20221126. It asks
 * for the path MTU that is known (IP_PMTUDISC_DO), as the real one is seen to: a second run begins with what the first has
 * learned.
 */
import { type Nanos, seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import { formatIpv4, type Ipv4 } from "../../packet/address.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as udp from "../../packet/udp.ts";
import { ERRNO_TEXT } from "../../stack/errno.ts";
import { Discovery } from "../../stack/ip-send.ts";
import type { Datagram } from "../../stack/socket/datagram.ts";
import type { Socket, SocketError, SocketOwner } from "../../stack/socket/socket.ts";
import { MAX_PAYLOAD, UdpSocket } from "../../stack/socket/udp.ts";
import { Program } from "../process.ts";
import { Mailbox } from "./mailbox.ts";
import { type NamesOwner, ReverseNames } from "./reverse-names.ts";
import { hopsOf } from "./traceroute/probe.ts";

export const OVERHEAD = ipv4.MIN_HEADER_LENGTH + udp.HEADER_LENGTH;

export interface TracepathSettings {
  readonly destination: Ipv4;
  /** What is tried first, headers and all. */
  readonly mtu: number;
  readonly maxHops: number;
  /** The first of the ports that probes go to. */
  readonly port: number;
  readonly numeric: boolean;
  /** Names and numbers. */
  readonly both: boolean;
}

const WAIT_OVER = 0;
const READ = 1;
/** HIS_ARRAY_SIZE: so many ports are used in turn, and tell which probe an answer is about. */
const SLOTS = 64;
/** MAX_PROBES: a kernel that will not send is asked so often. */
const ATTEMPTS = 10;
/** Probes of a hop that nobody answers. */
const PATIENCE = 3;
const SECOND = seconds(1);
/** HOST_COLUMN_SIZE */
const HOST_WIDTH = 52;

interface Sent {
  readonly ttl: number;
  readonly at: Nanos;
}

/** What recverr answers beside an MTU: all is said, and nothing has come. */
const OVER = 0;
const SILENCE = -1;

export class Tracepath extends Program implements SocketOwner<Datagram>, NamesOwner {
  private readonly settings: TracepathSettings;
  private readonly sent: (Sent | null)[] = Array.from({ length: SLOTS }, () => null);
  private slot = 0;
  private mtu: number;
  private mtuBefore = 0;
  private ttl = 0;
  /** Probes of this hop, since the MTU was last another. */
  private tries = 0;
  private socket: UdpSocket | null = null;
  private mailbox: Mailbox<SocketError | Datagram> | null = null;
  private wait: Timer | null = null;
  private names: ReverseNames | null = null;
  /** Of what is told next the name is asked for. */
  private open: SocketError | null = null;
  private progress = SILENCE;
  private resume = "";

  constructor(settings: TracepathSettings) {
    super();
    this.settings = settings;
    this.mtu = settings.mtu;
  }

  start(): void {
    const { process } = this;
    this.wait = process.timer(this, WAIT_OVER);
    this.mailbox = new Mailbox(process, this, READ);
    this.names = new ReverseNames(process, this);
    this.socket = process.hold(new UdpSocket(process.machine.net, this));
    this.socket.receiveErrors = true;
    this.socket.discovery = Discovery.DO;
    this.nextHop();
  }

  override ended(): void {
    this.names?.close();
    this.socket?.close();
  }

  received(socket: Socket<Datagram>, datagram: Datagram): void {
    this.mailbox!.put(socket, datagram);
  }

  failed(socket: Socket<Datagram>, error: SocketError): void {
    this.mailbox!.put(socket, error);
  }

  override handle(operation: number): void {
    if (this.open !== null) return;
    this.wait!.cancel();
    this.mailbox!.open();
    this.progress = SILENCE;
    if (operation === READ) this.read();
    else this.judge(SILENCE);
  }

  /** The name of whoever is told about next is known, or known to be none. */
  named(): void {
    const error = this.open!;
    this.open = null;
    this.mailbox!.open();
    if (this.tell(error)) this.read();
    else this.judge(OVER);
  }

  private get now(): Nanos {
    return this.process.machine.world.scheduler.now;
  }

  private nextHop(): void {
    this.ttl++;
    this.tries = 0;
    if (this.ttl <= this.settings.maxHops) return this.probe();
    this.process.print(`     Too many hops: pmtu ${this.mtu}\n`);
    this.end();
  }

  private end(): void {
    this.process.print(`     Resume: pmtu ${this.mtu} ${this.resume}\n`);
    this.process.exit(0);
  }

  /** probe_ttl */
  private probe(): void {
    this.mtuBefore = this.mtu;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const error = this.send();
      if (error === null) return this.wait!.armAfter(SECOND);
      this.sent[this.slot] = null;
      if (error.errno !== "EMSGSIZE" || this.mtu - OVERHEAD > MAX_PAYLOAD) continue;
      this.tell(error);
      attempt = -1;
    }
    this.process.print(`${pad(this.ttl)}:  send failed\n`);
    this.judge(OVER);
  }

  private send(): SocketError | null {
    const { destination, port } = this.settings;
    this.sent[this.slot] = { ttl: this.ttl, at: this.now };
    this.socket!.ttl = this.ttl;
    const data = new Uint8Array(this.mtu - OVERHEAD);
    const error = this.socket!.send(data, { address: destination, port: (port + this.slot) & 0xffff });
    if (error === null) this.slot = (this.slot + 1) % SLOTS;
    return error;
  }

  /** What main does with the answer of probe_ttl. */
  private judge(progress: number): void {
    if (this.mtu !== this.mtuBefore) {
      this.tries = 0;
      return this.probe();
    }
    if (progress === OVER) return this.end();
    if (progress > 0) return this.nextHop();
    if (++this.tries < PATIENCE) return this.probe();
    this.process.print(`${pad(this.ttl)}:  no reply\n`);
    this.nextHop();
  }

  /** recverr, as far as it gets without a name. */
  private read(): void {
    for (let news = this.mailbox!.take(); news !== null; news = this.mailbox!.take()) {
      if (!("errno" in news)) {
        this.process.print(`${pad(this.ttl)}?: reply received 8)\n`);
        return this.judge(OVER);
      }
      if (this.mustAsk(news)) {
        this.open = news;
        return this.names!.ask(news.offender);
      }
      if (!this.tell(news)) return this.judge(OVER);
    }
    this.judge(this.progress);
  }

  private mustAsk({ origin, offender }: SocketError): boolean {
    const { numeric, both } = this.settings;
    return origin === "icmp" && (!numeric || both) && this.names!.isOpen(offender);
  }

  /** One line. False: there is nothing behind it. */
  private tell(error: SocketError): boolean {
    const slot = error.port - this.settings.port;
    const probe = error.origin === "icmp" ? (this.sent[slot] ?? null) : null;
    if (probe !== null) this.sent[slot] = null;
    const place = probe === null ? `${pad(this.ttl)}?: ` : `${pad(probe.ttl)}:  `;
    const who = error.origin === "icmp" ? this.host(error.offender) : "[LOCALHOST]".padEnd(33);
    const time = probe === null ? "" : elapsed(this.now - probe.at);
    this.process.print(place + who + time);
    this.progress = this.mtu;
    return this.verdict(error, probe?.ttl ?? this.ttl);
  }

  private verdict({ errno, origin, type, code, info, ttl }: SocketError, hops: number): boolean {
    const back = hopsOf(ttl);
    if (errno === "EMSGSIZE") {
      this.mtu = info;
      this.progress = info;
      this.process.print(`pmtu ${info}\n`);
      return true;
    }
    const isOnWay = origin === "icmp" && type === icmp.Type.TIME_EXCEEDED && code === icmp.TimeExceeded.IN_TRANSIT;
    if (isOnWay) {
      this.process.print(back === hops ? "\n" : `asymm ${pad(back)} \n`);
      return true;
    }
    if (errno === "ECONNREFUSED") this.resume = `hops ${hops} back ${back} `;
    this.process.print(VERDICTS[errno] ?? "\n");
    if (VERDICTS[errno] === undefined) this.process.error(`NET ERROR: ${ERRNO_TEXT[errno]}\n`);
    return false;
  }

  private host(address: Ipv4): string {
    const { numeric, both } = this.settings;
    const number = formatIpv4(address);
    const named = this.names!.of(address) ?? (this.names!.failed(address) ? "???" : number);
    const [first, second] = numeric ? [number, named] : [named, number];
    const text = both ? `${first} (${second})` : first;
    return text + " ".repeat(Math.max(1, HOST_WIDTH - text.length));
  }
}

const VERDICTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "reached\n",
  EPROTO: "!P\n",
  EHOSTUNREACH: "!H\n",
  ENETUNREACH: "!N\n",
  EACCES: "!A\n",
};

const pad = (number: number): string => String(number).padStart(2);

function elapsed(nanos: number): string {
  const micros = Math.floor(nanos / 1000);
  return `${String(Math.floor(micros / 1000)).padStart(3)}.${String(micros % 1000).padStart(3, "0")}ms `;
}
