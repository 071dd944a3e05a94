/** What a dnsmasq was told, by its command line and its files. Words are those of dnsmasq(8), 2.90. */
import type { Ipv4, Mac } from "../../../packet/address.ts";
import type { Data } from "../../../packet/dns.ts";

export const INFINITE = 0xffff_ffff;

/** One dhcp-range. */
export interface DhcpRange {
  readonly start: Ipv4;
  readonly end: Ipv4;
  /** Null: that of the interface. */
  readonly netmask: Ipv4 | null;
  readonly broadcast: Ipv4 | null;
  readonly leaseTime: number;
  /** "static": only for those named by dhcp-host. */
  readonly isStatic: boolean;
  /** tag:NAME; all must be there. */
  readonly needs: readonly string[];
  /** set:NAME */
  readonly sets: string | null;
}

/** One dhcp-host, or a line of a dhcp-hostsfile. */
export interface DhcpHost {
  readonly macs: readonly Mac[];
  readonly clientId: Uint8Array | null;
  readonly address: Ipv4 | null;
  readonly name: string | null;
  readonly leaseTime: number | null;
  readonly sets: readonly string[];
  readonly needs: readonly string[];
  readonly isIgnored: boolean;
}

export interface DhcpOption {
  readonly code: number;
  /** Null: do not send what would be sent by default. */
  readonly data: Uint8Array | null;
  /** Offsets in `data` of addresses that were written 0.0.0.0: ours. */
  readonly ours: readonly number[];
  readonly needs: readonly string[];
  readonly isForced: boolean;
}

/** Who answers for a domain. */
export interface Server {
  /** "": every other one; "#" in a file means the same. */
  readonly domain: string;
  /** Null: nobody, the names are local or (of `address`) without an address of this kind. */
  readonly address: Ipv4 | null;
  readonly port: number;
}

/** `address=/domain/ip` */
export interface Literal {
  readonly domain: string;
  /** Null: no such domain. */
  readonly address: Ipv4 | null;
}

export interface HostRecord {
  readonly names: readonly string[];
  readonly address: Ipv4 | null;
  readonly ttl: number | null;
}

/** txt-record, ptr-record, mx-host, srv-host. */
export interface ConfiguredRecord {
  readonly name: string;
  readonly type: number;
  readonly data: Data;
}

export interface Alias {
  readonly name: string;
  readonly target: string;
  readonly ttl: number | null;
}

export class Settings {
  readonly interfaces: string[] = [];
  readonly exceptInterfaces: string[] = [];
  readonly noDhcpInterfaces: string[] = [];
  readonly listenAddresses: Ipv4[] = [];
  readonly ranges: DhcpRange[] = [];
  readonly hosts: DhcpHost[] = [];
  readonly hostsFiles: string[] = [];
  readonly options: DhcpOption[] = [];
  readonly servers: Server[] = [];
  readonly literals: Literal[] = [];
  readonly hostRecords: HostRecord[] = [];
  readonly records: ConfiguredRecord[] = [];
  readonly aliases: Alias[] = [];
  readonly addedHosts: string[] = [];
  /** Options without a value that were given. */
  readonly flags = new Set<string>();
  domain: string | null = null;
  port = 53;
  cacheSize = 150;
  localTtl = 0;
  negativeTtl: number | null = null;
  maxTtl: number | null = null;
  leaseMax = 1000;
  leaseFile = "/var/lib/misc/dnsmasq.leases";
  script: string | null = null;
  pidFile: string | null = "/run/dnsmasq.pid";
  resolvFile = "/etc/resolv.conf";
  /** Null: syslog; "-": stderr. */
  logFile: string | null = null;

  has(flag: string): boolean {
    return this.flags.has(flag);
  }
}
