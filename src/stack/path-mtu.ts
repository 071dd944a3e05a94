/**
 * What we learned of the way to single destinations: smaller MTUs (RFC 1191) and better gateways (redirects).
 * Follows the next hop exceptions of net/ipv4/route.c (__ip_rt_update_pmtu, update_or_create_fnhe, find_exception) and
 * icmp.c (ip_no_pmtu_disc in icmp_unreach).
 */
import type { Scheduler } from "../engine/scheduler.ts";
import { ANY_IPV4, type Ipv4 } from "../packet/address.ts";
import { MAX_LENGTH } from "../packet/ipv4.ts";
import type { Route } from "./route-table.ts";
import type { Settings } from "./settings.ts";

/** Entries kept; the oldest goes (promise P7). */
const LIMIT = 2048;
/** ip_rt_gc_timeout: how long a redirect holds. */
const REDIRECT_HOLDS = 300e9;

export interface PathException {
  /** 0: as the device's. */
  readonly mtu: number;
  /** Smaller than min_pmtu was told: min_pmtu is used, and packets may be fragmented. */
  readonly locked: boolean;
  /** 0: as the route's. */
  readonly gateway: Ipv4;
  /** The route that the gateway stands in for. */
  readonly route: Route | null;
  /** Virtual nanoseconds. */
  readonly expires: number;
}

export class PathMtus {
  private readonly scheduler: Scheduler;
  private readonly settings: Settings;
  private readonly known = new Map<Ipv4, PathException>();

  constructor(scheduler: Scheduler, settings: Settings) {
    this.scheduler = scheduler;
    this.settings = settings;
  }

  /** The MTU towards `destination` through a device of `deviceMtu`; lo has more than IP can use (IP_MAX_MTU). */
  towards(destination: Ipv4, deviceMtu: number): number {
    const most = Math.min(deviceMtu, MAX_LENGTH);
    if (this.known.size === 0) return most;
    const mtu = this.find(destination)?.mtu ?? 0;
    return mtu === 0 ? most : Math.min(mtu, most);
  }

  /** Is don't-fragment no use towards `destination`? */
  isLocked(destination: Ipv4): boolean {
    return this.known.size > 0 && (this.find(destination)?.locked ?? false);
  }

  /** The gateway that a redirect named in place of that of `route`; 0 when none did. */
  gateway(destination: Ipv4, route: Route): Ipv4 {
    if (this.known.size === 0) return ANY_IPV4;
    const found = this.find(destination);
    return found !== null && found.route === route ? found.gateway : ANY_IPV4;
  }

  /** An ICMP "fragmentation needed" came. */
  learn(destination: Ipv4, mtu: number): void {
    const { min_pmtu, mtu_expires } = this.settings.route;
    const before = this.find(destination);
    if (before?.locked === true || (before !== null && before.mtu !== 0 && before.mtu < mtu)) return;
    const locked = mtu < min_pmtu;
    this.store(destination, {
      mtu: locked ? Math.min(before?.mtu || min_pmtu, min_pmtu) : mtu,
      locked,
      gateway: before?.gateway ?? ANY_IPV4,
      route: before?.route ?? null,
      expires: this.scheduler.now + mtu_expires * 1e9,
    });
  }

  /** A gateway of ours told of a better one. */
  redirect(destination: Ipv4, route: Route, gateway: Ipv4): void {
    const before = this.find(destination);
    this.store(destination, {
      mtu: before?.mtu ?? 0,
      locked: before?.locked ?? false,
      gateway,
      route,
      expires: this.scheduler.now + REDIRECT_HOLDS,
    });
  }

  /** `ip route get` shows "cache expires ... mtu ..."; null when nothing was learned, or too long ago. */
  find(destination: Ipv4): PathException | null {
    const found = this.known.get(destination);
    if (found === undefined) return null;
    if (found.expires > this.scheduler.now) return found;
    this.known.delete(destination);
    return null;
  }

  /** `ip route flush cache`. */
  flush(): void {
    this.known.clear();
  }

  private store(destination: Ipv4, entry: PathException): void {
    if (this.known.size >= LIMIT && !this.known.has(destination)) this.known.delete(this.known.keys().next().value!);
    this.known.set(destination, entry);
  }
}
