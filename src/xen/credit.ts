/**
 * The credit window of `rate=`: limits what a guest transmits, never drops. Follows netback.c (tx_add_credit,
 * tx_credit_exceeded). State is per queue: a vif with N queues gets N times the rate, as in reality.
 */
import type { Nanos } from "../engine/time.ts";

/** Linux: the burst is at least this, so that a jumbo frame ever passes. */
const MIN_BURST = 131_072;
/** credit_bytes = ~0: no limit. */
export const UNLIMITED = 0xffff_ffff;

export class Credit {
  /** Bytes per window. */
  bytes = UNLIMITED;
  /** Window in microseconds; 0 = no limit. */
  micros = 0;
  private remaining = UNLIMITED;
  private windowStart = 0 as Nanos;

  /** Bytes that may still pass in this window. */
  get left(): number {
    return this.remaining;
  }

  set(bytes: number, micros: number, now: Nanos): void {
    this.bytes = bytes;
    this.micros = micros;
    this.remaining = bytes;
    this.windowStart = now;
  }

  /** 0 when `size` bytes may pass now (and are charged), else the time at which the caller must ask again. */
  charge(size: number, now: Nanos): Nanos {
    if (this.micros === 0) return 0 as Nanos;
    if (size > this.remaining) {
      const next = (this.windowStart + this.micros * 1000) as Nanos;
      if (now < next) return next;
      this.replenish(now);
      if (size > this.remaining) return (now + this.micros * 1000) as Nanos;
    }
    this.remaining -= size;
    return 0 as Nanos;
  }

  /** The window's timer has fired. */
  replenish(now: Nanos): void {
    const burst = Math.max(MIN_BURST, this.bytes);
    this.remaining = Math.min(this.remaining + this.bytes, burst);
    this.windowStart = now;
  }
}
