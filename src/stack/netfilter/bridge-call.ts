/**
 * br_netfilter: bridged IPv4 goes through the hooks of IP. Follows net/bridge/br_netfilter_hooks.c of Linux 6.1
 * (br_nf_pre_routing, br_nf_forward_ip). The module is loaded by the first rule with -m physdev, and never leaves.
 *
 * Not modelled: IPv6 and ARP (their switches are there and do nothing), frames with a VLAN or PPPoE header
 * (bridge-nf-filter-*-tagged), putting fragments together, POSTROUTING, DNAT of bridged frames.
 */
import { Fate } from "../../base/fate.ts";
import { Bridge } from "../../device/bridge.ts";
import { type BridgeHook, BridgePriority } from "../../device/bridge-hooks.ts";
import type { BridgePort } from "../../device/bridge-port.ts";
import type { NetDevice } from "../../device/device.ts";
import type { DeviceTable } from "../../device/device-table.ts";
import * as ethernet from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import { Hook, type HookNumber } from "../hooks.ts";
import { checkHeader, countFault } from "../ip-check.ts";
import type { SnmpCounters } from "../snmp.ts";
import type { Sysctls } from "../sysctl.ts";

const LINK = ethernet.HEADER_LENGTH;

/** The hooks of IP, as a bridge uses them. */
export interface BridgedHooks {
  passBridged(hook: HookNumber, frame: Frame, bridge: NetDevice, from: NetDevice, to: NetDevice | null): boolean;
}

export interface BridgeCallHost {
  readonly table: DeviceTable;
  readonly sysctls: Sysctls;
  readonly snmp: SnmpCounters;
}

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
    const fault = checkHeader(frame.bytes, frame.at + LINK, frame.end);
    if (fault !== Fate.NONE) {
      countFault(this.host.snmp.ip, fault);
      device.master!.drop(frame, fault);
      return false;
    }
    frame.length = LINK + ipv4.totalLength(frame.bytes, frame.at + LINK);
    frame.bridgePort = device.index;
    return this.hooks.passBridged(Hook.PREROUTING, frame, device.master!, device, null);
  }

  /** br_nf_forward_ip: only what was looked at when it came in. */
  forward(frame: Frame, ingress: BridgePort, egress: BridgePort): boolean {
    if (frame.bridgePort === 0) return true;
    return this.hooks.passBridged(Hook.FORWARD, frame, ingress.device.master!, ingress.device, egress.device);
  }

  toHost(): boolean {
    return true;
  }

  fromHost(): boolean {
    return true;
  }

  leave(): boolean {
    return true;
  }
}
