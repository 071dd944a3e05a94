/** Times as options take them: "500ms", "10s", "2m"; a bare number is seconds. */
import type { Nanos } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Nanoseconds. */
export function parseTime(text: string, option: string): Nanos {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)?$/.exec(text);
  const nanos = match === null ? Number.NaN : Math.round(Number(match[1]) * UNITS[match[2] ?? "s"]!);
  if (nanos <= Number.MAX_SAFE_INTEGER) return nanos as Nanos;
  throw new CliError(
    `${option} ${text}: ${match === null ? "not a time" : "longer than a run can be"}; expected a number with ns, us, ms, s, m or h behind it, such as 500ms or 10s; a bare number means seconds`,
  );
}
