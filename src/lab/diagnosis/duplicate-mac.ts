/** Two guests behind one bridge with the same MAC address. */
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { Diagnoser } from "./finding.ts";

interface Owner {
  readonly guest: string;
  readonly device: string;
  readonly vif: string | null;
  readonly mac: string;
}

export const duplicateMac: Diagnoser = {
  name: "duplicate-mac",
  find: ({ now }) => now.hosts.flatMap((host) => twins(host).map((owners) => findingOf(host, owners))),
};

function twins(host: HostSnapshot): Owner[][] {
  const byMac = new Map<string, Owner[]>();
  for (const guest of host.guests) {
    if (guest.domid === null) continue;
    for (const { mac, guestDevice, name } of guest.vifs) {
      const owner = { guest: guest.name, device: guestDevice, vif: name, mac };
      byMac.set(mac, [...(byMac.get(mac) ?? []), owner]);
    }
  }
  return [...byMac.values()].filter((owners) => owners.length > 1);
}

function findingOf(host: HostSnapshot, owners: readonly Owner[]) {
  const { mac } = owners[0]!;
  const names = owners.map(({ guest }) => guest).join(" and ");
  const learned = host.bridges.flatMap((bridge) =>
    bridge.fdb
      .filter((entry) => entry.mac === mac)
      .map((entry) => `${bridge.device.name} has ${mac} behind ${entry.device} at this moment`),
  );
  return {
    what: `${host.name}: ${names} have the same MAC address, ${mac}.`,
    evidence: [
      ...owners.map(({ guest, device, vif }) => `${guest}: ${device} behind ${vif ?? "no vif yet"}, ${mac}`),
      ...learned,
    ],
    cause:
      "A configuration was copied with its mac=. The bridge knows one port for an address: whoever of them spoke last gets what is meant for both.",
    look: [
      ...owners.map(({ guest }) => `xl network-list ${guest}`),
      `watch -n 1 "brctl showmacs ${host.bridges[0]?.device.name ?? "xenbr0"} | grep ${mac}"`,
    ],
    cure: [
      `Give all but one of them a MAC of its own in its configuration (00:16:3e and three random bytes), and restart that guest.`,
      "Neighbours still have the old one: ip neigh flush all",
    ],
  };
}
