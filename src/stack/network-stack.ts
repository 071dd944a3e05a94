/**
 * The network stack of a machine: a namespace and what happens in it. dom0, guests and outside boxes each have one.
 *
 *   device.deliver -> receive -> ARP  -> neighbours
 *                            \-> IPv4 -> ip-receive -> transport -> socket
 *                                             \-> ip-forward -> ip-output -> neighbours -> device.transmit
 *                     socket -> ip-send ----------------------^
 */
import { Fate } from "../base/fate.ts";
import { bpduIn } from "../device/bridge-bpdu.ts";
import type { DeviceChange, DeviceWatcher, FrameSink, NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { ZERO } from "../engine/time.ts";
import { type Ipv4, isMulticast, type Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as ipv4 from "../packet/ipv4.ts";
import * as vlan from "../packet/vlan.ts";
import { announce, answerProxied, fakeReply, receiveArp, solicit } from "./arp.ts";
import { Icmp } from "./icmp.ts";
import { sendBridgedError, sendIcmpError } from "./icmp-send.ts";
import type { InputRoute } from "./input-route.ts";
import { toWire } from "./ip-output.ts";
import { receiveIp, receiveLooped } from "./ip-receive.ts";
import { Namespace } from "./namespace.ts";
import type { Neighbour } from "./neighbour.ts";
import { routeInput } from "./route-input.ts";
import { RouteType, Scope } from "./route-table.ts";
import { type PingNamespace, PingSockets } from "./socket/icmp.ts";
import type { UdpNamespace } from "./socket/udp.ts";
import { UdpSockets } from "./socket/udp-table.ts";
import { Tcp } from "./tcp.ts";
import { sendTcpReset } from "./tcp-reset.ts";

/** Of a packet of ours that we hear ourselves. */
const castOf = (frame: Frame): typeof RouteType.MULTICAST | typeof RouteType.BROADCAST =>
  isMulticast(ipv4.destination(frame.bytes, frame.at + ethernet.HEADER_LENGTH))
    ? RouteType.MULTICAST
    : RouteType.BROADCAST;

const LOOPED_BACK = 0;
const LOCALHOST = 0x7f00_0001 as Ipv4;

export class NetworkStack
  extends Namespace
  implements PingNamespace, UdpNamespace, FrameSink, DeviceWatcher, EventTarget
{
  readonly pings: PingSockets;
  readonly udp: UdpSockets;
  /** Devices (by index) whose link has been ready since they came up: IF_READY. */
  private readonly readyLinks = new Set<number>();

  constructor(table: DeviceTable) {
    super(table);
    this.pings = new PingSockets(this);
    this.udp = new UdpSockets(this);
    this.transports[ipv4.Protocol.ICMP] = new Icmp(this, this.pings);
    this.transports[ipv4.Protocol.TCP] = new Tcp(this);
    this.transports[ipv4.Protocol.UDP] = this.udp;
    table.watchers.add(this);
    for (const device of table.devices) this.deviceChanged(device, "registered");
  }

  /** From a device, inward. Owns the frame. */
  receive(frame: Frame, device: NetDevice): void {
    const b = frame.bytes;
    if (frame.length < ethernet.HEADER_LENGTH) return this.drop(frame, Fate.FRAME_TOO_SHORT);
    if (!ethernet.isToGroup(b, frame.at) && ethernet.destination(b, frame.at) !== device.mac && !device.isToHost(frame))
      return this.drop(frame, Fate.OTHER_HOST);
    switch (ethernet.etherType(b, frame.at)) {
      case ethernet.EtherType.IPV4:
        return receiveIp(this, frame, device);
      case ethernet.EtherType.ARP:
        return receiveArp(this, frame, device);
      case ethernet.EtherType.VLAN:
      case ethernet.EtherType.PROVIDER_VLAN:
        return this.receiveTagged(frame, device);
      default:
        return this.refuseProtocol(frame, device);
    }
  }

  /** A tag without a VLAN, which only tells a priority, is taken off; of any other there is no device here. */
  private receiveTagged(frame: Frame, device: NetDevice): void {
    const at = frame.at + vlan.TYPE_FIELD;
    if (vlan.isCut(frame.bytes, frame.at, frame.length)) return this.drop(frame, Fate.FRAME_TOO_SHORT);
    if (vlan.id(frame.bytes, at) !== 0) return this.refuseProtocol(frame, device);
    frame.bytes.copyWithin(frame.at + vlan.TAG_LENGTH, frame.at, at);
    frame.at += vlan.TAG_LENGTH;
    frame.length -= vlan.TAG_LENGTH;
    this.receive(frame, device);
  }

  /** The foot of __netif_receive_skb_core. LLC, which takes BPDUs without counting them, is loaded with the first bridge. */
  private refuseProtocol(frame: Frame, device: NetDevice): void {
    const isBpdu = bpduIn(frame) >= 0;
    if (!isBpdu || !this.table.devices.some(({ kind }) => kind === "bridge")) device.counters.rxUnhandled++;
    this.drop(frame, isBpdu ? Fate.BPDU_IGNORED : Fate.UNKNOWN_PROTOCOL);
  }

  override sendError(culprit: Frame, type: number, code: number, info: number, device: NetDevice | null): void {
    sendIcmpError(this, culprit, type, code, info, device);
  }

  override sendBridgedError(culprit: Frame, code: number, bridge: NetDevice | null): void {
    sendBridgedError(this, culprit, code, bridge);
  }

  override sendReset(culprit: Frame, port: NetDevice | null): void {
    sendTcpReset(this, culprit, port);
  }

  /** NETDEV_NOTIFY_PEERS: tells the link who we are; a frontend calls it when it is connected again. */
  announce(device: NetDevice): void {
    if (device.up) announce(this, device);
  }

  override loopBack(frame: Frame, device: NetDevice): void {
    this.world.scheduler.after(ZERO, this, LOOPED_BACK, device.index, this.world.frames.clone(frame));
  }

  handle(_operation: number, ifindex: number, subject: unknown): void {
    const frame = subject as Frame;
    const device = this.table.byIndex(ifindex);
    if (device === null) this.drop(frame, Fate.DEVICE_DOWN);
    else receiveLooped(this, frame, device, castOf(frame));
  }

  override answerProxied(frame: Frame, device: NetDevice): void {
    answerProxied(this, frame, device);
  }

  override solicit(entry: Neighbour, mac: Mac | null): void {
    solicit(this, entry, mac);
  }

  override toWire(frame: Frame, device: NetDevice, mac: Mac): void {
    toWire(this, frame, device, mac);
  }

  override resolved(frame: Frame, device: NetDevice, mac: Mac): void {
    if (frame.bridgePort < 0) this.netfilter.bridgeCall.goOn(frame, device, mac);
    else toWire(this, frame, device, mac);
  }

  override routeOf(frame: Frame, device: NetDevice): InputRoute {
    const ip = frame.at + ethernet.HEADER_LENGTH;
    const [destination, source] = [ipv4.destination(frame.bytes, ip), ipv4.source(frame.bytes, ip)];
    return routeInput(this, frame, destination, source, device, frame.mark);
  }

  /** arp_ifdown: permanent entries too. */
  override lastAddressGone(device: NetDevice): void {
    this.neighbours.flushDevice(device.index, false);
    this.endProxying(device);
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
        this.lastAddressGone(device);
        return this.fib.flushDevice(device, false);
      case "carrier":
        return this.carrierChanged(device);
      case "address":
        this.neighbours.flushDevice(device.index, false);
        return this.notifyArp(device);
      case "arp":
        return this.neighbours.flushDevice(device.index, false);
      case "name":
        return this.addresses.relabel(device);
      case "notify-peers":
        return this.announce(device);
      case "fake-arp":
        return fakeReply(this, device);
      case "mtu":
        if (device.mtu < ipv4.MIN_MTU) this.disableIp(device);
        return;
      case "flags":
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

  /** inetdev_destroy */
  private disableIp(device: NetDevice): void {
    this.addresses.flush(device);
    this.fib.flushDevice(device, true);
    this.neighbours.flushDevice(device.index, false);
  }

  private detach(device: NetDevice): void {
    this.disableIp(device);
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
    this.notifyArp(device);
  }

  private notifyArp(device: NetDevice): void {
    if (device.up && this.settings.greater(device.index, "arp_notify") !== 0) announce(this, device);
  }

  private endProxying(device: NetDevice): void {
    this.proxies.flushDevice(device);
    this.proxyQueue.purge();
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
    if (device.carrier) return;
    this.neighbours.flushDevice(device.index, true);
    this.endProxying(device);
  }
}
