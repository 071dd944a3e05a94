/** Guests behind NAT whose packets leave under their own address, because the rule that gives them another is gone. */

import type { Machine } from "../../../machine/machine.ts";
import { formatCidr, networkOf } from "../../../packet/address.ts";
import type { HostPlan } from "../../topology/plan.ts";
import { natRules } from "../../view/netfilter-snapshot.ts";
import { on, type Suspect, type Suspicion } from "../suspect.ts";

export const masqueradeMissing: Suspect = {
  name: "masquerade-missing",
  find: ({ lab }) =>
    lab.plan.hosts.flatMap((plan) => {
      const host = lab.machine(plan.name);
      return [...ofLibvirt(host, plan), ...ofScripts(host, plan)];
    }),
};

const sourceRules = ({ net }: Machine): string[] =>
  natRules(net.netfilter)
    .filter(({ kind }) => kind === "masquerade" || kind === "snat")
    .map(({ text }) => text);

function ofLibvirt(host: Machine, { libvirt }: HostPlan): Suspicion[] {
  const rules = sourceRules(host);
  return libvirt
    .filter(({ definition }) => definition.forward.mode === "nat")
    .flatMap(({ definition, bridge }) => {
      const [ip] = definition.ips;
      if (ip === undefined) return [];
      const subnet = formatCidr({ address: networkOf(ip.address, ip.prefix), prefix: ip.prefix });
      if (rules.some((text) => text.includes(`-s ${subnet}`))) return [];
      return [
        suspicionOf(
          host.name,
          `${bridge}'s guests (${subnet})`,
          rules,
          [`iptables -t nat -A POSTROUTING -s ${subnet} ! -d ${subnet} -j MASQUERADE`],
          ["All of libvirt's rules come back when it is started anew: systemctl restart libvirtd"],
        ),
      ];
    });
}

function ofScripts(host: Machine, { vifScript, domains }: HostPlan): Suspicion[] {
  const scripts = domains.flatMap(({ vifs }) => vifs.map(({ script }) => script ?? vifScript));
  const rules = sourceRules(host);
  const out = host.net.fib.main.list().find(({ prefix }) => prefix === 0)?.device?.name;
  if (!scripts.some((script) => /vif-nat/.test(script)) || rules.length > 0 || out === undefined) return [];
  return [
    suspicionOf(
      host.name,
      "the guests of vif-nat",
      rules,
      [`iptables -t nat -A POSTROUTING -o ${out} -j MASQUERADE`],
      ["network-nat adds this rule when xend starts; xl runs no network script."],
    ),
  ];
}

const suspicionOf = (
  at: string,
  who: string,
  rules: readonly string[],
  lines: readonly string[],
  advice: readonly string[],
): Suspicion => ({
  at,
  what: `nothing masquerades what ${who} send${who.startsWith("the") ? "" : ""}: it leaves under their own addresses.`,
  evidence: [
    rules.length === 0 ? "the table nat has no rule MASQUERADE or SNAT" : `the table nat has only: ${rules.join("; ")}`,
  ],
  cause:
    "iptables -t nat -F, or a firewall script that begins with it, has taken the rule away. The packets arrive outside, and the answers go to addresses to which nobody there has a way.",
  look: [
    "iptables -t nat -S POSTROUTING",
    "conntrack -L",
    "tcpdump -n icmp on the way out: the guest's own address as source",
  ],
  mends: [on(at, ...lines)],
  advice,
});
