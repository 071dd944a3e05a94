/** The matches that are modelled. A new one is a file beside this and a line here. */
import type { Match } from "../../../../stack/netfilter/rule.ts";
import type { Draft } from "../extension.ts";
import { addrtype } from "./addrtype.ts";
import { comment } from "./comment.ts";
import { conntrack } from "./conntrack.ts";
import type { MatchFamily } from "./family.ts";
import { icmp } from "./icmp.ts";
import { limit } from "./limit.ts";
import { mac } from "./mac.ts";
import { connmark, mark } from "./mark.ts";
import { multiport } from "./multiport.ts";
import { physdev } from "./physdev.ts";
import { pkttype } from "./pkttype.ts";
import { tcp } from "./tcp.ts";
import { udp } from "./udp.ts";

const FAMILIES: readonly MatchFamily[] = [
  addrtype,
  comment,
  connmark,
  conntrack,
  icmp,
  limit,
  mac,
  mark,
  multiport,
  physdev,
  pkttype,
  tcp,
  udp,
];

/** Null: not modelled, or no match at all. */
export function newMatch(name: string): Draft<Match> | null {
  for (const family of FAMILIES) {
    const draft = family.draft(name);
    if (draft !== null) return draft;
  }
  return null;
}

/** For completion. */
export const MATCH_NAMES: readonly string[] = ["state", ...FAMILIES.map(({ kind }) => kind)].filter(
  (name) => !["tcp", "udp", "icmp"].includes(name),
);

export const familyOf = (match: Match): MatchFamily => FAMILIES.find(({ kind }) => kind === match.kind)!;

/** Those of Debian 12 that are not modelled. */
export const OTHER_MATCHES: readonly string[] =
  "ah bpf cgroup cluster connbytes connlabel connlimit cpu dccp devgroup dscp ecn esp hashlimit helper ipcomp iprange ipvs length nfacct osf owner policy quota rateest realm recent rpfilter sctp set socket standard statistic string tcpmss time tos ttl u32".split(
    " ",
  );
