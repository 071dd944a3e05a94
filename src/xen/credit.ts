/**
 * The credit window of `rate=`: limits what a guest transmits, never drops. Follows netback.c (tx_add_credit,
 * tx_credit_exceeded). State is per queue: a vif with N queues gets N times the rate, as in reality.
 */
import { ms, type Nanos } from "../engine/time.ts";

/** Linux: the burst is at least this, so that a jumbo frame ever passes. */
export const MIN_BURST = 131_072;
/** credit_bytes = ~0: no limit. */
export const UNLIMITED = 0xffff_ffff;
/** A kernel timer whose time has passed fires at the next tick (HZ=250). */
const TICK = ms(4);

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

  /** A new rate for a guest under way (xen_net_rate_changed): credit saved up beyond it is lost, unless it waits. */
  change(bytes: number, micros: number, waits: boolean): void {
    this.bytes = bytes;
    this.micros = micros;
    if (!waits && this.remaining > bytes) this.remaining = bytes;
  }

  /** 0 when `size` bytes may pass now (and are charged), else the time at which the caller must replenish and ask again. */
  charge(size: number, now: Nanos): Nanos {
    if (this.micros === 0) return 0 as Nanos;
    if (size > this.remaining) {
      const next = (this.windowStart + Math.floor(this.micros / 1000) * 1_000_000) as Nanos;
      if (now >= next) {
        this.windowStart = now;
        this.replenish(size);
      }
      if (size > this.remaining) {
        // Also when `next` has passed: so windows that went by unused are caught up with, tick by tick.
        this.windowStart = next;
        return Math.max(next, now + TICK) as Nanos;
      }
    }
    this.remaining -= size;
    return 0 as Nanos;
  }

  /** One window's worth more, for a frame of `size` that waits. */
  replenish(size: number): void {
    const burst = Math.max(this.leastBurst(size), this.bytes);
    this.remaining = Math.min(this.remaining + this.bytes, burst);
  }

  protected leastBurst(_size: number): number {
    return MIN_BURST;
  }
}
