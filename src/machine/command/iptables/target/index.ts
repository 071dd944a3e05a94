/** The targets that are modelled: the standard ones, and those with options. A new one is a file beside this and a line here. */
import type { Target } from "../../../../stack/netfilter/rule.ts";
import type { Draft } from "../extension.ts";
import { checksum } from "./checksum.ts";
import { connmark } from "./connmark.ts";
import { ct } from "./ct.ts";
import type { TargetFamily } from "./family.ts";
import { log } from "./log.ts";
import { mark } from "./mark.ts";
import { nat } from "./nat.ts";
import { netmap } from "./netmap.ts";
import { reject } from "./reject.ts";
import { tcpmss } from "./tcpmss.ts";
import { ttl } from "./ttl.ts";

const FAMILIES: readonly TargetFamily[] = [checksum, connmark, ct, log, mark, nat, netmap, reject, tcpmss, ttl];

/** Null: no target with options. */
export function newTarget(name: string): Draft<Target> | null {
  for (const family of FAMILIES) {
    const draft = family.draft(name);
    if (draft !== null) return draft;
  }
  return null;
}

/** For completion. */
export const TARGET_NAMES: readonly string[] = FAMILIES.flatMap(({ kinds }) => kinds)
  .filter((kind) => kind !== "notrack")
  .map((kind) => kind.toUpperCase())
  .concat("CT", "NOTRACK");

/** Null for the standard targets and for chains. */
export const familyOf = (target: Target): TargetFamily | null =>
  FAMILIES.find(({ kinds }) => kinds.includes(target.kind)) ?? null;

export function standardTarget(name: string): Target | null {
  switch (name) {
    case "ACCEPT":
      return { kind: "accept" };
    case "DROP":
      return { kind: "drop" };
    case "RETURN":
      return { kind: "return" };
    default:
      return null;
  }
}

/** As `iptables -L` has it in its first column. */
export function targetName(target: Target): string {
  if (target.kind === "none") return "";
  if (target.kind === "jump" || target.kind === "goto") return target.chain;
  return familyOf(target)?.column(target) ?? target.kind.toUpperCase();
}

/** As `iptables -S` prints it behind -j or -g, with what else the target has to say. */
export function targetText(target: Target): string {
  const family = familyOf(target);
  return family === null ? targetName(target) : family.name(target) + family.save(target);
}

/** Those of Debian 12 that are not modelled. */
export const OTHER_TARGETS: readonly string[] =
  "AUDIT CLASSIFY CLUSTERIP CONNSECMARK DSCP ECN HMARK IDLETIMER LED NFLOG NFQUEUE QUEUE RATEEST SECMARK SET SYNPROXY TCPOPTSTRIP TEE TOS TPROXY TRACE ULOG".split(
    " ",
  );

/** No chain may be called so. */
export const isTargetName = (name: string): boolean =>
  standardTarget(name) !== null || newTarget(name) !== null || OTHER_TARGETS.includes(name);
