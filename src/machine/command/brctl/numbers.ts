/** Numbers as brctl reads them: strtod(3) and sscanf(3) take what is a number at the front and ignore the rest. */
import type { Nanos } from "../../../engine/time.ts";

/** USER_HZ: what the kernel's files for a bridge count in. */
const NANOS_PER_TICK = 10_000_000;
/** Debian's CONFIG_HZ is 250: what is set is cut to whole jiffies, which shows: 21.37 becomes 21.36. */
const JIFFIES_PER_TICK = 2.5;
const NANOS_PER_JIFFY = 4_000_000;

/** strtod with "at least one digit"; null when there is none. */
export function readFloat(text: string): number | null {
  const found = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(text);
  return found === null ? null : Number(found[0]);
}

/** sscanf("%i"): decimal, 0x hexadecimal, leading 0 octal. */
export function readInteger(text: string): number | null {
  const found = /^\s*([+-]?)(?:0x([0-9a-f]+)|(0[0-7]*)|(\d+))/i.exec(text);
  if (found === null) return null;
  const [, sign, hex, octal, decimal] = found;
  const size =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : octal !== undefined
        ? Number.parseInt(octal, 8)
        : Number.parseInt(decimal!, 10);
  return sign === "-" ? -size : size;
}

/** __tv_to_jiffies over a timeval: cut to microseconds, then to hundredths. */
export function toTicks(seconds: number): number {
  const whole = Math.floor(seconds);
  return 100 * whole + Math.floor(Math.floor(1e6 * (seconds - whole)) / 10_000);
}

export const ticksToNanos = (ticks: number): Nanos => (Math.floor(ticks * JIFFIES_PER_TICK) * NANOS_PER_JIFFY) as Nanos;
export const nanosToTicks = (time: number): number => Math.floor(time / NANOS_PER_TICK);

/** br_show_timer: " 300.00". */
export function timerText(ticks: number): string {
  return `${String(Math.floor(ticks / 100)).padStart(4)}.${String(ticks % 100).padStart(2, "0")}`;
}
