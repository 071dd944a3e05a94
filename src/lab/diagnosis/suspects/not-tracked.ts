/** Packets that the table raw takes away from conntrack: what NAT and rules about states would do to them is not done. */
import { ruleText } from "../../../machine/command/iptables/print-rule.ts";
import { machinesOf, on, type Suspect } from "../suspect.ts";

export const notTracked: Suspect = {
  name: "not-tracked",
  find: (clues) =>
    machinesOf(clues).flatMap(({ name: at, net }) =>
      [...net.netfilter.table("raw").chains.values()].flatMap((chain) =>
        chain.rules
          .filter(({ spec, packets }) => spec.target?.kind === "notrack" && packets > 0)
          .map(({ spec, packets }) => {
            const text = ruleText(chain.name, spec);
            return {
              at,
              what: `a rule keeps packets from being tracked: ${text}.`,
              evidence: [`${packets} packets have met it`],
              cause:
                "What is not tracked gets no NAT, and its answers are neither ESTABLISHED nor translated back: masquerading passes it by, and it leaves under its own address.",
              look: [`iptables -t raw -nvL ${chain.name}`, "conntrack -L   (no entry of these packets)"],
              mends: [on(at, `iptables -t raw ${text.replace(/^-A/, "-D")}`)],
            };
          }),
      ),
    ),
};
