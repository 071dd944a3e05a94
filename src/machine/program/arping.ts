/**
 * arping: ARP requests by hand, and who answers. Follows arping.c of iputils 20221126.
 */
import type { NetDevice } from "../../device/device.ts";
import { type Nanos, seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import { BROADCAST_MAC, formatIpv4, formatMac, type Ipv4, isGroup, type Mac } from "../../packet/address.ts";
import * as arp from "../../packet/arp.ts";
import * as ethernet from "../../packet/ethernet.ts";
import { ERRNO_TEXT } from "../../stack/errno.ts";
import { PacketSocket, type RawFrame } from "../../stack/socket/packet.ts";
import type { Socket, SocketError, SocketOwner } from "../../stack/socket/socket.ts";
import { Program, type SignalName } from "../process.ts";
import { Mailbox } from "./mailbox.ts";

export interface ArpingSettings {
  /** Null: until somebody stops it. */
  readonly count: number | null;
  /** Seconds; 0: none. */
  readonly timeout: number;
  /** Seconds; 0: one probe only. */
  readonly interval: number;
  readonly device: NetDevice;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly advert: boolean;
  readonly broadcastOnly: boolean;
  readonly duplicateDetection: boolean;
  readonly quiet: boolean;
  readonly quitOnReply: boolean;
  readonly unsolicited: boolean;
}

const TICK = 0;
const TIMEOUT = 1;
const READ = 2;

export class Arping extends Program implements SocketOwner<RawFrame> {
  private readonly settings: ArpingSettings;
  private socket: PacketSocket | null = null;
  private ticker: Timer | null = null;
  private timeout: Timer | null = null;
  private mailbox: Mailbox<RawFrame> | null = null;
  /** To whom: everybody, until somebody has answered. */
  private target: Mac = BROADCAST_MAC;
  private unicasting = false;
  private ticks = 1;
  private sent = 0;
  private sentToAll = 0;
  private answers = 0;
  private broadcastAnswers = 0;
  private requestAnswers = 0;
  private lastSent = 0 as Nanos;

  constructor(settings: ArpingSettings) {
    super();
    this.settings = settings;
  }

  start(): void {
    const { process, settings } = this;
    const { device, source, destination, interval, timeout, quiet } = settings;
    this.socket = process.hold(new PacketSocket(process.machine.net, this, ethernet.EtherType.ARP));
    this.socket.type = "dgram";
    this.socket.open(device);
    if (!quiet) process.print(`ARPING ${formatIpv4(destination)} from ${formatIpv4(source)} ${device.name}\n`);
    this.ticker = process.timer(this, TICK);
    this.timeout = process.timer(this, TIMEOUT);
    this.mailbox = new Mailbox(process, this, READ);
    if (interval > 0) this.ticker.armAfter(seconds(interval));
    if (timeout > 0) this.timeout.armAfter(seconds(timeout));
    this.send();
  }

  override handle(operation: number): void {
    if (operation === READ) this.read();
    else if (operation === TIMEOUT) this.timeUp();
    else this.tick();
  }

  override signal(name: SignalName): void {
    if (name === "INT" || name === "QUIT" || name === "TERM") this.finish();
    else super.signal(name);
  }

  override ended(): void {
    this.socket?.close();
  }

  received(socket: Socket<RawFrame>, frame: RawFrame): void {
    this.mailbox!.put(socket, frame);
  }

  /** The device is gone. */
  failed(_socket: Socket<RawFrame>, error: SocketError): void {
    this.process.error(`${this.process.name}: recvfrom: ${ERRNO_TEXT[error.errno]}\n`);
    this.process.exit(2);
  }

  /** poll(2) reports both timers at once, and the interval's is looked at first. */
  private timeUp(): void {
    if (this.ticker!.due === this.process.machine.world.scheduler.now) this.tick();
    if (!this.process.hasEnded) this.finish();
  }

  private tick(): void {
    const { count, interval } = this.settings;
    this.ticks++;
    if (count !== null && count < this.ticks) return this.finish();
    this.ticker!.armAfter(seconds(interval));
    this.send();
  }

  private send(): void {
    const { device, source, destination, advert, count, unsolicited } = this.settings;
    const bytes = new Uint8Array(ethernet.HEADER_LENGTH + arp.LENGTH);
    const at = ethernet.emit(bytes, 0, {
      destination: this.target,
      source: device.mac,
      etherType: ethernet.EtherType.ARP,
    });
    arp.emit(bytes, at, {
      operation: advert ? arp.Operation.REPLY : arp.Operation.REQUEST,
      senderMac: device.mac,
      senderIp: source,
      targetMac: advert ? device.mac : this.target,
      targetIp: destination,
    });
    if (this.socket!.send(bytes) === null) {
      this.lastSent = this.process.machine.world.scheduler.now;
      this.sent++;
      if (!this.unicasting) this.sentToAll++;
    }
    if (unsolicited && this.sent === count) this.finish();
  }

  private read(): void {
    const mailbox = this.mailbox!;
    mailbox.open();
    for (let frame = mailbox.take(); frame !== null; frame = mailbox.take()) {
      if (this.process.hasEnded) return;
      if (this.isAnswer(frame)) this.answer(frame);
    }
  }

  private isAnswer({ data, device }: RawFrame): boolean {
    const to = ethernet.destination(data, 0);
    if (to !== device.mac && !isGroup(to)) return false;
    const packet = arp.parse(data, ethernet.HEADER_LENGTH, data.length);
    const { source, destination, duplicateDetection } = this.settings;
    if (packet === null || packet.senderIp !== destination) return false;
    const { REQUEST, REPLY } = arp.Operation;
    if (packet.operation !== REQUEST && packet.operation !== REPLY) return false;
    // Somebody else has the address that we would like to have.
    if (duplicateDetection) return packet.senderMac !== device.mac && (source === 0 || source === packet.targetIp);
    return packet.targetIp === source && packet.targetMac === device.mac;
  }

  private answer({ data, device }: RawFrame): void {
    const { settings, process } = this;
    const packet = arp.parse(data, ethernet.HEADER_LENGTH, data.length)!;
    const isUnicast = ethernet.destination(data, 0) === device.mac;
    if (!settings.quiet) process.print(this.line(packet, isUnicast));
    this.answers++;
    if (settings.timeout > 0 && this.answers === settings.count) return this.finish();
    if (!isUnicast) this.broadcastAnswers++;
    if (packet.operation === arp.Operation.REQUEST) this.requestAnswers++;
    if (settings.quitOnReply) return this.finish();
    if (settings.broadcastOnly) return;
    this.target = packet.senderMac;
    this.unicasting = true;
  }

  private line(packet: arp.Packet, isUnicast: boolean): string {
    const { source, device } = this.settings;
    const cast = isUnicast ? "Unicast" : "Broadcast";
    const what = packet.operation === arp.Operation.REPLY ? "reply" : "request";
    const isForOther = packet.targetIp !== source;
    const address = isForOther ? `for ${formatIpv4(packet.targetIp)} ` : "";
    const isOtherMac = packet.targetMac !== device.mac;
    const mac = isOtherMac ? `${isForOther ? "" : "for "}[${shownMac(packet.targetMac)}]` : "";
    const who = `${formatIpv4(packet.senderIp)} [${shownMac(packet.senderMac)}]`;
    return `${cast} ${what} from ${who} ${address}${mac} ${this.waited()}\n`;
  }

  /** Half a millisecond too much in the digits behind the point: so does the real one. */
  private waited(): string {
    const { now } = this.process.machine.world.scheduler;
    const micros = Math.floor((now - this.lastSent + 500) / 1000);
    const whole = Math.floor((micros + 500) / 1000);
    return `${whole}.${String(micros - whole * 1000 + 500).padStart(3, "0")}ms`;
  }

  private finish(): void {
    const { process, settings } = this;
    if (!settings.quiet) process.print(this.summary());
    process.exit(this.code());
  }

  private summary(): string {
    const kinds = [];
    if (this.requestAnswers > 0) kinds.push(`${this.requestAnswers} request(s)`);
    if (this.broadcastAnswers > 0) kinds.push(`${this.broadcastAnswers} broadcast(s)`);
    const more = kinds.length === 0 ? "" : ` (${kinds.join(", ")})`;
    const probes = `Sent ${this.sent} probes (${this.sentToAll} broadcast(s))\n`;
    return `${probes}Received ${this.answers} response(s)${more}\n`;
  }

  private code(): number {
    const { duplicateDetection, unsolicited, timeout, count, quitOnReply } = this.settings;
    if (duplicateDetection) return this.answers > 0 ? 1 : 0;
    if (unsolicited) return 0;
    if (timeout > 0 && count !== null && !quitOnReply) return this.sent <= this.answers ? 0 : 1;
    return this.answers > 0 ? 0 : 1;
  }
}

const shownMac = (mac: Mac): string => formatMac(mac).toUpperCase();
