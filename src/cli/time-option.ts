/** Times as options take them: "500ms", "10s", "2m"; a bare number is seconds. */
import type { Nanos } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
};

/** Nanoseconds. */
export function parseTime(text: string, option: string): Nanos {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m)?$/.exec(text);
  if (match === null) throw new CliError(`${option} ${text}: not a time; expected for example 500ms, 10s or 2m`);
  return Math.round(Number(match[1]) * UNITS[match[2] ?? "s"]!) as Nanos;
}
