/**
 * How virtual time follows real time: paused, or so many virtual seconds to a real one. The only place where the two
 * clocks meet. Real time is milliseconds, virtual time nanoseconds.
 */
import type { Nanos } from "../../lab/index.ts";

/** Infinity: as fast as the machine can. */
export const SPEEDS: readonly number[] = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 64, Number.POSITIVE_INFINITY];
const REAL_TIME = SPEEDS.indexOf(1);
const NANOS_PER_MILLI = 1e6;
/** Further behind than this, real milliseconds, and the pace starts anew from where it is: no rush to catch up. */
const LARGEST_LAG = 250;
/** For so long, real milliseconds, it is said. */
const LATELY = 1_000;

export class Pace {
  private index = REAL_TIME;
  private realAnchor = 0;
  private virtualAnchor = 0;
  running = false;
  /** The lab cannot follow: it was further behind than LARGEST_LAG lately. */
  isBehind = false;
  private laggedAt = Number.NEGATIVE_INFINITY;

  get speed(): number {
    return SPEEDS[this.index]!;
  }

  start(real: number, virtual: Nanos): void {
    this.running = true;
    this.forget();
    this.anchor(real, virtual);
  }

  stop(): void {
    this.running = false;
    this.forget();
  }

  /** Another speed, another chance. */
  private forget(): void {
    this.isBehind = false;
    this.laggedAt = Number.NEGATIVE_INFINITY;
  }

  /** One step faster (+1) or slower (-1); false at the end of the scale. */
  change(by: 1 | -1, real: number, virtual: Nanos): boolean {
    const next = this.index + by;
    if (next < 0 || next >= SPEEDS.length) return false;
    this.index = next;
    this.forget();
    this.anchor(real, virtual);
    return true;
  }

  /** Where virtual time should be now; Infinity at full speed. */
  target(real: number): number {
    if (!Number.isFinite(this.speed)) return Number.POSITIVE_INFINITY;
    return Math.floor(this.virtualAnchor + (real - this.realAnchor) * this.speed * NANOS_PER_MILLI);
  }

  /** The lab stands at `virtual`, as far as it got. */
  reached(real: number, virtual: Nanos): void {
    if (!Number.isFinite(this.speed)) return;
    const lag = (this.target(real) - virtual) / (this.speed * NANOS_PER_MILLI);
    if (lag > LARGEST_LAG) {
      this.anchor(real, virtual);
      this.laggedAt = real;
    }
    this.isBehind = real - this.laggedAt < LATELY;
  }

  /** Real milliseconds until virtual time `next` has come. */
  wait(next: number, real: number): number {
    if (!Number.isFinite(this.speed)) return 0;
    return Math.max(0, this.realAnchor + (next - this.virtualAnchor) / (this.speed * NANOS_PER_MILLI) - real);
  }

  private anchor(real: number, virtual: Nanos): void {
    this.realAnchor = real;
    this.virtualAnchor = virtual;
  }
}

/** "1/4×", "16×", "max": for titles. */
export function speedText(speed: number): string {
  if (!Number.isFinite(speed)) return "max";
  return speed < 1 ? `1/${Math.round(1 / speed)}×` : `${speed}×`;
}
