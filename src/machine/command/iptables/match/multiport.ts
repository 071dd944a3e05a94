/** -m multiport: libxt_multiport (revision 1) of iptables 1.8.9. */
import type { Match, MultiportMatch, RuleSpec } from "../../../../stack/netfilter/rule.ts";
import { Draft, type OptionReader, option } from "../extension.ts";
import { serviceName } from "../names.ts";
import { not } from "../print-words.ts";
import { wrong } from "../problem.ts";
import { readPort } from "../values.ts";
import { matchFamily } from "./family.ts";

/** XT_MULTI_PORTS; a range counts for two. */
const MAX_PORTS = 15;
/** Those with ports. */
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [6, "tcp"],
  [17, "udp"],
  [136, "udplite"],
  [132, "sctp"],
  [33, "dccp"],
]);

const excludes = ["source-ports", "destination-ports", "ports"];
const source = { key: "source-ports", invertible: true, excludes };
const destination = { key: "destination-ports", invertible: true, excludes };

class MultiportDraft extends Draft<Match> {
  readonly name = "multiport";
  readonly options = [
    option("source-ports", source),
    option("sports", source),
    option("destination-ports", destination),
    option("dports", destination),
    option("ports", { invertible: true, excludes }),
  ];
  private which: MultiportMatch["which"] = "either";
  private ports: MultiportMatch["ports"] = [];
  private inverted = false;

  protected accept(key: string, value: string, inverted: boolean, reader: OptionReader): void {
    this.ports = readList(value, protocolOf(reader.protocol));
    this.which = key === "source-ports" ? "source" : key === "destination-ports" ? "destination" : "either";
    if (inverted) this.inverted = true;
  }

  protected override check(): void {
    if (this.given.size === 0) throw wrong("multiport expection an option");
  }

  protected result(): Match {
    return { kind: "multiport", which: this.which, ports: this.ports, inverted: this.inverted };
  }
}

function protocolOf(protocol: RuleSpec["protocol"]): string {
  if (protocol === null) throw wrong("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
  const name = protocol.inverted ? undefined : PROTOCOLS.get(protocol.number);
  if (name === undefined) throw wrong("multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP");
  return name;
}

function readList(text: string, protocol: string): MultiportMatch["ports"] {
  let places = 0;
  return text.split(",").map((word) => {
    const colon = word.indexOf(":");
    if (places >= MAX_PORTS || (colon >= 0 && places === MAX_PORTS - 1)) throw wrong("too many ports specified");
    const from = readPort(colon < 0 ? word : word.slice(0, colon), protocol);
    places += colon < 0 ? 1 : 2;
    if (colon < 0) return { from, to: from };
    const to = readPort(word.slice(colon + 1), protocol);
    if (from >= to) throw wrong("invalid portrange specified");
    return { from, to };
  });
}

const listText = ({ ports }: MultiportMatch, name: (port: number) => string | number): string =>
  ports.map(({ from, to }) => (from === to ? name(from) : `${name(from)}:${name(to)}`)).join(",");

const SAVED = { source: "--sports", destination: "--dports", either: "--ports" } as const;
const LISTED = { source: "sports", destination: "dports", either: "ports" } as const;

export const multiport = matchFamily({
  kind: "multiport",
  draft: (name) => (name === "multiport" ? new MultiportDraft() : null),
  save: (match) => ` ${not(match.inverted)}${SAVED[match.which]} ${listText(match, (port) => port)}`,
  list(match, { numeric, spec }) {
    const protocol = PROTOCOLS.get(spec.protocol?.number ?? 0) ?? "";
    const name = (port: number) => (numeric ? null : serviceName(port, protocol)) ?? port;
    return ` multiport ${LISTED[match.which]} ${match.inverted ? " !" : ""}${listText(match, name)}`;
  },
});
