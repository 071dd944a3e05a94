/**
 * The match limit: a bucket of time that a packet pays from. iptables-nft hands it to the kernel as nft's own limit, so
 * this follows net/netfilter/nft_limit.c, which counts nanoseconds, and not xt_limit.c, which counts ticks.
 */

/** XT_LIMIT_SCALE: rules speak in ten-thousandths of a second. */
const UNIT = 1e9 / 10_000;

export class TokenBucket {
  /** Nanoseconds that one packet costs, and that the bucket holds. */
  private readonly cost: number;
  private readonly most: number;
  private tokens: number;
  private last = 0;

  constructor(limit: { readonly average: number; readonly burst: number }) {
    this.cost = limit.average * UNIT;
    this.most = this.cost * limit.burst;
    this.tokens = this.most;
  }

  /** Takes the price of a packet, if it is there. */
  take(now: number): boolean {
    this.tokens = Math.min(this.tokens + now - this.last, this.most);
    this.last = now;
    if (this.tokens < this.cost) return false;
    this.tokens -= this.cost;
    return true;
  }
}
