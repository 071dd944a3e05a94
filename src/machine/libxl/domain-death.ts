/** Hears of a domain's shutdown and of its end: libxl_evenable_domain_death and domain_death_xswatch_callback, Xen 4.17. */
import type { Domain } from "../../xen/hypervisor.ts";
import type { StoreWatcher } from "../../xen/xenstore.ts";
import type { Libxl } from "./context.ts";

export interface DeathWatcher {
  /** Its kernel has stopped; the domain is still there. */
  domainShutDown(domain: Domain, reason: string): void;
  /** There is no such domain any more. */
  domainDied(domain: Domain): void;
}

export class DomainDeath implements StoreWatcher {
  private readonly libxl: Libxl;
  private readonly owner: DeathWatcher;
  private readonly domain: Domain;
  private shutdownReported = false;

  constructor(libxl: Libxl, owner: DeathWatcher, domain: Domain) {
    this.libxl = libxl;
    this.owner = owner;
    this.domain = domain;
  }

  enable(): void {
    this.libxl.watch("@releaseDomain", this);
  }

  disable(): void {
    this.libxl.unwatch(this);
  }

  storeChanged(_path: string, _token: string): void {
    const { domain } = this;
    if (this.libxl.xen.hypervisor.find(domain.id) !== domain) {
      this.disable();
      this.owner.domainDied(domain);
    } else if (domain.shutdown !== null && !this.shutdownReported) {
      this.shutdownReported = true;
      this.owner.domainShutDown(domain, domain.shutdown);
    }
  }
}

/** xen/include/public/sched.h */
const REASONS = ["poweroff", "reboot", "suspend", "crash", "watchdog"];

export const shutdownCode = (reason: string): number => Math.max(0, REASONS.indexOf(reason));
