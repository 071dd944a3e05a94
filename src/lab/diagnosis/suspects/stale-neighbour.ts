/** A neighbour entry that somebody typed, with another MAC address than its owner has. */
import { formatIpv4, formatMac } from "../../../packet/address.ts";
import { Nud } from "../../../stack/neighbour.ts";
import { type Clues, machinesOf, on, type Suspect } from "../suspect.ts";

export const staleNeighbour: Suspect = {
  name: "stale-neighbour",
  find: (clues) =>
    machinesOf(clues).flatMap(({ name, net }) =>
      net.neighbours.list().flatMap(({ state, address, mac, device }) => {
        const owner = state === Nud.PERMANENT ? ownerOf(clues, formatIpv4(address)) : null;
        if (owner === null || owner.mac === formatMac(mac)) return [];
        const line = `${formatIpv4(address)} dev ${device.name}`;
        return [
          {
            at: name,
            what: `its neighbour entry of ${formatIpv4(address)} has a MAC address that is not ${owner.machine}'s.`,
            evidence: [`${line} lladdr ${formatMac(mac)} PERMANENT`, `${owner.machine} has ${owner.mac}`],
            cause:
              "What was typed with `ip neigh` or `arp -s` is never asked about again: when the other gets another MAC address, frames go to the old one.",
            look: [`ip neigh show ${formatIpv4(address)}`, `arping -c 1 ${formatIpv4(address)}`],
            mends: [on(name, `ip neigh del ${line}`)],
          },
        ];
      }),
    ),
};

const ownerOf = ({ now: { hosts, machines } }: Clues, address: string) =>
  [...machines, ...hosts.flatMap(({ dom0, guests }) => [dom0, ...guests.flatMap(({ machine }) => machine ?? [])])]
    .flatMap(({ devices }) => devices)
    .find(({ addresses }) => addresses.some((each) => each.split("/")[0] === address)) ?? null;
