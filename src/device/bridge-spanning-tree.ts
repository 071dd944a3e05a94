/**
 * The spanning tree protocol of a bridge: port states, timers, BPDUs sent and read, root election. Follows
 * net/bridge/br_stp.c, br_stp_timer.c and br_stp_bpdu.c of Linux 6.1 (IEEE 802.1D-1998). How ports compare is in
 * `bridge-stp-port.ts`, what administrators and ports that come and go do to it in `bridge-stp.ts`.
 *
 * Not modelled: STP in user space, root block, BPDU guard, whole seconds as the kernel rounds hello and hold timers to.
 */
import type { EventTarget } from "../engine/scheduler.ts";
import { type Nanos, seconds } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import { formatMac, ZERO_MAC } from "../packet/address.ts";
import * as bpdu from "../packet/bpdu.ts";
import type { Frame } from "../packet/frame.ts";
import { bpduIn, nanos, sendConfig, sendTopologyChange, ticks } from "./bridge-bpdu.ts";
import type { BridgeFdb } from "./bridge-fdb.ts";
import { type BridgeDevice, type BridgePort, PortState, type PortStateCode, portStateNames } from "./bridge-port.ts";
import { compareWays, type PortTimers, supersedes } from "./bridge-stp-port.ts";

/** br_private_timer.h: BR_HOLD_TIME. */
const HOLD_TIME = seconds(1);
/** br_stp.c: MESSAGE_AGE_INCR, what a bridge on the way adds. */
const AGE_PER_HOP = nanos(1);

const FORWARD_DELAY_OVER = 1;
const TOPOLOGY_CHANGE_OVER = 2;
const MESSAGE_AGE_OVER = 3;
const HOLD_OVER = 4;
const HELLO_OVER = 5;
const NOTIFICATION_OVER = 6;

export abstract class SpanningTree implements EventTarget {
  protected readonly bridge: BridgeDevice;
  protected readonly fdb: BridgeFdb;
  enabled = false;
  /** What this bridge says as root; what is in use is the root's word. */
  ownForwardDelay = seconds(15);
  ownHelloTime = seconds(2);
  ownMaxAge = seconds(20);
  forwardDelay = seconds(15);
  helloTime = seconds(2);
  maxAge = seconds(20);
  /** The upper 16 bits of the bridge id; `setPriority` changes it. */
  priority = 0x8000;
  designatedRoot: bpdu.BridgeId = { priority: 0x8000, mac: ZERO_MAC };
  rootPathCost = 0;
  rootPort: BridgePort | null = null;
  topologyChange = false;
  topologyChangeDetected = false;
  readonly helloTimer: Timer;
  /** Notifications to the root are repeated until it answers. */
  readonly notificationTimer: Timer;
  readonly topologyChangeTimer: Timer;

  constructor(bridge: BridgeDevice, fdb: BridgeFdb) {
    const { scheduler } = bridge.world;
    this.bridge = bridge;
    this.fdb = fdb;
    this.topologyChangeTimer = new Timer(scheduler, this, TOPOLOGY_CHANGE_OVER);
    this.helloTimer = new Timer(scheduler, this, HELLO_OVER);
    this.notificationTimer = new Timer(scheduler, this, NOTIFICATION_OVER);
  }

  get id(): bpdu.BridgeId {
    return { priority: this.priority, mac: this.bridge.idMac };
  }

  get isRoot(): boolean {
    return bpdu.sameId(this.id, this.designatedRoot);
  }

  isDesignated(port: BridgePort): boolean {
    return bpdu.sameId(port.stp.designatedBridge, this.id) && port.stp.designatedPort === port.id;
  }

  /** For a new port. */
  portTimers(): PortTimers {
    const { scheduler } = this.bridge.world;
    const timer = (operation: number): Timer => new Timer(scheduler, this, operation);
    return {
      forwardDelay: timer(FORWARD_DELAY_OVER),
      messageAge: timer(MESSAGE_AGE_OVER),
      hold: timer(HOLD_OVER),
    };
  }

  handle(operation: number, _argument: number, subject: unknown): void {
    switch (operation) {
      case FORWARD_DELAY_OVER:
        return this.advance(subject as BridgePort);
      case MESSAGE_AGE_OVER:
        return this.neighbourLost(subject as BridgePort);
      case HOLD_OVER:
        if ((subject as BridgePort).stp.configPending) this.sendConfig(subject as BridgePort);
        return;
      case HELLO_OVER:
        return this.hello();
      case NOTIFICATION_OVER:
        return this.notifyAgain();
      default:
        this.topologyChangeDetected = false;
        this.setTopologyChange(false);
    }
  }

  // The election.

  /** br_configuration_update and all that follows from it. */
  protected update(wasRoot: boolean): void {
    this.selectRoot();
    this.selectStates();
    if (this.isRoot && !wasRoot) this.becomeRoot();
  }

  /** br_root_selection, br_designated_port_selection */
  protected selectRoot(): void {
    const own = this.id;
    let best: BridgePort | null = null;
    for (const port of this.bridge.ports.toReversed()) {
      if (port.state === PortState.DISABLED || this.isDesignated(port)) continue;
      if (bpdu.compareIds(own, port.stp.designatedRoot) <= 0) continue;
      if (best === null || compareWays(port, best) < 0) best = port;
    }
    this.rootPort = best;
    this.designatedRoot = best === null ? own : best.stp.designatedRoot;
    this.rootPathCost = best === null ? 0 : best.stp.designatedCost + best.pathCost;
    for (const port of this.bridge.ports.toReversed())
      if (port.state !== PortState.DISABLED && this.shouldDesignate(port)) this.designate(port);
  }

  /** br_should_become_designated_port: nobody on the segment is nearer to the root. */
  private shouldDesignate(port: BridgePort): boolean {
    const { stp } = port;
    if (this.isDesignated(port) || !bpdu.sameId(stp.designatedRoot, this.designatedRoot)) return true;
    const order = this.rootPathCost - stp.designatedCost || bpdu.compareIds(this.id, stp.designatedBridge);
    return order === 0 ? port.id < stp.designatedPort : order < 0;
  }

  /** br_become_designated_port */
  protected designate(port: BridgePort): void {
    port.stp.designatedRoot = this.designatedRoot;
    port.stp.designatedCost = this.rootPathCost;
    port.stp.designatedBridge = this.id;
    port.stp.designatedPort = port.id;
  }

  /** br_become_root_bridge */
  private becomeRoot(): void {
    this.maxAge = this.ownMaxAge;
    this.helloTime = this.ownHelloTime;
    this.forwardDelay = this.ownForwardDelay;
    this.topologyChanged();
    this.notificationTimer.cancel();
    if (!this.bridge.up) return;
    this.sendConfigs();
    this.helloTimer.armAfter(this.helloTime);
  }

  /** br_port_state_selection; the bridge has carrier while one port forwards. */
  selectStates(): void {
    for (const port of this.bridge.ports.toReversed()) this.selectState(port);
    this.showCarrier();
  }

  protected selectState(port: BridgePort): void {
    if (port.state === PortState.DISABLED) return;
    const isDesignated = this.isDesignated(port);
    if (port === this.rootPort || !isDesignated) this.forgetPending(port);
    if (port !== this.rootPort && isDesignated) port.stp.timers.messageAge.cancel();
    if (port === this.rootPort || isDesignated) this.makeForwarding(port);
    else this.makeBlocking(port);
  }

  protected showCarrier(): void {
    this.bridge.setCarrier(this.bridge.ports.some((port) => port.state === PortState.FORWARDING));
  }

  private makeForwarding(port: BridgePort): void {
    if (port.state !== PortState.BLOCKING) return;
    if (this.enabled && this.forwardDelay > 0) this.enter(port, PortState.LISTENING);
    else {
      this.enter(port, PortState.FORWARDING);
      this.topologyChanged();
    }
    // The kernel arms it without STP too; then nothing comes of it, but `ip -d link` shows it counting.
    if (this.forwardDelay > 0) port.stp.timers.forwardDelay.armAfter(this.forwardDelay, 0, port);
  }

  private makeBlocking(port: BridgePort): void {
    if (port.state === PortState.BLOCKING) return;
    if (port.state === PortState.FORWARDING || port.state === PortState.LEARNING) this.topologyChanged();
    this.enter(port, PortState.BLOCKING);
    port.stp.timers.forwardDelay.cancel();
  }

  /** br_forward_delay_timer_expired */
  private advance(port: BridgePort): void {
    if (port.state === PortState.LISTENING) {
      this.enter(port, PortState.LEARNING);
      port.stp.timers.forwardDelay.armAfter(this.forwardDelay, 0, port);
    } else if (port.state === PortState.LEARNING) {
      this.enter(port, PortState.FORWARDING);
      if (this.bridge.ports.some((each) => bpdu.sameId(each.stp.designatedBridge, this.id))) this.topologyChanged();
      this.bridge.setCarrier(true);
    }
  }

  /** br_message_age_timer_expired: the segment's designated bridge has fallen silent. */
  private neighbourLost(port: BridgePort): void {
    if (port.state === PortState.DISABLED) return;
    const { priority, mac } = port.stp.designatedBridge;
    const id = `${priority.toString(16).padStart(4, "0")}.${formatMac(mac)}`;
    this.bridge.say(`port ${port.number}(${port.device.name}) neighbor ${id} lost`);
    const wasRoot = this.isRoot;
    this.designate(port);
    this.update(wasRoot);
  }

  /** br_set_state: says so each time, also when the state is the old one. */
  enter(port: BridgePort, state: PortStateCode): void {
    port.state = state;
    this.bridge.say(`port ${port.number}(${port.device.name}) entered ${portStateNames[state]} state`);
  }

  protected forgetPending(port: BridgePort): void {
    port.stp.acknowledge = false;
    port.stp.configPending = false;
  }

  // Topology changes.

  /** br_topology_change_detection: for a while addresses age fast, because they may have moved. */
  private topologyChanged(): void {
    if (!this.enabled) return;
    const { isRoot } = this;
    this.bridge.say(`topology change detected, ${isRoot ? "propagating" : "sending tcn bpdu"}`);
    if (isRoot) {
      this.setTopologyChange(true);
      this.topologyChangeTimer.armAfter((this.ownForwardDelay + this.ownMaxAge) as Nanos);
    } else if (!this.topologyChangeDetected) this.notify();
    this.topologyChangeDetected = true;
  }

  /** br_transmit_tcn, until the root answers. */
  private notify(): void {
    if (this.rootPort !== null && this.enabled) sendTopologyChange(this.rootPort.device);
    this.notificationTimer.armAfter(this.ownHelloTime);
  }

  private notifyAgain(): void {
    if (!this.isRoot && this.bridge.up) this.notify();
  }

  protected setTopologyChange(on: boolean): void {
    if (on === this.topologyChange) return;
    const { fdb } = this;
    fdb.ageingTime = on ? ((2 * this.forwardDelay) as Nanos) : fdb.configuredAgeingTime;
    this.topologyChange = on;
  }

  // BPDUs.

  private hello(): void {
    if (!this.bridge.up) return;
    this.sendConfigs();
    if (this.enabled) this.helloTimer.armAfter(this.helloTime);
  }

  /** br_config_bpdu_generation */
  protected sendConfigs(): void {
    for (const port of this.designatedPorts()) this.sendConfig(port);
  }

  protected designatedPorts(): BridgePort[] {
    const all = this.bridge.ports.toReversed();
    return all.filter((port) => port.state !== PortState.DISABLED && this.isDesignated(port));
  }

  /** br_transmit_config */
  private sendConfig(port: BridgePort): void {
    if (!this.enabled) return;
    const { stp } = port;
    if (stp.timers.hold.due !== null) {
      stp.configPending = true;
      return;
    }
    const { now } = this.bridge.world.scheduler;
    const { rootPort } = this;
    const age = rootPort === null ? 0 : now - rootPort.stp.heardAt + AGE_PER_HOP;
    if (age >= this.maxAge) return;
    sendConfig(port.device, {
      topologyChange: this.topologyChange,
      acknowledged: stp.acknowledge,
      root: this.designatedRoot,
      cost: this.rootPathCost,
      bridge: this.id,
      port: port.id,
      age: ticks(age),
      maxAge: ticks(this.maxAge),
      hello: ticks(this.helloTime),
      forwardDelay: ticks(this.forwardDelay),
    });
    this.forgetPending(port);
    stp.timers.hold.armAfter(HOLD_TIME, 0, port);
  }

  /** br_stp_rcv: a frame to the bridge group. True when it was one; the caller still owns it. */
  receive(frame: Frame, port: BridgePort): boolean {
    const at = bpduIn(frame);
    if (at < 0 || !this.enabled || !this.bridge.up || port.state === PortState.DISABLED) return false;
    const kind = bpdu.type(frame.bytes, at);
    if (kind === bpdu.BpduType.TOPOLOGY_CHANGE) this.heardChange(port);
    if (kind !== bpdu.BpduType.CONFIG) return kind === bpdu.BpduType.TOPOLOGY_CHANGE;
    const config = bpdu.parseConfig(frame.bytes, at, frame.at + frame.length);
    if (config === null || config.age > config.maxAge) return false;
    this.heardConfig(port, config);
    return true;
  }

  /** br_received_config_bpdu */
  private heardConfig(port: BridgePort, config: bpdu.Config): void {
    const wasRoot = this.isRoot;
    if (!supersedes(config, port, this.id)) {
      if (this.isDesignated(port)) this.sendConfig(port);
      return;
    }
    this.record(port, config);
    this.selectRoot();
    this.selectStates();
    if (wasRoot && !this.isRoot) this.resign();
    if (port !== this.rootPort) return;
    this.maxAge = nanos(config.maxAge);
    this.helloTime = nanos(config.hello);
    this.forwardDelay = nanos(config.forwardDelay);
    this.setTopologyChange(config.topologyChange);
    this.sendConfigs();
    if (!config.acknowledged) return;
    this.topologyChangeDetected = false;
    this.notificationTimer.cancel();
  }

  /** br_record_config_information */
  private record(port: BridgePort, config: bpdu.Config): void {
    const { stp } = port;
    const { now } = this.bridge.world.scheduler;
    stp.designatedRoot = config.root;
    stp.designatedCost = config.cost;
    stp.designatedBridge = config.bridge;
    stp.designatedPort = config.port;
    stp.heardAt = (now - nanos(config.age)) as Nanos;
    stp.timers.messageAge.armAfter(nanos(config.maxAge - config.age), 0, port);
  }

  /** Somebody else is root: no hello of one's own, and what was to be propagated is told to it. */
  private resign(): void {
    this.helloTimer.cancel();
    if (!this.topologyChangeDetected) return;
    this.topologyChangeTimer.cancel();
    this.notify();
  }

  /** br_received_tcn_bpdu */
  private heardChange(port: BridgePort): void {
    if (!this.isDesignated(port)) return;
    this.bridge.say(`port ${port.number}(${port.device.name}) received tcn bpdu`);
    this.topologyChanged();
    port.stp.acknowledge = true;
    this.sendConfig(port);
  }
}
