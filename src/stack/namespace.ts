/**
 * A Linux network namespace, struct net: the addresses, routes, neighbours and counters on top of a table of devices.
 * What happens to a frame is in the files beside this one, each a step of its way; `NetworkStack` joins them to it.
 *
 * Follows net/ipv4 of Linux 6.1. Not modelled: IPv6, XFRM, multicast routing, early demux.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { Signal } from "../base/signal.ts";
import type { NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import type { Point } from "../device/point.ts";
import type { World } from "../device/world.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { Random } from "../engine/random.ts";
import type { Nanos } from "../engine/time.ts";
import type { Ipv4, Mac } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import * as icmp from "../packet/icmp.ts";
import { Protocol } from "../packet/ipv4.ts";
import { Addresses, type IfAddress } from "./addresses.ts";
import { Fib } from "./fib.ts";
import { IcmpLimit } from "./icmp-limit.ts";
import { InetPeers } from "./inet-peers.ts";
import { InputRoute } from "./input-route.ts";
import { Idents } from "./ip-ident.ts";
import { LogLimit } from "./log-limit.ts";
import type { Neighbour, NeighbourHost } from "./neighbour.ts";
import { NeighbourTable } from "./neighbour-table.ts";
import { Ebtables } from "./netfilter/ebtables/ebtables.ts";
import { Netfilter, type NetfilterHost } from "./netfilter/netfilter.ts";
import { PathMtus } from "./path-mtu.ts";
import { ProxyEntries, type ProxyHost, ProxyQueue } from "./proxy-arp.ts";
import { Reassembly, type ReassemblyHost } from "./reassembly.ts";
import { type Route, RouteType } from "./route-table.ts";
import { Settings } from "./settings.ts";
import { SnmpCounters } from "./snmp.ts";
import { SocketCensus } from "./socket/census.ts";
import { Sysctls } from "./sysctl.ts";
import type { Transport } from "./transport.ts";

/** Hears what `ip monitor` prints. */
export interface NamespaceWatcher {
  addressChanged(address: IfAddress, change: "added" | "removed"): void;
  routeChanged(route: Route, change: "added" | "removed"): void;
  neighbourChanged(neighbour: Neighbour, change: "changed" | "removed"): void;
}

/** Every host is a member of 224.0.0.1 (RFC 1112). */
const ALL_HOSTS = 0xe000_0001 as Ipv4;

export abstract class Namespace implements NeighbourHost, NetfilterHost, ProxyHost, ReassemblyHost {
  readonly table: DeviceTable;
  readonly world: World;
  /** Timers of the kernel run here, so that those of a paused guest wait. */
  readonly cpu: Cpu | null;
  /** Where frames end that the stack drops: "web1:ip". */
  readonly lost: Point;
  readonly snmp = new SnmpCounters();
  readonly sockets = new SocketCensus();
  readonly settings = new Settings();
  readonly sysctls: Sysctls;
  readonly watchers = new Signal<NamespaceWatcher>();
  readonly fib: Fib;
  readonly addresses: Addresses;
  readonly neighbours: NeighbourTable;
  readonly idents: Idents;
  readonly pathMtus: PathMtus;
  readonly reassembly: Reassembly;
  readonly peers: InetPeers;
  readonly icmpLimit: IcmpLimit;
  readonly socketRandom: Random;
  readonly proxies = new ProxyEntries();
  readonly proxyQueue: ProxyQueue;
  /** What the last packet was told by the routing tables. */
  readonly inputRoute = new InputRoute();
  readonly logLimit: LogLimit;
  /** By IP protocol number, up to the last that there is here. */
  readonly transports: (Transport | null)[] = new Array<Transport | null>(Protocol.UDP + 1).fill(null);
  /** Multicast groups that are listened to. */
  readonly groups = new Set<Ipv4>([ALL_HOSTS]);
  loopback: NetDevice | null = null;
  /** icmp_xmit_lock: an ICMP message of the kernel's own is on its way out, and meanwhile there is no other. */
  sendsIcmp = false;
  readonly netfilter: Netfilter;
  readonly ebtables: Ebtables;

  constructor(table: DeviceTable) {
    const { world, machine } = table;
    this.table = table;
    this.world = world;
    this.cpu = table.cpus[0] ?? null;
    this.lost = world.point(machine, "ip", "drop");
    this.sysctls = new Sysctls(this.settings, table);
    this.netfilter = new Netfilter(this);
    this.ebtables = new Ebtables(this);
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
    this.peers = new InetPeers(world.scheduler, this.settings.route);
    this.icmpLimit = new IcmpLimit(world.scheduler, this.settings, world.random(`icmp.${machine}`), this.peers);
    this.socketRandom = world.random(`socket.${machine}`);
    this.proxyQueue = new ProxyQueue(this, world.random(`proxy-arp.${machine}`));
    this.logLimit = new LogLimit(world.scheduler, table.log);
  }

  get now(): Nanos {
    return this.world.scheduler.now;
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

  /** The device that has this address of ours, or null. */
  deviceOf(address: Ipv4): NetDevice | null {
    const route = this.fib.local.lookup(address);
    return route?.type === RouteType.LOCAL ? route.device : null;
  }

  // Steps that lead back into the whole stack: `NetworkStack` takes them.

  /** An ICMP error about `culprit`, which stays the caller's. */
  abstract sendError(culprit: Frame, type: number, code: number, info: number, device: NetDevice | null): void;

  /** That a packet which passes a bridge is rejected; it stays the caller's. */
  abstract sendBridgedError(culprit: Frame, code: number, bridge: NetDevice | null): void;

  /** A TCP segment that resets the connection of `culprit`, which stays the caller's. */
  abstract sendReset(culprit: Frame, port: NetDevice | null): void;

  /** dev_loopback_xmit: our own copy of a broadcast. Packet sockets do not see it. */
  abstract loopBack(frame: Frame, device: NetDevice): void;

  /** An ARP request for somebody behind us, which has waited long enough. Owns the frame. */
  abstract answerProxied(frame: Frame, device: NetDevice): void;

  abstract solicit(entry: Neighbour, mac: Mac | null): void;

  abstract toWire(frame: Frame, device: NetDevice, mac: Mac): void;

  abstract resolved(frame: Frame, device: NetDevice, mac: Mac): void;

  /** What ip_route_input says of a packet that `device` brought. The frame is borrowed, the answer the next one's. */
  abstract routeOf(frame: Frame, device: NetDevice): InputRoute;

  abstract lastAddressGone(device: NetDevice): void;

  // Fib, Addresses, NeighbourTable and Reassembly report here.

  routeChanged(route: Route, change: "added" | "removed"): void {
    for (const watcher of this.watchers.listeners ?? []) watcher.routeChanged(route, change);
  }

  indexOf(name: string): number {
    return this.table.find(name)?.index ?? -1;
  }

  addressChanged(address: IfAddress, change: "added" | "removed"): void {
    if (change === "removed") this.netfilter.addressRemoved(address.device, address.address);
    for (const watcher of this.watchers.listeners ?? []) watcher.addressChanged(address, change);
  }

  changed(entry: Neighbour): void {
    for (const watcher of this.watchers.listeners ?? []) watcher.neighbourChanged(entry, "changed");
  }

  removed(entry: Neighbour): void {
    for (const watcher of this.watchers.listeners ?? []) watcher.neighbourChanged(entry, "removed");
  }

  unresolved(frame: Frame, device: NetDevice): void {
    this.sendError(frame, icmp.Type.UNREACHABLE, icmp.Unreachable.HOST, 0, device);
    this.drop(frame, Fate.NEIGHBOUR_FAILED);
  }

  purged(frame: Frame): void {
    this.drop(frame, Fate.NEIGHBOUR_FAILED);
  }

  overflowed(frame: Frame): void {
    this.snmp.neighbour.unresolvedDiscards++;
    this.drop(frame, Fate.NEIGHBOUR_QUEUE_FULL);
  }

  abandoned(frame: Frame): void {
    this.drop(frame, Fate.LINK_LOST);
  }

  reassemblyTimedOut(first: Frame, ifindex: number): void {
    const { TIME_EXCEEDED } = icmp.Type;
    this.sendError(first, TIME_EXCEEDED, icmp.TimeExceeded.REASSEMBLY, 0, this.table.byIndex(ifindex));
  }
}
