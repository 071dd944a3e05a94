/**
 * What comes in through a port of a bridge, before the device's own stack sees it. Follows br_handle_frame of
 * net/bridge/br_input.c, Linux 6.1.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import type { Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as vlan from "../packet/vlan.ts";
import { type BridgeFdb, Learnt, type LearntCode } from "./bridge-fdb.ts";
import type { BridgeForwarding } from "./bridge-forward.ts";
import { type BridgeDevice, type BridgePort, PortState } from "./bridge-port.ts";
import { BridgeStep } from "./bridge-steps.ts";
import type { BridgeStp } from "./bridge-stp.ts";
import type { FrameSink } from "./device.ts";

/** Link-local groups by their last digit. */
const BRIDGE_GROUP = 0;
const PAUSE = 1;

/** An Ethernet header, a tag and two bytes: frames as long as that are whole. */
const SHORTEST = ethernet.HEADER_LENGTH + vlan.TAG_LENGTH + 2;

const isCut = (frame: Frame): boolean =>
  frame.length < ethernet.HEADER_LENGTH || vlan.isCut(frame.bytes, frame.at, frame.length);

const { IPV4, ARP, VLAN, PROVIDER_VLAN } = ethernet.EtherType;
const FOR_PROTOCOLS: readonly number[] = [IPV4, ARP, VLAN, PROVIDER_VLAN];

/** What the stack makes something of; LLC, LLDP and the like are nobody's here. */
function isForProtocols({ bytes, at }: Frame): boolean {
  if (ethernet.linkLocalGroup(bytes, at) === PAUSE) return false;
  return FOR_PROTOCOLS.includes(ethernet.etherType(bytes, at));
}

/** The bridge with the parts that an incoming frame meets. */
export interface InputBridge extends BridgeDevice {
  readonly stp: BridgeStp;
  readonly fdb: BridgeFdb;
  readonly forwarding: BridgeForwarding;
  readonly groupForwardMask: number;
  /** The classic sign of a loop, or of two machines with one address. */
  warnOwnAddress(port: BridgePort, source: Mac): void;
}

export class BridgeInput implements FrameSink {
  private readonly bridge: InputBridge;
  readonly port: BridgePort;

  constructor(bridge: InputBridge, port: BridgePort) {
    this.bridge = bridge;
    this.port = port;
  }

  receive(frame: Frame): void {
    if (frame.length < SHORTEST && isCut(frame)) {
      this.bridge.drop(frame, Fate.FRAME_TOO_SHORT);
      return;
    }
    const fate = this.refuse(frame);
    if (fate === Fate.NONE) this.enter(frame);
    else if (fate === Fate.BRIDGE_LINK_LOCAL && isForProtocols(frame)) this.port.device.toStack(frame);
    else if (fate === Fate.CONSUMED) this.bridge.world.frames.finish(frame, fate);
    else this.bridge.drop(frame, fate);
  }

  /** br_handle_frame: why the bridge has nothing to do with the frame, NONE, or CONSUMED: the spanning tree has read it. */
  private refuse(frame: Frame): FateCode {
    const { bytes, at } = frame;
    if (!ethernet.isFromStation(bytes, at)) return Fate.BRIDGE_INVALID_SOURCE;
    const group = ethernet.linkLocalGroup(bytes, at);
    if (group < 0 || this.passesOn(group)) return Fate.NONE;
    // It goes to whoever listens on the port itself (lldpd): taps have seen it, and IP takes even this for its own.
    if (this.learns && group !== PAUSE) this.learn(frame);
    if (group === BRIDGE_GROUP && this.bridge.stp.receive(frame, this.port)) return Fate.CONSUMED;
    return Fate.BRIDGE_LINK_LOCAL;
  }

  /** nf_hook_bridge_pre, br_handle_frame_finish */
  private enter(frame: Frame): void {
    const { bridge, port } = this;
    if (this.learns) {
      if (!bridge.forwarding.hooks.enter(frame, port)) return;
      this.learn(frame);
    }
    this.pass(frame);
  }

  /** br_handle_frame_finish, of a frame that a hook has kept until now. */
  finish(frame: Frame): void {
    if (this.learns) this.learn(frame);
    this.pass(frame);
  }

  private pass(frame: Frame): void {
    const { bridge, port } = this;
    if (port.state === PortState.FORWARDING) return bridge.forwarding.fromPort(frame, port);
    this.note(frame, BridgeStep.PORT_STATE, port.state, port.device.rx.id);
    bridge.drop(frame, bridge.up ? Fate.BRIDGE_PORT_NOT_FORWARDING : Fate.BRIDGE_DOWN);
  }

  private get learns(): boolean {
    const { state } = this.port;
    return state === PortState.FORWARDING || state === PortState.LEARNING;
  }

  /** Link-local groups go on only by `group_fwd_mask`, and the bridge group itself while there is no STP to read it. */
  private passesOn(group: number): boolean {
    if (group === BRIDGE_GROUP && !this.bridge.stp.enabled) return true;
    return group !== PAUSE && (this.bridge.groupForwardMask & (1 << group)) !== 0;
  }

  private learn(frame: Frame): void {
    if (!this.port.learning) return;
    const { fdb, world } = this.bridge;
    const { bytes, at } = frame;
    const before = world.recorder.on ? fdb.find(ethernet.source(bytes, at)) : null;
    const from = before?.port?.device.rx.id ?? 0;
    const learnt = fdb.learn(bytes, at, this.port);
    if (learnt !== Learnt.KNOWN) this.tell(frame, ethernet.source(bytes, at), learnt, from);
  }

  private tell(frame: Frame, source: Mac, learnt: LearntCode, from: number): void {
    const here = this.port.device.rx.id;
    if (learnt === Learnt.MOVED) this.note(frame, BridgeStep.MOVED_FROM, source, from);
    if (learnt === Learnt.MOVED || learnt === Learnt.NEW) this.note(frame, BridgeStep.LEARNT, source, here);
    if (learnt === Learnt.REFUSED) this.note(frame, BridgeStep.FDB_FULL, source, here);
    if (learnt !== Learnt.OWN) return;
    this.note(frame, BridgeStep.OWN_SOURCE, source, here);
    this.bridge.warnOwnAddress(this.port, source);
  }

  private note(frame: Frame, code: number, a: number, b: number): void {
    this.bridge.world.recorder.note(code, frame.id, this.bridge.passing.id, a, b);
  }
}
