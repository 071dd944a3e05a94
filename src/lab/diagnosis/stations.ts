/** Every address of the lab: whose it is, on which device and wire, and whether its machine forwards. */
import { type Cidr, type Ipv4, networkOf, parseCidr } from "../../packet/address.ts";
import type { LabSnapshot } from "../view/lab-snapshot.ts";
import type { MachineSnapshot } from "../view/machine-snapshot.ts";
import type { Goal } from "./goal.ts";
import { Wires } from "./wires.ts";

export interface Station extends Cidr {
  readonly machine: string;
  readonly device: string;
  readonly wire: string;
  readonly forwards: boolean;
}

export function stationsOf(now: LabSnapshot): Station[] {
  const wires = new Wires(now);
  return machinesOf(now).flatMap(({ name: machine, devices, ipForward: forwards }) =>
    devices
      .filter(({ name }) => name !== "lo")
      .flatMap(({ name: device, addresses }) =>
        addresses.map((text) => ({ ...parseCidr(text)!, machine, device, wire: wires.of(machine, device), forwards })),
      ),
  );
}

/** All that there are: domain 0, guests that are not absent, boxes outside. */
const machinesOf = ({ hosts, machines }: LabSnapshot): MachineSnapshot[] => [
  ...hosts.flatMap(({ dom0, guests }) => [dom0, ...guests.flatMap(({ machine }) => machine ?? [])]),
  ...machines,
];

/** Does it take the other for a neighbour? */
export const isNear = (from: Cidr, { address }: Cidr): boolean =>
  networkOf(from.address, from.prefix) === networkOf(address, from.prefix);

/** Machines that pass packets on for their neighbours, as the station sees them. */
export const routersFor = (station: Station, all: readonly Station[]): Station[] =>
  all.filter(
    (each) => each.forwards && each.machine !== station.machine && each.wire === station.wire && isNear(station, each),
  );

/** What a goal is about: the addresses that it names, and those of its machines. */
export function goalAddresses({ goal }: { readonly goal: Goal }, stations: readonly Station[]): Ipv4[] {
  const ends = stations.filter(({ machine }) => goal.machines.includes(machine));
  return [...new Set([...goal.targets, ...ends.map(({ address }) => address)])];
}

/** The first that is free of the network of `peer`, from this number on. */
export function freeAddress({ address, prefix }: Cidr, all: readonly Cidr[], number: number): Cidr {
  const network = networkOf(address, prefix);
  const size = 2 ** (32 - prefix);
  for (let i = 0; i < size - 2; i++) {
    const each = (network + 1 + ((number - 1 + i) % (size - 2))) as Ipv4;
    if (!all.some((taken) => taken.address === each)) return { address: each, prefix };
  }
  return { address, prefix };
}
