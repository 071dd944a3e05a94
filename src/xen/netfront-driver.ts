/**
 * Netfront's xenbus driver in a guest: finds the devices below /local/domain/X/device/vif, follows the backend's states.
 * Follows drivers/net/xen-netfront.c of Linux 6.1 (netback_changed, talk_to_netback). As recorded on Linux 6.1 the
 * frontend goes from 1 to 4 directly, and on detach straight to 6.
 */
import type { DeviceTable } from "../device/device-table.ts";
import { parseMac, ZERO_MAC } from "../packet/address.ts";
import type { Domain } from "./hypervisor.ts";
import { Netfront } from "./netfront.ts";
import type { NetfrontCosts } from "./netfront-costs.ts";
import { readState, writeState, XenbusState } from "./xenbus.ts";
import type { StoreWatcher, XenStore } from "./xenstore.ts";

/** What netfront asks for, in the order in which it writes it, after rings and channels. */
const REQUESTS: readonly string[] = [
  "request-rx-copy",
  "feature-rx-notify",
  "feature-sg",
  "feature-gso-tcpv4",
  "feature-gso-tcpv6",
  "feature-ipv6-csum-offload",
];

export class NetfrontDriver implements StoreWatcher {
  private readonly store: XenStore;
  private readonly domain: Domain;
  private readonly table: DeviceTable;
  private readonly costs: NetfrontCosts;
  private readonly base: string;
  private readonly frontends = new Map<string, Frontend>();

  constructor(store: XenStore, domain: Domain, table: DeviceTable, costs: NetfrontCosts) {
    this.store = store;
    this.domain = domain;
    this.table = table;
    this.costs = costs;
    this.base = `/local/domain/${domain.id}/device/vif`;
    table.log.print("xen_netfront: Initialising Xen virtual ethernet driver");
    store.watch(this.base, "devices", this);
  }

  /** The network device of a directory's number; null before the first handshake and after the directory is gone. */
  find(handle: number): Netfront | null {
    return this.frontends.get(String(handle))?.device ?? null;
  }

  /** The guest shuts down: xenbus_dev_shutdown of every device. */
  close(): void {
    for (const frontend of this.frontends.values()) frontend.shutDown();
  }

  /** The guest is gone: rings, grants and channels with it. */
  shutDown(): void {
    this.store.unwatch(this);
    for (const frontend of this.frontends.values()) frontend.vanish();
    this.frontends.clear();
  }

  storeChanged(_path: string, _token: string): void {
    for (const handle of this.store.list(this.base) ?? []) {
      if (this.frontends.has(handle) || !this.store.exists(`${this.base}/${handle}/state`)) continue;
      const frontend = new Frontend(
        this.store,
        this.domain,
        this.table,
        this.costs,
        `${this.base}/${handle}`,
        Number(handle),
      );
      this.frontends.set(handle, frontend);
      frontend.begin();
    }
    for (const [handle, frontend] of this.frontends) {
      if (this.store.exists(`${this.base}/${handle}`)) continue;
      frontend.vanish();
      this.frontends.delete(handle);
    }
  }
}

class Frontend implements StoreWatcher {
  private readonly store: XenStore;
  private readonly domain: Domain;
  private readonly table: DeviceTable;
  private readonly costs: NetfrontCosts;
  private readonly path: string;
  private readonly handle: number;
  private backend = "";
  device: Netfront | null = null;

  constructor(store: XenStore, domain: Domain, table: DeviceTable, costs: NetfrontCosts, path: string, handle: number) {
    this.store = store;
    this.domain = domain;
    this.table = table;
    this.costs = costs;
    this.path = path;
    this.handle = handle;
  }

  begin(): void {
    this.backend = this.store.read(`${this.path}/backend`) ?? "";
    this.store.watch(`${this.backend}/state`, "backend", this);
  }

  storeChanged(_path: string, _token: string): void {
    const own = readState(this.store, this.path);
    switch (readState(this.store, this.backend)) {
      case XenbusState.INIT_WAIT:
        if (own === XenbusState.INITIALISING) this.connect();
        return;
      case XenbusState.CONNECTED:
        this.device?.notify("notify-peers");
        return;
      case XenbusState.CLOSING:
        if (own !== XenbusState.CLOSED && own !== XenbusState.UNKNOWN) this.close();
        return;
      // Closing was over before its watch came; before the first handshake it is the backend's last life.
      case XenbusState.CLOSED:
        if (own === XenbusState.CONNECTED) this.close();
        return;
      default:
        return;
    }
  }

  /** talk_to_netback, then Connected. */
  private connect(): void {
    const backendId = this.store.readNumber(`${this.path}/backend-id`) ?? 0;
    const device = this.device ?? this.makeDevice();
    if (device === null) return;
    this.write("xdp-headroom", 0);
    this.write("multi-queue-num-queues", 1);
    const references = device.connect(backendId);
    this.write("tx-ring-ref", references.transmitRing);
    this.write("rx-ring-ref", references.receiveRing);
    this.write("event-channel-tx", references.transmitPort);
    this.write("event-channel-rx", references.receivePort);
    for (const key of REQUESTS) this.write(key, 1);
    device.start();
    writeState(this.store, this.path, XenbusState.CONNECTED);
  }

  shutDown(): void {
    if (readState(this.store, this.path) === XenbusState.CONNECTED)
      writeState(this.store, this.path, XenbusState.CLOSING);
  }

  private makeDevice(): Netfront | null {
    const mac = parseMac(this.store.read(`${this.path}/mac`) ?? "") ?? ZERO_MAC;
    const device = new Netfront(this.table, this.domain, freeName(this.table), this.handle, mac, this.costs);
    this.table.register(device);
    this.device = device;
    return device;
  }

  private write(key: string, value: number): void {
    this.store.write(`${this.path}/${key}`, String(value));
  }

  /** xenbus_frontend_closed after xennet_disconnect_backend. */
  private close(): void {
    this.device?.disconnect();
    writeState(this.store, this.path, XenbusState.CLOSED);
  }

  /** The directory is gone: xennet_remove. */
  vanish(): void {
    this.store.unwatch(this);
    if (this.device === null) return;
    this.device.disconnect();
    this.table.unregister(this.device);
    this.device = null;
  }
}

/** eth%d: the lowest free number. */
function freeName(table: DeviceTable): string {
  let number = 0;
  while (table.find(`eth${number}`) !== null) number++;
  return `eth${number}`;
}
