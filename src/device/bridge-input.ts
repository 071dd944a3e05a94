/**
 * What comes in through a port of a bridge, before the device's own stack sees it. Follows br_handle_frame of
 * net/bridge/br_input.c, Linux 6.1.
 */
import { get8 } from "../base/bytes.ts";
import { Fate, type FateCode } from "../base/fate.ts";
import { isLinkLocalGroup, LINK_LOCAL_GROUPS, type Mac, ZERO_MAC } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import { type BridgeFdb, Learnt, type LearntCode } from "./bridge-fdb.ts";
import type { BridgeForwarding } from "./bridge-forward.ts";
import { type BridgeDevice, type BridgePort, PortState } from "./bridge-port.ts";
import { BridgeStep } from "./bridge-steps.ts";
import type { BridgeStp } from "./bridge-stp.ts";
import type { FrameSink } from "./device.ts";

/** Offset of the source address in an Ethernet header. */
const SOURCE = 6;
/** Link-local groups by their last digit. */
const BRIDGE_GROUP = 0;
const PAUSE = 1;

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
  private readonly port: BridgePort;

  constructor(bridge: InputBridge, port: BridgePort) {
    this.bridge = bridge;
    this.port = port;
  }

  receive(frame: Frame): void {
    if (frame.length < ethernet.HEADER_LENGTH) {
      this.bridge.drop(frame, Fate.FRAME_TOO_SHORT);
      return;
    }
    const destination = ethernet.destination(frame.bytes, frame.at);
    const source = ethernet.source(frame.bytes, frame.at);
    const fate = this.refuse(frame, source, destination);
    if (fate === Fate.NONE) this.enter(frame, source);
    else if (fate === Fate.CONSUMED) this.bridge.world.frames.finish(frame, fate);
    else this.bridge.drop(frame, fate);
  }

  /** br_handle_frame: why the bridge has nothing to do with the frame, NONE, or CONSUMED: the spanning tree has read it. */
  private refuse(frame: Frame, source: Mac, destination: Mac): FateCode {
    // The bit in the bytes instead of isStationAddress: 12 ns less per frame.
    if (source === ZERO_MAC || (get8(frame.bytes, frame.at + SOURCE) & 1) === 1) return Fate.BRIDGE_INVALID_SOURCE;
    if (!isLinkLocalGroup(destination) || this.passesOn(destination - LINK_LOCAL_GROUPS)) return Fate.NONE;
    // The kernel hands it to whoever listens on the port itself (lldpd): taps have seen it, nobody else wants it.
    if (this.learns && destination !== LINK_LOCAL_GROUPS + PAUSE) this.learn(frame, source);
    if (destination === LINK_LOCAL_GROUPS && this.bridge.stp.receive(frame, this.port)) return Fate.CONSUMED;
    return Fate.BRIDGE_LINK_LOCAL;
  }

  /** nf_hook_bridge_pre, br_handle_frame_finish */
  private enter(frame: Frame, source: Mac): void {
    const { bridge, port } = this;
    if (this.learns) {
      if (!bridge.forwarding.hooks.enter(frame, port)) return;
      this.learn(frame, source);
    }
    // A hook may have sent it elsewhere (DNAT).
    if (port.state === PortState.FORWARDING)
      return bridge.forwarding.fromPort(frame, port, ethernet.destination(frame.bytes, frame.at));
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

  private learn(frame: Frame, source: Mac): void {
    if (!this.port.learning) return;
    const before = this.bridge.world.recorder.on ? this.bridge.fdb.find(source) : null;
    const from = before?.port?.device.rx.id ?? 0;
    const learnt = this.bridge.fdb.learn(source, this.port);
    if (learnt !== Learnt.KNOWN) this.tell(frame, source, learnt, from);
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
