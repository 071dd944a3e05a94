/**
 * traceroute: probes with a TTL that grows, several under way at once, and who answers them, printed in their order.
 * Follows do_it, print_probe and recv_reply of traceroute.c, 2.1.2; its waiting in poll(2) is one timer here.
 */
import type { Nanos } from "../../../engine/time.ts";
import { seconds } from "../../../engine/time.ts";
import type { Timer } from "../../../engine/timer.ts";
import { formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import { ERRNO_TEXT } from "../../../stack/errno.ts";
import type { Datagram } from "../../../stack/socket/datagram.ts";
import type { Socket, SocketError, SocketOwner } from "../../../stack/socket/socket.ts";
import { Program } from "../../process.ts";
import { Mailbox } from "../mailbox.ts";
import { type NamesOwner, ReverseNames } from "../reverse-names.ts";
import { IcmpMethod, type Method, Trouble, UdpMethod } from "./method.ts";
import { givenUp, Probe, patience } from "./probe.ts";
import { remarkOf } from "./remark.ts";
import type { TracerouteSettings } from "./settings.ts";

const WAIT_OVER = 0;
const READ = 1;

/** What a socket has for us, and when the kernel had it. */
interface News {
  readonly socket: Socket<Datagram>;
  readonly time: Nanos;
  readonly datagram: Datagram | null;
  readonly error: SocketError | null;
}

export class Traceroute extends Program implements SocketOwner<Datagram>, NamesOwner {
  private readonly settings: TracerouteSettings;
  private readonly probes: Probe[];
  private method: Method | null = null;
  private mailbox: Mailbox<News> | null = null;
  private wait: Timer | null = null;
  private names: ReverseNames | null = null;
  /** Numbers of the first probe that is not printed yet and of the first that will not be. */
  private first: number;
  private end: number;
  private lastSent: Nanos | null = null;
  /** When to look again; null: at once. */
  private next: Nanos | null = null;

  constructor(settings: TracerouteSettings) {
    super();
    this.settings = settings;
    const { maxHops, queries, firstHop } = settings;
    this.probes = Array.from({ length: maxHops * queries }, () => new Probe());
    this.first = (firstHop - 1) * queries;
    this.end = this.probes.length;
  }

  start(): void {
    const { process, settings } = this;
    const { host, destination, maxHops, packetLength } = settings;
    this.wait = process.timer(this, WAIT_OVER);
    this.mailbox = new Mailbox(process, this, READ);
    this.names = new ReverseNames(process, this);
    const kind = settings.method === "icmp" ? IcmpMethod : UdpMethod;
    this.method = new kind(process, settings, this);
    const trouble = this.method.open();
    if (trouble !== null) return this.giveUp(trouble);
    process.print(
      `traceroute to ${host} (${formatIpv4(destination)}), ${maxHops} hops max, ${packetLength} byte packets`,
    );
    this.step();
  }

  override handle(operation: number): void {
    if (this.names!.isAsking) return;
    if (operation === READ) this.read();
    this.step();
  }

  /** The name for the address that is printed next. */
  named(): void {
    this.read();
    this.step();
  }

  override ended(): void {
    this.method?.close();
    this.names?.close();
    for (const probe of this.probes) probe.socket?.close();
  }

  received(socket: Socket<Datagram>, datagram: Datagram): void {
    this.mailbox!.put(socket, { socket, time: datagram.time, datagram, error: null });
  }

  failed(socket: Socket<Datagram>, error: SocketError): void {
    this.mailbox!.put(socket, { socket, time: this.now, datagram: null, error });
  }

  private get now(): Nanos {
    return this.process.machine.world.scheduler.now;
  }

  private step(): void {
    while (!this.process.hasEnded && this.first < this.end) {
      this.round();
      if (this.names!.isAsking) return;
      if (this.next === null || this.next <= this.now) continue;
      this.wait!.armAfter((this.next - this.now) as Nanos);
      return;
    }
    if (this.process.hasEnded) return;
    this.process.print("\n");
    this.process.exit(0);
  }

  /** Prints what is known, gives up what took too long, sends what may be sent. */
  private round(): void {
    const { settings } = this;
    this.next = null;
    let underWay = 0;
    for (let n = this.first; n < this.end && underWay < settings.simultaneous; n++) {
      const probe = this.probes[n]!;
      if (n === this.first) this.checkPatience(probe);
      if (probe.done) {
        if (n === this.first && this.mustWait(probe)) return this.names!.ask(probe.answerer!);
        if (n === this.first) this.print(probe);
        if (probe.final) this.end = (Math.floor(n / settings.queries) + 1) * settings.queries;
        continue;
      }
      if (probe.sentAt === null && !this.send(probe, n)) return;
      this.next ??= (probe.sentAt! + patience(this.probes, n, settings)) as Nanos;
      underWay++;
    }
  }

  private checkPatience(probe: Probe): void {
    if (probe.done || probe.sentAt === null) return;
    const { settings, probes, first } = this;
    const until = (probe.sentAt + patience(probes, first, settings)) as Nanos;
    if (until > this.now) {
      this.next = until;
      return;
    }
    probe.finish();
    givenUp(probes, first, settings.queries);
  }

  /** False: not now, or never again. */
  private send(probe: Probe, n: number): boolean {
    const { pause, queries } = this.settings;
    if (pause > 0 && this.lastSent !== null && this.lastSent + seconds(pause) > this.now) {
      this.next = (this.lastSent + seconds(pause)) as Nanos;
      return false;
    }
    probe.sentAt = this.now;
    this.lastSent = this.now;
    const answer = this.method!.send(probe, Math.floor(n / queries) + 1);
    if (answer instanceof Trouble) this.giveUp(answer);
    else if (answer !== null) this.sendError(probe, answer);
    return !this.process.hasEnded;
  }

  /** EMSGSIZE is told again by the error queue, with the MTU; a route that says no ends it all. */
  private sendError(probe: Probe, error: SocketError): void {
    if (error.errno !== "EMSGSIZE" && error.errno !== "EHOSTUNREACH") {
      return this.giveUp(new Trouble("send", { errno: error.errno, message: null }));
    }
    const about = this.method!.ofError(probe.socket!, error, this.probes);
    if (about !== null) this.take(about, this.now, error);
  }

  private giveUp({ text }: Trouble): void {
    this.process.error(`\n${text}\n`);
    this.process.exit(1);
  }

  private read(): void {
    const mailbox = this.mailbox!;
    mailbox.open();
    for (let news = mailbox.take(); news !== null; news = mailbox.take()) this.hear(news);
  }

  private hear({ socket, time, datagram, error }: News): void {
    if (error !== null) {
      const probe = this.method!.ofError(socket, error, this.probes);
      if (probe !== null && !this.process.hasEnded) this.take(probe, time, error);
      return;
    }
    const probe = this.method!.ofReply(socket, datagram!, this.probes);
    if (probe === null) return;
    probe.answerer = datagram!.source;
    probe.answerTtl = datagram!.ttl;
    probe.receivedAt = time;
    probe.final = true;
    probe.finish();
  }

  private take(probe: Probe, time: Nanos, error: SocketError): void {
    probe.receivedAt = time;
    if (error.origin === "icmp") {
      const remark = remarkOf(error.type, error.code, error.info);
      probe.answerer = error.offender;
      probe.answerTtl = error.ttl;
      probe.final = remark !== null;
      probe.remark = remark ?? "";
    } else if (error.errno === "EMSGSIZE") {
      probe.remark = `!F-${error.info}`;
      probe.final = true;
    } else {
      this.process.error(`\nlocal recverr: ${ERRNO_TEXT[error.errno]}\n`);
      return this.process.exit(1);
    }
    probe.finish();
  }

  private print(probe: Probe): void {
    const { queries } = this.settings;
    const place = this.first % queries;
    const hop = Math.floor(this.first / queries) + 1;
    const lead = place === 0 ? `\n${String(hop).padStart(2)} ` : "";
    const who = probe.answerer === null ? " *" : this.isKnown(probe.answerer, place) ? "" : this.name(probe.answerer);
    const time = probe.receivedAt === null ? "" : `  ${(probe.took / 1e6).toFixed(3)} ms`;
    const remark = probe.remark === "" ? "" : ` ${probe.remark}`;
    this.process.print(lead + who + time + remark);
    this.first++;
  }

  /** Its name must be asked for first. */
  private mustWait({ answerer }: Probe): boolean {
    if (this.settings.numeric || answerer === null) return false;
    return !this.isKnown(answerer, this.first % this.settings.queries) && this.names!.isOpen(answerer);
  }

  /** The last one of this hop that was answered came from there too. */
  private isKnown(answerer: Ipv4, place: number): boolean {
    const before = this.probes.slice(this.first - place, this.first).findLast((each) => each.answerer !== null);
    return before?.answerer === answerer;
  }

  private name(address: Ipv4): string {
    const text = formatIpv4(address);
    if (this.settings.numeric) return ` ${text}`;
    return ` ${this.names!.of(address) ?? text} (${text})`;
  }
}
