/**
 * Netback's xenbus driver in the backend domain: probes new backend directories and makes their vifs. What happens to
 * one of them until its vif is taken down again is in `backend.ts`. Follows drivers/net/xen-netback/xenbus.c.
 * Hotplug scripts are run by the toolstack (libxl), which watches the backend's state, or by udevd, which hears the
 * driver's uevents. Not modelled yet: control ring, several queues.
 */
import type { DeviceTable } from "../device/device-table.ts";
import type { Backend, BackendHost } from "./backend.ts";
import type { BorderKind } from "./border-kind.ts";
import type { Domain, Hypervisor } from "./hypervisor.ts";
import type { NetbackCosts } from "./netback-costs.ts";
import type { UeventListener } from "./uevent.ts";
import { type Vif, vifName } from "./vif.ts";
import { readState, writeState, XenbusState } from "./xenbus.ts";
import type { StoreWatcher, XenStore } from "./xenstore.ts";

const ROOT = "root";

export class NetbackDriver implements StoreWatcher, BackendHost {
  private readonly store: XenStore;
  private readonly hypervisor: Hypervisor;
  private readonly domain: Domain;
  readonly table: DeviceTable;
  private readonly costs: NetbackCosts;
  private readonly kind: BorderKind;
  private readonly base: string;
  private readonly backends = new Map<string, Backend>();
  /** udevd, where there is one. */
  uevents: UeventListener | null = null;

  constructor(
    store: XenStore,
    hypervisor: Hypervisor,
    domain: Domain,
    table: DeviceTable,
    costs: NetbackCosts,
    kind: BorderKind,
  ) {
    this.store = store;
    this.hypervisor = hypervisor;
    this.domain = domain;
    this.table = table;
    this.costs = costs;
    this.kind = kind;
    this.base = `/local/domain/${domain.id}/backend/vif`;
    store.watch(this.base, ROOT, this);
  }

  storeChanged(path: string, _token: string): void {
    const own = this.deviceOf(path);
    const known = this.backends.get(own);
    if (known !== undefined) {
      if (!this.store.exists(own)) known.removed();
      return;
    }
    const match = /^\/(\d+)\/(\d+)$/.exec(own.slice(this.base.length));
    // xenbus_probe_node: in any other state a device is not new, but on its way out.
    if (match !== null && readState(this.store, own) === XenbusState.INITIALISING)
      this.probe(own, Number(match[1]), Number(match[2]));
  }

  /** The directory of the device that `path` belongs to; with thirty nodes each, it is asked for often. */
  private deviceOf(path: string): string {
    const handle = path.indexOf("/", this.base.length + 1);
    const end = handle < 0 ? -1 : path.indexOf("/", handle + 1);
    return end < 0 ? path : path.slice(0, end);
  }

  /** netback_probe */
  private probe(path: string, frontend: number, handle: number): void {
    if (this.table.find(vifName(frontend, handle)) !== null) return;
    const vif = this.makeVif(frontend, handle);
    const { store, hypervisor, domain } = this;
    const backend = this.kind.makeBackend({ driver: this, store, hypervisor, domain, path, vif });
    this.backends.set(path, backend);
    this.table.register(vif);
    for (const [key, value] of this.kind.features) this.store.write(`${path}/${key}`, value);
    writeState(this.store, path, XenbusState.INIT_WAIT);
    this.uevents?.uevent("online", vif.name, path);
    backend.begin();
  }

  makeVif(frontend: number, handle: number): Vif {
    const { table, domain, costs } = this;
    return this.kind.makeVif({ table, domain, frontend, handle, costs });
  }

  forget(path: string): void {
    this.backends.delete(path);
  }

  /** The vif of a frontend's device, if it is there. */
  find(frontend: number, handle: number): Vif | null {
    return this.backends.get(`${this.base}/${frontend}/${handle}`)?.vif ?? null;
  }
}
