/**
 * Which address a client is offered: its own, the one that it asks for, or one by the hash of its MAC; and the memory of
 * probes (rfc2131.c, DHCPDISCOVER; do_icmp_ping of dhcp.c).
 */
import { formatIpv4, formatMac, type Ipv4 } from "../../../packet/address.ts";
import { KnownHost, keptFor } from "./known-hosts.ts";
import { addressAvailable, allocate, type Context, type Occupancy, type Search } from "./range-choice.ts";
import type { DhcpHouse, Request } from "./request.ts";
import type { DhcpHost } from "./settings.ts";

/** DECLINE_BACKOFF: how long a fixed address is not given out after somebody said it is in use. */
export const DECLINE_BACKOFF = 600;
/** PING_CACHE_TIME: how long a probe's answer holds. */
const PROBE_HOLDS = 30;
/** PING_WAIT of dnsmasq.h */
const PROBE_SECONDS = 3;
/** More probes than this within PROBE_HOLDS are not made: 60 % of what there is time for. */
const MOST_PROBES = Math.floor((0.6 * PROBE_HOLDS) / PROBE_SECONDS);

/** An address that somebody must look at first, and where the search goes on then. */
export interface Doubt {
  readonly address: Ipv4;
  readonly search: Search | null;
}

export class OfferChoice {
  known: readonly KnownHost[] = [];
  private readonly house: DhcpHouse;
  /** Addresses that did not answer, and when. */
  private readonly probed = new Map<Ipv4, number>();

  constructor(house: DhcpHouse) {
    this.house = house;
  }

  /** dhcp-host and the lines of the hosts files, read anew. */
  setHosts(hosts: readonly DhcpHost[]): void {
    this.known = hosts.map((host) => new KnownHost(host));
  }

  /** Nobody answered from there. */
  remember(address: Ipv4, since: number): void {
    this.probed.set(address, since);
  }

  /** The address to offer, why there is none, or what must be probed first. */
  choose(request: Request, wanted: Ipv4 | null): Ipv4 | string | Doubt {
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
}
