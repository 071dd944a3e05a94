/**
 * What we learned of smaller MTUs on the way: RFC 1191, net/ipv4/route.c (__ip_rt_update_pmtu).
 * Not modelled: the plateau table for routers that name no MTU, mtu_lock below min_pmtu.
 */
import type { Scheduler } from "../engine/scheduler.ts";
import type { Ipv4 } from "../packet/address.ts";
import type { Settings } from "./settings.ts";

/** Entries kept; the oldest goes (promise P7). */
const LIMIT = 2048;

interface PathMtu {
  readonly mtu: number;
  /** Virtual nanoseconds. */
  readonly expires: number;
}

export class PathMtus {
  private readonly scheduler: Scheduler;
  private readonly settings: Settings;
  private readonly known = new Map<Ipv4, PathMtu>();

  constructor(scheduler: Scheduler, settings: Settings) {
    this.scheduler = scheduler;
    this.settings = settings;
  }

  /** The MTU towards `destination` through a device of `deviceMtu`. */
  towards(destination: Ipv4, deviceMtu: number): number {
    if (this.known.size === 0) return deviceMtu;
    const found = this.known.get(destination);
    if (found === undefined) return deviceMtu;
    if (found.expires <= this.scheduler.now) {
      this.known.delete(destination);
      return deviceMtu;
    }
    return Math.min(found.mtu, deviceMtu);
  }

  /** An ICMP "fragmentation needed" came. */
  learn(destination: Ipv4, mtu: number): void {
    const { min_pmtu, mtu_expires } = this.settings.route;
    const before = this.towards(destination, 65_535);
    if (mtu === 0 || mtu > before) return;
    if (this.known.size >= LIMIT) this.known.delete(this.known.keys().next().value!);
    this.known.set(destination, { mtu: Math.max(mtu, min_pmtu), expires: this.scheduler.now + mtu_expires * 1e9 });
  }

  /** `ip route get` shows "cache expires ... mtu ..."; null when nothing was learned. */
  find(destination: Ipv4): PathMtu | null {
    return this.known.get(destination) ?? null;
  }

  /** `ip route flush cache`. */
  flush(): void {
    this.known.clear();
  }
}
