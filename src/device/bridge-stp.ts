/**
 * A bridge's spanning tree as administrators and ports that come and go see it: br_stp_if.c of net/bridge, Linux 6.1. The
 * protocol itself is in `bridge-spanning-tree.ts`.
 *
 *   STP off, or forward delay 0:   disabled -> blocking -> forwarding, in one instant
 *   STP on:                        disabled -> blocking -> listening --fd--> learning --fd--> forwarding
 *   a better way to the root:      any -> blocking
 */
import { type Nanos, seconds } from "../engine/time.ts";
import * as bpdu from "../packet/bpdu.ts";
import { type BridgePort, PortState, type PortStateCode } from "./bridge-port.ts";
import { SpanningTree } from "./bridge-spanning-tree.ts";

/** br_private_stp.h: the ranges of IEEE 802.1D. */
const FORWARD_DELAY = { least: seconds(2), most: seconds(30) };
const HELLO_TIME = { least: seconds(1), most: seconds(10) };
const MAX_AGE = { least: seconds(6), most: seconds(40) };
const within = (time: Nanos, range: { least: Nanos; most: Nanos }): boolean =>
  time >= range.least && time <= range.most;

/** "range" is ERANGE: "Numerical result out of range". */
export type TimeAnswer = "ok" | "range";

export class BridgeStp extends SpanningTree {
  /** `brctl stp BR on|off`. Ports that forward already go on forwarding; STP pulls the forward delay into its range. */
  setEnabled(on: boolean): void {
    if (on === this.enabled) return;
    this.enabled = on;
    if (!on) return;
    const { least, most } = FORWARD_DELAY;
    this.adoptForwardDelay(Math.min(Math.max(this.ownForwardDelay, least), most) as Nanos);
    if (this.bridge.up) this.helloTimer.armAfter(this.helloTime);
    this.selectStates();
  }

  setForwardDelay(delay: Nanos): TimeAnswer {
    if (this.enabled && !within(delay, FORWARD_DELAY)) return "range";
    this.adoptForwardDelay(delay);
    return "ok";
  }

  setHelloTime(time: Nanos): TimeAnswer {
    if (!within(time, HELLO_TIME)) return "range";
    this.ownHelloTime = time;
    if (this.isRoot) this.helloTime = time;
    return "ok";
  }

  setMaxAge(time: Nanos): TimeAnswer {
    if (!within(time, MAX_AGE)) return "range";
    this.ownMaxAge = time;
    if (this.isRoot) this.maxAge = time;
    return "ok";
  }

  /** br_stp_set_bridge_priority */
  setPriority(priority: number): void {
    const wasRoot = this.isRoot;
    for (const port of this.designatedPorts()) port.stp.designatedBridge = { priority, mac: this.bridge.idMac };
    this.priority = priority;
    this.update(wasRoot);
  }

  /** br_stp_set_path_cost */
  setPathCost(port: BridgePort, cost: number): void {
    port.pathCost = cost;
    port.hasAdminCost = true;
    this.selectRoot();
    this.selectStates();
  }

  /** br_stp_set_port_priority */
  setPortPriority(port: BridgePort, priority: number): void {
    const wasDesignated = this.isDesignated(port);
    port.priority = priority;
    if (wasDesignated) port.stp.designatedPort = port.id;
    if (!bpdu.sameId(port.stp.designatedBridge, this.id) || port.id >= port.stp.designatedPort) return;
    this.designate(port);
    this.selectStates();
  }

  /** br_stp_change_bridge_id: what said "me" before says the new address. */
  macChanged(old: bpdu.BridgeId): void {
    const wasRoot = bpdu.sameId(old, this.designatedRoot);
    const { mac } = this.id;
    for (const { stp } of this.bridge.ports) {
      if (stp.designatedBridge.mac === old.mac) stp.designatedBridge = { ...stp.designatedBridge, mac };
      if (stp.designatedRoot.mac === old.mac) stp.designatedRoot = { ...stp.designatedRoot, mac };
    }
    this.update(wasRoot);
  }

  private adoptForwardDelay(delay: Nanos): void {
    this.ownForwardDelay = delay;
    if (this.isRoot) this.forwardDelay = delay;
  }

  // Bridges and ports that come and go.

  /** br_stp_enable_bridge: the last port added comes first, as in the kernel's list. */
  bridgeOpened(): void {
    if (this.enabled) this.helloTimer.armAfter(this.helloTime);
    this.sendConfigs();
    for (const port of this.bridge.ports.toReversed()) if (port.device.running) this.enablePort(port);
  }

  /** br_stp_disable_bridge */
  bridgeClosed(): void {
    for (const port of this.bridge.ports.toReversed()) if (port.state !== PortState.DISABLED) this.disablePort(port);
    this.setTopologyChange(false);
    this.topologyChangeDetected = false;
    for (const timer of [this.helloTimer, this.topologyChangeTimer, this.notificationTimer]) timer.cancel();
  }

  /** br_stp_enable_port. Nothing changes for the others, which the kernel looks through too. */
  enablePort(port: BridgePort): void {
    this.initialise(port);
    this.selectState(port);
    this.showCarrier();
  }

  /** br_init_port */
  initialise(port: BridgePort): void {
    this.designate(port);
    this.enter(port, PortState.BLOCKING);
    this.forgetPending(port);
  }

  /** What was learnt on the port is forgotten with it. */
  disablePort(port: BridgePort): void {
    const wasRoot = this.isRoot;
    this.designate(port);
    this.enter(port, PortState.DISABLED);
    this.forgetPending(port);
    const { forwardDelay, messageAge, hold } = port.stp.timers;
    for (const timer of [forwardDelay, messageAge, hold]) timer.cancel();
    this.fdb.flushPort(port, false);
    this.update(wasRoot);
  }

  /** br_set_port_state: `bridge link set dev PORT state STATE`. EBUSY: that is STP's business; ENETDOWN: no carrier. */
  setStateByUser(port: BridgePort, state: PortStateCode): "EBUSY" | "ENETDOWN" | null {
    if (this.enabled) return "EBUSY";
    const { up, carrier } = port.device;
    if (!up || (!carrier && state !== PortState.DISABLED)) return "ENETDOWN";
    this.enter(port, state);
    this.selectStates();
    return null;
  }
}
