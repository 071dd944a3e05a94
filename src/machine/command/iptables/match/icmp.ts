/** -m icmp: libipt_icmp of iptables 1.8.9. */
import type { Match } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { not } from "../print-words.ts";
import { type MatchOf, matchFamily } from "./family.ts";
import { ANY_TYPE, type IcmpTypes, icmpName, readIcmpType } from "./icmp-types.ts";

class IcmpDraft extends Draft<Match> {
  readonly name = "icmp";
  readonly options = [option("icmp-type", { invertible: true, mandatory: true })];
  private types: IcmpTypes = { type: 0, from: 0, to: 0 };
  private inverted = false;

  protected accept(_key: string, value: string, inverted: boolean): void {
    this.types = readIcmpType(value);
    this.inverted = inverted;
  }

  protected result(): Match {
    return { kind: "icmp", ...this.types, inverted: this.inverted };
  }
}

function save(match: MatchOf<"icmp">): string {
  const codes = match.from === match.to ? `/${match.from}` : "";
  return ` ${not(match.inverted)}--icmp-type ${match.type === ANY_TYPE ? "any" : `${match.type}${codes}`}`;
}

function list(match: MatchOf<"icmp">, numeric: boolean): string {
  const name = numeric ? null : icmpName(match);
  if (name !== null) return ` icmp ${match.inverted ? "!" : ""}${name}`;
  const codes = match.from === match.to ? ` code ${match.from}` : "";
  return ` icmp${match.inverted ? " !" : ""}type ${match.type}${codes}`;
}

export const icmp = matchFamily({
  kind: "icmp",
  draft: (name) => (name === "icmp" ? new IcmpDraft() : null),
  save,
  list: (match, { numeric }) => list(match, numeric),
});
