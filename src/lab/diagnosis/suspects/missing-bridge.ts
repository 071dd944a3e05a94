/** A bridge that vifs were on and that is gone: a network of libvirt that was stopped, or a bridge that was deleted. */
import { formatCidr } from "../../../packet/address.ts";
import type { BridgePlan } from "../../topology/plan.ts";
import type { HostSnapshot } from "../../view/host-snapshot.ts";
import { type Clues, on, type Suspect } from "../suspect.ts";
import type { Mend } from "../trial.ts";
import { gatewayLines, planOf } from "./plan-of.ts";

export const missingBridge: Suspect = {
  name: "missing-bridge",
  find: ({ lab, now }: Clues) =>
    now.hosts.flatMap((host) => {
      const { bridges, libvirt } = lab.plan.hosts.find(({ name }) => name === host.name)!;
      return [
        ...libvirt.map(({ bridge, definition }) => ({ bridge, lines: [`virsh net-start ${definition.name}`] })),
        ...bridges.map((each) => ({ bridge: each.name, lines: linesOf(each) })),
      ]
        .filter(({ bridge }) => host.bridges.every(({ device }) => device.name !== bridge))
        .map(({ bridge, lines }) => suspicionOf(host, bridge, lines, dhcpLines(lab, host, bridge)));
    }),
};

const linesOf = (plan: BridgePlan): string[] => [
  `brctl addbr ${plan.name}`,
  `brctl setfd ${plan.name} ${plan.forwardDelay}`,
  ...plan.ports.map((port) => `brctl addif ${plan.name} ${port}`),
  ...plan.addresses.map((address) => `ip addr add ${formatCidr(address)} brd + dev ${plan.name}`),
  `ip link set ${plan.name} up`,
  ...gatewayLines({ ...plan, dhcp: false }),
];

/** A dnsmasq that is started anew knows the names of those who ask it once more. */
const dhcpLines = ({ plan }: Clues["lab"], { guests }: HostSnapshot, bridge: string): Mend[] =>
  guests.flatMap(({ name, vifs }) =>
    vifs
      .filter((vif) => vif.bridge === bridge && planOf(plan, name, vif.guestDevice)?.dhcp === true)
      .flatMap(({ guestDevice }) => on(name, `dhclient ${guestDevice}`)),
  );

function suspicionOf(host: HostSnapshot, bridge: string, lines: readonly string[], inside: readonly Mend[]) {
  const vifs = host.guests.flatMap((guest) => guest.vifs.filter((vif) => vif.bridge === bridge && vif.name !== null));
  return {
    at: host.name,
    what: `the bridge ${bridge} is gone.`,
    evidence: [
      `brctl show does not name ${bridge}`,
      ...vifs.map(({ name }) => `${name}, whose configuration says bridge=${bridge}, is in no bridge`),
    ],
    cause:
      "virsh net-destroy, ifdown or brctl delbr takes a bridge away whoever is on it; what makes it anew does not put the vifs of running guests back.",
    look: ["brctl show", "virsh net-list --all"],
    mends: [[...on(host.name, ...lines, ...vifs.map(({ name }) => `brctl addif ${bridge} ${name}`)), ...inside]],
  };
}
