/** Bridged guests whose packets a rule of the table nat has got hold of, because br_netfilter shows it bridged packets. */
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { NatRuleSnapshot } from "../view/netfilter-snapshot.ts";
import { count, type Diagnoser, type Evidence } from "./finding.ts";

/** Rules that give packets on their way out another source. */
const isSource = ({ kind }: NatRuleSnapshot): boolean => kind === "masquerade" || kind === "snat";

/** On a host that routes for guests too, such a rule has other work: there nobody can say whose packets it took. */
function routesGuests({ plan }: Evidence, { name }: HostSnapshot): boolean {
  const host = plan.hosts.find((each) => each.name === name);
  return host === undefined || host.libvirt.length > 0;
}

/** Rules that have met a flow and do not ask for a device that is no bridge. */
function takers(evidence: Evidence, host: HostSnapshot): readonly NatRuleSnapshot[] {
  if (host.mode !== "bridge" || host.routing.bridgeCallsIptables !== true || routesGuests(evidence, host)) return [];
  const bridges = host.bridges.map(({ device }) => device.name);
  return host.routing.nat.filter(
    (rule) => isSource(rule) && rule.packets > 0 && (rule.device === null || bridges.includes(rule.device)),
  );
}

export const bridgedMasquerade: Diagnoser = {
  name: "bridged-masquerade",
  find: (evidence) =>
    evidence.now.hosts.flatMap((host) => {
      const rules = takers(evidence, host);
      if (rules.length === 0) return [];
      return [
        {
          what: `${host.name}: a ${rules[0]!.kind.toUpperCase()} rule gives bridged guests another source address.`,
          evidence: [
            "net.bridge.bridge-nf-call-iptables is 1: bridged IPv4 packets go through iptables, the table nat included",
            ...rules.map(({ text, packets }) => `${text}: ${count(packets, "flow")}`),
          ],
          cause:
            "The rule is meant for what domain 0 routes. Since br_netfilter is loaded (a rule with -m physdev does that), bridged packets pass POSTROUTING too, with the bridge as the way out, and leave under an address of domain 0. The answer goes there, if it finds the way at all.",
          look: [
            "iptables -t nat -nvL POSTROUTING",
            "sysctl net.bridge.bridge-nf-call-iptables",
            "conntrack -L",
            "tcpdump -nn -i eth0   (the guest's packets have another source than on its vif)",
          ],
          cure: [
            "sysctl -w net.bridge.bridge-nf-call-iptables=0",
            "Or say in the rule whose packets are meant: iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o eth1 -j MASQUERADE",
          ],
        },
      ];
    }),
};
