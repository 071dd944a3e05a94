/** "1", "0.5", "2m": what sleep(1), timeout(1) and watch(1) take, as nanoseconds; null when it is none. */
import { type Nanos, seconds } from "../engine/time.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

export function parseDuration(text: string): Nanos | null {
  const found = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  if (found === null) return null;
  return seconds(Number(found[1]) * UNITS[found[2]!]!);
}
