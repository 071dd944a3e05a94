/**
 * Waiting for hotplug scripts, and adding and taking away one device: waitForDevices, device_create and destroyDevice of
 * DevController.py and XendDomainInfo.py.
 */
import { seconds } from "../../engine/time.ts";
import type { StoreWatcher } from "../../xen/xenstore.ts";
import type { XendContext } from "./context.ts";
import type { ManagedDomain } from "./managed-domain.ts";
import type { VifSettings } from "./settings.ts";
import { Task, type TaskOwner } from "./task.ts";
import { backendOf, closeVif, createVif } from "./vif.ts";

/** DEVICE_CREATE_TIMEOUT and DEVICE_DESTROY_TIMEOUT */
const TIMEOUT = seconds(100);

/** Until the hotplug script of one device has said what became of it. A device that failed is closed. */
class WaitForVif extends Task implements StoreWatcher {
  private readonly domain: ManagedDomain;
  private readonly devid: number;
  private backend = "";

  constructor(xend: XendContext, owner: TaskOwner, domain: ManagedDomain, devid: number) {
    super(xend, owner);
    this.domain = domain;
    this.devid = devid;
  }

  start(): void {
    const backend = backendOf(this.domain, this.devid);
    if (backend === null) return this.finish(this.sentence("Device not found."));
    this.backend = backend;
    this.timer.armAfter(TIMEOUT);
    this.xend.watches.watch(`${backend}/hotplug-status`, this);
  }

  storeChanged(path: string, _token: string): void {
    const status = this.xend.store.read(path);
    if (status === null) return;
    const error = this.xend.store.read(`${this.backend}/hotplug-error`);
    if (status === "error") this.failed(this.sentence(this.reason(error)));
    else if (status === "busy") this.failed(this.sentence(error ?? "Busy.", "\n"));
    else this.end(null);
  }

  override handle(): void {
    this.failed(this.sentence("Hotplug scripts not working."));
  }

  private reason(error: string | null): string {
    return error !== null && this.xend.era.tellsHotplugError ? error : "Backend device not found.";
  }

  private sentence(why: string, between = " "): string {
    return `Device ${this.devid} (vif) could not be connected.${between}${why}`;
  }

  private failed(sentence: string): void {
    this.end(closeVif(this.domain, this.devid, false) ?? sentence);
  }

  private end(error: string | null): void {
    this.xend.watches.unwatch(this);
    this.finish(error);
  }
}

/** Each device in its turn; the first that fails ends it. */
export class WaitForVifs extends Task implements TaskOwner {
  private readonly domain: ManagedDomain;
  private left: readonly number[] = [];

  constructor(xend: XendContext, owner: TaskOwner, domain: ManagedDomain) {
    super(xend, owner);
    this.domain = domain;
  }

  start(): void {
    this.left = this.domain.devids;
    this.next();
  }

  taskDone(_task: Task, error: string | null): void {
    if (error !== null) return this.finish(error);
    this.next();
  }

  private next(): void {
    const [devid, ...left] = this.left;
    if (devid === undefined) return this.finish(null);
    this.left = left;
    new WaitForVif(this.xend, this, this.domain, devid).start();
  }
}

/** xm network-attach */
export class AttachVif extends Task implements TaskOwner {
  private readonly domain: ManagedDomain;
  private readonly settings: VifSettings;
  private devid: number | null = null;

  constructor(xend: XendContext, owner: TaskOwner, domain: ManagedDomain, settings: VifSettings) {
    super(xend, owner);
    this.domain = domain;
    this.settings = settings;
  }

  start(): void {
    const { devid, error } = createVif(this.domain, this.settings);
    this.devid = devid;
    if (error !== null || devid === null) return this.finish(error);
    new WaitForVif(this.xend, this, this.domain, devid).start();
  }

  taskDone(_task: Task, error: string | null): void {
    if (error !== null && this.devid !== null) this.domain.vifs.delete(this.devid);
    this.finish(error);
  }
}

/** xm network-detach. 4.2 waits until netback has taken hotplug-status away. */
export class DetachVif extends Task implements StoreWatcher {
  private readonly domain: ManagedDomain;
  private readonly devid: number;
  private readonly force: boolean;

  constructor(xend: XendContext, owner: TaskOwner, domain: ManagedDomain, devid: number, force: boolean) {
    super(xend, owner);
    this.domain = domain;
    this.devid = devid;
    this.force = force;
  }

  start(): void {
    const backend = backendOf(this.domain, this.devid);
    const error = closeVif(this.domain, this.devid, this.force);
    if (error !== null || !this.xend.era.detachIsForGood) return this.finish(error);
    this.domain.vifs.delete(this.devid);
    if (this.force) return this.finish(null);
    this.timer.armAfter(TIMEOUT);
    this.xend.watches.watch(`${backend}/hotplug-status`, this);
  }

  storeChanged(path: string, _token: string): void {
    if (!this.xend.store.exists(path)) this.end(null);
  }

  override handle(): void {
    this.end(`Device ${this.devid} (vif) could not be disconnected. `);
  }

  private end(error: string | null): void {
    this.xend.watches.unwatch(this);
    this.finish(error);
  }
}
