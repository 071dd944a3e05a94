/** Two machines with the same IPv4 address on one wire, or behind one host that routes. */
import type { Plan } from "../topology/plan.ts";
import type { LabSnapshot } from "../view/lab-snapshot.ts";
import type { Diagnoser, Found } from "./finding.ts";
import { isRouted } from "./suspects/plan-of.ts";
import { Wires } from "./wires.ts";

type Device = LabSnapshot["machines"][number]["devices"][number];
type HostGuest = LabSnapshot["hosts"][number]["guests"][number];

export interface AddressOwner {
  readonly machine: string;
  readonly device: string;
  readonly mac: string;
  /** "192.168.1.11/24" */
  readonly address: string;
  readonly isGuest: boolean;
}

export const duplicateIp: Diagnoser = {
  name: "duplicate-ip",
  find: ({ now, plan }) => addressTwins(now, plan).map((owners) => findingOf(owners, machinesOf(now))),
};

/** Groups of machines that have an address together, guests last. */
export function addressTwins(now: LabSnapshot, plan: Plan): AddressOwner[][] {
  const groups = new Map<string, AddressOwner[]>();
  for (const { owner, segment } of owned(now, plan, new Wires(now))) {
    const key = `${segment} ${owner.address.split("/")[0]}`;
    const group = groups.get(key) ?? [];
    if (group.every(({ machine }) => machine !== owner.machine)) groups.set(key, [...group, owner]);
  }
  return [...groups.values()].filter((owners) => owners.length > 1);
}

interface Owned {
  readonly owner: AddressOwner;
  /** The wire, or the routes, on which the address must be the only one. */
  readonly segment: string;
}

function owned({ hosts, machines }: LabSnapshot, plan: Plan, wires: Wires): Owned[] {
  const onWire = (machine: string, device: Device): Owned[] =>
    ownersOf(machine, device, false).map((owner) => ({ owner, segment: wires.of(machine, device.name) }));
  const inGuest = (host: string, { name, machine, vifs }: HostGuest): Owned[] =>
    vifs.flatMap(({ guestDevice }) => {
      const device = machine?.devices.find((each) => each.name === guestDevice);
      if (device === undefined) return [];
      const segment = isRouted(plan, name, guestDevice) ? `routes of ${host}` : wires.of(name, guestDevice);
      return ownersOf(name, device, true).map((owner) => ({ owner, segment }));
    });
  return [
    ...machines.flatMap(({ name, devices }) => devices.flatMap((device) => onWire(name, device))),
    ...hosts.flatMap(({ name, dom0, guests }) => [
      // The end of a vif in domain 0 has an address of domain 0 or of the guest, as the vif script wants it.
      ...dom0.devices
        .filter((device) => device.kind !== "vif" && device.name !== "lo")
        .flatMap((device) => onWire(name, device)),
      ...guests.flatMap((guest) => inGuest(name, guest)),
    ]),
  ];
}

const ownersOf = (machine: string, { name: device, mac, addresses }: Device, isGuest: boolean): AddressOwner[] =>
  addresses.map((address) => ({ machine, device, mac, address, isGuest }));

const machinesOf = ({ hosts, machines }: LabSnapshot): string[] => [
  ...machines.map(({ name }) => name),
  ...hosts.flatMap(({ name, guests }) => [
    name,
    ...guests.filter(({ state }) => state === "running").map((guest) => guest.name),
  ]),
];

function findingOf(owners: readonly AddressOwner[], machines: readonly string[]): Found {
  const last = owners.at(-1)!;
  const ip = last.address.split("/")[0]!;
  return {
    what: `${owners.map(({ machine }) => machine).join(" and ")} have the same address, ${ip}.`,
    evidence: owners.map(({ machine, device, mac, address }) => `${machine}: ${device} has ${address}, ${mac}`),
    cause:
      "A configuration was copied with its address, or a fixed address lies in the range of a DHCP server. Each of them answers ARP for it: whoever answered last is reached, and the others are not, now this one and now that.",
    look: [`arping -c 3 ${ip}   (replies from two MAC addresses)`, `ip neigh show ${ip}`],
    trial: [
      { machine: last.machine, line: `ip addr del ${last.address} dev ${last.device}` },
      ...machines.map((machine) => ({ machine, line: `ip neigh flush to ${ip}` })),
    ],
    cure: [
      `on ${last.machine}: ip addr del ${last.address} dev ${last.device}, and an address that is free in its place`,
      `Neighbours still have the old MAC: ip neigh flush to ${ip}`,
    ],
  };
}
