/**
 * udhcpc of busybox 1.35 (networking/udhcp/dhcpc.c): its messages, its times, its words. What its script would do it does
 * itself: address, default route, resolv.conf.
 * Not modelled: the script's other events, ARP validation (-a), the zeroconf fallback.
 */
import type { Nanos } from "../../../engine/time.ts";
import { ANY_IPV4, formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import type { Process, SignalName } from "../../process.ts";
import { syslog } from "../../syslog.ts";
import { ClientLease, cleanLines, request, setupLines, writeResolvConf } from "./client-lease.ts";
import { DhcpClient } from "./dhcp-client.ts";
import { DhcpLink } from "./link.ts";

const { MessageType, OptionCode } = dhcp;

export interface UdhcpcSettings {
  readonly device: string;
  /** -t, -T, -A */
  readonly discovers: number;
  readonly pause: number;
  readonly wait: number;
  readonly exitsWithoutLease: boolean;
  readonly exitsWithLease: boolean;
  readonly staysInForeground: boolean;
  readonly backgroundsWithoutLease: boolean;
  readonly releasesOnExit: boolean;
  readonly logsToSyslog: boolean;
  readonly wantsBroadcast: boolean;
  readonly requested: Ipv4 | null;
  readonly vendor: string;
  readonly sendsClientId: boolean;
  /** Options to ask for, and those to send. */
  readonly asks: readonly number[];
  readonly tells: readonly dhcp.Option[];
  readonly pidFile: string | null;
}

/** Subnet, router, DNS, name, domain, MTU, broadcast, NTP, domain search, static routes. */
export const DEFAULT_ASKS: readonly number[] = [1, 3, 6, 12, 15, 26, 28, 42, 119, 121];

const READ = 0;
const TICK = 1;
/** How many REQUESTs for one offer (the constant in INIT_SELECTING and REQUESTING). */
const REQUESTS = 3;
/** A lease has at least this, and a renewal is not tried more often. */
const LEAST = 60;
const MAX_SIZE = 576;

type State = "init" | "requesting" | "bound" | "renewing" | "rebinding" | "released";

export class Udhcpc extends DhcpClient {
  private readonly settings: UdhcpcSettings;
  private state: State = "init";
  private sent = 0;
  private server: Ipv4 = ANY_IPV4;
  private wanted: Ipv4 | null;
  private boundAt = 0 as Nanos;

  constructor(settings: UdhcpcSettings) {
    super();
    this.settings = settings;
    this.wanted = settings.requested;
  }

  start(): void {
    const device = this.process.machine.table.find(this.settings.device);
    if (device === null) {
      this.tell(`${this.process.name}: SIOCGIFINDEX: No such device\n`);
      return this.process.exit(1);
    }
    this.tick = this.process.timer(this, TICK);
    this.say("started, v1.35.0");
    this.link = new DhcpLink(this.process, device, { socket: "dgram", tos: 0, ttl: 64 }, READ);
    this.writePid();
    this.configure(cleanLines(device.name));
  }

  override childExited(child: Process): void {
    if (child !== this.script) return;
    this.script = null;
    if (this.state === "init") this.restart();
    else if (this.state === "bound") this.settle();
  }

  override handle(operation: number): void {
    if (operation === READ) this.read();
    else this.timeOut();
  }

  override signal(name: SignalName): void {
    if (name === "USR1") return this.renewNow();
    if (name === "USR2") return this.release();
    if (name !== "TERM" && name !== "INT") return super.signal(name);
    this.say(`received SIG${name}`);
    if (this.settings.releasesOnExit) this.release();
    this.process.exit(name === "TERM" ? 0 : 130);
  }

  override ended(): void {
    this.link?.close();
    const { pidFile } = this.settings;
    if (pidFile !== null) this.process.machine.files.remove(pidFile);
  }

  private restart(): void {
    this.state = "init";
    this.sent = 0;
    this.timeOut();
  }

  private timeOut(): void {
    switch (this.state) {
      case "init":
        return this.discover();
      case "requesting":
        if (this.sent < REQUESTS) return this.select();
        return this.restart();
      case "bound":
      case "renewing":
      case "rebinding":
        return this.renew();
      case "released":
    }
  }

  private discover(): void {
    const { settings } = this;
    if (settings.discovers > 0 && this.sent >= settings.discovers) return this.giveUp();
    if (this.sent === 0) {
      this.begin();
    }
    this.say("broadcasting discover");
    this.broadcast(MessageType.DISCOVER, this.wanted === null ? [] : [this.requestedOption(this.wanted)]);
    this.sent++;
    this.sleep(settings.pause);
  }

  private giveUp(): void {
    const { settings } = this;
    if (settings.exitsWithoutLease) {
      this.say("no lease, failing");
      return this.process.exit(1);
    }
    if (settings.backgroundsWithoutLease && !this.isAway) {
      this.say("no lease, forking to background");
      this.goAway();
    }
    this.sent = 0;
    this.sleep(settings.wait);
  }

  private select(): void {
    this.say(`broadcasting select for ${formatIpv4(this.wanted!)}, server ${formatIpv4(this.server)}`);
    const server = dhcp.numberOption(OptionCode.SERVER_ID, this.server);
    this.broadcast(MessageType.REQUEST, [this.requestedOption(this.wanted!), server]);
    this.sent++;
    this.sleep(this.settings.pause);
  }

  private read(): void {
    for (const { message, from } of this.link.read()) {
      if (message.transactionId !== this.transaction) continue;
      const type = dhcp.typeOf(message);
      if (this.state === "init" && type === MessageType.OFFER && this.script === null) this.offered(message, from);
      else if (this.isWaiting) this.answered(message, type);
    }
  }

  private get isWaiting(): boolean {
    return this.state === "requesting" || this.state === "renewing" || this.state === "rebinding";
  }

  private offered(message: dhcp.Message, from: Ipv4): void {
    this.server = dhcp.addressOf(message, OptionCode.SERVER_ID) ?? from;
    this.wanted = message.yourAddress;
    this.state = "requesting";
    this.sent = 0;
    this.select();
  }

  private answered(message: dhcp.Message, type: number): void {
    if (type === MessageType.NAK) {
      const isOther = dhcp.addressOf(message, OptionCode.SERVER_ID) !== this.server;
      if (isOther) return;
      this.say("received DHCP NAK");
      this.wanted = null;
      return this.lose(3);
    }
    if (type !== MessageType.ACK) return;
    this.bind(new ClientLease(message));
  }

  private bind(lease: ClientLease): void {
    const keeps = this.hasAddress && this.lease?.address === lease.address;
    this.lease = lease;
    this.boundAt = this.now;
    this.state = "bound";
    const [address, server] = [formatIpv4(lease.address), formatIpv4(this.server)];
    this.say(`lease of ${address} obtained from ${server}, lease time ${lease.time}`);
    this.sleep(Math.max(LEAST, Math.floor(lease.time / 2)));
    writeResolvConf(this.process.machine, lease);
    this.hasAddress = true;
    this.configure(setupLines(lease, this.link.device.name, keeps));
  }

  /** The script has run. */
  private settle(): void {
    this.link.bind(this.lease!.address);
    if (this.settings.exitsWithLease) {
      if (this.settings.releasesOnExit) this.release();
      return this.process.exit(0);
    }
    if (!this.settings.staysInForeground && !this.isAway) this.goAway();
  }

  /** Half of the time: ask the server; the last eighth: ask everybody; then it is over. */
  private renew(): void {
    const lease = this.lease!;
    const left = lease.time - Math.floor((this.now - this.boundAt) / 1e9);
    if (left <= 0) {
      this.say("lease lost, entering init state");
      return this.lose(0);
    }
    if (this.state === "bound") {
      this.begin();
      this.state = "renewing";
    }
    if (this.state === "renewing" && left > LEAST) {
      this.say(`sending renew to server ${formatIpv4(this.server)}`);
      this.unicast(MessageType.REQUEST, this.common());
    } else {
      this.state = "rebinding";
      this.say("broadcasting renew");
      this.broadcast(MessageType.REQUEST, [], lease.address);
    }
    this.sleep(left > 2 * LEAST ? Math.floor(left / 2) : Math.max(1, Math.min(left, LEAST / 2)));
  }

  private renewNow(): void {
    this.say("received SIGUSR1");
    if (this.state === "bound" || this.state === "renewing" || this.state === "rebinding") {
      this.say("performing DHCP renew");
      this.state = "bound";
      return this.renew();
    }
    this.state = "init";
    if (this.script === null) this.restart();
  }

  private release(): void {
    const { lease } = this;
    if (lease !== null && this.state !== "init" && this.state !== "released") {
      const [address, server] = [formatIpv4(lease.address), formatIpv4(this.server)];
      this.say(`unicasting a release of ${address} to ${server}`);
      this.transaction = this.random32();
      this.unicast(MessageType.RELEASE, [dhcp.numberOption(OptionCode.SERVER_ID, this.server), ...this.clientId()]);
    }
    this.say("entering released state");
    this.state = "released";
    this.tick.cancel();
    this.dropAddress();
  }

  /** The address is not ours any more. */
  private lose(pause: number): void {
    this.state = "init";
    this.sent = 0;
    this.lease = null;
    this.sleep(pause);
    this.dropAddress();
  }

  private unicast(type: number, options: readonly dhcp.Option[]): void {
    const fields = { ...this.fields(), clientAddress: this.lease!.address };
    this.link.unicast(request(type, fields, options), this.server);
  }

  private broadcast(type: number, options: readonly dhcp.Option[], clientAddress: Ipv4 = ANY_IPV4): void {
    const flags = this.settings.wantsBroadcast ? dhcp.BROADCAST_FLAG : 0;
    const message = request(type, { ...this.fields(), flags, clientAddress }, [...options, ...this.common()]);
    this.link.broadcast(message);
  }

  /** Size and wishes, then what we tell, by number. */
  private common(): dhcp.Option[] {
    const { asks, tells, vendor } = this.settings;
    const size = { code: OptionCode.MAX_SIZE, data: Uint8Array.of(MAX_SIZE >>> 8, MAX_SIZE & 255) };
    const wishes = { code: OptionCode.PARAMETERS, data: Uint8Array.from(asks) };
    const own = vendor === "" ? [] : [dhcp.textOption(OptionCode.VENDOR_CLASS, vendor)];
    const told = [...tells, ...own, ...this.clientId()].sort((a, b) => a.code - b.code);
    return [size, ...(asks.length === 0 ? [] : [wishes]), ...told];
  }

  private clientId(): dhcp.Option[] {
    const { sendsClientId, tells } = this.settings;
    if (!sendsClientId || tells.some(({ code }) => code === OptionCode.CLIENT_ID)) return [];
    const mac = Array.from({ length: 6 }, (_, i) => Math.floor(this.device.mac / 256 ** (5 - i)) % 256);
    return [{ code: OptionCode.CLIENT_ID, data: Uint8Array.of(1, ...mac) }];
  }

  private requestedOption(address: Ipv4): dhcp.Option {
    return dhcp.numberOption(OptionCode.REQUESTED_ADDRESS, address);
  }

  private writePid(): void {
    const { pidFile } = this.settings;
    if (pidFile !== null) this.process.machine.files.write(pidFile, `${this.process.pid}\n`);
  }

  private say(text: string): void {
    const { process, settings } = this;
    this.tell(`${process.name}: ${text}\n`);
    if (settings.logsToSyslog) syslog(process.machine, process.name, process.pid, text);
  }
}
