/**
 * A device as a port of a bridge: takes what comes in through the device before its stack does. Follows br_handle_frame
 * of net/bridge/br_input.c and the port half of br_if.c, Linux 6.1.
 *
 * Not modelled: VLAN filtering, locked ports, proxy ARP and neighbour suppression, IGMP and MLD snooping.
 */
import { get8 } from "../base/bytes.ts";
import { Fate, type FateCode } from "../base/fate.ts";
import type { Timer } from "../engine/timer.ts";
import { type Mac, ZERO_MAC } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import type { Bridge } from "./bridge.ts";
import { Learnt, type LearntCode } from "./bridge-fdb.ts";
import { BridgeStep } from "./bridge-steps.ts";
import { PortState, type PortStateCode } from "./bridge-stp.ts";
import type { FrameSink, NetDevice } from "./device.ts";

/** Offset of the source address in an Ethernet header. */
const SOURCE = 6;
/** IEEE 802.1D table 7-10: 01:80:c2:00:00:00 to 0f belong to the link and stop at the first bridge. */
const LINK_LOCAL = 0x0180_c200_0000;
const LAST_LINK_LOCAL = LINK_LOCAL + 15;
const BRIDGE_GROUP = 0;
const PAUSE = 1;
/** BR_PORT_BITS: the number's share of the port id. */
const PORT_BITS = 10;
/** br_if.c port_cost: IEEE 802.1D costs by Mbit/s; 100 when the driver does not say. */
const COSTS: readonly (readonly [speed: number, cost: number])[] = [
  [10_000, 2],
  [5_000, 3],
  [2_500, 4],
  [1_000, 5],
  [100, 19],
  [10, 100],
];
const UNKNOWN_COST = 100;
const COST_ABOVE_10G = 1;

export function portCost(speed: number): number {
  if (speed > 10_000) return COST_ABOVE_10G;
  return COSTS.find(([each]) => each === speed)?.[1] ?? UNKNOWN_COST;
}

export class BridgePort implements FrameSink {
  readonly bridge: Bridge;
  readonly device: NetDevice;
  /** 1 to 1023, the lowest that was free. */
  readonly number: number;
  state: PortStateCode = PortState.DISABLED;
  /** 0 to 63: `bridge link set dev PORT priority`. */
  priority = 32;
  pathCost: number;
  /** The user set the cost: speed changes nothing any more. */
  hasAdminCost = false;
  hairpin = false;
  learning = true;
  /** Flooding of unknown unicast, of multicast and of broadcast. */
  flood = true;
  multicastFlood = true;
  broadcastFlood = true;
  isolated = false;
  readonly forwardDelayTimer: Timer;

  constructor(bridge: Bridge, device: NetDevice, number: number) {
    this.bridge = bridge;
    this.device = device;
    this.number = number;
    this.pathCost = portCost(device.speed);
    this.forwardDelayTimer = bridge.stp.forwardDelayTimer();
  }

  /** 0x8001 for the first port. */
  get id(): number {
    return (this.priority << PORT_BITS) | this.number;
  }

  /** br_port_carrier_check: the speed is known once there is carrier. */
  refreshCost(): void {
    if (!this.hasAdminCost && this.device.running) this.pathCost = portCost(this.device.speed);
  }

  receive(frame: Frame): void {
    if (frame.length < ethernet.HEADER_LENGTH) {
      this.bridge.drop(frame, Fate.FRAME_TOO_SHORT);
      return;
    }
    const destination = ethernet.destination(frame.bytes, frame.at);
    const fate = this.judge(frame, destination);
    if (fate === Fate.NONE) this.bridge.forwarding.fromPort(frame, this, destination);
    else this.bridge.drop(frame, fate);
  }

  /** br_handle_frame: learns, and answers why the frame goes no further, or NONE. */
  private judge(frame: Frame, destination: Mac): FateCode {
    const source = ethernet.source(frame.bytes, frame.at);
    // The bit in the bytes instead of isStationAddress: 12 ns less per frame.
    if (source === ZERO_MAC || (get8(frame.bytes, frame.at + SOURCE) & 1) === 1) return Fate.BRIDGE_INVALID_SOURCE;
    const learns = this.state === PortState.FORWARDING || this.state === PortState.LEARNING;
    if (destination >= LINK_LOCAL && destination <= LAST_LINK_LOCAL && !this.passesOn(destination - LINK_LOCAL)) {
      // The kernel hands it to whoever listens on the port itself (lldpd): taps have seen it, nobody else wants it.
      if (learns && destination !== LINK_LOCAL + PAUSE) this.learn(frame, source);
      return Fate.BRIDGE_LINK_LOCAL;
    }
    if (learns) this.learn(frame, source);
    if (this.state === PortState.FORWARDING) return Fate.NONE;
    this.note(frame, BridgeStep.PORT_STATE, this.state, this.device.rx.id);
    return this.bridge.up ? Fate.BRIDGE_PORT_NOT_FORWARDING : Fate.BRIDGE_DOWN;
  }

  /** Link-local groups go on only by `group_fwd_mask`, and the bridge group itself while there is no STP to read it. */
  private passesOn(group: number): boolean {
    if (group === BRIDGE_GROUP && !this.bridge.stp.enabled) return true;
    return group !== PAUSE && (this.bridge.groupForwardMask & (1 << group)) !== 0;
  }

  private learn(frame: Frame, source: Mac): void {
    if (!this.learning) return;
    const before = this.bridge.world.recorder.on ? this.bridge.fdb.find(source) : null;
    const from = before?.port?.device.rx.id ?? 0;
    const learnt = this.bridge.fdb.learn(source, this);
    if (learnt !== Learnt.KNOWN) this.tell(frame, source, learnt, from);
  }

  private tell(frame: Frame, source: Mac, learnt: LearntCode, from: number): void {
    const here = this.device.rx.id;
    if (learnt === Learnt.MOVED) this.note(frame, BridgeStep.MOVED_FROM, source, from);
    if (learnt === Learnt.MOVED || learnt === Learnt.NEW) this.note(frame, BridgeStep.LEARNT, source, here);
    if (learnt === Learnt.REFUSED) this.note(frame, BridgeStep.FDB_FULL, source, here);
    if (learnt !== Learnt.OWN) return;
    this.note(frame, BridgeStep.OWN_SOURCE, source, here);
    this.bridge.warnOwnAddress(this, source);
  }

  private note(frame: Frame, code: number, a: number, b: number): void {
    this.bridge.world.recorder.note(code, frame.id, this.bridge.passing.id, a, b);
  }
}
