/**
 * A domain that xend looks after: XendDomainInfo.py. Knows its settings and devices, and destroys a guest that was told to
 * shut down and does not.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import type { Nanos } from "../../engine/time.ts";
import { Timer } from "../../engine/timer.ts";
import type { Domain } from "../../xen/hypervisor.ts";
import type { StoreWatcher } from "../../xen/xenstore.ts";
import { domainPath, vmPath } from "../libxl/domain-nodes.ts";
import type { XendContext } from "./context.ts";
import type { DomainSettings, VifSettings } from "./settings.ts";

/** Who takes a domain away that does not shut down in time. */
export interface DomainGuardian {
  shutdownTimedOut(domain: ManagedDomain): void;
}

export class ManagedDomain implements StoreWatcher, EventTarget {
  readonly xend: XendContext;
  private readonly guardian: DomainGuardian;
  readonly domain: Domain;
  private readonly given: DomainSettings;
  /** By device number: what will be there after a reboot. */
  readonly vifs = new Map<number, VifSettings>();
  readonly startedAt: Nanos;
  private readonly timer: Timer;

  constructor(xend: XendContext, guardian: DomainGuardian, domain: Domain, settings: DomainSettings) {
    this.xend = xend;
    this.guardian = guardian;
    this.domain = domain;
    this.given = settings;
    const { machine, cpu } = xend.process;
    this.startedAt = machine.world.scheduler.now;
    this.timer = new Timer(machine.world.scheduler, this, 0, cpu);
  }

  get path(): string {
    return domainPath(this.domain.id);
  }

  get vm(): string {
    return vmPath(this.domain.uuid);
  }

  /** With the devices it has by now. */
  get settings(): DomainSettings {
    return { ...this.given, vifs: [...this.vifs.values()] };
  }

  /** Numbers of its devices. */
  get devids(): readonly number[] {
    const { store, era, xen } = this.xend;
    const root = era.devicesInVm
      ? `${this.vm}/device/vif`
      : `/local/domain/${xen.dom0.id}/backend/vif/${this.domain.id}`;
    return (store.list(root) ?? []).map(Number);
  }

  /** _registerWatches */
  watchShutdown(): void {
    this.xend.watches.watch(`${this.path}/control/shutdown`, this);
  }

  storeChanged(_path: string, _token: string): void {
    const { store, era } = this.xend;
    const reason = store.read(`${this.path}/control/shutdown`);
    const started = `${this.path}/xend/shutdown_start_time`;
    // The guest empties the node to say that it has read it.
    if (reason === null || reason === "" || reason === "suspend" || store.exists(started)) return;
    store.write(started, this.xend.time);
    this.timer.armAfter(era.shutdownTimeout);
  }

  handle(_operation: number): void {
    if (this.domain.shutdown === null) this.guardian.shutdownTimedOut(this);
  }

  forget(): void {
    this.timer.cancel();
    this.xend.watches.unwatch(this);
  }
}
