/** -m addrtype: libxt_addrtype (revision 1) of iptables 1.8.9. */
import type { AddrtypeMatch, Match } from "../../../../stack/netfilter/rule.ts";
import { Draft, flag, option } from "../extension.ts";
import { type BitNames, bitsText, readBits } from "../option-values.ts";
import { not } from "../print-words.ts";
import { wrong } from "../problem.ts";
import { matchFamily } from "./family.ts";

/** RTN_* in the order of linux/rtnetlink.h. */
const TYPES: BitNames =
  "UNSPEC UNICAST LOCAL BROADCAST ANYCAST MULTICAST BLACKHOLE UNREACHABLE PROHIBIT THROW NAT XRESOLVE"
    .split(" ")
    .map((name, i) => [name, 1 << i] as const);

const NOTHING = { bits: 0, inverted: false };

class AddrtypeDraft extends Draft<Match> {
  readonly name = "addrtype";
  readonly options = [
    option("src-type", { invertible: true }),
    option("dst-type", { invertible: true }),
    flag("limit-iface-in", { excludes: ["limit-iface-out"] }),
    flag("limit-iface-out", { excludes: ["limit-iface-in"] }),
  ];
  private source: AddrtypeMatch["source"] = NOTHING;
  private destination: AddrtypeMatch["destination"] = NOTHING;

  protected accept(key: string, value: string, inverted: boolean): void {
    if (key === "src-type") this.source = { bits: readTypes(value), inverted };
    if (key === "dst-type") this.destination = { bits: readTypes(value), inverted };
  }

  protected override check(): void {
    if (!this.given.has("src-type") && !this.given.has("dst-type"))
      throw wrong("addrtype: you must specify --src-type or --dst-type");
  }

  protected result(): Match {
    const { source, destination, given } = this;
    const limits = { limitIn: given.has("limit-iface-in"), limitOut: given.has("limit-iface-out") };
    return { kind: "addrtype", source, destination, ...limits };
  }
}

function readTypes(text: string): number {
  const bits = readBits(text, TYPES);
  if (typeof bits === "number") return bits;
  throw wrong(bits.includes(",") ? `addrtype: bad type \`${bits}'` : `addrtype: bad type "${bits}"`);
}

function save({ source, destination, limitIn, limitOut }: AddrtypeMatch): string {
  return [
    source.bits === 0 ? "" : ` ${not(source.inverted)}--src-type ${bitsText(source.bits, TYPES)}`,
    destination.bits === 0 ? "" : ` ${not(destination.inverted)}--dst-type ${bitsText(destination.bits, TYPES)}`,
    limitIn ? " --limit-iface-in" : "",
    limitOut ? " --limit-iface-out" : "",
  ].join("");
}

function list({ source, destination, limitIn, limitOut }: AddrtypeMatch): string {
  return [
    " ADDRTYPE match",
    source.bits === 0 ? "" : ` src-type ${source.inverted ? "!" : ""}${bitsText(source.bits, TYPES)}`,
    destination.bits === 0 ? "" : ` dst-type ${destination.inverted ? "!" : ""}${bitsText(destination.bits, TYPES)}`,
    limitIn ? " limit-in" : "",
    limitOut ? " limit-out" : "",
  ].join("");
}

export const addrtype = matchFamily({
  kind: "addrtype",
  draft: (name) => (name === "addrtype" ? new AddrtypeDraft() : null),
  save,
  list,
});
