/**
 * xend's reading of a vif's `rate=`: parseRate of netif.py, Xen 3.1 to 4.2. Whatever it does not understand, and whatever
 * is too much or nothing at all, means no limit: xend complains of nothing.
 */

const GRAMMAR = /^([0-9]+)([GMK]?)([Bb])\/s(@([0-9]+)([mu]?)s)?$/;
const UNLIMITED = "4294967295,0";
const UINT32_MAX = 0xffff_ffffn;
const MULTIPLIERS: Readonly<Record<string, bigint>> = { "": 1n, K: 1000n, M: 1_000_000n, G: 1_000_000_000n };
const MICROSECONDS: Readonly<Record<string, bigint>> = { "": 1_000_000n, m: 1000n, u: 1n };
const DEFAULT_INTERVAL = 50_000n;

/** The backend's xenstore key: "bytes,microseconds". */
export function xendRate(text: string): string {
  const match = GRAMMAR.exec(text);
  if (match === null) return UNLIMITED;
  const [, amount, multiplier, unit, , interval, intervalUnit] = match;
  const scaled = BigInt(amount!) * MULTIPLIERS[multiplier!]!;
  const bytesPerSecond = unit === "b" ? scaled / 8n : scaled;
  const micros = interval === undefined ? DEFAULT_INTERVAL : BigInt(interval) * MICROSECONDS[intervalUnit!]!;
  const bytes = (bytesPerSecond * micros) / 1_000_000n;
  const fits = bytes > 0n && bytes <= UINT32_MAX && micros > 0n && micros <= UINT32_MAX;
  return fits ? `${bytes},${micros}` : UNLIMITED;
}
