/**
 * A backend of Linux 6.1: goes from state to state by the shortest way the kernel allows, keeps its vif while the guest
 * goes and comes again, and says Connected only once the hotplug script has.
 * Follows drivers/net/xen-netback/xenbus.c (frontend_changed, set_backend_state, connect).
 */
import { invariant } from "../base/invariant.ts";
import { Backend } from "./backend.ts";
import type { Connection, Vif } from "./vif.ts";
import { readState, XenbusState } from "./xenbus.ts";

const HOTPLUG = "hotplug";
const RATE = "rate";
const MULTICAST = "multicast";
/** xenvif_max_queues here; the kernel's default is the number of CPUs, at most 8. */
const MAX_QUEUES = 1;

export class ModernBackend extends Backend {
  /** Where the driver is (be->state). */
  private state: XenbusState = XenbusState.INIT_WAIT;
  /** While the hotplug script has not said "connected" no state is written (have_hotplug_status_watch). */
  private awaitsHotplug = false;

  private get device(): Vif {
    invariant(this.vif !== null, `backend ${this.path} has lost its vif`);
    return this.vif;
  }

  protected override keyChanged(token: string): void {
    if (token === HOTPLUG) this.hotplugChanged();
    else if (token === RATE) this.device.transmitQueue?.changeRate(...this.rate());
    else this.device.groups.wanted = this.asked("request-multicast-control");
  }

  protected override frontendChanged(state: XenbusState): void {
    switch (state) {
      case XenbusState.INITIALISING:
        return this.moveTo(XenbusState.INIT_WAIT);
      case XenbusState.CONNECTED:
      case XenbusState.CLOSING:
        return this.moveTo(state);
      case XenbusState.CLOSED:
        this.moveTo(XenbusState.CLOSED);
        if (!this.online) this.unregister();
        return;
      case XenbusState.UNKNOWN:
        return this.unregister();
      default:
        return;
    }
  }

  /** set_backend_state: by the shortest way the kernel allows. */
  private moveTo(goal: XenbusState): void {
    while (this.state !== goal) this.stepTowards(goal);
  }

  private stepTowards(goal: XenbusState): void {
    switch (this.state) {
      case XenbusState.CONNECTED:
        this.disconnect();
        return this.switchTo(XenbusState.CLOSING);
      case XenbusState.CLOSING:
        return this.switchTo(XenbusState.CLOSED);
      case XenbusState.CLOSED:
        return this.switchTo(goal === XenbusState.CLOSING ? goal : XenbusState.INIT_WAIT);
      default:
        if (goal !== XenbusState.CONNECTED) return this.switchTo(XenbusState.CLOSING);
        if (this.connect()) return this.switchTo(goal);
        this.state = goal;
    }
  }

  /** backend_switch_state */
  private switchTo(state: XenbusState): void {
    this.state = state;
    if (!this.awaitsHotplug) this.publish(state);
  }

  /** Rings, channels, rate; the state Connected waits for the hotplug script. False after an error. */
  private connect(): boolean {
    const queues = this.store.readNumber(`${this.frontend}/multi-queue-num-queues`) ?? 1;
    if (queues < 1 || queues > MAX_QUEUES)
      return this.fatal(22, `guest requested ${queues} queues, but valid range is 1 - ${MAX_QUEUES}.`);
    const connection = this.bind();
    if (connection === null) return false;
    const { device } = this;
    device.connect(connection);
    device.transmitQueue!.credit.set(...this.rate(), device.world.scheduler.now);
    this.store.watch(`${this.path}/rate`, RATE, this);
    device.groups.wanted = this.asked("request-multicast-control");
    this.store.watch(`${this.frontend}/request-multicast-control`, MULTICAST, this);
    this.store.unwatch(this, HOTPLUG);
    this.store.watch(`${this.path}/hotplug-status`, HOTPLUG, this);
    this.awaitsHotplug = true;
    return true;
  }

  private disconnect(): void {
    this.store.unwatch(this, RATE);
    this.store.unwatch(this, MULTICAST);
    this.device.disconnect();
  }

  private rate(): [bytes: number, micros: number] {
    return this.readRate("xen_netback: Failed to parse network rate limit. Traffic unlimited.");
  }

  /** connect_data_rings: null after an error. */
  private bind(): Connection | null {
    const [tx = null, rx = null] = this.readNumbers(["tx-ring-ref", "rx-ring-ref"]);
    if (tx === null || rx === null) return this.unreadable("ring-ref");
    const split = this.readNumbers(["event-channel-tx", "event-channel-rx"]);
    // A frontend without split event channels has one for both.
    const [one = null] = split.includes(null) ? this.readNumbers(["event-channel"]) : [];
    const [txPort = null, rxPort = null] = one === null ? split : [one, one];
    if (txPort === null || rxPort === null) return this.unreadable("event-channel(-tx/rx)");
    const connection = this.bindTo(tx, rx, txPort, rxPort);
    if (connection === null) this.fatal(22, `mapping shared-frames ${tx}/${rx} port tx ${txPort} rx ${rxPort}`);
    return connection;
  }

  private unreadable(key: string): null {
    this.fatal(2, `reading ${this.frontend}/${key}`);
    return null;
  }

  private hotplugChanged(): void {
    if (this.store.read(`${this.path}/hotplug-status`) !== "connected") return;
    this.store.unwatch(this, HOTPLUG);
    this.awaitsHotplug = false;
    this.publish(this.state);
  }

  protected override close(): void {
    this.moveTo(XenbusState.CLOSED);
    if (this.store.exists(this.path)) this.store.remove(`${this.path}/hotplug-status`);
  }

  protected override farewell(): void {
    if (readState(this.store, this.path) === XenbusState.CLOSING) this.publish(XenbusState.CLOSED);
  }
}
