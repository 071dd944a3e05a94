/**
 * Port states of a bridge and the timers that move them. Follows net/bridge/br_stp.c, br_stp_if.c and br_stp_timer.c of
 * Linux 6.1.
 *
 *   STP off, or forward delay 0:   disabled -> blocking -> forwarding, in one instant
 *   STP on:                        disabled -> blocking -> listening --fd--> learning --fd--> forwarding
 *
 * Not modelled: the protocol itself. No BPDUs are sent or read, so every bridge believes that it is the root and every
 * port that it is designated; hello, hold, message age and tcn timers never run. No user-space STP.
 */
import type { EventTarget } from "../engine/scheduler.ts";
import { type Nanos, seconds } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { BridgeFdb } from "./bridge-fdb.ts";
import { type BridgeDevice, type BridgePort, PortState, type PortStateCode, portStateNames } from "./bridge-port.ts";

/** br_private_stp.h: the ranges of IEEE 802.1D. */
const FORWARD_DELAY = { least: seconds(2), most: seconds(30) };
const HELLO_TIME = { least: seconds(1), most: seconds(10) };
const MAX_AGE = { least: seconds(6), most: seconds(40) };

const FORWARD_DELAY_OVER = 1;
const TOPOLOGY_CHANGE_OVER = 2;

const within = (time: Nanos, range: { least: Nanos; most: Nanos }): boolean =>
  time >= range.least && time <= range.most;

/** "range" is ERANGE: "Numerical result out of range". */
export type TimeAnswer = "ok" | "range";

export class BridgeStp implements EventTarget {
  private readonly bridge: BridgeDevice;
  private readonly fdb: BridgeFdb;
  enabled = false;
  forwardDelay = seconds(15);
  helloTime = seconds(2);
  maxAge = seconds(20);
  /** The upper 16 bits of the bridge id. */
  priority = 0x8000;
  topologyChange = false;
  readonly topologyChangeTimer: Timer;

  constructor(bridge: BridgeDevice, fdb: BridgeFdb) {
    this.bridge = bridge;
    this.fdb = fdb;
    this.topologyChangeTimer = new Timer(bridge.world.scheduler, this, TOPOLOGY_CHANGE_OVER);
  }

  /** For a new port. */
  forwardDelayTimer(): Timer {
    return new Timer(this.bridge.world.scheduler, this, FORWARD_DELAY_OVER);
  }

  handle(operation: number, _argument: number, subject: unknown): void {
    if (operation === FORWARD_DELAY_OVER) this.advance(subject as BridgePort);
    else this.setTopologyChange(false);
  }

  /** `brctl stp BR on|off`. Ports that forward already go on forwarding; STP pulls the forward delay into its range. */
  setEnabled(on: boolean): void {
    if (on === this.enabled) return;
    this.enabled = on;
    if (!on) return;
    const { least, most } = FORWARD_DELAY;
    this.forwardDelay = Math.min(Math.max(this.forwardDelay, least), most) as Nanos;
    this.selectStates();
  }

  setForwardDelay(delay: Nanos): TimeAnswer {
    if (this.enabled && !within(delay, FORWARD_DELAY)) return "range";
    this.forwardDelay = delay;
    return "ok";
  }

  setHelloTime(time: Nanos): TimeAnswer {
    if (!within(time, HELLO_TIME)) return "range";
    this.helloTime = time;
    return "ok";
  }

  setMaxAge(time: Nanos): TimeAnswer {
    if (!within(time, MAX_AGE)) return "range";
    this.maxAge = time;
    return "ok";
  }

  /** br_stp_enable_bridge: the last port added comes first, as in the kernel's list. */
  bridgeOpened(): void {
    for (const port of this.bridge.ports.toReversed()) if (port.device.running) this.enablePort(port);
  }

  /** br_stp_disable_bridge */
  bridgeClosed(): void {
    for (const port of this.bridge.ports.toReversed()) if (port.state !== PortState.DISABLED) this.disablePort(port);
    this.setTopologyChange(false);
    this.topologyChangeTimer.cancel();
  }

  enablePort(port: BridgePort): void {
    this.enter(port, PortState.BLOCKING);
    this.selectStates();
  }

  /** What was learnt on the port is forgotten with it. */
  disablePort(port: BridgePort): void {
    this.enter(port, PortState.DISABLED);
    port.forwardDelayTimer.cancel();
    this.fdb.flushPort(port, false);
    this.selectStates();
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

  /** br_set_state: says so each time, also when the state is the old one. */
  enter(port: BridgePort, state: PortStateCode): void {
    port.state = state;
    this.bridge.say(`port ${port.number}(${port.device.name}) entered ${portStateNames[state]} state`);
  }

  /** br_port_state_selection: blocked ports start forwarding; the bridge has carrier while one port forwards. */
  selectStates(): void {
    for (const port of this.bridge.ports.toReversed()) if (port.state === PortState.BLOCKING) this.makeForwarding(port);
    this.bridge.setCarrier(this.bridge.ports.some((port) => port.state === PortState.FORWARDING));
  }

  private makeForwarding(port: BridgePort): void {
    if (this.enabled && this.forwardDelay > 0) this.enter(port, PortState.LISTENING);
    else {
      this.enter(port, PortState.FORWARDING);
      this.topologyChanged();
    }
    // The kernel arms it without STP too; then nothing comes of it, but `ip -d link` shows it counting.
    if (this.forwardDelay > 0) port.forwardDelayTimer.armAfter(this.forwardDelay, 0, port);
  }

  /** br_forward_delay_timer_expired */
  private advance(port: BridgePort): void {
    if (port.state === PortState.LISTENING) {
      this.enter(port, PortState.LEARNING);
      port.forwardDelayTimer.armAfter(this.forwardDelay, 0, port);
    } else if (port.state === PortState.LEARNING) {
      this.enter(port, PortState.FORWARDING);
      this.topologyChanged();
      this.bridge.setCarrier(true);
    }
  }

  /** br_topology_change_detection, as root: for a while addresses age fast, because they may have moved. */
  private topologyChanged(): void {
    if (!this.enabled) return;
    this.bridge.say("topology change detected, propagating");
    this.setTopologyChange(true);
    this.topologyChangeTimer.armAfter((this.forwardDelay + this.maxAge) as Nanos);
  }

  private setTopologyChange(on: boolean): void {
    if (on === this.topologyChange) return;
    const { fdb } = this;
    fdb.ageingTime = on ? ((2 * this.forwardDelay) as Nanos) : fdb.configuredAgeingTime;
    this.topologyChange = on;
  }
}
