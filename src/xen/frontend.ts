/**
 * One frontend device of netfront, whatever its age: the directory in xenstore, the watch on the backend's state, and the
 * network device. Follows drivers/net/xen-netfront.c; the states in between are in `frontend-modern.ts` and
 * `frontend-classic.ts`.
 */
import type { DeviceTable } from "../device/device-table.ts";
import { type Mac, parseMac, ZERO_MAC } from "../packet/address.ts";
import type { Domain } from "./hypervisor.ts";
import type { Netfront, NetfrontPlace } from "./netfront.ts";
import type { NetfrontCosts } from "./netfront-costs.ts";
import { readState, writeState, XenbusState } from "./xenbus.ts";
import type { StoreWatcher, XenStore } from "./xenstore.ts";

const BACKEND = "backend";

/** Makes the network device: the kind of border. */
export interface NetfrontMaker {
  makeNetfront(place: NetfrontPlace, name: string, mac: Mac): Netfront;
}

/** One frontend device, as its kind makes it. */
export interface FrontendPlace {
  readonly store: XenStore;
  readonly domain: Domain;
  readonly table: DeviceTable;
  readonly costs: NetfrontCosts;
  readonly maker: NetfrontMaker;
  readonly path: string;
  readonly handle: number;
}

/** One frontend device: what every kind of netfront does with its directory. */
export abstract class Frontend implements StoreWatcher {
  protected readonly store: XenStore;
  private readonly place: FrontendPlace;
  protected readonly path: string;
  protected backend = "";
  device: Netfront | null = null;
  /** Its module is being unloaded, and the backend has not let go yet. */
  readonly leaving: boolean = false;

  constructor(place: FrontendPlace) {
    this.place = place;
    this.store = place.store;
    this.path = place.path;
  }

  /** netfront_probe: a device that was closed starts anew. */
  begin(): void {
    this.backend = this.store.read(`${this.path}/backend`) ?? "";
    if (this.state === XenbusState.CLOSED) this.switchTo(XenbusState.INITIALISING);
    this.store.watch(`${this.backend}/state`, BACKEND, this);
  }

  storeChanged(_path: string, _token: string): void {
    this.backendChanged(readState(this.store, this.backend), this.state);
  }

  /** netback_changed in the guest's driver: the backend's state, and our own. */
  protected abstract backendChanged(state: XenbusState, own: XenbusState): void;

  /** The driver is unloaded. */
  abstract leave(): void;

  /** xenbus_dev_shutdown: the guest goes down. */
  shutDown(): void {
    if (this.state === XenbusState.CONNECTED) this.switchTo(XenbusState.CLOSING);
  }

  protected get state(): XenbusState {
    return readState(this.store, this.path);
  }

  /** xenbus_switch_state */
  protected switchTo(state: XenbusState): void {
    writeState(this.store, this.path, state);
  }

  protected get backendId(): number {
    return this.store.readNumber(`${this.path}/backend-id`) ?? 0;
  }

  protected makeDevice(): Netfront {
    const { table, domain, handle, costs, maker } = this.place;
    const mac = parseMac(this.store.read(`${this.path}/mac`) ?? "") ?? ZERO_MAC;
    const device = maker.makeNetfront({ table, domain, handle, costs }, freeName(table), mac);
    table.register(device);
    this.device = device;
    return device;
  }

  protected write(key: string, value: number): void {
    this.store.write(`${this.path}/${key}`, String(value));
  }

  /** A feature of the backend: a number other than 0. */
  protected offered(key: string): boolean {
    return (this.store.readNumber(`${this.backend}/${key}`) ?? 0) !== 0;
  }

  /** The directory or the guest is gone, or nobody drives the device any more: xennet_remove. */
  vanish(): void {
    this.store.unwatch(this);
    if (this.device === null) return;
    this.device.disconnect();
    this.place.table.unregister(this.device);
    this.device = null;
  }
}

/** eth%d: the lowest free number. */
function freeName(table: DeviceTable): string {
  let number = 0;
  while (table.find(`eth${number}`) !== null) number++;
  return `eth${number}`;
}
