/**
 * Netfront's xenbus driver in a guest: finds the devices below /local/domain/X/device/vif. What happens to one of them is in
 * `frontend.ts`. Follows drivers/xen/xenbus/xenbus_probe_frontend.c of Linux 6.1.
 */
import type { DeviceTable } from "../device/device-table.ts";
import type { BorderKind } from "./border-kind.ts";
import type { Frontend } from "./frontend.ts";
import type { Domain } from "./hypervisor.ts";
import type { Netfront } from "./netfront.ts";
import type { NetfrontCosts } from "./netfront-costs.ts";
import type { StoreWatcher, XenStore } from "./xenstore.ts";

export class NetfrontDriver implements StoreWatcher {
  private readonly store: XenStore;
  private readonly domain: Domain;
  private readonly table: DeviceTable;
  private readonly costs: NetfrontCosts;
  private readonly kind: BorderKind;
  private readonly base: string;
  private readonly frontends = new Map<string, Frontend>();
  /** False after `rmmod`: devices are there, nobody drives them. */
  private loaded = false;

  constructor(store: XenStore, domain: Domain, table: DeviceTable, costs: NetfrontCosts, kind: BorderKind) {
    this.store = store;
    this.domain = domain;
    this.table = table;
    this.costs = costs;
    this.kind = kind;
    this.base = `/local/domain/${domain.id}/device/vif`;
    this.load();
    store.watch(this.base, "devices", this);
  }

  /** The network device of a directory's number; null before the first handshake and after the directory is gone. */
  find(handle: number): Netfront | null {
    return this.frontends.get(String(handle))?.device ?? null;
  }

  /** modprobe: devices that were there before are probed again. False while the driver is on its way out. */
  load(): boolean {
    if (this.loaded) return true;
    for (const frontend of this.frontends.values()) if (frontend.leaving) return false;
    this.loaded = true;
    this.table.log.print(this.kind.greeting);
    for (const frontend of this.frontends.values()) frontend.begin();
    return true;
  }

  /** rmmod: every device closes by the frontend's own will. */
  unload(): void {
    if (!this.loaded) return;
    this.loaded = false;
    for (const frontend of this.frontends.values()) frontend.leave();
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
    const handles = this.store.list(this.base) ?? [];
    for (const handle of handles) if (!this.frontends.has(handle)) this.probe(handle);
    for (const handle of this.frontends.keys()) if (!handles.includes(handle)) this.lose(handle);
  }

  private probe(handle: string): void {
    const { store, domain, table, costs, kind } = this;
    const path = `${this.base}/${handle}`;
    if (!store.exists(`${path}/state`)) return;
    const frontend = kind.makeFrontend({ store, domain, table, costs, maker: kind, path, handle: Number(handle) });
    this.frontends.set(handle, frontend);
    if (this.loaded) frontend.begin();
  }

  private lose(handle: string): void {
    this.frontends.get(handle)!.vanish();
    this.frontends.delete(handle);
  }
}
