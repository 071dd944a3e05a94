/**
 * br_netfilter: bridged IPv4 goes through the hooks of IP, as if it were routed from the bridge to the bridge. Follows
 * net/bridge/br_netfilter_hooks.c of Linux 6.1. The module is loaded by the first rule with -m physdev, and never leaves.
 *
 *   a port -> PREROUTING -> destination as before? -> (FDB) -> FORWARD -> POSTROUTING -> a port
 *                                  \-> routed: to the same bridge -> the neighbour's MAC, bridged on
 *                                           \-> elsewhere -> the bridge's own MAC, up to the host
 *
 * So SNAT and MASQUERADE take hold of bridged guests, with the bridge as the device that goes out: they speak with the host's
 * address, and their answers find back to them only while the host forwards (ip_forward) and routes to them through the
 * bridge; else they are lost. ARP meets no tables
 * (arptables is not modelled). Not modelled: IPv6 (its switch is there and does nothing), frames with a VLAN or PPPoE
 * header (bridge-nf-filter-*-tagged).
 */
import { Fate, type FateCode } from "../../base/fate.ts";
import { Bridge } from "../../device/bridge.ts";
import { type BridgeHook, BridgePriority } from "../../device/bridge-hooks.ts";
import { BridgeInput } from "../../device/bridge-input.ts";
import type { BridgePort } from "../../device/bridge-port.ts";
import type { NetDevice } from "../../device/device.ts";
import type { DeviceTable } from "../../device/device-table.ts";
import type { World } from "../../device/world.ts";
import { ANY_IPV4, type Ipv4, type Mac } from "../../packet/address.ts";
import * as ethernet from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import { fragment } from "../fragment.ts";
import { Hook, type HookNumber } from "../hooks.ts";
import type { InputRoute } from "../input-route.ts";
import { checkHeader, countFault } from "../ip-check.ts";
import type { NeighbourTable } from "../neighbour-table.ts";
import { DefragUser } from "../reassembly.ts";
import { RouteType } from "../route-table.ts";
import type { Settings } from "../settings.ts";
import type { SnmpCounters } from "../snmp.ts";
import type { Sysctls } from "../sysctl.ts";

const LINK = ethernet.HEADER_LENGTH;

/** The hooks of IP, as a bridge uses them. */
export interface BridgedHooks {
  gather(frame: Frame, ifindex: number, user: DefragUser): Frame | null;
  confirmBridged(frame: Frame): boolean;
  passBridged(hook: HookNumber, frame: Frame, bridge: NetDevice, from: NetDevice, to: NetDevice | null): boolean;
}

export interface BridgeCallHost {
  readonly table: DeviceTable;
  readonly world: World;
  readonly sysctls: Sysctls;
  readonly settings: Settings;
  readonly snmp: SnmpCounters;
  readonly neighbours: NeighbourTable;
  routeOf(frame: Frame, device: NetDevice): InputRoute;
  drop(frame: Frame, fate: FateCode): void;
}

/** Null: `device` is no port of this bridge any more. */
const inputAt = (device: NetDevice | null, bridge: NetDevice): BridgeInput | null =>
  device?.master === bridge && device.rxHandler instanceof BridgeInput ? device.rxHandler : null;

export class BridgeCall implements BridgeHook {
  readonly priority = BridgePriority.BRNF;
  /** net.bridge.*, while the module is loaded. */
  readonly settings = {
    "bridge-nf-call-arptables": 1,
    "bridge-nf-call-ip6tables": 1,
    "bridge-nf-call-iptables": 1,
    "bridge-nf-filter-pppoe-tagged": 0,
    "bridge-nf-filter-vlan-tagged": 0,
    "bridge-nf-pass-vlan-input-dev": 0,
  };
  loaded = false;
  private readonly host: BridgeCallHost;
  private readonly hooks: BridgedHooks;

  constructor(host: BridgeCallHost, hooks: BridgedHooks) {
    this.host = host;
    this.hooks = hooks;
  }

  /** modprobe br_netfilter */
  load(): void {
    if (this.loaded) return;
    this.loaded = true;
    this.host.sysctls.addGroup("net/bridge/", this.settings);
    this.host.table.log.print("Bridge firewalling registered");
    for (const device of this.host.table.devices) this.deviceRegistered(device);
  }

  deviceRegistered(device: NetDevice): void {
    if (this.loaded && device instanceof Bridge) device.forwarding.hooks.add(this);
  }

  /** br_nf_pre_routing. Padding goes: br_validate_ipv4 cuts the frame to its packet. */
  enter(frame: Frame, ingress: BridgePort): boolean {
    if (this.settings["bridge-nf-call-iptables"] === 0) return true;
    if (ethernet.etherType(frame.bytes, frame.at) !== ethernet.EtherType.IPV4) return true;
    const { device } = ingress;
    const bridge = device.master as Bridge;
    const fault = checkHeader(frame.bytes, frame.at + LINK, frame.end);
    if (fault !== Fate.NONE) {
      countFault(this.host.snmp.ip, fault, frame.bytes, frame.at + LINK, frame.end);
      bridge.drop(frame, fault);
      return false;
    }
    frame.length = LINK + ipv4.totalLength(frame.bytes, frame.at + LINK);
    frame.bridgePort = device.index;
    const whole = this.hooks.gather(frame, bridge.index, DefragUser.CONNTRACK_BRIDGE_IN);
    if (whole === null) return false;
    // What is known of fragments that came by several ports is what was known of the first.
    const input = inputAt(this.host.table.byIndex(whole.bridgePort), bridge);
    if (input === null) return this.end(whole, Fate.BRIDGE_PORT_NOT_FORWARDING);
    const destination = ipv4.destination(whole.bytes, whole.at + LINK);
    if (!this.hooks.passBridged(Hook.PREROUTING, whole, bridge, input.port.device, null)) return false;
    if (ipv4.destination(whole.bytes, whole.at + LINK) !== destination && !this.redirect(whole, bridge)) return false;
    if (whole === frame) return true;
    // Fragments have become a frame of its own: it goes on in their place.
    input.finish(whole);
    return false;
  }

  private end(frame: Frame, fate: FateCode): false {
    this.host.drop(frame, fate);
    return false;
  }

  /** br_nf_forward_ip: only what was looked at when it came in. */
  forward(frame: Frame, ingress: BridgePort, egress: BridgePort): boolean {
    if (frame.bridgePort === 0) return true;
    return this.hooks.passBridged(Hook.FORWARD, frame, ingress.device.master!, ingress.device, egress.device);
  }

  /** br_nf_local_in: what the stack will not take is confirmed here. ip_rcv_core forgets what a packet was put together from. */
  toHost(frame: Frame, ingress: BridgePort): boolean {
    frame.fragments = null;
    const bridge = ingress.device.master as Bridge;
    if (frame.connection === null) return true;
    const to = ethernet.destination(frame.bytes, frame.at);
    const isForHost = to === bridge.mac || to === ingress.device.mac;
    if (!isForHost && bridge.promiscuity > 0 && bridge.fdb.find(to)?.local !== true) frame.connection = null;
    else if (!isForHost) return this.hooks.confirmBridged(frame);
    return true;
  }

  fromHost(): boolean {
    return true;
  }

  /** br_nf_post_routing. What was put together from fragments is cut again (br_nf_dev_queue_xmit). */
  leave(frame: Frame, ingress: BridgePort | null, egress: BridgePort): boolean {
    if (ingress === null || frame.bridgePort === 0) return true;
    const { device } = egress;
    if (!this.hooks.passBridged(Hook.POSTROUTING, frame, device.master!, ingress.device, device)) return false;
    return this.pushOut(frame, device, device.master as Bridge);
  }

  /** br_nf_dev_queue_xmit, br_nf_ip_fragment: the pieces are no longer than they came, whatever the port could take. */
  private pushOut(frame: Frame, device: NetDevice, bridge: Bridge): boolean {
    const { mtu } = bridge;
    const size = frame.length - LINK;
    const { fragments } = frame;
    if (size <= Math.min(device.mtu, fragments?.largest ?? size)) return true;
    const mayCut = fragments === null ? !ipv4.dontFragment(frame.bytes, frame.at + LINK) : fragments.largest <= mtu;
    // br_validate_ipv4 forgets that they were not to be cut.
    if (fragments !== null) frame.fragments = { ...fragments, keepWhole: false };
    if (!mayCut) {
      this.host.snmp.ip.fragFails++;
      this.host.drop(frame, Fate.FRAGMENTATION_NEEDED);
      return false;
    }
    for (const piece of fragment(this.host.world.frames, frame, mtu)) bridge.forwarding.pushOut(piece, device);
    return false;
  }

  /**
   * br_nf_pre_routing_finish, when the destination is another one. False: the frame has ended, or waits for ARP. Where
   * nothing is forwarded the route that ip_route_input finds is an error, and a bridged guest's answers end with the host.
   */
  private redirect(frame: Frame, bridge: Bridge): boolean {
    const { fate, type, route } = this.host.routeOf(frame, bridge);
    if (fate !== Fate.NONE) return this.end(frame, fate);
    if (type === RouteType.UNICAST && route!.device === bridge) return this.toNeighbour(frame, bridge, route!.via);
    ethernet.setDestination(frame.bytes, frame.at, bridge.mac);
    return true;
  }

  /** br_nf_pre_routing_finish_bridge */
  private toNeighbour(frame: Frame, bridge: Bridge, gateway: Ipv4): boolean {
    const nextHop = gateway === ANY_IPV4 ? ipv4.destination(frame.bytes, frame.at + LINK) : gateway;
    const entry = this.host.neighbours.obtain(bridge, nextHop);
    if (entry === null) return this.end(frame, Fate.NEIGHBOUR_QUEUE_FULL);
    if (!entry.isValid) {
      frame.bridgePort = -frame.bridgePort;
      entry.send(frame);
      return false;
    }
    ethernet.setDestination(frame.bytes, frame.at, entry.mac);
    return true;
  }

  /** br_nf_pre_routing_finish_bridge_slow: it was kept before the bridge had seen it, and comes in now. */
  goOn(frame: Frame, bridge: NetDevice, mac: Mac): void {
    frame.bridgePort = -frame.bridgePort;
    const input = inputAt(this.host.table.byIndex(frame.bridgePort), bridge);
    if (input === null) return this.host.drop(frame, Fate.BRIDGE_PORT_NOT_FORWARDING);
    ethernet.setDestination(frame.bytes, frame.at, mac);
    input.finish(frame);
  }
}
