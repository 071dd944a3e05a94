/**
 * One backend device of netback, whatever its age: the directory in xenstore, the watch on the frontend's state, mapping
 * what the guest offers, and the way out. Follows drivers/net/xen-netback/xenbus.c and drivers/xen/xenbus; the states in
 * between are in `backend-modern.ts` and `backend-classic.ts`.
 */
import type { DeviceTable } from "../device/device-table.ts";
import { UNLIMITED } from "./credit.ts";
import type { Domain, Hypervisor } from "./hypervisor.ts";
import type { ReceiverFeatures } from "./netback-device.ts";
import type { UeventListener } from "./uevent.ts";
import { type Connection, type Vif, vifName } from "./vif.ts";
import { readState, writeState, XenbusState } from "./xenbus.ts";
import type { StoreWatcher, XenStore } from "./xenstore.ts";

const FRONTEND = "frontend";

/** Netback's driver, as one of its devices sees it. */
export interface BackendHost {
  readonly table: DeviceTable;
  makeVif(frontend: number, handle: number): Vif;
  forget(path: string): void;
  /** udevd, where there is one. */
  readonly uevents: UeventListener | null;
}

/** One backend device, as its kind makes it. */
export interface BackendPlace {
  readonly driver: BackendHost;
  readonly store: XenStore;
  readonly hypervisor: Hypervisor;
  /** The backend domain. */
  readonly domain: Domain;
  readonly path: string;
  readonly vif: Vif;
}

/** One backend device: what every kind of netback does with its directory. */
export abstract class Backend implements StoreWatcher {
  protected readonly driver: BackendHost;
  protected readonly store: XenStore;
  private readonly hypervisor: Hypervisor;
  private readonly domain: Domain;
  protected readonly path: string;
  /** X and Y of vifX.Y. */
  protected readonly guest: number;
  protected readonly handle: number;
  /** Null while there is none: an old netback takes its vif away when the guest comes again. */
  vif: Vif | null;
  protected frontend = "";
  /** What the driver last wrote (dev->state): the toolstack writes into the node too, and is written over. */
  protected published: XenbusState = XenbusState.INIT_WAIT;
  private gone = false;

  constructor(place: BackendPlace) {
    this.driver = place.driver;
    this.store = place.store;
    this.hypervisor = place.hypervisor;
    this.domain = place.domain;
    this.path = place.path;
    this.vif = place.vif;
    this.guest = place.vif.frontend;
    this.handle = place.vif.handleNumber;
  }

  begin(): void {
    this.frontend = this.store.read(`${this.path}/frontend`) ?? "";
    this.store.watch(`${this.frontend}/state`, FRONTEND, this);
  }

  storeChanged(_path: string, token: string): void {
    if (this.gone) return;
    if (token === FRONTEND) this.frontendChanged(readState(this.store, this.frontend));
    else this.keyChanged(token);
  }

  /** The toolstack removed the whole directory without waiting. */
  removed(): void {
    if (!this.gone) this.unregister();
  }

  protected abstract frontendChanged(state: XenbusState): void;

  /** Another key that the kind watches, by its token. */
  protected abstract keyChanged(token: string): void;

  /** The connection ends for good; and what the driver writes when it is over. */
  protected abstract close(): void;
  protected abstract farewell(): void;

  /** xenbus_switch_state: a node the toolstack has removed is not made again. */
  protected publish(state: XenbusState): void {
    if (this.published === state) return;
    this.published = state;
    if (this.store.exists(`${this.path}/state`)) writeState(this.store, this.path, state);
  }

  protected get online(): boolean {
    return this.store.readNumber(`${this.path}/online`) === 1;
  }

  protected readNumbers(keys: readonly string[]): (number | null)[] {
    return keys.map((key) => this.store.readNumber(`${this.frontend}/${key}`));
  }

  /** A feature or request of the frontend: a number other than 0. */
  protected asked(key: string): boolean {
    return (this.store.readNumber(`${this.frontend}/${key}`) ?? 0) !== 0;
  }

  /** Maps both rings and binds the channels, or the one channel for both; null when the guest does not let it. */
  protected bindTo(tx: number, rx: number, txPort: number, rxPort: number): Connection | null {
    const own = this.domain;
    const guest = this.hypervisor.find(this.guest);
    const transmitRing = guest?.grants.mapRing(tx, own.id) ?? null;
    const receiveRing = guest?.grants.mapRing(rx, own.id) ?? null;
    if (guest === null || transmitRing === null || receiveRing === null) return null;
    const transmitChannel = own.events.bind(guest.events.find(txPort));
    if (transmitChannel === null) return null;
    const receiveChannel = rxPort === txPort ? transmitChannel : own.events.bind(guest.events.find(rxPort));
    const { features } = this;
    if (receiveChannel !== null)
      return { domain: guest, transmitRing, receiveRing, transmitChannel, receiveChannel, features };
    own.events.close(transmitChannel);
    return null;
  }

  /** read_xenbus_vif_flags */
  private get features(): ReceiverFeatures {
    return {
      scatters: this.asked("feature-sg") || this.asked("feature-gso-tcpv4"),
      notifies: this.asked("feature-rx-notify"),
      checksums: !this.asked("feature-no-csum-offload"),
    };
  }

  /** "bytes,microseconds"; anything else means no limit, with the kernel's word. */
  protected readRate(complaint: string): [bytes: number, micros: number] {
    const text = this.store.read(`${this.path}/rate`);
    if (text === null) return [UNLIMITED, 0];
    const match = /^(\d+),(\d+)$/.exec(text);
    if (match !== null) return [Number(match[1]), Number(match[2])];
    this.driver.table.log.print(complaint);
    return [UNLIMITED, 0];
  }

  /** netback_remove and xenbus_dev_remove: the vif goes, and with it its bridge port. */
  protected unregister(): void {
    const name = this.vif?.name ?? vifName(this.guest, this.handle);
    this.driver.uevents?.uevent("offline", name, this.path);
    this.close();
    this.gone = true;
    this.store.unwatch(this);
    if (this.vif !== null) this.driver.table.unregister(this.vif);
    this.driver.forget(this.path);
    this.farewell();
    this.driver.uevents?.uevent("remove", name, this.path);
  }

  /** xenbus_dev_fatal */
  protected fatal(error: number, message: string): false {
    const node = this.path.slice(`/local/domain/${this.domain.id}/`.length);
    this.store.write(`/local/domain/${this.domain.id}/error/${node}/error`, `${error} ${message}`);
    this.driver.table.log.print(`vif vif-${this.guest}-${this.handle}: ${error} ${message}`);
    this.publish(XenbusState.CLOSING);
    return false;
  }
}
