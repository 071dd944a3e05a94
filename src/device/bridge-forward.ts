/**
 * The forwarding half of a bridge: which ports a frame leaves by, and whether the host gets it. Follows
 * br_handle_frame_finish, br_pass_frame_up (br_input.c), br_forward.c and br_dev_xmit (br_device.c) of Linux 6.1.
 *
 * Flooding goes from the port added last to the one added first and skips the port of entry; the host comes last and
 * gets the frame itself, the ports get clones of it.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import type { Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as vlan from "../packet/vlan.ts";
import type { BridgeFdb } from "./bridge-fdb.ts";
import { BridgeHooks } from "./bridge-hooks.ts";
import { type BridgeDevice, type BridgePort, PortState } from "./bridge-port.ts";
import { BridgeStep } from "./bridge-steps.ts";
import type { NetDevice } from "./device.ts";

/** is_skb_forwardable leaves room for a tag, whether there is one or not. */
const FRAMING = ethernet.HEADER_LENGTH + vlan.TAG_LENGTH;

export class BridgeForwarding {
  private readonly bridge: BridgeDevice;
  private readonly fdb: BridgeFdb;
  readonly hooks = new BridgeHooks();
  /** By which port the frame came in that is handed to the host right now. */
  passedUpFrom: BridgePort | null = null;

  constructor(bridge: BridgeDevice, fdb: BridgeFdb) {
    this.bridge = bridge;
    this.fdb = fdb;
  }

  /** A frame that came in through a port in forwarding state. */
  fromPort(frame: Frame, ingress: BridgePort): void {
    if (isToGroup(frame)) this.groupFromPort(frame, ingress);
    else this.unicastFromPort(frame, ingress);
  }

  /** A frame that the host sends out through the bridge device. */
  fromHost(frame: Frame): void {
    const entry = isToGroup(frame) ? null : this.fdb.findDestination(frame.bytes, frame.at);
    if (entry === null) this.flood(frame, null, false);
    else if (entry.port === null) this.end(frame, BridgeStep.NO_EGRESS, destinationOf(frame), 0, Fate.BRIDGE_NO_PORT);
    else this.forward(frame, null, entry.port, false);
  }

  private unicastFromPort(frame: Frame, ingress: BridgePort): void {
    const bridge = this.bridge;
    const entry = this.fdb.findDestination(frame.bytes, frame.at);
    const isLocal = entry?.local === true;
    const keep = isLocal || bridge.promiscuity > 0;
    if (!keep && bridge.passing.taps.listeners !== null) bridge.passing.show(frame, Fate.NONE);
    if (entry === null) this.flood(frame, ingress, keep);
    else if (!isLocal) {
      entry.used = bridge.world.scheduler.now;
      this.forward(frame, ingress, entry.port!, keep);
    }
    if (!keep) return;
    this.noteAddress(frame, isLocal ? BridgeStep.LOCAL : BridgeStep.PROMISCUOUS, 0);
    this.passUp(frame, ingress);
  }

  private groupFromPort(frame: Frame, ingress: BridgePort): void {
    if (!ethernet.isToAll(frame.bytes, frame.at)) this.bridge.counters.rxMulticast++;
    this.flood(frame, ingress, true);
    this.note(frame, BridgeStep.GROUP_TO_HOST, 0, 0);
    this.passUp(frame, ingress);
  }

  /** br_forward; with `keep` the caller keeps the frame and the port gets a clone. */
  private forward(frame: Frame, ingress: BridgePort | null, egress: BridgePort, keep: boolean): void {
    const way = egress.device.rx.id;
    if (mayLeave(ingress, egress)) {
      this.noteAddress(frame, BridgeStep.FDB_HIT, way);
      this.send(keep ? this.bridge.world.frames.clone(frame) : frame, ingress, egress);
    } else if (!keep) {
      if (ingress === egress) this.end(frame, BridgeStep.SAME_PORT, destinationOf(frame), way, Fate.BRIDGE_SAME_PORT);
      else this.end(frame, BridgeStep.EGRESS_STATE, egress.state, way, Fate.BRIDGE_PORT_NOT_FORWARDING);
    }
  }

  /** br_flood. Takers are counted first: the last of them gets the frame itself, unless the caller keeps it. */
  private flood(frame: Frame, ingress: BridgePort | null, keep: boolean): void {
    const ports = this.bridge.ports;
    const kind = floodKind(frame, ingress);
    let left = 0;
    for (let i = ports.length - 1; i >= 0; i--) if (takesFlood(ingress, ports[i]!, kind)) left++;
    if (left > 0) this.note(frame, BridgeStep.FLOOD, left, destinationOf(frame));
    else if (!keep) this.end(frame, BridgeStep.NO_EGRESS, destinationOf(frame), 0, Fate.BRIDGE_NO_PORT);
    for (let i = ports.length - 1; left > 0; i--) {
      if (!takesFlood(ingress, ports[i]!, kind)) continue;
      left--;
      this.send(keep || left > 0 ? this.bridge.world.frames.clone(frame) : frame, ingress, ports[i]!);
    }
  }

  /** __br_forward */
  private send(frame: Frame, ingress: BridgePort | null, egress: BridgePort): void {
    if (this.hooks.passOut(frame, ingress, egress)) this.pushOut(frame, egress.device);
  }

  /** br_dev_queue_push_xmit: out by a port that the hooks have nothing against. */
  pushOut(frame: Frame, device: NetDevice): void {
    if (frame.length <= device.mtu + FRAMING) device.transmit(frame);
    else this.end(frame, BridgeStep.MTU, frame.length, device.rx.id, Fate.BRIDGE_MTU_EXCEEDED);
  }

  /** br_pass_frame_up: the kernel counts without the Ethernet header here. */
  private passUp(frame: Frame, ingress: BridgePort): void {
    const counters = this.bridge.counters;
    counters.rxPackets++;
    counters.rxBytes += frame.length - ethernet.HEADER_LENGTH;
    this.passedUpFrom = ingress;
    if (this.hooks.toHost(frame, ingress)) this.bridge.deliver(frame);
    this.passedUpFrom = null;
  }

  private end(frame: Frame, step: number, a: number, b: number, fate: FateCode): void {
    this.note(frame, step, a, b);
    this.bridge.drop(frame, fate);
  }

  /** The address is made only where it is written down. */
  private noteAddress(frame: Frame, code: number, b: number): void {
    if (this.bridge.world.recorder.on) this.note(frame, code, destinationOf(frame), b);
  }

  private note(frame: Frame, code: number, a: number, b: number): void {
    this.bridge.world.recorder.note(code, frame.id, this.bridge.passing.id, a, b);
  }
}

/** should_deliver */
function mayLeave(ingress: BridgePort | null, egress: BridgePort): boolean {
  if (egress.state !== PortState.FORWARDING) return false;
  if (ingress === null) return true;
  return (ingress !== egress || egress.hairpin) && !(ingress.isolated && egress.isolated);
}

const isToGroup = (frame: Frame): boolean => ethernet.isToGroup(frame.bytes, frame.at);
const destinationOf = (frame: Frame): Mac => ethernet.destination(frame.bytes, frame.at);

/** Which flag of a port decides about a flood. */
const Flood = { UNICAST: 0, MULTICAST: 1, BROADCAST: 2, ALWAYS: 3 } as const;

/** What the host itself sends to a group reaches every port. */
function floodKind(frame: Frame, ingress: BridgePort | null): number {
  if (!isToGroup(frame)) return Flood.UNICAST;
  if (ingress === null) return Flood.ALWAYS;
  return ethernet.isToAll(frame.bytes, frame.at) ? Flood.BROADCAST : Flood.MULTICAST;
}

/** Ports can be told not to take floods. */
function takesFlood(ingress: BridgePort | null, egress: BridgePort, kind: number): boolean {
  if (!mayLeave(ingress, egress)) return false;
  if (kind === Flood.UNICAST) return egress.flood;
  if (kind === Flood.MULTICAST) return egress.multicastFlood;
  return kind === Flood.ALWAYS || egress.broadcastFlood;
}
