/**
 * The DHCP server: what dnsmasq 2.90 answers to DISCOVER, REQUEST, DECLINE, RELEASE and INFORM (rfc2131.c, dhcp_reply).
 * While it looks whether an address is in use (do_icmp_ping), it is deaf to other requests, which wait in the socket.
 * Not modelled: relays, BOOTP clients, PXE, client FQDN, leasequery.
 */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, formatIpv4, formatMac, type Ipv4, LIMITED_BROADCAST } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import { sameName } from "../../../packet/dns.ts";
import type { Datagram } from "../../../stack/socket/datagram.ts";
import { replyOptions } from "./dhcp-options.ts";
import { findHost, keptFor } from "./known-hosts.ts";
import type { Lease } from "./lease.ts";
import { DECLINE_BACKOFF, OfferChoice } from "./offer-choice.ts";
import { addressAvailable, type Context, contextsOf, narrow, RangeState, type Search } from "./range-choice.ts";
import {
  type DhcpHouse,
  destinationOf,
  leaseTimeOf,
  legalHostname,
  type Request,
  stripDomain,
  tell,
} from "./request.ts";
import { type DhcpHost, INFINITE } from "./settings.ts";

const { MessageType, OptionCode } = dhcp;

interface Waiting {
  readonly datagram: Datagram;
  readonly device: NetDevice;
  readonly since: number;
  readonly address: Ipv4;
  readonly search: Search | null;
  readonly used: Set<Ipv4>;
}

export class DhcpServer {
  private readonly house: DhcpHouse;
  private readonly states: readonly RangeState[];
  private readonly choice: OfferChoice;
  private waiting: Waiting | null = null;

  constructor(house: DhcpHouse) {
    this.house = house;
    this.states = house.settings.ranges.map(() => new RangeState());
    this.choice = new OfferChoice(house);
  }

  /** dhcp-host and the lines of the hosts files, read anew. */
  setHosts(hosts: readonly DhcpHost[]): void {
    this.choice.setHosts(hosts);
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
    else this.choice.remember(address, since);
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
    const known = findHost(this.choice.known, contexts, who, tags);
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
    const choice = known?.host.isIgnored ? ("ignored" as const) : this.choice.choose(request, wanted);
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
    const kept = keptFor(this.choice.known, address);
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
    // The name of a lease is only looked up by the address of somebody whom we do not know otherwise.
    const stranger = request.lease === null ? this.house.leases.byAddress(address) : null;
    const own = request.clientName === null ? null : stripDomain(request.clientName);
    const hostname = known?.host.name ?? own ?? stranger?.hostname ?? this.house.hostFromDns(address);
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
