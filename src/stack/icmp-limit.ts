/**
 * How many ICMP errors a host sends: a bucket for all (icmp_msgs_per_sec, icmp_msgs_burst) and one for each peer
 * (icmp_ratelimit), for the types in icmp_ratemask. Follows net/ipv4/icmp.c (icmp_global_allow, icmpv4_xrlim_allow) and
 * inetpeer.c (inet_peer_xrlim_allow). Times in nanoseconds where Linux counts ticks.
 */
import type { Random } from "../engine/random.ts";
import type { Scheduler } from "../engine/scheduler.ts";
import type { Ipv4 } from "../packet/address.ts";
import * as icmp from "../packet/icmp.ts";
import type { Settings } from "./settings.ts";

const SECOND = 1e9;
/** XRLIM_BURST_FACTOR: a peer that was quiet gets six at once. */
const BURST = 6;
/** Peers remembered; the oldest goes (promise P7). */
const LIMIT = 4096;
/** The global bucket is filled at most fifty times a second. */
const REFILL = SECOND / 50;

class Bucket {
  tokens = 0;
  /** Long ago, so that a new peer starts with a full bucket. */
  last = -60 * SECOND;
}

export class IcmpLimit {
  private readonly scheduler: Scheduler;
  private readonly settings: Settings;
  private readonly random: Random;
  private readonly peers = new Map<Ipv4, Bucket>();
  private credit = 0;
  private filled = -SECOND;

  constructor(scheduler: Scheduler, settings: Settings, random: Random) {
    this.scheduler = scheduler;
    this.settings = settings;
    this.random = random;
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
    const price = this.settings.ipv4.icmp_ratelimit * 1e6;
    if (!this.isLimited(type, code) || price === 0) return true;
    const bucket = this.bucketOf(peer);
    bucket.tokens = Math.min(bucket.tokens + this.scheduler.now - bucket.last, BURST * price);
    bucket.last = this.scheduler.now;
    if (bucket.tokens < price) return false;
    bucket.tokens -= price;
    return true;
  }

  private isLimited(type: number, code: number): boolean {
    if (type > 18 || ((1 << type) & this.settings.ipv4.icmp_ratemask) === 0) return false;
    // Path MTU discovery must not starve.
    return type !== icmp.Type.UNREACHABLE || code !== icmp.Unreachable.FRAGMENTATION_NEEDED;
  }

  private bucketOf(peer: Ipv4): Bucket {
    let bucket = this.peers.get(peer);
    if (bucket === undefined) {
      if (this.peers.size >= LIMIT) this.peers.delete(this.peers.keys().next().value!);
      bucket = new Bucket();
      bucket.last += this.scheduler.now;
      this.peers.set(peer, bucket);
    }
    return bucket;
  }
}
