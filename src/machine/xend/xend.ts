/**
 * xend, the daemon behind xm: makes, watches and destroys domains. A process of domain 0; a host without it has guests
 * that run on and an xm that cannot connect. Follows XendDomain.py and XendDomainInfo.py; `era` says of which Xen.
 * Not modelled: domains it keeps while they do not run (xm new), save, migrate, its network-script (the host's set-up).
 */
import type { StoreWatcher } from "../../xen/xenstore.ts";
import { Program } from "../process.ts";
import type { XenHost } from "../xen-host.ts";
import { XendContext } from "./context.ts";
import type { XendEra } from "./era.ts";
import type { ManagedDomain } from "./managed-domain.ts";
import { DomainRegistry } from "./registry.ts";
import { RestartDomain } from "./restart-domain.ts";
import type { Task, TaskOwner } from "./task.ts";

declare module "../box.ts" {
  interface BoxParts {
    xend: Xend;
  }
}

/** Who is connected to xend and wants to know when it goes. */
export interface XendClient {
  connectionLost(): void;
}

export class Xend extends Program implements StoreWatcher, TaskOwner {
  readonly context: XendContext;
  readonly domains: DomainRegistry;
  readonly clients = new Set<XendClient>();

  constructor(xen: XenHost, era: XendEra, vifScript: string) {
    super();
    this.context = new XendContext(xen, era, vifScript);
    this.domains = new DomainRegistry(this.context);
  }

  start(): void {
    this.context.process = this.process;
    this.context.watches.watch("@releaseDomain", this);
  }

  /** It answers. */
  get running(): boolean {
    return this.context.process !== undefined && !this.process.hasEnded;
  }

  override ended(): void {
    this.context.watches.end();
    for (const task of this.context.tasks) task.stop();
    for (const domain of this.domains.all) domain.forget();
    for (const client of [...this.clients]) client.connectionLost();
  }

  /** Xen says that a domain has stopped or is gone. */
  storeChanged(_path: string, _token: string): void {
    for (const domain of this.domains.all) this.refresh(domain);
  }

  /** Of a restart: xend.log has it. */
  taskDone(_task: Task, _error: string | null): void {}

  /** refreshShutdown and _maybeRestart */
  private refresh(managed: ManagedDomain): void {
    const { domain, settings } = managed;
    const { xen, store } = this.context;
    if (xen.hypervisor.find(domain.id) !== domain) return this.domains.destroy(managed);
    if (domain.shutdown === null || store.exists(`${managed.path}/xend/shutdown_completed`)) return;
    const { name, id, shutdown: reason } = domain;
    this.context.log("INFO", "XendDomainInfo", `Domain has shutdown: name=${name} id=${id} reason=${reason}.`);
    const { onPoweroff, onReboot, onCrash } = settings;
    const actions: Readonly<Record<string, string>> = { poweroff: onPoweroff, reboot: onReboot, crash: onCrash };
    const action = actions[reason!] ?? "destroy";
    if (/^(coredump-)?restart$/.test(action)) new RestartDomain(this.domains, this, managed).start();
    else if (action === "preserve") this.preserve(managed);
    else this.domains.destroy(managed);
  }

  private preserve(managed: ManagedDomain): void {
    managed.forget();
    this.context.store.write(`${managed.path}/xend/shutdown_completed`, "True");
  }
}
