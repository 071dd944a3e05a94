/** Two guests behind one bridge with the same MAC address, by their configuration; or any two on a wire, by what they have now. */
import type { Plan } from "../topology/plan.ts";
import type { DeviceSnapshot } from "../view/device-snapshot.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { LabSnapshot } from "../view/lab-snapshot.ts";
import type { Diagnoser, Found } from "./finding.ts";
import { gatewayLines, planOf } from "./suspects/plan-of.ts";
import { Wires } from "./wires.ts";

interface Owner {
  readonly guest: string;
  readonly device: string;
  readonly vif: string | null;
  readonly mac: string;
}

export const duplicateMac: Diagnoser = {
  name: "duplicate-mac",
  find: ({ now, plan }) => [
    ...now.hosts.flatMap((host) => twins(host).map((owners) => findingOf(host, owners))),
    ...changed(now).map((taken) => changedOf(taken, plan)),
  ],
};

/** A guest that has given itself the MAC of another machine on its wire. */
interface Taken {
  readonly guest: string;
  readonly device: DeviceSnapshot;
  /** As its configuration says. */
  readonly own: string;
  readonly other: { readonly machine: string; readonly device: DeviceSnapshot };
}

function changed(now: LabSnapshot): Taken[] {
  const wires = new Wires(now);
  const others = [
    ...now.machines.flatMap(({ name, devices }) => devices.map((device) => ({ machine: name, device }))),
    ...now.hosts.flatMap(({ name, dom0, guests }) => [
      // A port of a bridge, or a vif, is no end of its own: what is meant for it goes to the bridge, or to the guest.
      ...dom0.devices
        .filter(({ master, kind }) => master === null && kind !== "vif")
        .map((device) => ({ machine: name, device })),
      ...guests.flatMap((guest) => (guest.machine?.devices ?? []).map((device) => ({ machine: guest.name, device }))),
    ]),
  ];
  return now.hosts.flatMap(({ guests }) =>
    guests.flatMap(({ name: guest, vifs, machine }) =>
      vifs.flatMap(({ guestDevice, mac: own }) => {
        const device = machine?.devices.find(({ name }) => name === guestDevice);
        if (device === undefined || device.mac === own) return [];
        const wire = wires.of(guest, guestDevice);
        const other = others.find(
          (each) =>
            each.machine !== guest &&
            each.device.mac === device.mac &&
            wires.of(each.machine, each.device.name) === wire,
        );
        return other === undefined ? [] : [{ guest, device, own, other }];
      }),
    ),
  );
}

function changedOf({ guest, device, own, other }: Taken, plan: Plan): Found {
  const { name, mac } = device;
  const planned = planOf(plan, guest, name);
  const lines = [
    `ip link set ${name} down`,
    `ip link set ${name} address ${own}`,
    `ip link set ${name} up`,
    ...(planned === null ? [] : gatewayLines(planned)),
  ];
  return {
    what: `${guest} has taken the MAC address of ${other.machine}, ${mac}.`,
    evidence: [
      `${guest}: ${name} has ${mac}, its configuration says mac=${own}`,
      `${other.machine}: ${other.device.name} has ${other.device.mac}`,
    ],
    cause:
      other.device.kind === "bridge"
        ? "A bridge takes what is for its own MAC for itself: what is meant for the guest ends in domain 0."
        : "A bridge knows one port for an address: whoever spoke last gets what is meant for both, now this one and now that.",
    look: [`on ${guest}: ip link show ${name}`, `bridge fdb | grep ${mac}`, `xl network-list ${guest}`],
    trial: lines.map((line) => ({ machine: guest, line })),
    cure: lines.map((line) => `on ${guest}: ${line}`),
  };
}

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
