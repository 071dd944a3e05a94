/**
 * A Linux network namespace: the addresses, routes, neighbours and sockets on top of a table of devices. dom0, guests
 * and outside boxes each have one.
 *
 *   device.deliver -> receive -> ARP  -> neighbours
 *                            \-> IPv4 -> ip-receive -> transport -> socket
 *                                             \-> ip-forward -> ip-output -> neighbours -> device.transmit
 *                     socket -> ip-send ----------------------^
 *
 * Follows net/ipv4 of Linux 6.1. Not modelled: IPv6, policy routing, XFRM, multicast routing, early demux.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { Signal } from "../base/signal.ts";
import type { DeviceChange, DeviceWatcher, FrameSink, NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import type { Point } from "../device/point.ts";
import type { World } from "../device/world.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { Random } from "../engine/random.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { type Nanos, ZERO } from "../engine/time.ts";
import { type Ipv4, isGroup, type Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import * as ipv4 from "../packet/ipv4.ts";
import { Addresses, type IfAddress } from "./addresses.ts";
import { announce, receiveArp, solicit } from "./arp.ts";
import { Fib } from "./fib.ts";
import type { PacketFilter } from "./hooks.ts";
import { Icmp } from "./icmp.ts";
import { IcmpLimit } from "./icmp-limit.ts";
import { sendIcmpError } from "./icmp-send.ts";
import { Idents } from "./ip-ident.ts";
import { toWire } from "./ip-output.ts";
import { deliver, receiveIp } from "./ip-receive.ts";
import type { Neighbour } from "./neighbour.ts";
import { type NeighbourHost, NeighbourTable } from "./neighbour-table.ts";
import { PathMtus } from "./path-mtu.ts";
import { Reassembly } from "./reassembly.ts";
import { type Route, RouteType, Scope } from "./route-table.ts";
import { Settings } from "./settings.ts";
import { SnmpCounters } from "./snmp.ts";
import { PingSockets } from "./socket/icmp.ts";
import { UdpSockets } from "./socket/udp-table.ts";
import { Sysctls } from "./sysctl.ts";
import type { Transport } from "./transport.ts";

/** Hears what `ip monitor` prints. */
export interface NamespaceWatcher {
  addressChanged(address: IfAddress, change: "added" | "removed"): void;
  routeChanged(route: Route, change: "added" | "removed"): void;
  neighbourChanged(neighbour: Neighbour, change: "changed" | "removed"): void;
}

const LOOPED_BACK = 0;
/** Every host is a member of 224.0.0.1 (RFC 1112). */
const ALL_HOSTS = 0xe000_0001 as Ipv4;
const LOCALHOST = 0x7f00_0001 as Ipv4;

export class Namespace implements FrameSink, DeviceWatcher, NeighbourHost, EventTarget {
  readonly table: DeviceTable;
  readonly world: World;
  /** Timers of the kernel run here, so that those of a paused guest wait. */
  readonly cpu: Cpu | null;
  /** Where frames end that the stack drops: "web1:ip". */
  readonly lost: Point;
  readonly snmp = new SnmpCounters();
  readonly settings = new Settings();
  readonly sysctls: Sysctls;
  readonly watchers = new Signal<NamespaceWatcher>();
  readonly fib: Fib;
  readonly addresses: Addresses;
  readonly neighbours: NeighbourTable;
  readonly idents: Idents;
  readonly pathMtus: PathMtus;
  readonly reassembly: Reassembly;
  readonly icmpLimit: IcmpLimit;
  readonly socketRandom: Random;
  readonly pings: PingSockets;
  readonly udp: UdpSockets;
  /** By IP protocol number. */
  readonly transports: (Transport | null)[] = new Array<Transport | null>(256).fill(null);
  /** Multicast groups that are listened to. */
  readonly groups = new Set<Ipv4>([ALL_HOSTS]);
  /** Devices (by index) whose link has been ready since they came up: IF_READY. */
  private readonly readyLinks = new Set<number>();
  loopback: NetDevice | null = null;
  netfilter: PacketFilter | null = null;

  constructor(table: DeviceTable) {
    const { world, machine } = table;
    this.table = table;
    this.world = world;
    this.cpu = table.cpus[0] ?? null;
    this.lost = world.point(machine, "ip", "drop");
    this.sysctls = new Sysctls(this.settings, table);
    this.fib = new Fib(this);
    this.addresses = new Addresses(this.fib, this);
    this.neighbours = new NeighbourTable({
      scheduler: world.scheduler,
      cpu: this.cpu,
      random: world.random(`neigh.${machine}`),
      recorder: world.recorder,
      point: this.lost.id,
      settings: this.settings,
      counters: this.snmp.neighbour,
      host: this,
    });
    this.idents = new Idents(world.scheduler, world.random(`ip.id.${machine}`));
    this.pathMtus = new PathMtus(world.scheduler, this.settings);
    this.reassembly = new Reassembly(this);
    this.icmpLimit = new IcmpLimit(world.scheduler, this.settings, world.random(`icmp.${machine}`));
    this.socketRandom = world.random(`socket.${machine}`);
    this.pings = new PingSockets(this);
    this.udp = new UdpSockets(this);
    this.transports[ipv4.Protocol.ICMP] = new Icmp(this, this.pings);
    this.transports[ipv4.Protocol.UDP] = this.udp;
    table.watchers.add(this);
    for (const device of table.devices) this.deviceChanged(device, "registered");
  }

  get now(): Nanos {
    return this.world.scheduler.now;
  }

  /** From a device, inward. Owns the frame. */
  receive(frame: Frame, device: NetDevice): void {
    const b = frame.bytes;
    if (frame.length < ethernet.HEADER_LENGTH) return this.drop(frame, Fate.FRAME_TOO_SHORT);
    const destination = ethernet.destination(b, frame.at);
    if (destination !== device.mac && !isGroup(destination)) return this.drop(frame, Fate.OTHER_HOST);
    switch (ethernet.etherType(b, frame.at)) {
      case ethernet.EtherType.IPV4:
        return receiveIp(this, frame, device);
      case ethernet.EtherType.ARP:
        return receiveArp(this, frame, device);
      default:
        this.drop(frame, Fate.UNKNOWN_PROTOCOL);
    }
  }

  /** Ends the frame here, seen at the point "ip". */
  drop(frame: Frame, fate: FateCode): void {
    this.world.end(frame, fate, this.lost);
  }

  /** The kernel itself has used the frame up. */
  consume(frame: Frame): void {
    this.world.frames.finish(frame, Fate.CONSUMED);
  }

  note(code: number, frame: Frame, a: number, b: number): void {
    this.world.recorder.note(code, frame.id, this.lost.id, a, b);
  }

  /** An ICMP error about `culprit`, which stays the caller's. */
  sendError(culprit: Frame, type: number, code: number, info: number, device: NetDevice | null): void {
    sendIcmpError(this, culprit, type, code, info, device);
  }

  /** NETDEV_NOTIFY_PEERS: tells the link who we are; a frontend calls it when it is connected again. */
  announce(device: NetDevice): void {
    if (device.up) announce(this, device);
  }

  /** The device that has this address of ours, or null. */
  deviceOf(address: Ipv4): NetDevice | null {
    const route = this.fib.local.lookup(address);
    return route?.type === RouteType.LOCAL ? route.device : null;
  }

  /** dev_loopback_xmit: our own copy of a broadcast. Packet sockets do not see it. */
  loopBack(frame: Frame, device: NetDevice): void {
    this.world.scheduler.after(ZERO, this, LOOPED_BACK, device.index, this.world.frames.clone(frame));
  }

  handle(_operation: number, ifindex: number, subject: unknown): void {
    const frame = subject as Frame;
    const device = this.table.byIndex(ifindex);
    if (device === null) this.drop(frame, Fate.DEVICE_DOWN);
    else deliver(this, frame, device, RouteType.BROADCAST);
  }

  /** For `Reassembly`: the first fragment is there, others never came (RFC 792). */
  reassemblyTimedOut(first: Frame, ifindex: number): void {
    const { TIME_EXCEEDED } = icmp.Type;
    this.sendError(first, TIME_EXCEEDED, icmp.TimeExceeded.REASSEMBLY, 0, this.table.byIndex(ifindex));
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    switch (change) {
      case "registered":
        return this.attach(device);
      case "unregistered":
        return this.detach(device);
      case "up":
        return this.cameUp(device);
      case "down":
        this.readyLinks.delete(device.index);
        this.neighbours.flushDevice(device.index, false);
        return this.fib.flushDevice(device, false);
      case "carrier":
        return this.carrierChanged(device);
      case "address":
      case "flags":
        return this.neighbours.flushDevice(device.index, false);
      case "name":
        return this.addresses.relabel(device);
      case "notify-peers":
        return this.announce(device);
      case "mtu":
      case "master":
        return;
    }
  }

  private attach(device: NetDevice): void {
    device.upper = this;
    this.settings.addDevice(device.index);
    if (device.traits.link === "loopback") this.loopback = device;
    if (device.up) this.cameUp(device);
  }

  private detach(device: NetDevice): void {
    this.addresses.flush(device);
    this.fib.flushDevice(device, true);
    this.neighbours.flushDevice(device.index, false);
    this.settings.removeDevice(device.index);
    this.readyLinks.delete(device.index);
    device.upper = null;
    if (this.loopback === device) this.loopback = null;
  }

  private cameUp(device: NetDevice): void {
    if (device.carrier) this.readyLinks.add(device.index);
    if (device === this.loopback && this.addresses.of(device).length === 0) {
      this.addresses.add(device, { address: LOCALHOST, prefix: 8, scope: Scope.HOST });
    } else {
      this.addresses.restoreRoutes(device);
    }
    if (this.settings.greater(device.index, "arp_notify") !== 0) announce(this, device);
  }

  /** addrconf_notify prints this line although IPv6 itself is not modelled: it is what admins look for in dmesg. */
  private linkBecameReady(device: NetDevice): void {
    if (!device.running || this.readyLinks.has(device.index)) return;
    this.readyLinks.add(device.index);
    this.table.log.print(`IPv6: ADDRCONF(NETDEV_CHANGE): ${device.name}: link becomes ready`);
  }

  private carrierChanged(device: NetDevice): void {
    this.linkBecameReady(device);
    this.fib.setLinkdown(device, !device.carrier);
    if (!device.carrier) this.neighbours.flushDevice(device.index, true);
  }

  // Fib, Addresses and NeighbourTable report here.

  routeChanged(route: Route, change: "added" | "removed"): void {
    for (const watcher of this.watchers.listeners ?? []) watcher.routeChanged(route, change);
  }

  addressChanged(address: IfAddress, change: "added" | "removed"): void {
    for (const watcher of this.watchers.listeners ?? []) watcher.addressChanged(address, change);
  }

  changed(entry: Neighbour): void {
    for (const watcher of this.watchers.listeners ?? []) watcher.neighbourChanged(entry, "changed");
  }

  removed(entry: Neighbour): void {
    for (const watcher of this.watchers.listeners ?? []) watcher.neighbourChanged(entry, "removed");
  }

  solicit(entry: Neighbour, mac: Mac | null): void {
    solicit(this, entry, mac);
  }

  toWire(frame: Frame, device: NetDevice, mac: Mac): void {
    toWire(this, frame, device, mac);
  }

  unresolved(frame: Frame, device: NetDevice): void {
    this.sendError(frame, icmp.Type.UNREACHABLE, icmp.Unreachable.HOST, 0, device);
    this.drop(frame, Fate.NEIGHBOUR_FAILED);
  }

  overflowed(frame: Frame): void {
    this.snmp.neighbour.unresolvedDiscards++;
    this.drop(frame, Fate.NEIGHBOUR_QUEUE_FULL);
  }

  abandoned(frame: Frame): void {
    this.drop(frame, Fate.LINK_LOST);
  }
}
