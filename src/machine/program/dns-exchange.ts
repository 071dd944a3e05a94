/**
 * One question to name servers over UDP, asked again until somebody answers: the part that dig, host, nslookup and the
 * C library's resolver share. Not modelled: TCP, so a cut answer is all there is.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import { type Nanos, seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import { type Ipv4, parseIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Errno as ErrnoName } from "../../stack/errno.ts";
import { Discovery } from "../../stack/ip-send.ts";
import type { Datagram } from "../../stack/socket/datagram.ts";
import type { Socket, SocketError, SocketOwner } from "../../stack/socket/socket.ts";
import { type Endpoint, UdpSocket } from "../../stack/socket/udp.ts";
import type { Box } from "../box.ts";
import { Errno } from "../errno.ts";
import type { Process } from "../process.ts";
import { Mailbox } from "./mailbox.ts";

export interface DnsAnswer {
  readonly message: dns.Message;
  readonly server: Endpoint;
  /** Bytes of the datagram. */
  readonly size: number;
  /** From the question to the answer. */
  readonly took: Nanos;
}

export interface ExchangeOwner {
  answered(answer: DnsAnswer): void;
  /** A try has come to nothing: null is silence. `server` has said so, or its host. */
  triedInVain(server: Endpoint, errno: ErrnoName | null): void;
  /** Nobody is left to ask. */
  gaveUp(): void;
}

export interface ExchangeSettings {
  readonly servers: readonly Endpoint[];
  /** Seconds for each try. */
  readonly timeout: number;
  /** How often each server is asked. */
  readonly attempts: number;
  /** BIND's tools let questions be cut on their way; the C library's resolver leaves it to the kernel. */
  readonly mayFragment: boolean;
}

interface Letter {
  readonly datagram: Datagram;
  readonly socket: Socket<Datagram>;
}

const READ = 0;
const TIMEOUT = 1;
const REFUSED = 2;

export class DnsExchange implements EventTarget, SocketOwner<Datagram> {
  private readonly process: Process;
  private readonly owner: ExchangeOwner;
  private readonly settings: ExchangeSettings;
  private readonly mailbox: Mailbox<Letter>;
  private readonly timer: Timer;
  private readonly refusal: Timer;
  private socket: UdpSocket | null = null;
  private question: dns.Message | null = null;
  private bytes: Uint8Array = new Uint8Array(0);
  private tries = 0;
  private askedAt = 0 as Nanos;
  private errno: ErrnoName | null = null;

  constructor(process: Process, owner: ExchangeOwner, settings: ExchangeSettings) {
    this.process = process;
    this.owner = owner;
    this.settings = settings;
    this.mailbox = new Mailbox(process, this, READ);
    this.timer = process.timer(this, TIMEOUT);
    this.refusal = process.timer(this, REFUSED);
  }

  /** False: the name in it is none. */
  ask(question: dns.Message): boolean {
    const bytes = dns.encode(question);
    if (bytes === null) return false;
    this.question = question;
    this.bytes = bytes;
    this.tries = 0;
    this.next();
    return true;
  }

  close(): void {
    this.socket?.close();
    this.socket = null;
    this.timer.cancel();
    this.refusal.cancel();
  }

  private get server(): Endpoint {
    const { servers } = this.settings;
    return servers[(this.tries - 1) % servers.length]!;
  }

  private next(): void {
    const { servers, attempts, timeout } = this.settings;
    this.close();
    if (this.tries >= servers.length * attempts) return this.owner.gaveUp();
    this.tries++;
    this.askedAt = this.process.machine.world.scheduler.now;
    const socket = this.process.hold(new UdpSocket(this.process.machine.net, this));
    this.socket = socket;
    if (this.settings.mayFragment) socket.discovery = Discovery.DONT;
    const refused = socket.connect(this.server.address, this.server.port) ?? socket.send(this.bytes);
    if (refused !== null) {
      this.errno = refused.errno;
      return this.refusal.armAfter(0 as Nanos);
    }
    this.timer.armAfter(seconds(timeout));
  }

  handle(operation: number): void {
    if (operation === READ) return this.read();
    const { server } = this;
    this.close();
    this.owner.triedInVain(server, operation === REFUSED ? this.errno : null);
    if (!this.process.hasEnded) this.next();
  }

  received(socket: Socket<Datagram>, datagram: Datagram): void {
    this.mailbox.put(socket, { socket, datagram });
  }

  failed(socket: Socket<Datagram>, error: SocketError): void {
    if (socket !== this.socket) return;
    this.errno = error.errno;
    this.refusal.armAfter(0 as Nanos);
  }

  private read(): void {
    this.mailbox.open();
    for (let letter = this.mailbox.take(); letter !== null; letter = this.mailbox.take()) {
      const { data, time } = letter.datagram;
      const message = letter.socket === this.socket ? dns.parse(data, 0, data.length) : null;
      if (message === null || !isReplyTo(message, this.question!)) continue;
      const { server } = this;
      const took = (time - this.askedAt) as Nanos;
      this.close();
      return this.owner.answered({ message, server, size: data.length, took });
    }
  }
}

function isReplyTo(reply: dns.Message, question: dns.Message): boolean {
  const [mine, theirs] = [question.questions[0]!, reply.questions[0]];
  const isAbout = theirs === undefined || (theirs.type === mine.type && dns.sameName(theirs.name, mine.name));
  return reply.id === question.id && (reply.flags & dns.Flag.QR) !== 0 && isAbout;
}

/** resolv.conf(5): servers (three at most), search list, and the options that matter here. */
export interface ResolverFile {
  readonly servers: readonly Endpoint[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeout: number;
  readonly attempts: number;
}

const MOST_SERVERS = 3;
/** resolv.conf(5): without a name server in it, the one on this machine. */
const LOCALHOST = 0x7f00_0001 as Ipv4;

export function resolverFile(machine: Box): ResolverFile {
  const text = machine.files.read("/etc/resolv.conf");
  const lines = text instanceof Errno ? [] : text.split("\n").map((line) => line.trim().split(/\s+/));
  const valuesOf = (key: string): string[] => lines.filter(([word]) => word === key).flatMap(([, ...rest]) => rest);
  const addresses = valuesOf("nameserver")
    .map((word) => parseIpv4(word))
    .filter((address): address is Ipv4 => address !== null);
  const options = valuesOf("options");
  const number = (name: string, otherwise: number): number => {
    const found = options.find((option) => option.startsWith(`${name}:`))?.slice(name.length + 1) ?? "";
    return /^\d+$/.test(found) ? Number(found) : otherwise;
  };
  const searchLine = lines.findLast(([word]) => word === "search" || word === "domain");
  return {
    servers: (addresses.length === 0 ? [LOCALHOST] : addresses.slice(0, MOST_SERVERS)).map((address) => ({
      address,
      port: dns.PORT,
    })),
    search: searchLine?.slice(1) ?? [],
    ndots: number("ndots", 1),
    timeout: number("timeout", 5),
    attempts: number("attempts", 2),
  };
}

/** For the id of a question, which others should not guess. */
export const questionId = (process: Process): number =>
  process.machine.world.random(`dns.${process.machine.name}`).below(0x1_0000);
