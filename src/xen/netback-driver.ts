/**
 * Netback's xenbus driver in the backend domain: probes new backend directories, makes their vifs, follows the
 * frontend's states and takes the vif down again. Follows drivers/net/xen-netback/xenbus.c of Linux 6.1.
 * Hotplug scripts are run by the toolstack (libxl), which watches the backend's state, or by udevd, which hears the
 * driver's uevents; the driver only waits for hotplug-status. Not modelled yet: control ring, several queues.
 */
import type { DeviceTable } from "../device/device-table.ts";
import { UNLIMITED } from "./credit.ts";
import type { Domain, Hypervisor } from "./hypervisor.ts";
import type { NetbackCosts } from "./netback-costs.ts";
import type { UeventListener } from "./uevent.ts";
import { type Connection, Vif, vifName } from "./vif.ts";
import { readState, writeState, XenbusState } from "./xenbus.ts";
import type { StoreWatcher, XenStore } from "./xenstore.ts";

/** What netback can do, in the order in which it writes it (recorded on Xen 4.17, Linux 6.1). */
const FEATURES: readonly (readonly [string, string])[] = [
  ["feature-sg", "1"],
  ["feature-gso-tcpv4", "1"],
  ["feature-gso-tcpv6", "1"],
  ["feature-ipv6-csum-offload", "1"],
  ["feature-rx-copy", "1"],
  ["feature-xdp-headroom", "1"],
  ["feature-rx-flip", "0"],
  ["feature-multicast-control", "1"],
  ["feature-dynamic-multicast-control", "1"],
  ["feature-split-event-channels", "1"],
  ["multi-queue-max-queues", "1"],
  ["feature-ctrl-ring", "1"],
];

const ROOT = "root";

export class NetbackDriver implements StoreWatcher {
  private readonly store: XenStore;
  private readonly hypervisor: Hypervisor;
  private readonly domain: Domain;
  private readonly table: DeviceTable;
  private readonly costs: NetbackCosts;
  private readonly base: string;
  private readonly backends = new Map<string, Backend>();
  /** udevd, where there is one. */
  uevents: UeventListener | null = null;

  constructor(store: XenStore, hypervisor: Hypervisor, domain: Domain, table: DeviceTable, costs: NetbackCosts) {
    this.store = store;
    this.hypervisor = hypervisor;
    this.domain = domain;
    this.table = table;
    this.costs = costs;
    this.base = `/local/domain/${domain.id}/backend/vif`;
    store.watch(this.base, ROOT, this);
  }

  storeChanged(path: string, _token: string): void {
    const match = /^\/(\d+)\/(\d+)(\/|$)/.exec(path.slice(this.base.length));
    if (match === null) return;
    const own = `${this.base}/${match[1]}/${match[2]}`;
    const known = this.backends.get(own);
    if (known === undefined) {
      // xenbus_probe_node: in any other state a device is not new, but on its way out.
      if (readState(this.store, own) === XenbusState.INITIALISING) this.probe(own, Number(match[1]), Number(match[2]));
    } else if (!this.store.exists(own)) known.removed();
  }

  /** netback_probe */
  private probe(path: string, frontend: number, handle: number): void {
    if (this.table.find(vifName(frontend, handle)) !== null) return;
    const vif = new Vif(this.table, this.domain, frontend, handle, this.costs);
    const backend = new Backend(this, this.store, this.hypervisor, path, vif);
    this.backends.set(path, backend);
    this.table.register(vif);
    for (const [key, value] of FEATURES) this.store.write(`${path}/${key}`, value);
    writeState(this.store, path, XenbusState.INIT_WAIT);
    this.uevents?.uevent("online", vif.name, path);
    backend.begin();
  }

  forget(path: string): void {
    this.backends.delete(path);
  }

  /** The vif of a frontend's device, if it is there. */
  find(frontend: number, handle: number): Vif | null {
    return this.backends.get(`${this.base}/${frontend}/${handle}`)?.vif ?? null;
  }
}

const FRONTEND = "frontend";
const HOTPLUG = "hotplug";
const RATE = "rate";
/** xenvif_max_queues here; the kernel's default is the number of CPUs, at most 8. */
const MAX_QUEUES = 1;

/** One backend device: frontend_changed, set_backend_state and what hangs on them. */
class Backend implements StoreWatcher {
  private readonly driver: NetbackDriver;
  private readonly store: XenStore;
  private readonly hypervisor: Hypervisor;
  private readonly path: string;
  readonly vif: Vif;
  private frontend = "";
  /** Where the driver is (be->state). */
  private state: XenbusState = XenbusState.INIT_WAIT;
  /** What it last wrote (dev->state): the toolstack writes into the node too, and is written over. */
  private published: XenbusState = XenbusState.INIT_WAIT;
  /** While the hotplug script has not said "connected" no state is written (have_hotplug_status_watch). */
  private awaitsHotplug = false;
  private gone = false;

  constructor(driver: NetbackDriver, store: XenStore, hypervisor: Hypervisor, path: string, vif: Vif) {
    this.driver = driver;
    this.store = store;
    this.hypervisor = hypervisor;
    this.path = path;
    this.vif = vif;
  }

  begin(): void {
    this.frontend = this.store.read(`${this.path}/frontend`) ?? "";
    this.store.watch(`${this.frontend}/state`, FRONTEND, this);
  }

  storeChanged(_path: string, token: string): void {
    if (this.gone) return;
    if (token === HOTPLUG) this.hotplugChanged();
    else if (token === RATE) this.vif.transmitQueue?.changeRate(...this.readRate());
    else this.frontendChanged(readState(this.store, this.frontend));
  }

  /** The toolstack removed the whole directory without waiting. */
  removed(): void {
    if (!this.gone) this.unregister();
  }

  private frontendChanged(state: XenbusState): void {
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

  /** xenbus_switch_state: a node the toolstack has removed is not made again. */
  private publish(state: XenbusState): void {
    if (this.published === state) return;
    this.published = state;
    if (this.store.exists(`${this.path}/state`)) writeState(this.store, this.path, state);
  }

  private get online(): boolean {
    return this.store.readNumber(`${this.path}/online`) === 1;
  }

  /** Rings, channels, rate; the state Connected waits for the hotplug script. False after an error. */
  private connect(): boolean {
    const queues = this.store.readNumber(`${this.frontend}/multi-queue-num-queues`) ?? 1;
    if (queues < 1 || queues > MAX_QUEUES)
      return this.fatal(22, `guest requested ${queues} queues, but valid range is 1 - ${MAX_QUEUES}.`);
    const connection = this.bind();
    if (connection === null) return false;
    this.vif.connect(connection);
    this.vif.transmitQueue!.credit.set(...this.readRate(), this.vif.world.scheduler.now);
    this.store.watch(`${this.path}/rate`, RATE, this);
    this.store.unwatch(this, HOTPLUG);
    this.store.watch(`${this.path}/hotplug-status`, HOTPLUG, this);
    this.awaitsHotplug = true;
    return true;
  }

  private disconnect(): void {
    this.store.unwatch(this, RATE);
    this.vif.disconnect();
  }

  /** connect_data_rings: null after an error. */
  private bind(): Connection | null {
    const keys = ["tx-ring-ref", "rx-ring-ref", "event-channel-tx", "event-channel-rx"];
    const numbers = keys.map((key) => this.store.readNumber(`${this.frontend}/${key}`));
    const [tx, rx, txPort, rxPort] = numbers as [number, number, number, number];
    const missing = numbers.indexOf(null);
    if (missing >= 0) {
      this.fatal(2, `reading ${this.frontend}/${missing < 2 ? "ring-ref" : "event-channel(-tx/rx)"}`);
      return null;
    }
    const connection = this.bindTo(this.hypervisor.find(this.vif.frontend), tx, rx, txPort, rxPort);
    if (connection === null) this.fatal(22, `mapping shared-frames ${tx}/${rx} port tx ${txPort} rx ${rxPort}`);
    return connection;
  }

  private bindTo(guest: Domain | null, tx: number, rx: number, txPort: number, rxPort: number): Connection | null {
    const own = this.vif.domain;
    const transmitRing = guest?.grants.mapRing(tx, own.id) ?? null;
    const receiveRing = guest?.grants.mapRing(rx, own.id) ?? null;
    if (guest === null || transmitRing === null || receiveRing === null) return null;
    const transmitChannel = own.events.bind(guest.events.find(txPort));
    if (transmitChannel === null) return null;
    const receiveChannel = own.events.bind(guest.events.find(rxPort));
    if (receiveChannel !== null) return { domain: guest, transmitRing, receiveRing, transmitChannel, receiveChannel };
    own.events.close(transmitChannel);
    return null;
  }

  /** "bytes,microseconds"; anything else means no limit, with the kernel's word. */
  private readRate(): [bytes: number, micros: number] {
    const text = this.store.read(`${this.path}/rate`);
    if (text === null) return [UNLIMITED, 0];
    const match = /^(\d+),(\d+)$/.exec(text);
    if (match !== null) return [Number(match[1]), Number(match[2])];
    this.vif.table.log.print("xen_netback: Failed to parse network rate limit. Traffic unlimited.");
    return [UNLIMITED, 0];
  }

  private hotplugChanged(): void {
    if (this.store.read(`${this.path}/hotplug-status`) !== "connected") return;
    this.store.unwatch(this, HOTPLUG);
    this.awaitsHotplug = false;
    this.publish(this.state);
  }

  /** netback_remove and xenbus_dev_remove: the vif goes, and with it its bridge port. */
  private unregister(): void {
    this.moveTo(XenbusState.CLOSED);
    this.gone = true;
    this.store.unwatch(this);
    if (this.store.exists(this.path)) this.store.remove(`${this.path}/hotplug-status`);
    this.driver.uevents?.uevent("offline", this.vif.name, this.path);
    this.vif.table.unregister(this.vif);
    this.driver.forget(this.path);
    if (readState(this.store, this.path) === XenbusState.CLOSING) this.publish(XenbusState.CLOSED);
    this.driver.uevents?.uevent("remove", this.vif.name, this.path);
  }

  /** xenbus_dev_fatal */
  private fatal(error: number, message: string): false {
    const { frontend, handleNumber, domain, table } = this.vif;
    const node = this.path.slice(`/local/domain/${domain.id}/`.length);
    this.store.write(`/local/domain/${domain.id}/error/${node}/error`, `${error} ${message}`);
    table.log.print(`vif vif-${frontend}-${handleNumber}: ${error} ${message}`);
    this.publish(XenbusState.CLOSING);
    return false;
  }
}
