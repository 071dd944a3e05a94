/** Goals that name an address which no machine of the lab has: nothing that is mended helps there. */
import { formatIpv4, type Ipv4 } from "../../packet/address.ts";
import { RouteType } from "../../stack/route-table.ts";
import type { Lab } from "../lab.ts";
import { natRules } from "../view/netfilter-snapshot.ts";
import type { Finding } from "./finding.ts";
import type { Goal } from "./goal.ts";

export const strangers = (lab: Lab, goals: readonly Goal[]): Finding[] =>
  [...new Set(goals.flatMap(({ targets }) => targets))]
    .filter((address) => isNobodys(lab, address))
    .map((address) => {
      const text = formatIpv4(address);
      return {
        name: "nobody-has-it",
        what: `Nobody has the address ${text}.`,
        evidence: [`no machine of the lab has ${text} at this moment`, ...near(lab, address)],
        cause: "A number is wrong, or whoever was to have the address has got another, or none.",
        look: [`arping -c 1 ${text}`, "ip addr   (on the machine that is meant)"],
        cure: [`Ask for an address that somebody has, or give ${text} to the machine that is meant.`],
      };
    });

function isNobodys(lab: Lab, address: Ipv4): boolean {
  // Groups and broadcasts are nobody's own, and what DNAT takes for another need not be anybody's.
  if (address >>> 28 >= 14 || address >>> 24 === 0) return false;
  const named = new RegExp(`(?<![\\d.])${formatIpv4(address).replaceAll(".", "\\.")}(?![\\d.])`);
  return lab.machineNames.every((name) => {
    const { fib, netfilter } = lab.machine(name).net;
    const type = fib.typeOf(address);
    const isKnown = type === RouteType.LOCAL || type === RouteType.BROADCAST;
    return !isKnown && !natRules(netfilter).some((rule) => named.test(rule.text));
  });
}

/** What the guests have that could be meant. */
const near = (lab: Lab, address: Ipv4): string[] =>
  lab.machineNames
    .flatMap((name) => {
      const { net, table } = lab.machine(name);
      return table.devices.flatMap((device) =>
        net.addresses.of(device).map(({ address: own }) => ({ name, device, own })),
      );
    })
    .filter(({ own }) => own >>> 8 === address >>> 8)
    .slice(0, 4)
    .map(({ name, device, own }) => `${name} has ${formatIpv4(own)} (${device.name})`);
