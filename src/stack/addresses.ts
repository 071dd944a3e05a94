/**
 * The IPv4 addresses of the devices, and the routes that each brings: a local one, a broadcast one, the subnet's.
 * Follows net/ipv4/devinet.c (__inet_insert_ifa, __inet_del_ifa, inet_select_addr) and net/ipv4/fib_frontend.c
 * (fib_add_ifaddr, fib_del_ifaddr). Not modelled: peer addresses, lifetimes, noprefixroute, promote_secondaries=1.
 */
import type { NetDevice } from "../device/device.ts";
import {
  ANY_IPV4,
  broadcastOf,
  type Cidr,
  type Ipv4,
  isLoopback,
  LIMITED_BROADCAST,
  networkOf,
} from "../packet/address.ts";
import { MIN_MTU } from "../packet/ipv4.ts";
import { type Refusal, refuse } from "./errno.ts";
import type { Fib } from "./fib.ts";
import { type RouteFields, RouteProtocol, RouteType, type RouteTypeCode, Scope, TableId } from "./route-table.ts";

/** One line "inet ..." of `ip addr`. */
export class IfAddress implements Cidr {
  readonly device: NetDevice;
  readonly address: Ipv4;
  readonly prefix: number;
  /** Null when none was set; `brd +` sets it. */
  readonly broadcast: Ipv4 | null;
  readonly scope: number;
  label: string;
  /** Another address of the same subnet was there first: it is never chosen as a source. */
  secondary = false;

  constructor(device: NetDevice, request: AddressRequest) {
    this.device = device;
    this.address = request.address;
    this.prefix = request.prefix;
    this.broadcast = request.broadcast ?? null;
    this.scope = request.scope ?? (isLoopback(request.address) ? Scope.HOST : Scope.UNIVERSE);
    this.label = request.label ?? device.name;
  }
}

export interface AddressRequest extends Cidr {
  readonly broadcast?: Ipv4 | null;
  readonly scope?: number;
  /** The device's name, perhaps with ":1" behind it. */
  readonly label?: string;
}

export interface AddressListener {
  addressChanged(address: IfAddress, change: "added" | "removed"): void;
  /** fib_disable_ip has taken the routes; of the neighbours nobody is left to speak with. */
  lastAddressGone(device: NetDevice): void;
}

const NONE: readonly IfAddress[] = [];

export class Addresses {
  private readonly fib: Fib;
  private readonly listener: AddressListener;
  /** By ifindex, in the kernel's order: primaries by scope, then secondaries. */
  private readonly byDevice = new Map<number, IfAddress[]>();

  constructor(fib: Fib, listener: AddressListener) {
    this.fib = fib;
    this.listener = listener;
  }

  of(device: NetDevice): readonly IfAddress[] {
    return this.byDevice.get(device.index) ?? NONE;
  }

  /** Null when done. ENOBUFS: the device is too narrow for IP; EEXIST: it is there already; EINVAL: the subnet's other addresses have another scope. */
  add(device: NetDevice, request: AddressRequest): Refusal | null {
    if (device.mtu < MIN_MTU) return refuse("ENOBUFS");
    const list = this.byDevice.get(device.index) ?? [];
    const added = new IfAddress(device, request);
    for (const other of list.filter((each) => inSubnet(each, added))) {
      if (other.address === added.address) return refuse("EEXIST");
      if (other.scope !== added.scope) return refuse("EINVAL");
      added.secondary = true;
    }
    list.splice(added.secondary ? list.length : afterLastPrimary(list, added.scope), 0, added);
    this.byDevice.set(device.index, list);
    this.listener.addressChanged(added, "added");
    this.addRoutes(added);
    return null;
  }

  /** Null when done; EADDRNOTAVAIL when it is not there. A primary takes the secondaries of its subnet with it. */
  remove(device: NetDevice, cidr: Cidr): Refusal | null {
    const list = this.byDevice.get(device.index) ?? [];
    const address = list.find((each) => each.address === cidr.address && each.prefix === cidr.prefix);
    if (address === undefined) return refuse("EADDRNOTAVAIL", null);
    const followers = address.secondary ? [] : list.filter((each) => each.secondary && inSubnet(each, address));
    for (const each of [...followers, address]) this.drop(each);
    return null;
  }

  /** `ip addr flush dev`, or the device goes. */
  flush(device: NetDevice): void {
    for (const address of [...this.of(device)].reverse()) this.drop(address);
    this.byDevice.delete(device.index);
  }

  /** The device came up: the routes that went with it come back. */
  restoreRoutes(device: NetDevice): void {
    for (const address of this.of(device)) this.addRoutes(address);
  }

  /** inetdev_changename: labels follow, with what stands behind the name. */
  relabel(device: NetDevice): void {
    for (const address of this.byDevice.get(device.index) ?? []) {
      const suffix = address.label.indexOf(":");
      address.label = device.name + (suffix < 0 ? "" : address.label.slice(suffix));
    }
  }

  /** inet_select_addr: the address we speak from to `destination` (0: anybody) through `device`; 0 when there is none. */
  select(device: NetDevice, destination: Ipv4, scope: number): Ipv4 {
    let first: Ipv4 = ANY_IPV4;
    for (const each of this.of(device)) {
      if (each.secondary || Math.min(each.scope, Scope.HOST) > scope) continue;
      if (destination === ANY_IPV4 || networkOf(destination, each.prefix) === networkOf(each.address, each.prefix)) {
        return each.address;
      }
      if (first === ANY_IPV4) first = each.address;
    }
    return first === ANY_IPV4 ? this.selectAnywhere(device, scope) : first;
  }

  /** inet_addr_onlink: are both in one subnet of the device? `other` 0 asks for `address` alone. */
  sharesLink(device: NetDevice, address: Ipv4, other: Ipv4): boolean {
    return this.of(device).some((each) => holds(each, address) && (other === ANY_IPV4 || holds(each, other)));
  }

  /**
   * inet_confirm_addr: an address of ours within `scope` that is `own` (0: any) and shares a subnet with `peer` (0: any).
   * 0 when none of the devices has one.
   */
  confirm(devices: readonly NetDevice[], peer: Ipv4, own: Ipv4, scope: number): Ipv4 {
    for (const each of devices) {
      const found = confirmOn(this.of(each), peer, own, scope);
      if (found !== ANY_IPV4) return found;
    }
    return ANY_IPV4;
  }

  private selectAnywhere(device: NetDevice, scope: number): Ipv4 {
    for (const other of device.table.devices) {
      const found = this.of(other).find((each) => !each.secondary && each.scope !== Scope.LINK && each.scope <= scope);
      if (found !== undefined) return found.address;
    }
    return ANY_IPV4;
  }

  private drop(address: IfAddress): void {
    const { device } = address;
    const rest = this.of(device).filter((each) => each !== address);
    this.byDevice.set(device.index, rest);
    this.listener.addressChanged(address, "removed");
    this.removeRoutes(address, rest);
    if (rest.length > 0) return;
    this.fib.flushDevice(device, true);
    this.listener.lastAddressGone(device);
  }

  /** fib_add_ifaddr */
  private addRoutes(address: IfAddress): void {
    const [local, ...others] = this.routesOf(address);
    this.fib.addForAddress(local!);
    if (!address.device.up) return;
    for (const route of others) this.fib.addForAddress(route);
  }

  /** fib_del_ifaddr: what another address of the device still needs stays. */
  private removeRoutes(address: IfAddress, rest: readonly IfAddress[]): void {
    const needed = rest.flatMap((each) => this.routesOf(each));
    for (const route of this.routesOf(address)) {
      if (needed.some((each) => isSame(each, route))) continue;
      const { type, destination, prefix, device, source, protocol } = route;
      this.fib.remove({ type, destination, prefix, device, source, protocol }, route.table);
    }
    this.fib.flushSource(address.address);
  }

  /** All routes that an address brings on a device that is up, its own local one first. */
  private routesOf(address: IfAddress): RouteFields[] {
    const own: SubnetRoute = { type: RouteType.LOCAL, destination: address.address, prefix: 32 };
    const source = this.primaryOf(address);
    return [own, ...subnetRoutes(address)].map((each) => kernelRoute(address.device, source, each));
  }

  /** The preferred source of a secondary's routes is its primary. */
  private primaryOf(address: IfAddress): Ipv4 {
    if (!address.secondary) return address.address;
    return (
      this.of(address.device).find((each) => !each.secondary && inSubnet(each, address))?.address ?? address.address
    );
  }
}

const holds = (each: IfAddress, address: Ipv4): boolean =>
  networkOf(address, each.prefix) === networkOf(each.address, each.prefix);

/** confirm_addr_indev, whose one loop looks for two things at once. */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: to be compared with the kernel's line by line
function confirmOn(list: readonly IfAddress[], peer: Ipv4, own: Ipv4, scope: number): Ipv4 {
  let found: Ipv4 = ANY_IPV4;
  let same = false;
  for (const each of list) {
    const isNear = Math.min(each.scope, Scope.HOST) <= scope;
    if (found === ANY_IPV4 && (own === each.address || own === ANY_IPV4) && isNear) {
      found = each.address;
      if (same) break;
    }
    if (same) continue;
    same = (own === ANY_IPV4 || holds(each, own)) && (peer === ANY_IPV4 || holds(each, peer));
    if (!same || found === ANY_IPV4) continue;
    if (own !== ANY_IPV4 || peer === ANY_IPV4 || holds(each, found)) break;
    if (isNear) return each.address;
    same = false;
  }
  return same ? found : ANY_IPV4;
}

const inSubnet = (a: IfAddress, b: IfAddress): boolean =>
  a.prefix === b.prefix && networkOf(a.address, a.prefix) === networkOf(b.address, b.prefix);

function afterLastPrimary(list: readonly IfAddress[], scope: number): number {
  return list.findLastIndex((each) => !each.secondary && scope <= each.scope) + 1;
}

interface SubnetRoute {
  readonly type: RouteTypeCode;
  readonly destination: Ipv4;
  readonly prefix: number;
}

/** What an address on a device that is up brings beside itself. */
function subnetRoutes(address: IfAddress): SubnetRoute[] {
  const { prefix, broadcast, device, secondary } = address;
  const network = networkOf(address.address, prefix);
  const routes: SubnetRoute[] = [];
  if (broadcast !== null && broadcast !== LIMITED_BROADCAST && broadcast !== ANY_IPV4) {
    routes.push({ type: RouteType.BROADCAST, destination: broadcast, prefix: 32 });
  }
  if (network === ANY_IPV4 || secondary || (network === address.address && prefix === 32)) return routes;
  const type = device.traits.link === "loopback" ? RouteType.LOCAL : RouteType.UNICAST;
  routes.push({ type, destination: network, prefix });
  const last = broadcastOf(address.address, prefix);
  if (prefix < 31 && last !== broadcast) routes.push({ type: RouteType.BROADCAST, destination: last, prefix: 32 });
  return routes;
}

const isSame = (a: RouteFields, b: RouteFields): boolean =>
  a.type === b.type && a.destination === b.destination && a.prefix === b.prefix && a.source === b.source;

/** fib_magic */
const kernelRoute = (device: NetDevice, source: Ipv4, { type, destination, prefix }: SubnetRoute): RouteFields => ({
  table: type === RouteType.UNICAST ? TableId.MAIN : TableId.LOCAL,
  destination,
  prefix,
  type,
  scope: type === RouteType.LOCAL ? Scope.HOST : Scope.LINK,
  protocol: RouteProtocol.KERNEL,
  source,
  device,
  via: ANY_IPV4,
  metric: 0,
  onlink: false,
});
