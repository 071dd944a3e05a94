/** -m pkttype: libxt_pkttype of iptables 1.8.9. */
import type { Match } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { not } from "../print-words.ts";
import { wrong } from "../problem.ts";
import { type MatchOf, matchFamily } from "./family.ts";

type PacketType = MatchOf<"pkttype">["type"];

const TYPES: ReadonlyMap<string, PacketType> = new Map<string, PacketType>([
  ["unicast", "unicast"],
  ["broadcast", "broadcast"],
  ["multicast", "multicast"],
  ["otherhost", "otherhost"],
  ["bcast", "broadcast"],
  ["mcast", "multicast"],
  ["host", "unicast"],
]);

class PkttypeDraft extends Draft<Match> {
  readonly name = "pkttype";
  readonly options = [option("pkt-type", { invertible: true, mandatory: true })];
  private type: PacketType = "unicast";
  private inverted = false;

  protected accept(_key: string, value: string, inverted: boolean): void {
    const type = TYPES.get(value.toLowerCase());
    if (type === undefined) throw wrong(`Bad packet type '${value}'`);
    this.type = type;
    this.inverted = inverted;
  }

  protected result(): Match {
    return { kind: "pkttype", type: this.type, inverted: this.inverted };
  }
}

export const pkttype = matchFamily({
  kind: "pkttype",
  draft: (name) => (name === "pkttype" ? new PkttypeDraft() : null),
  save: (match) => ` ${not(match.inverted)}--pkt-type ${match.type}`,
  list: (match) => ` PKTTYPE ${match.inverted ? "!" : ""}= ${match.type}`,
});
