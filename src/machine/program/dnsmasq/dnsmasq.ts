/**
 * dnsmasq 2.90 as others see it: a DHCP server with its leases and a DNS server that knows them. Starts in the order of
 * main() of dnsmasq.c and says so in the log.
 * Not modelled: IPv6, TFTP, PXE, DNSSEC, D-Bus, and everything that asks for TCP.
 */
import { formatIpv4 } from "../../../packet/address.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import type { NamespaceWatcher } from "../../../stack/namespace.ts";
import { type Route, RouteType } from "../../../stack/route-table.ts";
import { Errno } from "../../errno.ts";
import { type Process, Program, type SignalName } from "../../process.ts";
import { DhcpService } from "./dhcp-service.ts";
import { DnsService } from "./dns-service.ts";
import { onlyInterface } from "./interfaces.ts";
import type { Lease } from "./lease.ts";
import { LeaseKeeper, type LeaseListener } from "./lease-keeper.ts";
import { LocalNames } from "./local-names.ts";
import { Log } from "./log.ts";
import { ExitCode, Fatal, readHostsFile } from "./read-settings.ts";
import { type DhcpHost, type DhcpRange, INFINITE, type Settings } from "./settings.ts";

export const COMPILE_OPTIONS =
  "IPv6 GNU-getopt DBus no-UBus i18n IDN2 DHCP DHCPv6 no-Lua TFTP conntrack ipset nftset auth cryptohash DNSSEC loop-detect inotify dumpfile";

/** Who started it and waits to hear how that went. */
export interface StartListener {
  /** Null: it runs. */
  started(failure: Fatal | null): void;
}

export class Dnsmasq extends Program implements LeaseListener, NamespaceWatcher {
  private readonly settings: Settings;
  private readonly starter: StartListener | null;
  private readonly names: LocalNames;
  private log!: Log;
  private keeper!: LeaseKeeper;
  private dhcp: DhcpService | null = null;
  private dns: DnsService | null = null;

  constructor(settings: Settings, starter: StartListener | null) {
    super();
    this.settings = settings;
    this.starter = starter;
    this.names = new LocalNames(settings);
  }

  start(): void {
    const { process, settings } = this;
    this.log = new Log(process, settings);
    this.keeper = new LeaseKeeper(process, settings, this.log, this);
    try {
      this.open();
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      this.log.dns("FAILED to start up");
      if (this.starter === null) process.error(`\n${process.name}: ${error.message}\n`);
      this.starter?.started(error);
      return process.exit(error.code);
    }
    this.announce();
    this.load();
    this.keeper.open();
    process.machine.net.watchers.add(this);
    this.starter?.started(null);
  }

  override childExited(child: Process): void {
    this.keeper.childExited(child);
  }

  override signal(name: SignalName): void {
    if (name === "HUP") return this.load();
    if (name === "USR1" || name === "USR2") return;
    if (name !== "TERM" && name !== "INT") return super.signal(name);
    this.log.dns(`exiting on receipt of SIG${name === "INT" && this.starter === null ? "INT" : "TERM"}`);
    this.process.exit(0);
  }

  override ended(): void {
    const { machine } = this.process;
    machine.net.watchers.remove(this);
    this.dhcp?.close();
    this.dns?.close();
    const { pidFile } = this.settings;
    const isOurs = pidFile !== null && machine.files.read(pidFile) === `${this.process.pid}\n`;
    if (isOurs) machine.files.remove(pidFile);
  }

  /** Of a dnsmasq that serves DHCP. */
  get leases(): readonly Lease[] {
    return this.dhcp === null ? [] : this.dhcp.leases.all;
  }

  leasesChanged(): void {
    this.names.setLeases(this.keeper.leases.all);
  }

  /** bind-dynamic follows the addresses that come and go. One that comes can be bound when it has its local route. */
  addressChanged(_: IfAddress, change: "added" | "removed"): void {
    if (change === "removed") this.followAddresses();
  }

  routeChanged({ type }: Route, change: "added" | "removed"): void {
    if (change === "added" && type === RouteType.LOCAL) this.followAddresses();
  }

  neighbourChanged(): void {}

  private followAddresses(): void {
    if (this.settings.has("bind-dynamic")) this.dns?.openAddresses();
  }

  /** Sockets and the pid file: what can fail. Throws `Fatal`. */
  private open(): void {
    const { process, settings, log } = this;
    const { table, files } = process.machine;
    const missing = settings.interfaces.find((name) => !name.endsWith("*") && table.find(name) === null);
    if (missing !== undefined && !settings.has("bind-dynamic")) {
      throw new Fatal(`unknown interface ${missing}`, ExitCode.BADNET);
    }
    if (settings.port !== 0) {
      this.dns = new DnsService(process, settings, this.names, log);
      this.dns.open();
    }
    if (settings.ranges.length > 0) {
      this.dhcp = new DhcpService(process, settings, this.keeper, this.names, log);
      this.dhcp.open();
    }
    const { pidFile } = settings;
    const refused = pidFile === null ? null : files.write(pidFile, `${process.pid}\n`);
    if (refused !== null) throw new Fatal(`failed to create pid-file ${pidFile}: ${refused.text}`, ExitCode.FILE);
  }

  private announce(): void {
    const { settings, log, process } = this;
    const dns = settings.port === 0 ? "DNS disabled" : `cachesize ${settings.cacheSize}`;
    log.dns(`started, version 2.90 ${settings.port !== 0 && settings.cacheSize === 0 ? "cache disabled" : dns}`);
    log.dns(`compile time options: ${COMPILE_OPTIONS}`);
    for (const name of settings.interfaces) {
      if (!name.endsWith("*") && process.machine.table.find(name) === null) {
        log.dns(`warning: interface ${name} does not currently exist`);
      }
    }
    const hasUpstream = !settings.has("no-resolv") || settings.servers.some(({ address }) => address !== null);
    if (settings.port !== 0 && !hasUpstream) log.dns("warning: no upstream servers configured");
    for (const range of settings.ranges) log.dhcp(rangeText(range));
    const only = settings.ranges.length === 0 ? null : onlyInterface(settings);
    if (only !== null) log.dhcp(`DHCP, sockets bound exclusively to interface ${only}`);
    const domains = [...settings.servers, ...settings.literals].filter(
      ({ domain, address }) => domain !== "" && address === null,
    );
    for (const { domain } of domains) log.dns(`using only locally-known addresses for ${domain}`);
  }

  /** Files that are read again on SIGHUP. */
  private load(): void {
    const { settings, names, log, dns } = this;
    dns?.readUpstream();
    dns?.server.clearCache();
    names.forgetFiles();
    const hostsFiles = settings.has("no-hosts") ? settings.addedHosts : ["/etc/hosts", ...settings.addedHosts];
    for (const path of settings.port === 0 ? [] : hostsFiles) {
      const text = this.readFile(path, "failed to load names from");
      if (text !== null) log.dns(`read ${path} - ${names.addFile(text, path)} names`);
    }
    this.dhcp?.server.setHosts([...settings.hosts, ...this.hostsFromFiles()]);
  }

  private hostsFromFiles(): DhcpHost[] {
    return this.settings.hostsFiles.flatMap((path) => {
      const text = this.readFile(path, "cannot read");
      if (text === null) return [];
      const { hosts, complaints } = readHostsFile(text, path);
      for (const complaint of complaints) this.log.dns(complaint);
      this.log.dhcp(`read ${path}`);
      return hosts;
    });
  }

  private readFile(path: string, complaint: string): string | null {
    const text = this.process.machine.files.read(path);
    if (!(text instanceof Errno)) return text;
    this.log.dns(`${complaint} ${path}: ${text.text}`);
    return null;
  }
}

function rangeText({ start, end, leaseTime, isStatic }: DhcpRange): string {
  const time = leaseTime === INFINITE ? "lease time infinite" : `lease time ${spanText(leaseTime)}`;
  if (isStatic) return `DHCP, static leases only on ${formatIpv4(start)}, ${time}`;
  return `DHCP, IP range ${formatIpv4(start)} -- ${formatIpv4(end)}, ${time}`;
}

const SPANS: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** prettyprint_time: "1h", "1d12h". */
function spanText(time: number): string {
  let rest = time;
  return SPANS.map(([letter, size]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count === 0 ? "" : `${count}${letter}`;
  }).join("");
}
