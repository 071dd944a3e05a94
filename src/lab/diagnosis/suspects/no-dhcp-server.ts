/** A machine that is to get its address by DHCP, on a wire where nobody gives any. */
import { formatCidr, formatIpv4 } from "../../../packet/address.ts";
import type { Plan } from "../../topology/plan.ts";
import { poolOf } from "../dhcp-exhausted.ts";
import { freeAddress, isNear, stationsOf } from "../stations.ts";
import { type Clues, on, type Suspect, type Suspicion } from "../suspect.ts";
import { Wires } from "../wires.ts";
import { planOf } from "./plan-of.ts";

export const noDhcpServer: Suspect = {
  name: "no-dhcp-server",
  find: (clues) => clues.goal.machines.flatMap((name) => suspicions(clues, name)),
};

function suspicions({ lab, now, goal }: Clues, at: string): Suspicion[] {
  const machine = lab.find(at);
  const wires = new Wires(now);
  const stations = stationsOf(now);
  return (machine?.table.devices ?? []).flatMap((device) => {
    const wire = wires.of(at, device.name);
    const isAsking = planOf(lab.plan, at, device.name)?.dhcp === true && machine!.net.addresses.of(device).length === 0;
    if (!isAsking || isServed(lab.plan, wires, wire)) return [];
    const peers = stations.filter((each) => each.wire === wire && each.prefix < 31);
    const peer = peers.find(({ address }) => goal.targets.includes(address)) ?? peers[0];
    const vias = lab.plan.hosts
      .flatMap(({ domains }) => domains.flatMap(({ inside }) => inside.flatMap(({ gateway }) => gateway ?? [])))
      .filter((gateway) => peer !== undefined && isNear(peer, { address: gateway, prefix: peer.prefix }));
    const via = peers.find(({ forwards, machine: other }) => forwards && other !== at)?.address ?? vias[0];
    return [
      {
        at,
        what: `${device.name} has no address: it asks for one by DHCP, and nobody on its wire gives any.`,
        evidence: [`ip addr show ${device.name}: no line inet`, "DHCPDISCOVER goes out, and no DHCPOFFER comes back"],
        cause: "There is no DHCP server on this network, or it does not run, or not for this subnet.",
        look: [`dhclient -v ${device.name}`, "tcpdump -n port 67 or port 68   (DISCOVER, and no OFFER)"],
        mends:
          peer === undefined
            ? []
            : [
                on(
                  at,
                  `ip addr add ${formatCidr(freeAddress(peer, stations, 100))} brd + dev ${device.name}`,
                  ...(via === undefined ? [] : [`ip route replace default via ${formatIpv4(via)}`]),
                ),
              ],
        advice: [
          "That is an address by hand. For good: a DHCP server on that network (services: [dhcp] of a machine in the topology), or ip: in place of dhcp:.",
        ],
      },
    ];
  });
}

/** By a box that has the service, by libvirt, or by a script that feeds a DHCP server. */
export const isServed = ({ hosts, machines }: Plan, wires: Wires, wire: string): boolean =>
  machines.some(
    ({ name, nics, services, dnsmasq = [] }) =>
      (services.includes("dhcp") || dnsmasq.length > 0) && nics.some((nic) => wires.of(name, nic.name) === wire),
  ) ||
  hosts.some(
    ({ name, libvirt, networkScripts, vifScript }) =>
      libvirt.some(
        (network) =>
          wires.of(name, network.bridge) === wire &&
          (poolOf(network).length > 0 ||
            network.definition.ips.some(({ ranges, hosts: fixed }) => ranges.length + fixed.length > 0)),
      ) || [...networkScripts, vifScript].some((script) => /dhcp=/.test(script)),
  );
