/**
 * What a host remembers of each peer so that it does not pester it: credit for ICMP errors, redirects already sent.
 * Follows net/ipv4/inetpeer.c (inet_getpeer, inet_peer_xrlim_allow) and route.c (ip_error, ip_rt_send_redirect), which all
 * spend from one credit. Times in nanoseconds where Linux counts ticks. Not modelled: kernels from 6.13 on cap the credit
 * only when the tick has changed, so an icmp_ratelimit of 0 empties it a tick later than here.
 */
import type { Scheduler } from "../engine/scheduler.ts";
import type { Ipv4 } from "../packet/address.ts";
import type { RouteSettings } from "./settings.ts";

const SECOND = 1e9;
/** Of a kernel with HZ=250. */
const TICK = 4e6;
/** XRLIM_BURST_FACTOR: a peer that was quiet gets six at once. */
const BURST = 6;
/** Peers remembered; the oldest goes (promise P7). */
const LIMIT = 4096;

class Peer {
  /** Nanoseconds of credit. */
  credit = 0;
  /** Last use. Long ago, so that a peer not met before starts with full credit. */
  last: number;
  redirects = 0;

  constructor(now: number) {
    this.last = now - 60 * SECOND;
  }

  /** Spends `price` if there is so much; credit grows with time up to `most`. */
  spend(now: number, price: number, most: number): boolean {
    this.credit = Math.min(this.credit + now - this.last, most);
    this.last = now;
    if (this.credit < price) return false;
    this.credit -= price;
    return true;
  }
}

export class InetPeers {
  private readonly scheduler: Scheduler;
  private readonly settings: RouteSettings;
  private readonly peers = new Map<Ipv4, Peer>();

  constructor(scheduler: Scheduler, settings: RouteSettings) {
    this.scheduler = scheduler;
    this.settings = settings;
  }

  /** inet_peer_xrlim_allow: one more ICMP message, at one per `interval` nanoseconds. */
  allowsMessage(address: Ipv4, interval: number): boolean {
    return this.peer(address).spend(this.scheduler.now, interval, BURST * interval);
  }

  /** ip_error: one more complaint about a missing route. */
  allowsRouteError(address: Ipv4): boolean {
    const { error_cost, error_burst } = this.settings;
    return this.peer(address).spend(this.scheduler.now, error_cost * TICK, error_burst * TICK);
  }

  /**
   * ip_rt_send_redirect: the first few at growing intervals, then none until the peer has been quiet for a while.
   * "last": the peer has ignored them all.
   */
  allowsRedirect(address: Ipv4): "yes" | "last" | "no" {
    const { now } = this.scheduler;
    const { redirect_load, redirect_number, redirect_silence } = this.settings;
    const peer = this.peer(address);
    if (now > peer.last + redirect_silence * TICK) {
      peer.credit = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= redirect_number) {
      peer.last = now;
      return "no";
    }
    if (peer.redirects > 0 && now <= peer.last + redirect_load * TICK * 2 ** peer.redirects) return "no";
    peer.last = now;
    peer.redirects++;
    return peer.redirects === redirect_number ? "last" : "yes";
  }

  private peer(address: Ipv4): Peer {
    let peer = this.peers.get(address);
    if (peer === undefined) {
      if (this.peers.size >= LIMIT) this.peers.delete(this.peers.keys().next().value!);
      peer = new Peer(this.scheduler.now);
      this.peers.set(address, peer);
    }
    return peer;
  }
}
