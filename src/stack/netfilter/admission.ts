/**
 * Which rules the kernel admits to a chain: what xt_check_match and xt_check_target of net/netfilter/x_tables.c and the
 * checks of each match and target say no to, and what nft_compat.c finds when a chain is reached from a hook. Sentences
 * are those of the kernel's log.
 */
import { Protocol } from "../../packet/ipv4.ts";
import { type Refusal, refuse } from "../errno.ts";
import { Hook, type HookNumber, hookNames } from "../hooks.ts";
import type { AddrtypeMatch, Match, PhysdevMatch, RuleSpec, Target } from "./rule.ts";

/** Where a rule would stand. */
export interface Place {
  readonly table: string;
  /** Null in a user chain. */
  readonly hook: HookNumber | null;
}

/** Tables and hooks that a target may be used from; what is not named is free. */
interface Demands {
  readonly table?: string;
  readonly hooks?: readonly HookNumber[];
  readonly protocol?: number;
}

const { PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING } = Hook;
const TARGETS: Partial<Record<Target["kind"], Demands>> = {
  reject: { table: "filter", hooks: [INPUT, FORWARD, OUTPUT] },
  snat: { table: "nat", hooks: [INPUT, POSTROUTING] },
  dnat: { table: "nat", hooks: [PREROUTING, OUTPUT] },
  masquerade: { table: "nat", hooks: [POSTROUTING] },
  redirect: { table: "nat", hooks: [PREROUTING, OUTPUT] },
  netmap: { table: "nat", hooks: [PREROUTING, INPUT, OUTPUT, POSTROUTING] },
  checksum: { table: "mangle" },
  ttl: { table: "mangle" },
  tcpmss: { protocol: Protocol.TCP },
  notrack: { table: "raw" },
};
const MATCHES: Partial<Record<Match["kind"], Demands>> = {
  icmp: { protocol: Protocol.ICMP },
  tcp: { protocol: Protocol.TCP },
  udp: { protocol: Protocol.UDP },
  mac: { hooks: [PREROUTING, INPUT, FORWARD] },
};

const NOT_CLAMPED: readonly HookNumber[] = [PREROUTING, INPUT];
const CLAMP_REFUSED = "xt_TCPMSS: path-MTU clamping only supported in FORWARD, OUTPUT and POSTROUTING hooks";
const PHYSDEV_REFUSED =
  "xt_physdev: --physdev-out and --physdev-is-out only supported in the FORWARD and POSTROUTING chains with bridged traffic";

export function judge(place: Place, spec: RuleSpec): Refusal | null {
  // nft makes no comparison of no bits.
  if (spec.source?.mask === 0 || spec.destination?.mask === 0) return refuse("EINVAL");
  for (const match of spec.matches) {
    const sentence = matchFault(place, spec, match);
    if (sentence !== null) return refuse("EINVAL", sentence);
  }
  const sentence = targetFault(place, spec);
  return sentence === null ? null : refuse("EINVAL", sentence);
}

/** Whether all that a rule does may be done at a hook from which its chain is reached. */
export const fitsHook = ({ matches, target }: RuleSpec, hook: HookNumber): boolean =>
  matches.every(({ kind }) => MATCHES[kind]?.hooks?.includes(hook) !== false) &&
  TARGETS[target.kind]?.hooks?.includes(hook) !== false;

function matchFault(place: Place, spec: RuleSpec, match: Match): string | null {
  const fault = demandFault(MATCHES[match.kind], `${match.kind} match`, place, spec, "valid");
  if (fault !== null) return fault;
  if (match.kind === "physdev") return place.hook === OUTPUT && asksForPort(match) ? PHYSDEV_REFUSED : null;
  return match.kind === "addrtype" ? addrtypeFault(match, place.hook) : null;
}

/** A packet of this machine knows no port of a bridge yet. */
const asksForPort = ({ output, isOut, isBridged }: PhysdevMatch): boolean =>
  (output !== null || isOut !== null) && isBridged !== "yes";

function addrtypeFault({ limitIn, limitOut }: AddrtypeMatch, hook: HookNumber | null): string | null {
  if (limitOut && (hook === PREROUTING || hook === INPUT))
    return "xt_addrtype: output interface limitation not valid in PREROUTING and INPUT";
  if (limitIn && (hook === POSTROUTING || hook === OUTPUT))
    return "xt_addrtype: input interface limitation not valid in POSTROUTING and OUTPUT";
  return null;
}

function targetFault(place: Place, spec: RuleSpec): string | null {
  const { target } = spec;
  const name = target.kind === "notrack" ? "CT" : target.kind.toUpperCase();
  const fault = demandFault(TARGETS[target.kind], `${name} target`, place, spec, "usable");
  if (fault !== null) return fault;
  const isTcp = spec.protocol?.number === Protocol.TCP && !spec.protocol.inverted;
  if (target.kind === "reject" && target.code < 0 && !isTcp) return "ipt_REJECT: TCP_RESET invalid for non-tcp";
  if (target.kind === "tcpmss" && target.mss === null && place.hook !== null && NOT_CLAMPED.includes(place.hook))
    return CLAMP_REFUSED;
  return null;
}

function demandFault(
  demands: Demands | undefined,
  who: string,
  { table, hook }: Place,
  { protocol }: RuleSpec,
  how: "valid" | "usable",
): string | null {
  if (demands === undefined) return null;
  const said = `x_tables: ip_tables: ${who}:`;
  if (demands.table !== undefined && demands.table !== table)
    return `${said} only valid in ${demands.table} table, not ${table}`;
  if (demands.hooks !== undefined && hook !== null && !demands.hooks.includes(hook)) {
    const allowed = demands.hooks.map((each) => hookNames[each]).join("/");
    return `${said} used from hooks ${hookNames[hook]}, but only ${how} from ${allowed}`;
  }
  if (demands.protocol !== undefined && (protocol?.number !== demands.protocol || protocol.inverted))
    return `${said} only valid for protocol ${demands.protocol}`;
  return null;
}
