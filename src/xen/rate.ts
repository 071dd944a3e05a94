/**
 * The `rate=` word of a vif: how much a guest may transmit. Grammar, rounding and error words follow libxlu_vif.c of
 * Xen 4.17 (`xl`), down to `strtoull` with base 0: a leading zero means octal. xend reads it its own way (xend-rate.ts).
 */

/** What netback gets as its credit: at most `bytesPerInterval` bytes in every `intervalMicros` microseconds. */
export interface VifRate {
  readonly bytesPerInterval: number;
  readonly intervalMicros: number;
}

/** `error` is xl's sentence without the name of the configuration that xl puts before it. */
export type RateResult =
  | { readonly rate: VifRate; readonly error: null }
  | { readonly rate: null; readonly error: string };

/** libxlu: "Default to 50ms". */
const DEFAULT_INTERVAL_MICROS = 50_000n;
const UINT32_MAX = 0xffff_ffffn;
const UINT64_MAX = 0xffff_ffff_ffff_ffffn;
const MULTIPLIER: Readonly<Record<string, bigint>> = {
  G: 1_000_000_000n,
  M: 1_000_000n,
  K: 1000n,
};

type Part = { readonly value: bigint; readonly error: null } | { readonly value: null; readonly error: string };

/** "10Mb/s", "2MB/s@50ms": bits with `b`, bytes with `B`; the interval is in seconds unless it says `m` or `u`. */
export function parseRate(text: string): RateResult {
  const at = text.indexOf("@");
  const perSecond = at < 0 ? text : text.slice(0, at);
  if (perSecond === "") return refuse("no rate specified", text);
  const bytes = parseBytesPerSecond(perSecond);
  if (bytes.error !== null) return { rate: null, error: bytes.error };
  const micros = at < 0 ? accept(DEFAULT_INTERVAL_MICROS) : parseIntervalMicros(text.slice(at + 1));
  if (micros.error !== null) return { rate: null, error: micros.error };
  if (bytes.value * micros.value > UINT64_MAX) return refuse("rate overflow", text);
  const bytesPerInterval = Number((bytes.value * micros.value) / 1_000_000n);
  return {
    rate: { bytesPerInterval, intervalMicros: Number(micros.value) },
    error: null,
  };
}

/** The text of the backend's xenstore key `rate`. */
export const formatXenstoreRate = (rate: VifRate): string => `${rate.bytesPerInterval},${rate.intervalMicros}`;

function parseBytesPerSecond(text: string): Part {
  if (!/^[0-9]+[GMK]?[Bb]\/s$/.test(text)) return fault("invalid rate", text);
  const { value, rest } = readNumber(text);
  if (value === 0n || value > UINT32_MAX) return fault("rate overflow", text);
  const scaled = value * (MULTIPLIER[rest.charAt(0)] ?? 1n);
  return accept(rest.charAt(0) === "b" || rest.charAt(1) === "b" ? scaled / 8n : scaled);
}

function parseIntervalMicros(text: string): Part {
  if (!/^[0-9]+[mu]?s?$/.test(text)) return fault("invalid replenishment interval", text);
  const { value, rest } = readNumber(text);
  if (value === 0n || value > UINT32_MAX) return fault("replenishment interval overflow", text);
  const micros = value * microsPer(rest.charAt(0));
  return micros > UINT32_MAX ? fault("replenishment interval overflow", text) : accept(micros);
}

function microsPer(unit: string): bigint {
  if (unit === "" || unit === "s") return 1_000_000n;
  return unit === "m" ? 1000n : 1n;
}

/** `strtoull(text, &rest, 0)` for text that starts with a digit. */
function readNumber(text: string): { value: bigint; rest: string } {
  const octal = /^0[0-7]+/.exec(text)?.[0];
  const digits = octal ?? (text.startsWith("0") ? "0" : (/^[0-9]+/.exec(text)?.[0] ?? "0"));
  return {
    value: BigInt(octal === undefined ? digits : `0o${octal.slice(1)}`),
    rest: text.slice(digits.length),
  };
}

const accept = (value: bigint): Part => ({ value, error: null });
const sentence = (what: string, where: string): string => `config parsing error in vif: ${what} in \`${where}'`;
const fault = (what: string, where: string): Part => ({
  value: null,
  error: sentence(what, where),
});
const refuse = (what: string, where: string): RateResult => ({
  rate: null,
  error: sentence(what, where),
});
