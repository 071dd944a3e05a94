/**
 * How many ICMP errors a host sends: a bucket for all (icmp_msgs_per_sec, icmp_msgs_burst) and one for each peer
 * (icmp_ratelimit), for the types in icmp_ratemask. Follows net/ipv4/icmp.c (icmp_global_allow, icmpv4_xrlim_allow); the credit of peers is
 * inet-peers.ts. Times in nanoseconds where Linux counts ticks.
 */
import type { Random } from "../engine/random.ts";
import type { Scheduler } from "../engine/scheduler.ts";
import type { Ipv4 } from "../packet/address.ts";
import * as icmp from "../packet/icmp.ts";
import type { InetPeers } from "./inet-peers.ts";
import type { Settings } from "./settings.ts";

const SECOND = 1e9;
/** The global bucket is filled at most fifty times a second. */
const REFILL = SECOND / 50;

export class IcmpLimit {
  private readonly scheduler: Scheduler;
  private readonly settings: Settings;
  private readonly random: Random;
  private readonly peers: InetPeers;
  private credit = 0;
  private filled = -SECOND;

  constructor(scheduler: Scheduler, settings: Settings, random: Random, peers: InetPeers) {
    this.scheduler = scheduler;
    this.settings = settings;
    this.random = random;
    this.peers = peers;
  }

  /** One more error, counted against all. */
  allowsAny(type: number, code: number): boolean {
    if (!this.isLimited(type, code)) return true;
    const idle = Math.min(this.scheduler.now - this.filled, SECOND);
    if (idle >= REFILL) {
      const earned = Math.floor((this.settings.ipv4.icmp_msgs_per_sec * idle) / SECOND);
      this.credit = Math.min(this.credit + earned, this.settings.ipv4.icmp_msgs_burst);
      this.filled = this.scheduler.now;
    }
    if (this.credit <= 0) return false;
    // The kernel takes up to two more, so that nobody can count our sockets by our errors.
    this.credit = Math.max(this.credit - 1 - this.random.below(2), 0);
    return true;
  }

  /** One more error to this peer. */
  allowsTo(peer: Ipv4, type: number, code: number): boolean {
    const interval = this.settings.ipv4.icmp_ratelimit * 1e6;
    if (!this.isLimited(type, code)) return true;
    // Without a limit too: it empties the credit that ip_error spends from.
    return this.peers.allowsMessage(peer, interval);
  }

  private isLimited(type: number, code: number): boolean {
    if (type > 18 || ((1 << type) & this.settings.ipv4.icmp_ratemask) === 0) return false;
    // Path MTU discovery must not starve.
    return type !== icmp.Type.UNREACHABLE || code !== icmp.Unreachable.FRAGMENTATION_NEEDED;
  }
}
