/** What FORWARD does with packets that no rule names, and which rules name them. */

import { isForAll, isForRepliesOnly, mayMatch, type SavedRule, targetOf, usesPhysdev, valueOf } from "./saved-rules.ts";
import type { HostFacts } from "./scene.ts";
import { stepWhere } from "./scene.ts";

export interface Refusal {
  /** "the policy of FORWARD is DROP" */
  readonly how: string;
  readonly step: string | null;
  /** The rule that refuses; null: the policy. */
  readonly rule: SavedRule | null;
}

/** How FORWARD ends what nobody has accepted; null when it lets it through. */
export function forwardRefusal(host: HostFacts): Refusal | null {
  const { rules } = host;
  const last = rules.of("filter", "FORWARD").find((rule) => isForAll(rule) && /^(DROP|REJECT)$/.test(targetOf(rule)!));
  if (last === undefined && rules.policy("filter", "FORWARD") === "DROP") {
    return {
      how: "the policy of FORWARD is DROP",
      step: stepWhere(host, /iptables .*(-P|--policy) FORWARD DROP/),
      rule: null,
    };
  }
  if (last === undefined) return null;
  return { rule: last, how: `FORWARD has "${last.text}"`, step: stepWhere(host, /iptables .*FORWARD .*(DROP|REJECT)/) };
}

/** Those that are asked before the refusal. */
const accepting = (host: HostFacts): readonly SavedRule[] => {
  const reached = host.rules.reached("filter", "FORWARD");
  const refusal = forwardRefusal(host)?.rule ?? null;
  const before = refusal === null ? reached : reached.slice(0, reached.indexOf(refusal));
  return before.filter((rule) => targetOf(rule) === "ACCEPT");
};

/** Does a rule let through what domain 0 routes from and to the device? */
export function acceptsRouted(host: HostFacts, device: string): boolean {
  const isInside = (rule: SavedRule): boolean => valueOf(rule, "-i") === device && valueOf(rule, "-o") === device;
  const rules = accepting(host).filter((rule) => !usesPhysdev(rule) && !isInside(rule));
  const from = rules.some((rule) => !isForRepliesOnly(rule) && mayMatch(rule, "-i", device));
  return from && rules.some((rule) => mayMatch(rule, "-o", device));
}

/** Does a rule let through what a bridge passes on from and to the vif? */
export function acceptsBridged(host: HostFacts, vif: string, bridge: string): boolean {
  const rules = accepting(host).filter((rule) => mayMatch(rule, "-i", bridge) && mayMatch(rule, "-o", bridge));
  const from = rules.some(
    (rule) => !isForRepliesOnly(rule) && names(rule, "--physdev-in", vif) && isFree(rule, "--physdev-out"),
  );
  return from && rules.some((rule) => names(rule, "--physdev-out", vif) && isFree(rule, "--physdev-in"));
}

const names = (rule: SavedRule, option: string, vif: string): boolean => mayMatch(rule, option, vif);

const isFree = (rule: SavedRule, option: string): boolean => valueOf(rule, option) === null;

/** br_netfilter is there and hands bridged IPv4 to iptables. */
export const callsIptables = (host: HostFacts): boolean => host.sysctl("net.bridge.bridge-nf-call-iptables") === "1";

/** The line that brought br_netfilter along. */
export const loadedBy = (host: HostFacts): string | null => {
  const step = host.steps.find(({ run }) => /physdev|modprobe br_netfilter/.test(run));
  if (step === undefined) return null;
  return step.script === "" ? `the host's own set-up: ${step.run}` : `${step.script}: ${step.run}`;
};
