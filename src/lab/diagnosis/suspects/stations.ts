/** Every address of the lab: whose it is, on which device and wire, and whether its machine forwards. */
import { type Cidr, networkOf } from "../../../packet/address.ts";
import { type Clues, machinesOf } from "../suspect.ts";
import { Wires } from "../wires.ts";

export interface Station extends Cidr {
  readonly machine: string;
  readonly device: string;
  readonly wire: string;
  readonly forwards: boolean;
}

export function stationsOf(clues: Clues): Station[] {
  const wires = new Wires(clues.now);
  return machinesOf(clues).flatMap(({ name, table, net }) =>
    table.devices
      .filter((device) => device.name !== "lo")
      .flatMap((device) =>
        net.addresses.of(device).map(({ address, prefix }) => ({
          ...{ machine: name, device: device.name, address, prefix },
          wire: wires.of(name, device.name),
          forwards: net.settings.ipv4.ip_forward !== 0,
        })),
      ),
  );
}

/** Does it take the other for a neighbour? */
export const isNear = (from: Cidr, { address }: Cidr): boolean =>
  networkOf(from.address, from.prefix) === networkOf(address, from.prefix);

/** Machines that pass packets on for their neighbours, as the station sees them. */
export const routersFor = (station: Station, all: readonly Station[]): Station[] =>
  all.filter(
    (each) => each.forwards && each.machine !== station.machine && each.wire === station.wire && isNear(station, each),
  );
