/** A rule of the routing policy that takes packets of the goal to a refusal, or to a table that has no way for them. */
import { ruleText } from "../../../machine/command/ip/rule-print.ts";
import type { Machine } from "../../../machine/machine.ts";
import { ANY_IPV4, type Ipv4 } from "../../../packet/address.ts";
import { LOOPBACK_INDEX } from "../../../stack/fib.ts";
import { RuleAction, type RuleFields } from "../../../stack/fib-rules.ts";
import { RouteProtocol } from "../../../stack/route-table.ts";
import { goalAddresses, stationsOf } from "../stations.ts";
import { distinct, machinesOf, on, type Suspect, type Suspicion } from "../suspect.ts";

export const policyRule: Suspect = {
  name: "policy-rule",
  find: (clues) => {
    const addresses = [ANY_IPV4, ...goalAddresses(clues, stationsOf(clues.now))];
    return distinct(
      machinesOf(clues).flatMap((machine) =>
        machine.net.fib.rules
          .list()
          .filter((rule) => rule.protocol !== RouteProtocol.KERNEL && isMet(machine, rule, addresses))
          .map((rule) => suspicionOf(machine, rule)),
      ),
    );
  },
};

/** By what it sends itself, or what it passes on: from one of the goal's addresses to another. */
function isMet({ net, table }: Machine, rule: RuleFields, addresses: readonly Ipv4[]): boolean {
  const devices = { indexOf: (name: string) => table.find(name)?.index ?? -1 };
  const iif = rule.iif === null ? LOOPBACK_INDEX : devices.indexOf(rule.iif);
  const oif = rule.oif === null ? 0 : devices.indexOf(rule.oif);
  return addresses.some((source) =>
    addresses.some((destination) =>
      net.fib.rules.holds(rule, { source, destination, iif, oif, mark: rule.mark }, devices),
    ),
  );
}

function suspicionOf({ name, table }: Machine, rule: RuleFields): Suspicion {
  const text = ruleText(rule, { details: false, hasDevice: (device) => table.find(device) !== null }).trim();
  const refuses = rule.action !== RuleAction.TO_TABLE;
  return {
    at: name,
    what: `a rule of its routing policy ${refuses ? "refuses these packets" : "takes these packets to another table"}: ${text.replace("\t", " ")}.`,
    evidence: [text.replace("\t", " ")],
    cause: refuses
      ? "Rules are asked before the tables, the lowest number first: what a rule of type prohibit, unreachable or blackhole fits has no route, whatever `ip route` shows."
      : "Rules are asked in the order of their numbers: what stands in that table decides, before anything that `ip route` shows.",
    look: ["ip rule", `ip route get ADDRESS${refuses ? "" : "; ip route show table all"}`],
    mends: [on(name, `ip rule del pref ${rule.priority}`)],
  };
}
