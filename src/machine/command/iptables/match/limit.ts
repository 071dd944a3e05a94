/** -m limit: libxt_limit of iptables 1.8.9, and what nft makes of its rate. */
import type { LimitMatch, Match } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { readInteger } from "../option-values.ts";
import { wrong } from "../problem.ts";
import { matchFamily } from "./family.ts";

/** XT_LIMIT_SCALE */
const SECOND = 10_000;
const DEFAULT_BURST = 5;
const MAX_BURST = 10_000;
/** 3/hour */
const DEFAULT_RATE = 1200 * SECOND;

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
];
/** As they are printed, from the longest. */
const PRINTED: readonly (readonly [name: string, period: number])[] = [
  ["day", 86_400 * SECOND],
  ["hour", 3600 * SECOND],
  ["min", 60 * SECOND],
  ["sec", SECOND],
];

class LimitDraft extends Draft<Match> {
  readonly name = "limit";
  readonly options = [option("limit"), option("limit-burst")];
  private average = DEFAULT_RATE;
  private burst = DEFAULT_BURST;

  protected accept(key: string, value: string): void {
    if (key === "limit") this.average = readRate(value);
    else this.burst = readInteger(this.name, key, value, MAX_BURST);
  }

  protected result(): Match {
    return { kind: "limit", average: asKept(this.average), burst: this.burst || DEFAULT_BURST };
  }
}

function readRate(text: string): number {
  const slash = text.indexOf("/");
  const unit = slash < 0 ? "second" : text.slice(slash + 1).toLowerCase();
  const seconds = unit === "" ? undefined : UNITS.find(([name]) => name.startsWith(unit))?.[1];
  const rate = Number.parseInt(text, 10) || 0;
  if (seconds === undefined || rate === 0) throw wrong(`bad rate "${text}"'`);
  const average = Math.floor((SECOND * seconds) / rate);
  if (average <= 0) throw wrong(`Rate too fast "${text}"`);
  return average;
}

/** The longest unit in which the rate is nearly a whole number: print_rate. */
function unitOf(average: number): readonly [name: string, period: number] {
  const next = PRINTED.findIndex(
    ([, period], i) => i > 0 && (average > period || Math.floor(period / average) < period % average),
  );
  return PRINTED[next < 0 ? PRINTED.length - 1 : next - 1]!;
}

/** nft keeps a rate and a unit (add_nft_limit). */
function asKept(average: number): number {
  const [, period] = unitOf(average);
  return Math.floor(period / Math.floor(period / average));
}

function rateText({ average }: LimitMatch): string {
  const [name, period] = unitOf(average);
  return `${Math.floor(period / average)}/${name}`;
}

export const limit = matchFamily({
  kind: "limit",
  draft: (name) => (name === "limit" ? new LimitDraft() : null),
  save: (match) => ` --limit ${rateText(match)}${match.burst === DEFAULT_BURST ? "" : ` --limit-burst ${match.burst}`}`,
  list: (match) => ` limit: avg ${rateText(match)} burst ${match.burst}`,
});
