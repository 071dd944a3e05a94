/**
 * libvirtd as far as its networks go: which are defined, which are active, which start by themselves. A part of a machine
 * (`machine.parts.libvirt`); virsh asks it. Follows src/conf/virnetworkobj.c and src/network/bridge_driver.c of libvirt
 * 9.0. What it does to the host is in `sequence.ts`.
 *
 * Not modelled: networks that outlive a restart of the daemon, ports, hooks, secrets, storage, and libvirt's own domains:
 * the guests are xl's.
 */
import { type Ipv4, type Mac, networkOf } from "../../packet/address.ts";
import type { Machine } from "../machine.ts";
import type { Network, NetworkDefinition } from "./network.ts";
import { formatNetwork } from "./network-format.ts";

declare module "../box.ts" {
  interface BoxParts {
    libvirt: Libvirtd;
  }
}

/** libvirt's part of the address space of KVM. */
const MAC_PREFIX = 0x52_5400;
const DIRECTORY = "/etc/libvirt/qemu/networks";
const DIRECTORIES = [`${DIRECTORY}/autostart`, "/run/libvirt/network", "/var/lib/libvirt/dnsmasq"];

export class NetworkObject {
  /** As it is started next time; null for one that was only created. */
  definition: Network | null;
  /** As it runs. */
  live: Network | null = null;
  autostart = false;

  constructor(definition: Network | null) {
    this.definition = definition;
  }

  /** What there is of it: as it runs, or would. */
  get current(): Network {
    return (this.live ?? this.definition)!;
  }
}

export class Libvirtd {
  private readonly machine: Machine;
  /** In order of definition. */
  private readonly objects: NetworkObject[] = [];
  /** libvirt makes its chains before its first rule and believes in them ever after. */
  chainsMade = false;

  constructor(machine: Machine) {
    this.machine = machine;
    for (const path of DIRECTORIES) machine.files.makePath(path);
    machine.parts.libvirt = this;
  }

  /** As libvirt lists them: by name. */
  get networks(): readonly NetworkObject[] {
    return this.objects.toSorted((a, b) => (a.current.name < b.current.name ? -1 : 1));
  }

  byName(name: string): NetworkObject | null {
    return this.objects.find(({ current }) => current.name === name) ?? null;
  }

  byUuid(uuid: string): NetworkObject | null {
    return this.objects.find(({ current }) => current.uuid === uuid) ?? null;
  }

  /** net-define; a sentence when libvirt does not take it. */
  define(wanted: NetworkDefinition): NetworkObject | string {
    const known = this.admit(wanted);
    if (typeof known === "string") return known;
    const network = this.complete(wanted);
    const object = known ?? this.add(new NetworkObject(null));
    object.definition = network;
    this.save(network);
    return object;
  }

  /** net-create, before it is started: a network that is forgotten once it stops. */
  create(wanted: NetworkDefinition): NetworkObject | string {
    const known = this.admit(wanted);
    if (typeof known === "string") return known;
    if (known?.live) return `operation failed: network is already active as '${known.live.name}'`;
    const network = this.complete(wanted);
    const object = known ?? this.add(new NetworkObject(null));
    object.live = network;
    return object;
  }

  /** net-undefine: what runs goes on running, and is forgotten with its end. */
  undefine(object: NetworkObject): void {
    const { name } = object.current;
    this.machine.files.remove(`${DIRECTORY}/${name}.xml`);
    this.setAutostart(object, false);
    object.definition = null;
    if (object.live === null) this.objects.splice(this.objects.indexOf(object), 1);
  }

  setAutostart(object: NetworkObject, on: boolean): void {
    const path = `${DIRECTORY}/autostart/${object.current.name}.xml`;
    if (on && !object.autostart) this.machine.files.write(path, formatNetwork(object.current));
    if (!on && object.autostart) this.machine.files.remove(path);
    object.autostart = on;
  }

  /** What the network looks like while it runs: NAT has its ports written out. */
  started(object: NetworkObject, network: Network): void {
    const { forward } = network;
    const ports = forward.mode === "nat" ? (forward.ports ?? { start: 1024, end: 65_535 }) : forward.ports;
    object.live = { ...network, forward: { ...forward, ports } };
  }

  stopped(object: NetworkObject): void {
    object.live = null;
    if (object.definition === null) this.objects.splice(this.objects.indexOf(object), 1);
  }

  /** networkCheckRouteCollision: the device of a route to exactly this network. */
  collision(network: Network): string | null {
    const routes = this.machine.net.fib.main.list();
    const taken = (address: Ipv4, prefix: number): string | null => {
      const net = networkOf(address, prefix);
      return routes.find((route) => route.prefix === prefix && route.destination === net)?.device?.name ?? null;
    };
    const wanted = [...network.ips, ...network.routes].filter(({ prefix }) => prefix > 0);
    return wanted.map(({ address, prefix }) => taken(address, prefix)).find((name) => name !== null) ?? null;
  }

  /** The object that is meant, null for a new one, or why it cannot be. virNetworkObjIsDuplicate */
  private admit(wanted: NetworkDefinition): NetworkObject | null | string {
    const { name, uuid, bridge } = wanted;
    const sameUuid = uuid === null ? null : this.byUuid(uuid);
    if (sameUuid !== null && sameUuid.current.name !== name)
      return `operation failed: network '${sameUuid.current.name}' is already defined with uuid ${uuid}`;
    const sameName = this.byName(name);
    if (sameName !== null && sameName !== sameUuid)
      return `operation failed: network '${name}' already exists with uuid ${sameName.current.uuid}`;
    const inUse = this.objects.some((other) => other !== sameUuid && other.current.bridge.name === bridge.name);
    if (bridge.name !== null && inUse) return `internal error: bridge name '${bridge.name}' already in use.`;
    return sameUuid;
  }

  private add(object: NetworkObject): NetworkObject {
    this.objects.push(object);
    return object;
  }

  /** What libvirt adds: a UUID, a name for the bridge, a MAC address for it. */
  private complete(wanted: NetworkDefinition): Network {
    const { name, ...bridge } = wanted.bridge;
    return {
      ...wanted,
      uuid: wanted.uuid ?? this.newUuid(),
      bridge: { ...bridge, name: name === null || name.includes("%d") ? this.freeBridge(name ?? "virbr%d") : name },
      mac: wanted.mac ?? this.newMac(),
    };
  }

  private freeBridge(pattern: string): string {
    for (let number = 0; ; number++) {
      const name = pattern.replace("%d", String(number));
      const isTaken = this.objects.some(({ current }) => current.bridge.name === name);
      if (!isTaken && this.machine.table.find(name) === null) return name;
    }
  }

  /** RFC 4122 version 4: virUUIDGenerate. */
  private newUuid(): string {
    const hex = (bits: number): string =>
      this.random(2 ** bits)
        .toString(16)
        .padStart(bits / 4, "0");
    const version = (0x4000 | this.random(0x1000)).toString(16);
    const variant = (0x8000 | this.random(0x4000)).toString(16);
    return `${hex(32)}-${hex(16)}-${version}-${variant}-${hex(16)}${hex(32)}`;
  }

  private newMac(): Mac {
    return (MAC_PREFIX * 0x100_0000 + this.random(0x100_0000)) as Mac;
  }

  private random(limit: number): number {
    return this.machine.world.random(`libvirt.${this.machine.name}`).below(limit);
  }

  private save(network: Network): void {
    this.machine.files.write(`${DIRECTORY}/${network.name}.xml`, formatNetwork(network));
  }
}
