/**
 * Durations, bit rates, shares and dates as a topology writes them. Rate words are those of tc(8): `kbit` is 1000 bit/s,
 * `kbps` is 1000 bytes/s. Dates are the proleptic Gregorian calendar in UTC, without leap seconds.
 */
import type { Nanos } from "../../engine/time.ts";

/** The longest time a run can count: integer nanoseconds up to 2^53. */
const MAX_NANOS = Number.MAX_SAFE_INTEGER;
const NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** "10ms", "2s", "50us", "1m"; a number means seconds. Nanoseconds, or null when it is none or too long. */
export function parseDuration(value: unknown): Nanos | null {
  if (typeof value === "number") return wholeNanos(value * 1e9);
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?) ?(ns|us|ms|s|m|h)$/.exec(value) : null;
  return match === null ? null : wholeNanos(Number(match[1]) * (NANOS[match[2]!] ?? 0));
}

const wholeNanos = (nanos: number): Nanos | null =>
  nanos >= 0 && nanos <= MAX_NANOS ? (Math.round(nanos) as Nanos) : null;

/** In the largest unit that needs no fraction. */
export function formatDuration(nanos: Nanos): string {
  if (nanos === 0) return "0s";
  const unit = ["s", "ms", "us"].find((name) => nanos % NANOS[name]! === 0) ?? "ns";
  return `${nanos / NANOS[unit]!}${unit}`;
}

const BITS: Readonly<Record<string, number>> = {
  bit: 1,
  kbit: 1e3,
  mbit: 1e6,
  gbit: 1e9,
  tbit: 1e12,
  bps: 8,
  kbps: 8e3,
  mbps: 8e6,
  gbps: 8e9,
};

/** "1gbit", "100mbit", "10kbit" in any case; a number means bit/s; 0 or "unlimited" is no limit. Bit/s, or null. */
export function parseBitRate(value: unknown): number | null {
  if (value === "unlimited") return 0;
  if (typeof value === "number") return wholeBits(value);
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?) ?([kmgt]?bit|[kmg]?bps)$/i.exec(value) : null;
  return match === null ? null : wholeBits(Number(match[1]) * (BITS[match[2]!.toLowerCase()] ?? 0));
}

const wholeBits = (bits: number): number | null => (bits >= 0 && bits <= 1e15 ? Math.round(bits) : null);

export function formatBitRate(bits: number): string {
  if (bits === 0) return "unlimited";
  const unit = ["tbit", "gbit", "mbit", "kbit"].find((name) => bits % BITS[name]! === 0) ?? "bit";
  return `${bits / BITS[unit]!}${unit}`;
}

/** "1%" or 0.01; 0 to 1, or null. */
export function parseShare(value: unknown): number | null {
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?) ?%$/.exec(value) : null;
  const share = match === null ? value : Number(match[1]) / 100;
  return typeof share === "number" && share >= 0 && share <= 1 ? share : null;
}

const SECONDS_PER_DAY = 86_400;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0);
const daysBefore = (year: number): number => 365 * (year - 1970) + leapsBefore(year) - leapsBefore(1970);
const leapsBefore = (year: number): number =>
  Math.floor((year - 1) / 4) - Math.floor((year - 1) / 100) + Math.floor((year - 1) / 400);

/** pcap and pcapng of every reader count the seconds in 32 bits. */
const MAX_EPOCH = 0xffff_ffff;

/** "2026-01-01T00:00:00Z", "2026-01-01" or seconds since 1970. Seconds, or null. */
export function parseEpoch(value: unknown): number | null {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 && value <= MAX_EPOCH ? value : null;
  const match = typeof value === "string" ? /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)Z?)?$/.exec(value) : null;
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59) return null;
  let days = daysBefore(year) + day - 1;
  for (let before = 1; before < month; before++) days += daysIn(year, before);
  const seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
  return seconds >= 0 && seconds <= MAX_EPOCH ? seconds : null;
}

export function formatEpoch(seconds: number): string {
  let days = Math.floor(seconds / SECONDS_PER_DAY);
  let year = 1970;
  for (; days >= (isLeap(year) ? 366 : 365); year++) days -= isLeap(year) ? 366 : 365;
  let month = 1;
  for (; days >= daysIn(year, month); month++) days -= daysIn(year, month);
  const two = (value: number): string => String(value).padStart(2, "0");
  const rest = seconds % SECONDS_PER_DAY;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(":");
  return `${year}-${two(month)}-${two(days + 1)}T${clock}Z`;
}
