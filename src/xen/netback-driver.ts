/**
 * Netback's xenbus driver in the backend domain: probes new backend directories, makes their vifs, follows the
 * frontend's states and takes the vif down again. Follows drivers/net/xen-netback/xenbus.c of Linux 6.1.
 * Hotplug scripts are run by the toolstack (libxl), which watches the backend's state; the driver only waits for
 * hotplug-status. Not modelled yet: udev events of older toolstacks, control ring, several queues.
 */
import type { DeviceTable } from "../device/device-table.ts";
import type { Domain, Hypervisor } from "./hypervisor.ts";
import { type NetbackCosts, Vif } from "./vif.ts";
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
      if (this.store.exists(`${own}/state`)) this.probe(own, Number(match[1]), Number(match[2]));
    } else if (!this.store.exists(own)) known.removed();
  }

  /** netback_probe */
  private probe(path: string, frontend: number, handle: number): void {
    const vif = new Vif(this.table, this.domain, frontend, handle, this.costs);
    if (this.table.find(vif.name) !== null) return;
    const backend = new Backend(this, this.store, this.hypervisor, path, vif);
    this.backends.set(path, backend);
    this.table.register(vif);
    for (const [key, value] of FEATURES) this.store.write(`${path}/${key}`, value);
    writeState(this.store, path, XenbusState.INIT_WAIT);
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

/** One backend device: frontend_changed and what hangs on it. */
class Backend implements StoreWatcher {
  private readonly driver: NetbackDriver;
  private readonly store: XenStore;
  private readonly hypervisor: Hypervisor;
  private readonly path: string;
  readonly vif: Vif;
  private frontend = "";
  private lastSeen: XenbusState | null = null;
  /** What the driver wrote last (be->state): the toolstack writes into the node too. */
  private state: XenbusState = XenbusState.INIT_WAIT;
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
    else this.frontendChanged(readState(this.store, this.frontend));
  }

  /** The toolstack removed the whole directory without waiting. */
  removed(): void {
    if (!this.gone) this.unregister();
  }

  private frontendChanged(state: XenbusState): void {
    if (state === this.lastSeen) return;
    this.lastSeen = state;
    switch (state) {
      case XenbusState.INITIALISING:
        if (this.state === XenbusState.CLOSED) this.setState(XenbusState.INIT_WAIT);
        return;
      case XenbusState.CONNECTED:
        return this.connect();
      case XenbusState.CLOSING:
        this.vif.disconnect();
        return this.setState(XenbusState.CLOSING);
      case XenbusState.CLOSED:
        this.close();
        if (!this.online) this.unregister();
        return;
      case XenbusState.UNKNOWN:
        this.close();
        return this.unregister();
      default:
        return;
    }
  }

  private get online(): boolean {
    return this.store.readNumber(`${this.path}/online`) === 1;
  }

  /** read_xenbus_vif_flags and connect: rate, rings, channels; Connected waits for the hotplug script. */
  private connect(): void {
    if (this.vif.connected) return;
    const connection = this.bind();
    if (connection === null) return this.fatal("mapping shared-frames");
    this.vif.connect(connection);
    this.readRate();
    this.store.watch(`${this.path}/hotplug-status`, HOTPLUG, this);
  }

  private bind() {
    const domain = this.hypervisor.find(this.vif.frontend);
    const number = (key: string): number => this.store.readNumber(`${this.frontend}/${key}`) ?? -1;
    if (domain === null) return null;
    const own = this.vif.domain;
    const transmitRing = domain.grants.mapRing(number("tx-ring-ref"), own.id);
    const receiveRing = domain.grants.mapRing(number("rx-ring-ref"), own.id);
    const transmitChannel = own.events.bind(domain.events.find(number("event-channel-tx")));
    const receiveChannel = own.events.bind(domain.events.find(number("event-channel-rx")));
    if (transmitRing === null || receiveRing === null || transmitChannel === null || receiveChannel === null)
      return null;
    return {
      domain,
      transmitRing,
      receiveRing,
      transmitChannel,
      receiveChannel,
    };
  }

  /** "bytes,microseconds"; anything else means no limit, with the kernel's word. */
  private readRate(): void {
    const text = this.store.read(`${this.path}/rate`);
    if (text === null) return;
    const match = /^(\d+),(\d+)$/.exec(text);
    if (match === null) return this.vif.log("Failed to parse network rate limit. Traffic unlimited.");
    this.vif.transmitQueue?.credit.set(Number(match[1]), Number(match[2]), this.vif.world.scheduler.now);
  }

  private hotplugChanged(): void {
    if (this.store.read(`${this.path}/hotplug-status`) !== "connected") return;
    this.store.unwatch(this, HOTPLUG);
    if (this.vif.connected) this.setState(XenbusState.CONNECTED);
  }

  private close(): void {
    this.vif.disconnect();
    if (this.state !== XenbusState.CLOSED) this.setState(XenbusState.CLOSING);
    this.setState(XenbusState.CLOSED);
  }

  /** netback_remove: the vif goes, and with it its bridge port. */
  private unregister(): void {
    this.gone = true;
    this.store.unwatch(this);
    this.vif.disconnect();
    if (this.store.exists(this.path)) this.store.remove(`${this.path}/hotplug-status`);
    this.vif.table.unregister(this.vif);
    this.driver.forget(this.path);
  }

  /** A node the toolstack has removed is not made again. */
  private setState(state: XenbusState): void {
    if (this.store.exists(this.path) && readState(this.store, this.path) !== state)
      writeState(this.store, this.path, state);
  }

  /** xenbus_dev_fatal */
  private fatal(message: string): void {
    const node = this.path.slice(`/local/domain/${this.vif.domain.id}/`.length);
    this.store.write(`/local/domain/${this.vif.domain.id}/error/${node}/error`, `22 ${message}`);
    this.vif.log(`22 ${message}`);
    this.setState(XenbusState.CLOSING);
  }
}
