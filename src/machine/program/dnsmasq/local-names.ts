/**
 * What a dnsmasq knows without asking anybody: /etc/hosts and its like, the leases, and records of the configuration
 * (answer_request of rfc1035.c; cache_reload and lease_update_dns). IPv4 only.
 */
import { fromText } from "../../../base/bytes.ts";
import { formatIpv4, type Ipv4, isLoopback, parseIpv4 } from "../../../packet/address.ts";
import * as dns from "../../../packet/dns.ts";
import type { Lease } from "./lease.ts";
import type { Settings } from "./settings.ts";

const { Type } = dns;

interface KnownName {
  readonly name: string;
  readonly address: Ipv4;
  /** The file, "DHCP" or "config": as log-queries names it. */
  readonly origin: string;
  readonly ttl: number;
  /** Found by its address too. */
  readonly isReverse: boolean;
}

/** Answers, and what log-queries says about each. */
export interface LocalAnswer {
  readonly answers: dns.ResourceRecord[];
  readonly additional: dns.ResourceRecord[];
  readonly notes: string[];
}

/** Chains of aliases longer than this are loops. */
const LONGEST_CHAIN = 10;
const CLASS_CHAOS = 3;
const VERSION = "dnsmasq-2.90";

export class LocalNames {
  private readonly settings: Settings;
  private fromFiles: KnownName[] = [];
  private fromLeases: KnownName[] = [];
  private readonly fromConfig: readonly KnownName[];

  constructor(settings: Settings) {
    this.settings = settings;
    this.fromConfig = settings.hostRecords.flatMap(({ names, address, ttl }) =>
      address === null
        ? []
        : names.map((name, i) => ({
            ...{ name, address, origin: "config" },
            ttl: ttl ?? settings.localTtl,
            isReverse: i === 0,
          })),
    );
  }

  forgetFiles(): void {
    this.fromFiles = [];
  }

  /** A hosts file; answers how many names it has. */
  addFile(text: string, path: string): number {
    let names = 0;
    for (const line of text.split("\n")) {
      const [first = "", ...words] = line
        .replace(/#.*/, "")
        .split(/\s+/)
        .filter((word) => word !== "");
      const address = parseIpv4(first);
      const isIpv6 = address === null && first.includes(":");
      if (address === null && !isIpv6) continue;
      names += words.length;
      if (address !== null) for (const [i, name] of words.entries()) this.addHost(name, address, path, i === 0);
      // Every name counts twice that has the domain added.
      if (this.settings.has("expand-hosts") && this.settings.domain !== null) {
        names += words.filter((name) => !name.includes(".")).length;
      }
    }
    return names;
  }

  private addHost(name: string, address: Ipv4, origin: string, isFirst: boolean): void {
    const { settings } = this;
    const common = { address, origin, ttl: settings.localTtl };
    const isExpanded = settings.has("expand-hosts") && settings.domain !== null && !name.includes(".");
    if (isExpanded) this.fromFiles.push({ ...common, name: `${name}.${settings.domain}`, isReverse: isFirst });
    this.fromFiles.push({ ...common, name, isReverse: isFirst && !isExpanded });
  }

  setLeases(leases: readonly Lease[]): void {
    this.fromLeases = leases.flatMap(({ hostname, fqdn, address }) => {
      const names = [fqdn, this.settings.has("dhcp-fqdn") ? null : hostname].filter((name) => name !== null);
      const common = { address, origin: "DHCP", ttl: this.settings.localTtl };
      return names.map((name, i) => ({ ...common, name, isReverse: i === 0 }));
    });
  }

  /** host_from_dns: the first label, when the rest is our domain or nothing. */
  hostOf(address: Ipv4, domain: string | null): string | null {
    const name = this.fromFiles.find((each) => each.isReverse && each.address === address)?.name;
    if (name === undefined) return null;
    const [host = "", ...rest] = name.split(".");
    const isOurs = rest.length === 0 || (domain !== null && dns.sameName(rest.join("."), domain));
    return isOurs ? host : null;
  }

  /** Null: nothing is known here that answers. */
  answer({ name, type, class: kind }: dns.Question): LocalAnswer | null {
    const found: LocalAnswer = { answers: [], additional: [], notes: [] };
    if (kind === CLASS_CHAOS) return chaos(name, type, found);
    if (kind !== dns.CLASS_IN) return null;
    let target = name;
    for (let i = 0; i < LONGEST_CHAIN; i++) {
      const alias = this.settings.aliases.find((each) => dns.sameName(each.name, target));
      if (alias === undefined) break;
      const ttl = alias.ttl ?? this.settings.localTtl;
      found.answers.push(dns.record(target, Type.CNAME, ttl, { kind: "name", name: alias.target }));
      found.notes.push(`config ${target} is <CNAME>`);
      if (type === Type.CNAME) return found;
      target = alias.target;
    }
    this.addRecords(target, type, found);
    return found.answers.length > 0 ? found : null;
  }

  /** Is the name, or something below it, ours? Then what is missing of it is missing, and nobody else is asked. */
  isOurs(name: string): boolean {
    return [...this.all().map((each) => each.name), ...this.settings.records.map((each) => each.name)].some((each) =>
      isWithin(each, name),
    );
  }

  private addRecords(name: string, type: number, found: LocalAnswer): void {
    const isWanted = (each: number): boolean => type === each || type === Type.ANY;
    const configured = this.settings.records.filter((each) => dns.sameName(each.name, name) && isWanted(each.type));
    for (const { type: own, data } of configured) {
      found.answers.push(dns.record(name, own, this.settings.localTtl, data));
      found.notes.push(`config ${name} is <${dns.typeName(own)}>`);
      if (data.kind === "mx" || data.kind === "srv") this.addTarget(data.name, found);
    }
    if (isWanted(Type.PTR) && configured.every((each) => each.type !== Type.PTR)) this.addReverse(name, found);
    if (isWanted(Type.A)) this.addAddresses(name, found);
  }

  private addReverse(name: string, found: LocalAnswer): void {
    const address = dns.addressOfReverse(name);
    if (address === null) return;
    for (const each of this.all().filter((known) => known.isReverse && known.address === address)) {
      found.answers.push(dns.record(name, Type.PTR, each.ttl, { kind: "name", name: each.name }));
      found.notes.push(`${each.origin} ${formatIpv4(address)} is ${each.name}`);
    }
  }

  private addAddresses(name: string, found: LocalAnswer): void {
    const hosts = this.all().filter((each) => dns.sameName(each.name, name));
    for (const { address, origin, ttl } of hosts) {
      if (found.answers.some(({ data }) => data.kind === "address" && data.address === address)) continue;
      found.answers.push(dns.record(name, Type.A, ttl, { kind: "address", address }));
      found.notes.push(`${origin} ${name} is ${formatIpv4(address)}`);
    }
  }

  private addTarget(name: string, found: LocalAnswer): void {
    for (const { address, ttl } of this.all().filter((each) => dns.sameName(each.name, name))) {
      found.additional.push(dns.record(name, Type.A, ttl, { kind: "address", address }));
    }
  }

  private all(): KnownName[] {
    return [...this.fromConfig, ...this.fromFiles, ...this.fromLeases];
  }
}

export const isWithin = (name: string, domain: string): boolean =>
  domain === "" || dns.sameName(name, domain) || name.toLowerCase().endsWith(`.${domain.toLowerCase()}`);

/** RFC 1918, loopback and link-local addresses: bogus-priv does not ask others about them. */
export const isPrivate = (address: Ipv4): boolean =>
  isLoopback(address) ||
  address >>> 24 === 0 ||
  address >>> 24 === 10 ||
  address >>> 20 === 0xac1 ||
  address >>> 16 === 0xc0a8 ||
  address >>> 16 === 0xa9fe;

function chaos(name: string, type: number, found: LocalAnswer): LocalAnswer | null {
  if (type !== Type.TXT || !dns.sameName(name, "version.bind")) return null;
  const data: dns.Data = { kind: "text", texts: [fromText(VERSION)] };
  found.answers.push({ ...dns.record(name, Type.TXT, 0, data), class: CLASS_CHAOS });
  found.notes.push(`config ${name} is <TXT>`);
  return found;
}
