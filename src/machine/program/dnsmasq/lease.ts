/** The leases of a dnsmasq and the text of its lease file (lease.c of 2.90, IPv4 only). */
import { hex8 } from "../../../base/bytes.ts";
import { formatIpv4, formatMac, type Ipv4, type Mac, parseIpv4, parseMac } from "../../../packet/address.ts";
import { sameName } from "../../../packet/dns.ts";

export class Lease {
  readonly address: Ipv4;
  mac: Mac;
  clientId: Uint8Array | null;
  /** Seconds since 1970; 0: never. */
  expires = 0;
  hostname: string | null = null;
  /** With the domain, when there is one. */
  fqdn: string | null = null;
  /** The name comes from our own configuration: a client's word does not take it away. */
  isNameOurs = false;
  /** The name it had until now, for the script. */
  oldHostname: string | null = null;
  interfaceName = "";
  isNew = true;
  hasChanged = false;
  /** What the client said about itself, for the script: DNSMASQ_... */
  readonly told = new Map<string, string>();

  constructor(address: Ipv4, mac: Mac, clientId: Uint8Array | null) {
    this.address = address;
    this.mac = mac;
    this.clientId = clientId;
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

export class Leases {
  readonly all: Lease[] = [];
  /** Ended, and the script has not been told yet. */
  readonly old: Lease[] = [];
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** lease_find_by_client: by client id where there is one, else by MAC. */
  byClient(mac: Mac, clientId: Uint8Array | null): Lease | null {
    const byId =
      clientId === null
        ? undefined
        : this.all.find((each) => each.clientId !== null && sameBytes(each.clientId, clientId));
    if (byId !== undefined) return byId;
    const isHis = (each: Lease): boolean => each.mac === mac && (each.clientId === null || clientId === null);
    return this.all.find(isHis) ?? null;
  }

  byAddress(address: Ipv4): Lease | null {
    return this.all.find((each) => each.address === address) ?? null;
  }

  /** Null when there are as many as there may be. */
  allocate(address: Ipv4, mac: Mac, clientId: Uint8Array | null): Lease | null {
    if (this.all.length >= this.most) return null;
    const lease = new Lease(address, mac, clientId);
    this.all.unshift(lease);
    return lease;
  }

  end(lease: Lease): void {
    const at = this.all.indexOf(lease);
    if (at < 0) return;
    this.all.splice(at, 1);
    this.old.push(lease);
  }

  /** Ends those whose time is over; answers whether there were any. */
  prune(now: number): boolean {
    const over = this.all.filter(({ expires }) => expires !== 0 && expires <= now);
    for (const lease of over) this.end(lease);
    return over.length > 0;
  }

  /** When the next one is over; null when none will be. */
  nextExpiry(): number | null {
    const times = this.all.flatMap(({ expires }) => (expires === 0 ? [] : [expires]));
    return times.length === 0 ? null : Math.min(...times);
  }

  /** lease_set_hostname: a name belongs to one lease at a time. */
  setName(lease: Lease, name: string, isOurs: boolean, domain: string | null): void {
    if (lease.hostname !== null && sameName(lease.hostname, name)) {
      if (isOurs) lease.isNameOurs = true;
      return;
    }
    for (const other of this.all) {
      if (other === lease || other.hostname === null || !sameName(other.hostname, name)) continue;
      if (other.isNameOurs && !isOurs) return;
      killName(other);
      other.hasChanged = true;
    }
    if (lease.hostname !== null) killName(lease);
    lease.hostname = name;
    lease.fqdn = domain === null ? null : `${name}.${domain}`;
    lease.isNameOurs = isOurs;
    lease.hasChanged = true;
  }

  /** The lease file: expiry, MAC, address, name, client id. */
  text(): string {
    return this.all.map(lineOf).join("");
  }

  /** Takes up what an earlier dnsmasq left. */
  read(text: string, domain: string | null): void {
    for (const line of text.split("\n")) {
      const [expiry = "", macWord = "", addressWord = "", name = "*", id = "*"] = line.split(" ");
      const mac = parseMac(macWord);
      const address = parseIpv4(addressWord);
      if (mac === null || address === null || !/^\d+$/.test(expiry)) continue;
      const clientId = id === "*" ? null : Uint8Array.from(id.split(":"), (part) => Number.parseInt(part, 16));
      const lease = this.allocate(address, mac, clientId);
      if (lease === null) return;
      lease.expires = Number(expiry);
      if (name !== "*") this.setName(lease, name, false, domain);
      lease.isNew = false;
      lease.hasChanged = true;
    }
  }
}

function killName(lease: Lease): void {
  lease.oldHostname ??= lease.fqdn ?? lease.hostname;
  lease.hostname = null;
  lease.fqdn = null;
}

export const clientIdText = (id: Uint8Array): string => Array.from(id, hex8).join(":");

function lineOf({ expires, mac, address, hostname, clientId }: Lease): string {
  const id = clientId === null ? "*" : clientIdText(clientId);
  return `${expires} ${formatMac(mac)} ${formatIpv4(address)} ${hostname ?? "*"} ${id}\n`;
}
