/** A guest that is not there, does not run, or has lost its network device. */
import { formatCidr } from "../../../packet/address.ts";
import type { DomainPlan } from "../../topology/plan.ts";
import { deviceNumbers } from "../../topology/resolve-domain.ts";
import type { GuestSnapshot } from "../../view/guest-snapshot.ts";
import { type Clues, on, type Suspect, type Suspicion } from "../suspect.ts";
import { gatewayLines, planOf } from "./plan-of.ts";

export const absentGuest: Suspect = {
  name: "absent-guest",
  find: (clues) =>
    clues.now.hosts.flatMap((host) => {
      const tool = clues.lab.machine(host.name).parts.xend === undefined ? "xl" : "xm";
      return host.guests
        .filter(({ name }) => clues.goal.machines.includes(name))
        .flatMap((guest) => suspicions(clues, host.name, tool, guest));
    }),
};

function suspicions({ lab }: Clues, host: string, tool: string, guest: GuestSnapshot): Suspicion[] {
  const { name, state } = guest;
  const look = [`${tool} list`];
  if (state === "absent")
    return [
      {
        ...{ at: host, look, evidence: [`${tool} list does not name ${name}`] },
        what: `the guest ${name} does not run.`,
        cause: "It was shut down or destroyed, or never created.",
        mends: [on(host, `${tool} create /etc/xen/${name}.cfg`)],
      },
    ];
  if (state === "paused" || state === "created")
    return [
      {
        ...{ at: host, look, evidence: [`${tool} list: ${name} has the state p`] },
        what: `the guest ${name} is paused.`,
        cause: "Its CPUs stand still: frames reach its ring, and nobody takes them, not even ARP is answered.",
        mends: [on(host, `${tool} unpause ${name}`)],
      },
    ];
  const domain = lab.plan.hosts.flatMap(({ domains }) => domains).find((each) => each.name === name);
  return domain === undefined ? [] : lostDevices(lab, host, tool, guest, domain);
}

function lostDevices(
  lab: Clues["lab"],
  host: string,
  tool: string,
  guest: GuestSnapshot,
  domain: DomainPlan,
): Suspicion[] {
  const handles = deviceNumbers(domain.vifs);
  return domain.vifs.flatMap((vif, i) => {
    if (guest.vifs.some(({ handle }) => handle === handles[i])) return [];
    const device = `eth${i}`;
    return [
      {
        at: host,
        what: `the guest ${guest.name} has lost its network device ${device}.`,
        evidence: [`${tool} network-list ${guest.name} does not name device ${handles[i]}`],
        cause: `${tool} network-detach takes the vif in domain 0 and the device in the guest away, with its addresses and routes.`,
        look: [`${tool} network-list ${guest.name}`, `on ${guest.name}: ip link`],
        mends: [
          [
            ...on(host, `${tool} network-attach ${guest.name} ${vif.text.replaceAll(",", " ")}`),
            ...on(guest.name, ...insideLines(lab, guest.name, device)),
          ],
        ],
      },
    ];
  });
}

function insideLines({ plan }: Clues["lab"], guest: string, device: string): string[] {
  const planned = planOf(plan, guest, device);
  if (planned === null) return [];
  return [
    ...planned.addresses.map((address) => `ip addr add ${formatCidr(address)} brd + dev ${device}`),
    `ip link set ${device} up`,
    ...gatewayLines(planned),
    ...(planned.dhcp ? [`dhclient ${device}`] : []),
  ];
}
