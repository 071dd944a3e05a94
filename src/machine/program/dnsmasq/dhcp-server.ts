/**
 * The DHCP server: what dnsmasq 2.90 answers to DISCOVER, REQUEST, DECLINE, RELEASE and INFORM (rfc2131.c, dhcp_reply).
 * While it looks whether an address is in use (do_icmp_ping), it is deaf to other requests, which wait in the socket.
 * Not modelled: relays, BOOTP clients, PXE, client FQDN, leasequery.
 */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, formatIpv4, formatMac, type Ipv4, LIMITED_BROADCAST } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import { sameName } from "../../../packet/dns.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import type { Datagram } from "../../../stack/socket/datagram.ts";
import { replyOptions } from "./dhcp-options.ts";
import { findHost, KnownHost, keptFor } from "./known-hosts.ts";
import type { Lease, Leases } from "./lease.ts";
import {
  addressAvailable,
  allocate,
  type Context,
  contextsOf,
  narrow,
  type Occupancy,
  RangeState,
  type Search,
} from "./range-choice.ts";
import { type DhcpHost, INFINITE, type Settings } from "./settings.ts";

const { MessageType, OptionCode } = dhcp;

/** DECLINE_BACKOFF: how long a fixed address is not given out after somebody said it is in use. */
const DECLINE_BACKOFF = 600;
/** PING_CACHE_TIME: how long a probe's answer holds. */
const PROBE_HOLDS = 30;
/** PING_WAIT of dnsmasq.h */
const PROBE_SECONDS = 3;
/** More probes than this within PROBE_HOLDS are not made: 60 % of what there is time for. */
const MOST_PROBES = Math.floor((0.6 * PROBE_HOLDS) / PROBE_SECONDS);

/** Where a reply goes. */
export interface Destination {
  readonly address: Ipv4;
  readonly port: number;
  /** Null: the route says by which interface. */
  readonly device: NetDevice | null;
  /** The client has no address yet: its MAC is put into the ARP table first. */
  readonly injects: boolean;
}

/** The program around the server. */
export interface DhcpHouse {
  readonly settings: Settings;
  readonly leases: Leases;
  /** Seconds since 1970. */
  readonly now: number;
  log(line: string): void;
  addressesOf(device: NetDevice): readonly IfAddress[];
  /** What /etc/hosts calls an address, in our domain. */
  hostFromDns(address: Ipv4): string | null;
  /** Looks whether somebody answers to a ping; `probeEnded` tells. */
  probe(address: Ipv4, device: NetDevice): void;
  send(reply: dhcp.Message, to: Destination): void;
  /** Leases or names have changed. */
  leasesChanged(): void;
  /** For the T1 of a renewal. */
  random16(): number;
}

interface Waiting {
  readonly datagram: Datagram;
  readonly device: NetDevice;
  readonly since: number;
  readonly address: Ipv4;
  readonly search: Search | null;
  readonly used: Set<Ipv4>;
}

/** What was found out about a request before its type is looked at. */
interface Request {
  readonly message: dhcp.Message;
  readonly datagram: Datagram;
  readonly device: NetDevice;
  readonly contexts: readonly Context[];
  readonly clientId: Uint8Array | null;
  readonly lease: Lease | null;
  readonly known: KnownHost | null;
  readonly clientName: string | null;
  readonly tags: Set<string>;
  readonly wasUnicast: boolean;
  /** Addresses that answered while this request was looked at. */
  readonly used: ReadonlySet<Ipv4>;
  readonly search: Search | null;
  readonly since: number;
}

export class DhcpServer {
  private readonly house: DhcpHouse;
  private readonly states: readonly RangeState[];
  private known: KnownHost[] = [];
  /** Addresses that did not answer, and when. */
  private readonly probed = new Map<Ipv4, number>();
  private waiting: Waiting | null = null;

  constructor(house: DhcpHouse) {
    this.house = house;
    this.states = house.settings.ranges.map(() => new RangeState());
  }

  /** dhcp-host and the lines of the hosts files, read anew. */
  setHosts(hosts: readonly DhcpHost[]): void {
    this.known = hosts.map((host) => new KnownHost(host));
  }

  /** It listens to nobody until a probe has ended. */
  get isDeaf(): boolean {
    return this.waiting !== null;
  }

  receive(datagram: Datagram, device: NetDevice): void {
    this.process(datagram, device, this.house.now, null, new Set());
  }

  probeEnded(isUsed: boolean): void {
    const waiting = this.waiting;
    if (waiting === null) return;
    this.waiting = null;
    const { datagram, device, since, address, search, used } = waiting;
    if (isUsed) used.add(address);
    else this.probed.set(address, since);
    this.process(datagram, device, since, search, used);
  }

  private process(datagram: Datagram, device: NetDevice, since: number, search: Search | null, used: Set<Ipv4>): void {
    const { house } = this;
    const message = dhcp.parse(datagram.data, 0, datagram.data.length);
    if (message === null || message.operation !== dhcp.Operation.REQUEST) return;
    const addresses = house.addressesOf(device);
    if (addresses.length === 0) {
      house.log(`DHCP packet received on ${device.name} which has no address`);
      return;
    }
    const contexts = contextsOf(house.settings.ranges, this.states, addresses);
    if (house.leases.prune(house.now)) house.leasesChanged();
    if (contexts.length === 0) {
      house.log(`no address range available for DHCP request via ${device.name}`);
      return;
    }
    this.answer(this.understand(message, datagram, device, contexts, search, used, since));
    house.leasesChanged();
  }

  private understand(
    given: dhcp.Message,
    datagram: Datagram,
    device: NetDevice,
    contexts: readonly Context[],
    search: Search | null,
    used: ReadonlySet<Ipv4>,
    since: number,
  ): Request {
    const { settings, leases } = this.house;
    const forgets =
      dhcp.typeOf(given) === MessageType.DISCOVER || dhcp.option(given, OptionCode.REQUESTED_ADDRESS) !== null;
    const message = forgets ? { ...given, clientAddress: ANY_IPV4 } : given;
    const clientId = settings.has("dhcp-ignore-clid") ? null : dhcp.option(message, OptionCode.CLIENT_ID);
    const clientName = legalHostname(dhcp.textOf(message, OptionCode.HOST_NAME));
    const tags = new Set([device.name]);
    const who = { mac: message.clientMac, clientId, hostname: clientName };
    const known = findHost(this.known, contexts, who, tags);
    if (known !== null) for (const tag of ["known", ...known.host.sets]) tags.add(tag);
    const lease = leases.byClient(message.clientMac, clientId);
    const wasUnicast = datagram.destination !== LIMITED_BROADCAST;
    const facts = { message, datagram, device, contexts, clientId, lease, known, clientName, tags };
    return { ...facts, wasUnicast, used, search, since };
  }

  private answer(request: Request): void {
    switch (dhcp.typeOf(request.message)) {
      case MessageType.DISCOVER:
        return this.discover(request);
      case MessageType.REQUEST:
        return this.request(request);
      case MessageType.DECLINE:
        return this.decline(request);
      case MessageType.RELEASE:
        return this.release(request);
      case MessageType.INFORM:
        return this.inform(request);
    }
  }

  private discover(request: Request): void {
    const { message, tags, known } = request;
    const wanted = dhcp.addressOf(message, OptionCode.REQUESTED_ADDRESS);
    const choice = known?.host.isIgnored ? ("ignored" as const) : this.choose(request, wanted);
    if (typeof choice === "object") {
      this.waiting = { ...request, ...choice, used: new Set(request.used) };
      this.house.probe(choice.address, request.device);
      return;
    }
    const isRefused = typeof choice === "string";
    this.log("DHCPDISCOVER", known?.host.isIgnored ? null : wanted, request, isRefused ? choice : "");
    const context = isRefused ? null : narrow(request.contexts, choice, tags);
    if (isRefused || context === null) return;
    if (context.range.sets !== null) tags.add(context.range.sets);
    this.log("DHCPOFFER", choice, request, "");
    const leaseTime = leaseTimeOf(context, request);
    const hostname = this.offeredName(request);
    const reply = { context, request: message, hostname, domain: this.domain, leaseTime, fuzz: 0, tags };
    this.reply(request, MessageType.OFFER, context.local, {
      yourAddress: choice,
      serverAddress: context.local,
      options: [dhcp.numberOption(OptionCode.LEASE_TIME, leaseTime), ...replyOptions(this.house.settings, reply)],
    });
  }

  /** An OFFER names the host only when the name is ours and the client did not say another. */
  private offeredName({ known, clientName }: Request): string | null {
    const name = known?.host.name ?? null;
    return name !== null && (clientName === null || sameName(name, stripDomain(clientName))) ? name : null;
  }

  /** The address to offer, why there is none, or what must be probed first. */
  private choose(request: Request, wanted: Ipv4 | null): Ipv4 | string | { address: Ipv4; search: Search | null } {
    const { contexts, tags, lease, message, known, used } = request;
    const { leases, settings } = this.house;
    const fixed = known === null ? null : this.fixedAddress(request, known);
    if (fixed !== null) return fixed;
    const isOpen = (address: Ipv4): boolean =>
      addressAvailable(contexts, address, tags) !== null && keptFor(this.known, address) === null;
    if (lease !== null && isOpen(lease.address)) return lease.address;
    const occupancy: Occupancy = {
      isTaken: (address) => leases.byAddress(address) !== null || keptFor(this.known, address) !== null,
      probed: (address) => (used.has(address) ? "used" : this.isKnownFree(address) ? "free" : "unknown"),
    };
    if (wanted !== null && isOpen(wanted) && leases.byAddress(wanted) === null) {
      const verdict = occupancy.probed(wanted);
      if (verdict === "free") return wanted;
      if (verdict === "unknown") return { address: wanted, search: null };
    }
    const first = settings.has("dhcp-sequential-ip") ? this.nextInOrder(contexts) : null;
    const found = allocate(contexts, message.clientMac, tags, occupancy, first, request.search);
    if (found.kind === "none") return "no address available";
    return found.kind === "found" ? found.address : { address: found.address, search: found.search };
  }

  /** lease_find_max_addr: consecutive addresses start behind the highest one that is leased. */
  private nextInOrder([context]: readonly Context[]): Ipv4 | null {
    if (context === undefined) return null;
    const { start, end } = context.range;
    const leased = this.house.leases.all.map(({ address }) => address).filter((each) => each >= start && each <= end);
    return leased.length === 0 ? start : (Math.max(...leased) as Ipv4);
  }

  /** do_icmp_ping, as far as it does not have to ask. */
  private isKnownFree(address: Ipv4): boolean {
    const { settings, now } = this.house;
    for (const [each, time] of this.probed) if (now - time > PROBE_HOLDS) this.probed.delete(each);
    return settings.has("no-ping") || this.probed.has(address) || this.probed.size >= MOST_PROBES;
  }

  private fixedAddress({ contexts, lease, device }: Request, known: KnownHost): Ipv4 | null {
    const { address } = known.host;
    if (address === null) return null;
    const { leases, now } = this.house;
    const text = formatIpv4(address);
    const other = leases.byAddress(address);
    const say = (why: string): null => {
      this.house.log(`not using configured address ${text} because ${why}`);
      return null;
    };
    if (other !== null && other !== lease && !known.host.macs.includes(other.mac)) {
      return say(`it is leased to ${formatMac(other.mac)}`);
    }
    const isOurs = this.house.addressesOf(device).some((each) => each.address === address);
    if (isOurs && contexts.length > 0) return say("it is in use by the server or relay");
    const isDeclined = known.declinedAt !== null && now - known.declinedAt < DECLINE_BACKOFF;
    return isDeclined ? say("it was previously declined") : address;
  }

  private request(request: Request): void {
    const { message, lease, known } = request;
    if (known?.host.isIgnored) return;
    const wanted = dhcp.addressOf(message, OptionCode.REQUESTED_ADDRESS);
    const verdict = wanted === null ? this.renewing(request) : this.selecting(request, wanted);
    if (verdict === null) return;
    const address = wanted ?? message.clientAddress;
    const held = verdict.squash ? this.squash(lease) : lease;
    this.log("DHCPREQUEST", address, request, "");
    const taken =
      verdict.refusal === ""
        ? this.take({ ...request, lease: held }, address, wanted === null, verdict)
        : verdict.refusal;
    if (typeof taken === "string") this.refuse(request, address, taken, verdict.isUnicast);
    else this.acknowledge(request, taken, wanted === null);
  }

  private squash(lease: Lease | null): null {
    if (lease !== null) this.house.leases.end(lease);
    return null;
  }

  /** SELECTING, or INIT-REBOOT when no server is named. Null: it is none of our business. */
  private selecting({ message, contexts, lease, wasUnicast }: Request, wanted: Ipv4): Verdict | null {
    const isAuthority = this.house.settings.has("dhcp-authoritative");
    const server = dhcp.addressOf(message, OptionCode.SERVER_ID);
    const isOther = lease !== null && lease.address !== wanted;
    const base = { squash: false, isSelecting: server !== null, isUnicast: wasUnicast };
    if (server === null) {
      if (lease === null && !isAuthority) return null;
      return { ...base, refusal: isOther ? "wrong address" : "" };
    }
    const isUs = contexts.some(({ local }) => local === server);
    if (!isUs && !isAuthority) return null;
    return { ...base, refusal: isUs ? "" : "wrong server-ID", squash: isOther };
  }

  /** RENEWING or REBINDING. A lease that we do not know may be another server's. */
  private renewing({ message, lease, wasUnicast }: Request): Verdict | null {
    const isAuthority = this.house.settings.has("dhcp-authoritative");
    const base = { squash: false, isSelecting: false, isUnicast: wasUnicast };
    const isStrange = lease === null ? !isAuthority : lease.address !== message.clientAddress;
    if (!isStrange) return { ...base, refusal: "" };
    return wasUnicast ? { ...base, refusal: "lease not found", isUnicast: false } : null;
  }

  /** The lease, or why it cannot be had. */
  private take(request: Request, address: Ipv4, isRenewal: boolean, verdict: Verdict): Taken | string {
    const { contexts, tags, known, lease, message, clientId } = request;
    const { leases, now } = this.house;
    const context = narrow(contexts, address, tags);
    if (context === null) {
      verdict.isUnicast = false;
      return "wrong network";
    }
    const fixed = known?.host.address ?? null;
    if (addressAvailable([context], address, tags) === null && fixed !== address) return "address not available";
    const isDeclined = known?.declinedAt !== null && known !== null && now - known.declinedAt! <= DECLINE_BACKOFF;
    if (!verdict.isSelecting && fixed !== null && !isDeclined && fixed !== address) {
      const holder = leases.byAddress(fixed);
      if (holder === null || holder === lease) return "static lease available";
    }
    const kept = keptFor(this.known, address);
    if (kept !== null && kept !== known) return "address reserved";
    const other = lease === null ? leases.byAddress(address) : null;
    if (other !== null && !known?.host.macs.includes(other.mac)) return "address in use";
    if (other !== null) this.house.log(`abandoning lease to ${formatMac(other.mac)} of ${formatIpv4(address)}`);
    const held = lease ?? other ?? leases.allocate(address, message.clientMac, clientId);
    return held === null ? "no leases left" : { lease: held, context, isRenewal };
  }

  private refuse(request: Request, address: Ipv4, why: string, isUnicast: boolean): void {
    const { message, contexts } = request;
    this.log("DHCPNAK", address, request, why);
    const { local, netmask } = contexts[0]!;
    const isNear = ((local ^ message.clientAddress) & netmask) === 0;
    const broadcasts = !isUnicast || message.clientAddress === ANY_IPV4 || isNear;
    this.reply(request, MessageType.NAK, local, {
      ...(broadcasts ? { flags: message.flags | dhcp.BROADCAST_FLAG, clientAddress: ANY_IPV4 } : {}),
      options: [dhcp.textOption(OptionCode.MESSAGE, why)],
    });
  }

  private acknowledge(request: Request, { lease, context }: Taken, isRenewal: boolean): void {
    const { message, tags, clientId, device } = request;
    const { house } = this;
    if (context.range.sets !== null) tags.add(context.range.sets);
    const leaseTime = leaseTimeOf(context, request);
    lease.mac = message.clientMac;
    lease.clientId = clientId ?? lease.clientId;
    lease.interfaceName = device.name;
    lease.expires = leaseTime === INFINITE ? 0 : house.now + leaseTime;
    if (!isRenewal) {
      lease.hasChanged = true;
      tell(lease, request);
    }
    const { name, isOurs } = this.nameFor(request, lease);
    if (name !== null) house.leases.setName(lease, name, isOurs, this.domain);
    this.log("DHCPACK", lease.address, request, name ?? "");
    const fuzz = isRenewal ? house.random16() : 0;
    const reply = { context, request: message, hostname: name, domain: this.domain, leaseTime, fuzz, tags };
    this.reply(request, MessageType.ACK, context.local, {
      yourAddress: lease.address,
      serverAddress: context.local,
      options: [dhcp.numberOption(OptionCode.LEASE_TIME, leaseTime), ...replyOptions(house.settings, reply)],
    });
  }

  /** dhcp-host's word, then that of /etc/hosts, then the client's own. */
  private nameFor({ known, clientName }: Request, lease: Lease): { name: string | null; isOurs: boolean } {
    const configured = known?.host.name ?? this.house.hostFromDns(lease.address);
    if (configured !== null) return { name: configured, isOurs: true };
    if (clientName === null) return { name: null, isOurs: false };
    const name = stripDomain(clientName);
    const domain = clientName.slice(name.length + 1);
    if (domain !== "" && (this.domain === null || !sameName(domain, this.domain))) {
      this.house.log(`Ignoring domain ${domain} for DHCP host name ${name}`);
    }
    return { name: name === "" ? null : name, isOurs: false };
  }

  private decline(request: Request): void {
    const { message, contexts, lease, known } = request;
    const wanted = dhcp.addressOf(message, OptionCode.REQUESTED_ADDRESS);
    if (!this.isForUs(request) || wanted === null) return;
    this.log("DHCPDECLINE", wanted, request, dhcp.textOf(message, OptionCode.MESSAGE) ?? "");
    if (lease !== null && lease.address === wanted) this.house.leases.end(lease);
    if (known === null || known.host.address !== wanted) {
      for (const { state } of contexts) state.epoch++;
      return;
    }
    known.declinedAt = this.house.now;
    this.house.log(`disabling DHCP static address ${formatIpv4(wanted)} for 10m`);
  }

  private release(request: Request): void {
    const { message, lease, contexts, tags } = request;
    const address = message.clientAddress;
    if (narrow(contexts, address, tags) === null || !this.isForUs(request)) return;
    const isKnown = lease !== null && lease.address === address;
    if (isKnown) this.house.leases.end(lease);
    this.log("DHCPRELEASE", address, request, isKnown ? "" : "unknown lease");
  }

  private isForUs({ message, contexts }: Request): boolean {
    const server = dhcp.addressOf(message, OptionCode.SERVER_ID);
    return contexts.some(({ local }) => local === server);
  }

  private inform(request: Request): void {
    const { message, known, contexts, tags } = request;
    const address = message.clientAddress;
    const isIgnored = known?.host.isIgnored ?? false;
    this.log("DHCPINFORM", address, request, isIgnored ? "ignored" : "");
    if (isIgnored || address === ANY_IPV4) return;
    const context = narrow(contexts, address, tags);
    const lease = request.lease ?? this.house.leases.byAddress(address);
    const own = request.clientName === null ? null : stripDomain(request.clientName);
    const hostname = known?.host.name ?? own ?? lease?.hostname ?? this.house.hostFromDns(address);
    if (context?.range.sets) tags.add(context.range.sets);
    this.log("DHCPACK", address, request, hostname ?? "");
    const reply = { context, request: message, hostname, domain: this.domain, leaseTime: INFINITE, fuzz: 0, tags };
    this.reply(request, MessageType.ACK, context?.local ?? contexts[0]!.local, {
      serverAddress: context?.local ?? ANY_IPV4,
      options: replyOptions(this.house.settings, reply),
    });
  }

  private get domain(): string | null {
    return this.house.settings.domain;
  }

  private reply(
    request: Request,
    type: number,
    server: Ipv4,
    change: Partial<dhcp.Message> & Pick<dhcp.Message, "options">,
  ): void {
    const options = [
      dhcp.byteOption(OptionCode.MESSAGE_TYPE, type),
      dhcp.numberOption(OptionCode.SERVER_ID, server),
      ...change.options,
    ];
    const blank = { yourAddress: ANY_IPV4, serverAddress: ANY_IPV4, serverName: "", bootFile: "" };
    const reply = { ...request.message, ...blank, ...change, options, operation: dhcp.Operation.REPLY };
    this.house.send(reply, destinationOf(reply, request));
  }

  /** log_packet: "DHCPACK(virbr0) 192.168.122.220 52:54:00:11:22:33 guest1". */
  private log(type: string, address: Ipv4 | null, { device, message }: Request, rest: string): void {
    const { house } = this;
    if (house.settings.has("quiet-dhcp") && rest === "") return;
    const number = house.settings.has("log-dhcp") ? `${message.transactionId} ` : "";
    const where = address === null ? "" : `${formatIpv4(address)} `;
    house.log(`${number}${type}(${device.name}) ${where}${formatMac(message.clientMac)} ${rest}`);
  }
}

interface Verdict {
  readonly refusal: string;
  /** The client has another lease, which ends. */
  readonly squash: boolean;
  readonly isSelecting: boolean;
  isUnicast: boolean;
}

interface Taken {
  readonly lease: Lease;
  readonly context: Context;
  readonly isRenewal: boolean;
}

/** calc_time: ours, or a shorter one when the client asks for it. */
function leaseTimeOf(context: Context, { message, known }: Request): number {
  const time = known?.host.leaseTime ?? context.range.leaseTime;
  const asked = dhcp.number32Of(message, OptionCode.LEASE_TIME);
  if (asked === null) return time;
  const sane = Math.max(120, asked);
  return time === INFINITE || (sane !== INFINITE && sane < time) ? sane : time;
}

/** dhcp_packet of dhcp.c, as far as it knows no relays. */
function destinationOf(reply: dhcp.Message, { datagram, device, message }: Request): Destination {
  const isInform = dhcp.typeOf(message) === MessageType.INFORM;
  if (reply.clientAddress !== ANY_IPV4) {
    const isBelieved =
      (isInform || datagram.source === reply.clientAddress) &&
      datagram.source !== ANY_IPV4 &&
      datagram.sourcePort !== 0;
    const address = isBelieved ? datagram.source : reply.clientAddress;
    return { address, port: isBelieved ? datagram.sourcePort : dhcp.CLIENT_PORT, device: null, injects: false };
  }
  const port = dhcp.CLIENT_PORT;
  const broadcasts = (reply.flags & dhcp.BROADCAST_FLAG) !== 0;
  if (broadcasts) return { address: LIMITED_BROADCAST, port, device, injects: false };
  return { address: reply.yourAddress, port, device, injects: true };
}

/** legal_hostname: letters, digits, hyphens and underscores in the first label. */
function legalHostname(text: string | null): string | null {
  if (text === null || !/^[a-z0-9][a-z0-9_-]*(\.[a-z0-9_.-]*)?$/i.test(text)) return null;
  return text;
}

const stripDomain = (name: string): string => name.split(".")[0]!;

/** What the script hears about the client. */
function tell(lease: Lease, { message, tags }: Request): void {
  lease.told.clear();
  const vendor = dhcp.textOf(message, OptionCode.VENDOR_CLASS);
  const name = dhcp.textOf(message, OptionCode.HOST_NAME);
  const asked = dhcp.option(message, OptionCode.PARAMETERS);
  if (vendor !== null) lease.told.set("DNSMASQ_VENDOR_CLASS", vendor);
  if (name !== null) lease.told.set("DNSMASQ_SUPPLIED_HOSTNAME", name);
  if (asked !== null) lease.told.set("DNSMASQ_REQUESTED_OPTIONS", asked.join(","));
  if (tags.size > 0) lease.told.set("DNSMASQ_TAGS", [...tags].join(" "));
}
