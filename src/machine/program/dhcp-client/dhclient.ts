/**
 * dhclient of isc-dhcp 4.4.3-P1 (client/dhclient.c): its states, its times, its words. What Debian's dhclient-script would do
 * it does itself: address, default route, resolv.conf, the ping to a recorded lease's router.
 * Its times are ISC's: a first interval of 3 s, each next one longer by up to twice itself, from 15 s on 7 to 21 s; 60 s until
 * it gives up, 300 s until it tries again, 10 s for the lease of last time. T1 and T2 are the server's, T1 made 3/4 to 1 of it.
 * Not modelled: dhclient.conf (Debian's own stands here), DECLINE after a duplicate address, several interfaces, IPv6, OMAPI.
 */
import { ms, type Nanos, seconds } from "../../../engine/time.ts";
import { ANY_IPV4, formatIpv4, formatMac, type Ipv4 } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import { Errno } from "../../errno.ts";
import type { Process, SignalName } from "../../process.ts";
import { syslog } from "../../syslog.ts";
import { ClientLease, request, setupLines, writeResolvConf } from "./client-lease.ts";
import { ASKS, BANNER, type DhclientSettings, FATAL } from "./dhclient-words.ts";
import { DhcpClient } from "./dhcp-client.ts";
import { type FileLease, leaseOf, leaseText, readLeases } from "./lease-file.ts";
import { DhcpLink } from "./link.ts";

const { MessageType, OptionCode } = dhcp;

const INITIAL_INTERVAL = 3;
const BACKOFF_CUTOFF = 15;
const TIMEOUT = 60;
const RETRY = 300;
const REBOOT_TIMEOUT = 10;

/** Until a child of dhclient has become its script and that has removed the address. */
const SCRIPT_START = ms(10);

const READ = 0;
const TICK = 1;

type State =
  | "init"
  | "rebooting"
  | "selecting"
  | "requesting"
  | "binding"
  | "bound"
  | "renewing"
  | "trying"
  | "sleeping"
  | "releasing";

export class Dhclient extends DhcpClient {
  private readonly settings: DhclientSettings;
  private state: State = "init";
  private interval = 0;
  private leases: FileLease[] = [];
  /** Whom a request is for: the address, and the server that has offered it. */
  private wanted: Ipv4 = ANY_IPV4;
  private server: Ipv4 = ANY_IPV4;
  /** Seconds since 1970; of the lease that is held. */
  private held: FileLease | null = null;
  private trying: FileLease | null = null;

  constructor(settings: DhclientSettings) {
    super();
    this.settings = settings;
  }

  start(): void {
    const { machine } = this.process;
    const { does, pidFile } = this.settings;
    if (does !== "run") this.killOld();
    this.note(BANNER);
    const device = machine.table.find(this.settings.device);
    if (device === null) {
      this.tell(`Cannot find device "${this.settings.device}"\n`);
      this.note(`Failed to get interface index: No such device\n${FATAL}`);
      return this.process.exit(1);
    }
    this.tick = this.process.timer(this, TICK);
    this.link = new DhcpLink(this.process, device, { socket: "raw", tos: 0x10, ttl: 128 }, READ);
    const words = `LPF/${device.name}/${formatMac(device.mac)}`;
    this.note(`\nListening on ${words}\nSending on   ${words}\nSending on   Socket/fallback\n`);
    const text = machine.files.read(this.settings.leaseFile);
    this.leases = text instanceof Errno ? [] : readLeases(text);
    if (does !== "release") machine.files.write(this.settings.leaseFile, this.leases.map(leaseText).join(""));
    if (does === "release") return this.release();
    if (does === "run" && pidFile !== null) machine.files.write(pidFile, `${this.process.pid}\n`);
    if (this.settings.leavesAtOnce) this.goAway();
    this.configure([`ip link set dev ${device.name} up`]);
  }

  override childExited(child: Process): void {
    if (child !== this.script) return;
    this.script = null;
    if (this.state === "init") this.reboot();
    else if (this.state === "binding") this.settle();
    else if (this.state === "trying") this.tried(child.exitCode === 0);
  }

  override handle(operation: number): void {
    if (operation === READ) this.read();
    else this.timeOut();
  }

  override signal(name: SignalName): void {
    if (name === "TERM" || name === "INT") return this.process.exit(0);
    super.signal(name);
  }

  override ended(): void {
    this.link?.close();
    const { files } = this.process.machine;
    const { pidFile } = this.settings;
    if (pidFile !== null && files.read(pidFile) === `${this.process.pid}\n`) files.remove(pidFile);
  }

  private timeOut(): void {
    switch (this.state) {
      case "selecting":
        return this.discover();
      case "rebooting":
        return this.passed > REBOOT_TIMEOUT ? this.init() : this.request();
      case "requesting":
        return this.passed > TIMEOUT ? this.init() : this.request();
      case "bound":
        this.begin();
        this.interval = INITIAL_INTERVAL;
        this.state = "renewing";
        return this.request();
      case "renewing":
        return this.clock > this.held!.expire ? this.expire() : this.request();
      case "sleeping":
        return this.reboot();
      case "releasing":
        return this.stop();
      default:
    }
  }

  /** The lease of last time is asked for again, if its time is not over. */
  private reboot(): void {
    const last = this.leases.at(-1);
    this.begin();
    if (last === undefined || last.interfaceName !== this.device.name || last.expire <= this.clock) return this.init();
    this.state = "rebooting";
    this.interval = INITIAL_INTERVAL;
    this.wanted = last.address;
    this.request();
  }

  private init(): void {
    this.begin();
    this.state = "selecting";
    this.interval = INITIAL_INTERVAL;
    this.discover();
  }

  private discover(): void {
    if (this.passed > TIMEOUT) return this.panic();
    this.backOff();
    const left = TIMEOUT + 1 - this.passed;
    if (this.interval >= left) this.interval = left;
    this.say(`DHCPDISCOVER on ${this.device.name} to 255.255.255.255 port 67 interval ${this.interval}`);
    const last = this.leases.at(-1);
    const known = last === undefined ? [] : [dhcp.numberOption(OptionCode.REQUESTED_ADDRESS, last.address)];
    this.broadcast(MessageType.DISCOVER, [...known, ...this.common()]);
    this.sleepOn();
  }

  /** Twice as long on average with each message, but not beyond the cut-off. */
  private backOff(): void {
    this.interval += this.below(2 * this.interval);
    if (this.interval > BACKOFF_CUTOFF) {
      this.interval = Math.floor(BACKOFF_CUTOFF / 2) + this.below(BACKOFF_CUTOFF);
    }
  }

  /** Whole seconds of the clock, and a fraction by chance, so that many clients do not speak at once. */
  private sleepOn(): void {
    const fraction = this.below(1_000_000) * 1000;
    const base = Math.floor(this.now / 1e9) * 1e9;
    this.tick.armAfter(Math.max(0, base + seconds(this.interval) + fraction - this.now) as Nanos);
    if (this.settings.does === "stop") this.stop();
  }

  private request(): void {
    const isNew = this.state === "requesting" || this.state === "rebooting";
    const { clock, held } = this;
    this.backOff();
    if (!isNew && clock + this.interval > held!.expire) this.interval = held!.expire - clock + 1;
    const isForAll = isNew || clock > held!.rebind;
    const to = isForAll ? "255.255.255.255" : formatIpv4(this.server);
    this.say(`DHCPREQUEST for ${formatIpv4(this.wanted)} on ${this.device.name} to ${to} port 67`);
    const address = dhcp.numberOption(OptionCode.REQUESTED_ADDRESS, this.wanted);
    const server = dhcp.numberOption(OptionCode.SERVER_ID, this.server);
    const first = this.state === "requesting" ? [server, address] : this.state === "rebooting" ? [address] : [];
    const options = [...first, ...this.common()];
    if (isForAll) this.broadcast(MessageType.REQUEST, options, isNew ? ANY_IPV4 : this.wanted);
    else this.unicast(MessageType.REQUEST, options);
    this.sleepOn();
  }

  private panic(): void {
    this.say("No DHCPOFFERS received.");
    this.trying = this.leases.findLast((each) => each.expire > this.clock) ?? null;
    if (this.trying === null) return this.giveUp();
    this.state = "trying";
    this.say(`Trying recorded lease ${formatIpv4(this.trying.address)}`);
    const lease = leaseOf(this.trying);
    const router = lease.routers[0];
    const ping = router === undefined ? "false" : `ping -q -c 1 -I ${this.device.name} ${formatIpv4(router)}`;
    this.hasAddress = true;
    this.configure([...setupLines(lease, this.device.name, false), ping]);
  }

  private tried(isGood: boolean): void {
    if (!isGood) {
      this.dropAddress();
      return this.giveUp();
    }
    const { address, renew } = this.trying!;
    const left = renew - this.clock;
    this.wanted = address;
    this.server = leaseOf(this.trying!).server;
    this.held = this.trying;
    this.state = "bound";
    this.say(left > 0 ? `bound: renewal in ${left} seconds.` : "bound: immediate renewal.");
    this.link.bind(address);
    this.sleep(left);
    this.leave();
  }

  private giveUp(): void {
    if (this.settings.triesOnce) {
      this.say("Unable to obtain a lease on first try.  Exiting.");
      return this.process.exit(2);
    }
    this.say("No working leases in persistent database - sleeping.");
    this.state = "sleeping";
    this.sleep(Math.floor(RETRY / 2) + this.below(RETRY));
    this.leave();
  }

  private read(): void {
    for (const { message, from } of this.link.read()) {
      if (message.transactionId !== this.transaction) continue;
      const type = dhcp.typeOf(message);
      const server = dhcp.addressOf(message, OptionCode.SERVER_ID) ?? from;
      if (type === MessageType.OFFER) this.offered(message, server);
      else if (type === MessageType.ACK) this.acknowledged(message, server);
      else if (type === MessageType.NAK) this.refused(server);
    }
  }

  private offered(message: dhcp.Message, server: Ipv4): void {
    if (this.state !== "selecting") return;
    this.say(`DHCPOFFER of ${formatIpv4(message.yourAddress)} from ${formatIpv4(server)}`);
    this.state = "requesting";
    this.wanted = message.yourAddress;
    this.server = server;
    this.interval = INITIAL_INTERVAL;
    this.request();
  }

  private get isWaiting(): boolean {
    return this.state === "requesting" || this.state === "rebooting" || this.state === "renewing";
  }

  private acknowledged(message: dhcp.Message, server: Ipv4): void {
    if (!this.isWaiting) return;
    this.say(`DHCPACK of ${formatIpv4(message.yourAddress)} from ${formatIpv4(server)}`);
    const keeps = this.hasAddress && this.held?.address === message.yourAddress;
    const lease = new ClientLease(message);
    this.lease = lease;
    this.server = server;
    this.wanted = lease.address;
    this.keep(lease);
    this.state = "binding";
    this.tick.cancel();
    writeResolvConf(this.process.machine, lease);
    this.hasAddress = true;
    this.configure(setupLines(lease, this.device.name, keeps));
  }

  /** T1 is made shorter by chance, up to a quarter. */
  private keep({ message, address, time, renewal, rebinding }: ClientLease): void {
    const { clock, device } = this;
    const early = Math.floor((renewal * 3 + 3) / 4) + Math.floor((this.below(Math.max(1, renewal)) + 3) / 4);
    const t1 = early > rebinding ? Math.floor((rebinding * 3) / 4) : early;
    const times = { renew: clock + t1, rebind: clock + rebinding, expire: clock + time };
    this.held = { interfaceName: device.name, address, options: message.options, ...times };
    this.leases = [...this.leases.filter((each) => each.address !== address), this.held];
    this.process.machine.files.append(this.settings.leaseFile, leaseText(this.held));
  }

  /** The script has run. */
  private settle(): void {
    const { address, renew } = this.held!;
    const left = Math.max(0, renew - this.clock);
    this.state = "bound";
    this.link.bind(address);
    this.say(`bound to ${formatIpv4(address)} -- renewal in ${left} seconds.`);
    this.sleep(left);
    this.leave();
  }

  private refused(server: Ipv4): void {
    if (!this.isWaiting) return;
    this.say(`DHCPNAK from ${formatIpv4(server)}`);
    this.leases = this.leases.filter(({ address }) => address !== this.wanted);
    this.dropAddress();
    this.init();
  }

  private expire(): void {
    this.held = null;
    this.dropAddress();
    this.init();
  }

  /** -r: says good-bye to the server of the lease that the file tells of. */
  private release(): void {
    const last = this.leases.at(-1);
    this.hasAddress = true;
    if (last !== undefined && last.interfaceName === this.device.name && last.expire > this.clock) {
      this.begin();
      this.wanted = last.address;
      this.server = leaseOf(last).server;
      this.say(
        `DHCPRELEASE of ${formatIpv4(last.address)} on ${this.device.name} to ${formatIpv4(this.server)} port 67`,
      );
      this.link.bind(last.address);
      this.unicast(MessageType.RELEASE, [dhcp.numberOption(OptionCode.SERVER_ID, this.server), this.hostName()]);
      // The release waits for ARP meanwhile, and would be lost with the address.
      this.state = "releasing";
      return this.tick.armAfter(SCRIPT_START);
    }
    this.stop();
  }

  /** STOP and RELEASE of the script. */
  private stop(): void {
    this.tick.cancel();
    this.hasAddress = true;
    this.dropAddress();
    this.process.exit(0);
  }

  /** -r and -x end the one that runs. */
  private killOld(): void {
    const { machine } = this.process;
    const text = this.settings.pidFile === null ? "" : machine.files.read(this.settings.pidFile);
    const pid = text instanceof Errno ? "" : text.trim();
    if (!/^\d+$/.test(pid) || !machine.kill(Number(pid), "TERM")) return;
    this.tell("Killed old client process\n");
  }

  private leave(): void {
    if (!this.settings.staysInForeground) this.goAway();
  }

  private unicast(type: number, options: readonly dhcp.Option[]): void {
    const error = this.link.unicast(
      request(type, { ...this.fields(), clientAddress: this.wanted }, options),
      this.server,
    );
    if (error === null) return;
    this.say("send_packet: Network is unreachable");
    this.say("send_packet: please consult README file regarding broadcast address.");
  }

  private broadcast(type: number, options: readonly dhcp.Option[], clientAddress: Ipv4 = ANY_IPV4): void {
    this.link.broadcast(request(type, { ...this.fields(), clientAddress }, options));
  }

  /** `send host-name = gethostname();` and the request list. */
  private common(): dhcp.Option[] {
    return [this.hostName(), { code: OptionCode.PARAMETERS, data: Uint8Array.from(ASKS) }];
  }

  private hostName(): dhcp.Option {
    return dhcp.textOption(OptionCode.HOST_NAME, this.process.machine.hostname);
  }

  private get clock(): number {
    return this.process.machine.clockSeconds;
  }

  private get passed(): number {
    return Math.floor((this.now - this.since) / 1e9);
  }

  /** To the terminal only, and only with -v. */
  private note(text: string): void {
    if (this.settings.isVerbose) this.tell(text);
  }

  private say(text: string): void {
    const { machine, pid } = this.process;
    this.note(`${text}\n`);
    syslog(machine, "dhclient", pid, text);
  }
}
