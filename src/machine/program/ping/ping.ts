/**
 * ping: one echo request after another, and what comes back. Follows ping_common.c (setup, main_loop, pinger,
 * gather_statistics, finish) and ping.c of iputils 20221126; its waiting in poll(2) and recvmsg(2) is timers here.
 *
 * Not modelled: redirects that are printed, replies with a wrong checksum (the stack drops them) or changed data.
 */
import { get16, get32, put32 } from "../../../base/bytes.ts";
import type { Nanos } from "../../../engine/time.ts";
import { ms, seconds } from "../../../engine/time.ts";
import type { Timer } from "../../../engine/timer.ts";
import { ANY_IPV4, formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import { ERRNO_TEXT } from "../../../stack/errno.ts";
import { Discovery } from "../../../stack/ip-send.ts";
import { routeOutput } from "../../../stack/route-output.ts";
import type { Datagram } from "../../../stack/socket/datagram.ts";
import { IcmpSocket } from "../../../stack/socket/icmp.ts";
import type { Socket, SocketError, SocketOwner } from "../../../stack/socket/socket.ts";
import { Program, type SignalName } from "../../process.ts";
import { Mailbox } from "../mailbox.ts";
import { type NamesOwner, ReverseNames } from "../reverse-names.ts";
import { dataOf, firstLine, LONGEST_MESSAGE } from "./first-line.ts";
import { icmpText } from "./icmp-text.ts";
import type { PingSettings } from "./settings.ts";
import { roundTrip, Tally } from "./tally.ts";
import { isToMany, type PingTarget } from "./target.ts";

/** Milliseconds. */
const SHORTEST_WAIT = 10;
const ENOUGH_SENT = 1000;
/** struct timeval of a 64-bit machine, at the front of the data. */
const STAMP_LENGTH = 16;
const WAIT_OVER = 0;
const ALARM = 1;
const READ = 2;

/** What the socket has for us, in the order it came. */
type News =
  | { readonly kind: "reply"; readonly datagram: Datagram }
  | { readonly kind: "error"; readonly error: SocketError };

export class Ping extends Program implements SocketOwner<Datagram>, NamesOwner {
  private readonly settings: PingSettings;
  private readonly target: PingTarget;
  private readonly tally = new Tally();
  private readonly toMany: boolean;
  private readonly isTimed: boolean;
  private interval: number;
  private socket: IcmpSocket | null = null;
  private wait: Timer | null = null;
  private alarm: Timer | null = null;
  private mailbox: Mailbox<News> | null = null;
  private data: Uint8Array = new Uint8Array(0);
  private startedAt = 0 as Nanos;
  /** When the last request was sent; null before the first. */
  private sentAt: Nanos | null = null;
  /** Milliseconds of waiting that are saved up (preload). */
  private tokens = 0;
  /** Microseconds to wait for what is under way; 0 while there is more to send. */
  private lastWait = 0;
  private isExiting = false;
  private isStatusWanted = false;
  private names: ReverseNames | null = null;
  /** What waits for a name. */
  private held: News | null = null;

  constructor(settings: PingSettings, target: PingTarget) {
    super();
    this.settings = settings;
    this.target = target;
    this.toMany = isToMany(settings, target);
    this.isTimed = settings.size >= STAMP_LENGTH;
    this.interval = settings.flood && !settings.hasInterval ? 0 : settings.interval;
  }

  start(): void {
    const { process, settings } = this;
    this.socket = process.hold(new IcmpSocket(process.machine.net, this));
    this.wait = process.timer(this, WAIT_OVER);
    this.alarm = process.timer(this, ALARM);
    this.mailbox = new Mailbox(process, this, READ);
    this.names = new ReverseNames(process, this);
    const refused = this.prepare(this.socket);
    if (refused !== null) {
      process.error(`${process.name}: ${refused}\n`);
      return process.exit(2);
    }
    this.data = dataOf(settings);
    process.print(firstLine(settings, this.target));
    this.startedAt = this.now;
    if (settings.deadline > 0) this.alarm.armAfter(seconds(settings.deadline));
    this.step();
  }

  private get now(): Nanos {
    return this.process.machine.world.scheduler.now;
  }

  /** Null, or why not. */
  private prepare(socket: IcmpSocket): string | null {
    const { process, settings, target } = this;
    const local = settings.strictSource ? target.source : ANY_IPV4;
    const refusal = socket.bind(local, settings.ident ?? process.pid & 0xffff);
    if (refusal !== null) return `bind: ${ERRNO_TEXT[refusal.errno]}`;
    if (settings.ttl === 0) return `cannot set unicast time-to-live: ${ERRNO_TEXT.EINVAL}`;
    socket.device = target.device;
    socket.broadcast = settings.broadcast;
    socket.tos = settings.tos;
    socket.ttl = settings.ttl ?? 0;
    socket.discovery = settings.discovery ?? (this.toMany ? Discovery.DO : Discovery.WANT);
    return null;
  }

  override handle(operation: number): void {
    if (operation === ALARM) this.timeUp();
    if (this.names!.isAsking) return;
    if (operation === READ) return this.read();
    this.step();
  }

  /** The name for the address that is printed next. */
  named(): void {
    this.read();
  }

  override signal(name: SignalName): void {
    if (name === "INT") this.isExiting = true;
    else if (name === "QUIT") this.isStatusWanted = true;
    else return super.signal(name);
    if (!this.names!.isAsking) {
      this.step();
      return;
    }
    // getnameinfo is left with a long jump: the address is printed as it is.
    this.names!.close();
    this.read();
  }

  override ended(): void {
    this.socket?.close();
    this.names?.close();
  }

  received(socket: Socket<Datagram>, datagram: Datagram): void {
    this.mailbox!.put(socket, { kind: "reply", datagram });
  }

  failed(socket: Socket<Datagram>, error: SocketError): void {
    this.mailbox!.put(socket, { kind: "error", error });
  }

  /** A reply that is there already has woken the program before the alarm did. */
  private timeUp(): void {
    if (this.mailbox!.isPending && !this.names!.isAsking) this.read();
    this.isExiting = true;
  }

  private read(): void {
    const mailbox = this.mailbox!;
    mailbox.open();
    for (let news = this.held ?? mailbox.take(); news !== null; news = mailbox.take()) {
      this.held = null;
      const who = this.toName(news);
      if (who !== null) {
        this.held = news;
        return this.names!.ask(who);
      }
      if (news.kind === "reply") this.reply(news.datagram);
      else this.netError(news.error);
      // With nothing under way the real one goes back to sending, and to asking whether it is done.
      if (this.tally.inFlight === 0 && !this.step()) return;
    }
    this.step();
  }

  /** Whose name must be asked for before this can be printed; null when nobody's. */
  private toName(news: News): Ipv4 | null {
    const { settings, target, isExiting } = this;
    if (settings.quiet || settings.flood || settings.numeric || target.isNumeric || isExiting) return null;
    if (news.kind === "error" && news.error.destination !== target.destination) return null;
    const who = news.kind === "reply" ? news.datagram.source : news.error.offender;
    return this.names!.isOpen(who) ? who : null;
  }

  /** One turn of main_loop; false when it was the last. */
  private step(): boolean {
    if (this.process.hasEnded) return false;
    if (this.isDone()) {
      this.finish();
      return false;
    }
    if (this.isStatusWanted) this.process.error(this.tally.status(this.isTimed));
    this.isStatusWanted = false;
    let next = this.exitTime(this.send());
    while (next <= 0) next = this.exitTime(this.send());
    this.wait!.armAfter(ms(this.waitFor(next)));
    return true;
  }

  private isDone(): boolean {
    const { count, deadline } = this.settings;
    const { received, errors } = this.tally;
    return this.isExiting || (count !== null && received + errors >= count) || (deadline > 0 && errors > 0);
  }

  /** How long the real one sleeps before it looks again. */
  private waitFor(next: number): number {
    const usual = Math.max(this.interval, SHORTEST_WAIT);
    if (!this.settings.adaptive && next >= usual) return usual;
    return next <= SHORTEST_WAIT && this.tally.inFlight > 0 ? SHORTEST_WAIT : next;
  }

  /** pinger: sends when it is time to; milliseconds until the next one is due. */
  private send(): number {
    if (this.isExiting || this.hasSentAll()) return ENOUGH_SENT;
    const early = this.countTokens();
    if (early > 0) return early;
    const { tally, settings } = this;
    if (settings.outstanding && tally.transmitted > 0 && !tally.hasSeen(tally.transmitted)) {
      this.process.print(`${this.stamp()}no answer yet for icmp_seq=${tally.transmitted % 0x1_0000}\n`);
    }
    const error = this.probe();
    tally.sent();
    if (error === null) {
      if (!settings.quiet && settings.flood) this.process.print(".");
      return this.interval - this.tokens;
    }
    this.sendError(error);
    this.tokens = 0;
    return Math.max(this.interval, SHORTEST_WAIT);
  }

  private hasSentAll(): boolean {
    const { count, deadline } = this.settings;
    return count !== null && this.tally.transmitted >= count && deadline === 0;
  }

  /** Packets are fewer than time / interval + preload. 0: send now; else milliseconds to wait. */
  private countTokens(): number {
    const { now, interval } = this;
    const { preload } = this.settings;
    if (this.sentAt === null) {
      this.sentAt = now;
      this.tokens = interval * (preload - 1);
      return 0;
    }
    const passed = milliseconds(this.sentAt, now);
    if (interval === 0 && passed < SHORTEST_WAIT && this.tally.inFlight >= preload) return SHORTEST_WAIT - passed;
    const tokens = Math.min(passed + this.tokens, interval * preload);
    if (tokens < interval) return interval - tokens;
    this.sentAt = now;
    this.tokens = tokens - interval;
    return 0;
  }

  private probe(): SocketError | "silent" | null {
    const sequence = (this.tally.transmitted + 1) & 0xffff;
    this.tally.forget(sequence);
    if (this.settings.size + icmp.HEADER_LENGTH > LONGEST_MESSAGE) return "silent";
    if (this.isTimed) this.putStamp();
    return this.socket!.send({ destination: this.target.destination, sequence, data: this.data });
  }

  /** Seconds and microseconds since 1970, 64 bits each, little-endian. */
  private putStamp(): void {
    const { data } = this;
    const micros = this.clock;
    const whole = Math.floor(micros / 1e6);
    data.fill(0, 0, STAMP_LENGTH);
    put32(data, 0, swap(whole % 0x1_0000_0000));
    put32(data, 4, swap(Math.floor(whole / 0x1_0000_0000)));
    put32(data, 8, swap(micros % 1e6));
  }

  /** gettimeofday, in microseconds. */
  private get clock(): number {
    return this.clockAt(this.now);
  }

  private clockAt(time: Nanos): number {
    return this.process.machine.epoch * 1e6 + Math.floor(time / 1e3);
  }

  private sendError(error: SocketError | "silent"): void {
    const { settings, process } = this;
    if (error === "silent" || settings.quiet) return;
    if (settings.flood) process.print("E");
    else if (error.errno === "EMSGSIZE") {
      process.error(`${process.name}: local error: message too long, mtu=${this.mtuOf(error)}\n`);
    } else process.error(`${process.name}: sendmsg: ${ERRNO_TEXT[error.errno]}\n`);
    if (error.errno === "EMSGSIZE") this.tally.errors++;
  }

  /** For what no IP packet can hold the socket answers with that limit; the kernel names the route's. */
  private mtuOf(error: SocketError): number {
    if (error.info < ipv4.MAX_LENGTH) return error.info;
    const { net } = this.process.machine;
    const route = routeOutput(net, this.target.destination, this.socket!.localAddress, this.target.device);
    return "errno" in route ? error.info : route.mtu;
  }

  /** schedule_exit: all is sent, so the end is near. */
  private exitTime(next: number): number {
    if (!this.hasSentAll() || this.lastWait > 0) return next;
    const { tally } = this;
    const answered = Math.max(2 * tally.most, 1000 * this.interval);
    this.lastWait = tally.received > 0 ? answered : this.settings.linger * 1000;
    if (this.lastWait > 0) this.alarm!.armAfter((this.lastWait * 1000) as Nanos);
    return Math.max(next, Math.floor(this.lastWait / 1000));
  }

  private reply(datagram: Datagram): void {
    const { data } = datagram;
    const sequence = get16(data, 6);
    const micros = this.travelTime(datagram);
    const isRepeat = this.tally.reply(sequence, micros);
    if (this.settings.adaptive && micros !== null) this.adapt();
    if (this.settings.quiet) return;
    if (this.settings.flood) return this.process.print("\b \b");
    const ident = this.settings.verbose ? ` ident=${this.socket!.id}` : "";
    const from = this.nameFor(datagram.source);
    const line = `${this.stamp()}${data.length} bytes from ${from}: icmp_seq=${sequence}${ident} ttl=${datagram.ttl}`;
    this.process.print(`${line}${this.remarks(datagram, micros, isRepeat)}\n`);
  }

  private remarks({ data, source }: Datagram, micros: number | null, isRepeat: boolean): string {
    if (data.length < this.settings.size + icmp.HEADER_LENGTH) return " (truncated)";
    const isOdd = isRepeat && (!this.toMany || this.settings.verbose);
    const isStranger = !this.toMany && source !== this.target.destination;
    const time = micros === null ? "" : roundTrip(micros);
    return `${time}${isOdd ? " (DUP!)" : ""}${isStranger ? " (DIFFERENT ADDRESS!)" : ""}`;
  }

  /** Microseconds since the stamp in the data; null when there is no room for one. */
  private travelTime({ data, time }: Datagram): number | null {
    if (!this.isTimed || data.length < icmp.HEADER_LENGTH + STAMP_LENGTH) return null;
    const word = (at: number): number => swap(get32(data, icmp.HEADER_LENGTH + at));
    const sent = (word(4) * 0x1_0000_0000 + word(0)) * 1e6 + word(8);
    return Math.max(0, this.clockAt(this.settings.latency ? this.now : time) - sent);
  }

  /** update_interval */
  private adapt(): void {
    const { rtt } = this.tally;
    this.interval = Math.floor(((rtt > 0 ? Math.trunc(rtt / 8) : this.interval * 1000) + 500) / 1000);
  }

  private netError(error: SocketError): void {
    const { process, settings, tally } = this;
    if (error.destination !== this.target.destination) return;
    const sequence = get16(error.data, 6);
    tally.acknowledge(sequence);
    tally.errors++;
    if (settings.quiet) return;
    if (settings.flood) return process.print("\bE");
    const what = icmpText(error.type, error.code, error.info);
    process.print(`${this.stamp()}From ${this.nameFor(error.offender)} icmp_seq=${sequence} ${what}\n`);
  }

  /** pr_addr of iputils 20221126 asks anew for every line, also for the same address (seen). */
  private nameFor(address: Ipv4): string {
    const text = formatIpv4(address);
    if (this.settings.numeric || this.target.isNumeric || this.isExiting) return text;
    const name = this.names!.of(address);
    this.names!.forget(address);
    return name === null ? text : `${name} (${text})`;
  }

  /** -D */
  private stamp(): string {
    if (!this.settings.timestamps) return "";
    const micros = this.clock;
    return `[${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}] `;
  }

  private finish(): void {
    const { process, tally, settings } = this;
    const elapsed = (this.sentAt ?? this.startedAt) - this.startedAt;
    const isPaced = this.interval === 0 || settings.flood || settings.adaptive;
    process.print(
      `\n--- ${this.target.hostname} ping statistics ---\n${tally.counts(elapsed)}\n` +
        `${tally.times(this.isTimed, isPaced, elapsed)}\n`,
    );
    const isShort = settings.deadline > 0 && tally.received < (settings.count ?? 0);
    process.exit(tally.received === 0 || isShort ? 1 : 0);
  }
}

/** From the clock's seconds and nanoseconds apart, as the real one subtracts them. */
function milliseconds(from: Nanos, to: Nanos): number {
  const whole = Math.floor(to / 1e9) - Math.floor(from / 1e9);
  return 1000 * whole + Math.trunc(((to % 1e9) - (from % 1e9)) / 1e6);
}

/** The other byte order. */
const swap = (word: number): number =>
  (((word & 255) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
