/** What can be pointed at on the map, column by column: guests' devices, domain 0's bridges, its NICs, what is outside. */
import type {
  BridgeSnapshot,
  DeviceSnapshot,
  GuestSnapshot,
  HostSnapshot,
  LabSnapshot,
  MachineSnapshot,
  NetworkSnapshot,
  VifSnapshot,
} from "../../../lab/index.ts";
import { unusedEnds } from "../../parts/pairs-of-devices.ts";

/** A guest's device; `vif` null: the guest has none. */
export interface GuestCard {
  readonly kind: "guest";
  readonly id: string;
  readonly guest: GuestSnapshot;
  readonly vif: VifSnapshot | null;
  /** The two ends as they are now. */
  readonly outer: DeviceSnapshot | null;
  readonly inner: DeviceSnapshot | null;
}

export interface BridgeThing {
  readonly kind: "bridge";
  readonly id: string;
  readonly bridge: BridgeSnapshot;
}

/** A physical NIC of domain 0, with its cable; or the end of a pair that leads to the host's own device. */
export interface NicThing {
  readonly kind: "nic";
  readonly id: string;
  readonly device: DeviceSnapshot;
  /** The other end of the pair; null for a NIC. */
  readonly own: DeviceSnapshot | null;
}

/** A device of the host's own that is joined to a bridge by a pair: what has its address on Xen 3.0 and 3.1. */
export interface StackThing {
  readonly kind: "stack";
  readonly id: string;
  readonly device: DeviceSnapshot;
}

/** A NIC of some other machine on a network of this host. */
export interface OutsideThing {
  readonly kind: "outside";
  readonly id: string;
  readonly network: NetworkSnapshot;
  readonly device: DeviceSnapshot;
  /** Where it is reached: its own, or its bridge's when it is a port. */
  readonly address: string | null;
}

/** A row of one of the tables below the picture. */
export interface RowThing {
  readonly kind: "row";
  readonly id: string;
  readonly machine: string;
  /** All it says, as a tool would print it. */
  readonly text: string;
  /** Which frames have to do with it, as a display filter; null: none can be told by it. */
  readonly filter: string | null;
  /** The device it is about; null: none, or it is gone. */
  readonly device: DeviceSnapshot | null;
  /** Whom a ping about it goes to. */
  readonly target: string | null;
}

export type Thing = GuestCard | BridgeThing | NicThing | StackThing | OutsideThing | RowThing;

/** Everything the map of one host shows. */
export interface Scene {
  readonly host: HostSnapshot;
  readonly cards: readonly GuestCard[];
  readonly bridges: readonly BridgeThing[];
  /** NICs first, then pairs that are in use. */
  readonly nics: readonly NicThing[];
  readonly stack: readonly StackThing[];
  /** Pairs that nobody uses: they are counted, not drawn. */
  readonly unusedPairs: number;
  readonly networks: readonly { readonly network: NetworkSnapshot; readonly members: readonly OutsideThing[] }[];
}

export function sceneOf(snapshot: LabSnapshot, host: HostSnapshot): Scene {
  const { dom0 } = host;
  const unused = unusedEnds(dom0.devices);
  const cards = host.guests.flatMap((guest) => cardsOf(dom0, guest));
  const nics = dom0.devices
    .filter(({ kind, name }) => kind === "nic" || (kind === "netloop" && !unused.has(name)))
    .flatMap((device) => nicOf(device, dom0) ?? []);
  const pairs = nics.filter(({ own }) => own !== null);
  const machines = new Map<string, MachineSnapshot>(
    [...snapshot.machines, ...snapshot.hosts.map((each) => each.dom0)].map((machine) => [machine.name, machine]),
  );
  return {
    host,
    cards,
    bridges: host.bridges.map((bridge) => ({ kind: "bridge", id: pointOf(bridge.device), bridge })),
    nics: [...nics.filter(({ own }) => own === null), ...pairs],
    stack: pairs.map(({ own }) => ({ kind: "stack", id: pointOf(own!), device: own! })),
    unusedPairs: unused.size / 2,
    networks: snapshot.networks
      .filter(({ links }) => links.some(({ machine }) => machine === host.name))
      .map((network) => ({ network, members: membersOf(network, host.name, machines) })),
  };
}

export const pointOf = ({ machine, name }: DeviceSnapshot): string => `${machine}:${name}`;

/** Null for the host's own end of a pair: vif0.N is made first, and stands for both. */
function nicOf(device: DeviceSnapshot, { devices }: MachineSnapshot): NicThing | null {
  const own = devices.find(({ name }) => name === device.peer) ?? null;
  return own !== null && own.index < device.index ? null : { kind: "nic", id: pointOf(device), device, own };
}

function cardsOf(dom0: MachineSnapshot, guest: GuestSnapshot): GuestCard[] {
  if (guest.vifs.length === 0)
    return [{ kind: "guest", id: `${guest.name}:`, guest, vif: null, outer: null, inner: null }];
  return guest.vifs.map((vif) => ({
    kind: "guest",
    id: `${guest.name}:${vif.guestDevice}`,
    guest,
    vif,
    outer: dom0.devices.find(({ name }) => name === vif.name) ?? null,
    inner: guest.machine?.devices.find(({ name }) => name === vif.guestDevice) ?? null,
  }));
}

function membersOf(
  network: NetworkSnapshot,
  host: string,
  machines: ReadonlyMap<string, MachineSnapshot>,
): OutsideThing[] {
  return network.links
    .filter(({ machine }) => machine !== host)
    .flatMap(({ machine, device: name }) => {
      const devices = machines.get(machine)?.devices ?? [];
      const device = devices.find((each) => each.name === name);
      if (device === undefined) return [];
      const address = reachedBy(device, devices)?.addresses[0] ?? null;
      return [{ kind: "outside" as const, id: pointOf(device), network, device, address }];
    });
}

/** Who has its address: the device, its bridge, or what a pair joins to that bridge, as eth0 of Xen 3.0 and 3.1. */
function reachedBy(device: DeviceSnapshot, devices: readonly DeviceSnapshot[]): DeviceSnapshot | null {
  const { master } = device;
  const isPort = (name: string | null): boolean =>
    master !== null && devices.some((each) => each.name === name && each.master === master);
  const ways = [
    device,
    ...devices.filter(({ name }) => name === master),
    ...devices.filter(({ peer }) => isPort(peer)),
  ];
  return ways.find(({ addresses }) => addresses.length > 0) ?? null;
}

/** The columns in which arrows move; behind those of the picture the rows of each table in sight. */
export const columnsOf = (scene: Scene, tables: readonly (readonly RowThing[])[] = []): readonly (readonly Thing[])[] =>
  [
    scene.cards,
    scene.bridges,
    scene.nics,
    [...scene.networks.flatMap(({ members }) => members), ...scene.stack],
    ...tables,
  ].filter((column) => column.length > 0);

/** Where a thing's frames can be captured: the device that stands for it; null while it is not there. */
export function deviceOf(thing: Thing): DeviceSnapshot | null {
  switch (thing.kind) {
    case "guest":
      return thing.outer ?? thing.inner;
    case "bridge":
      return thing.bridge.device;
    default:
      return thing.device;
  }
}

/** Which bar of the map its line leads to, from the left: its bridge's, or that of the IP stack behind them. */
export function barOf({ bridges }: Scene, { master }: DeviceSnapshot): number {
  const index = bridges.findIndex(({ bridge }) => bridge.device.name === master);
  return index < 0 ? bridges.length : index;
}

/** The device as a port of its bridge; null when it is none. */
export function portOf(scene: Scene, device: DeviceSnapshot): BridgeSnapshot["ports"][number] | null {
  const bridge = scene.bridges.find((each) => each.bridge.device.name === device.master)?.bridge;
  return bridge?.ports.find((port) => port.device === device.name) ?? null;
}
