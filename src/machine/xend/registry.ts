/** The domains xend looks after: XendDomain.py, as far as it keeps them. */
import type { Domain } from "../../xen/hypervisor.ts";
import type { XendContext } from "./context.ts";
import { destroyDomain } from "./destroy-domain.ts";
import { type DomainGuardian, ManagedDomain } from "./managed-domain.ts";
import type { DomainSettings } from "./settings.ts";

export class DomainRegistry implements DomainGuardian {
  readonly xend: XendContext;
  private readonly byId = new Map<number, ManagedDomain>();

  constructor(xend: XendContext) {
    this.xend = xend;
  }

  get all(): readonly ManagedDomain[] {
    return [...this.byId.values()];
  }

  has(domain: ManagedDomain): boolean {
    return this.byId.get(domain.domain.id) === domain;
  }

  add(domain: Domain, settings: DomainSettings): ManagedDomain {
    const managed = new ManagedDomain(this.xend, this, domain, settings);
    this.byId.set(domain.id, managed);
    return managed;
  }

  /** What xend knows of a domain; one that somebody else made it takes in. */
  of(domain: Domain): ManagedDomain {
    return this.byId.get(domain.id) ?? this.add(domain, unknown(domain));
  }

  /** `comesBack`: what /vm says of it stays for its next life, where this era keeps it. */
  destroy(domain: ManagedDomain, comesBack = false): void {
    this.xend.log("DEBUG", "XendDomainInfo", `XendDomainInfo.destroy: domid=${domain.domain.id}`);
    this.byId.delete(domain.domain.id);
    destroyDomain(domain, comesBack);
  }

  shutdownTimedOut(domain: ManagedDomain): void {
    const { name, id } = domain.domain;
    this.xend.log("INFO", "XendDomainInfo", `Domain shutdown timeout expired: name=${name} id=${id}`);
    this.destroy(domain);
  }
}

const unknown = (domain: Domain): DomainSettings => ({
  name: domain.name,
  uuid: domain.uuid,
  memory: domain.memory,
  maxMemory: domain.memory,
  vcpus: domain.cpus.length,
  kernel: null,
  ramdisk: null,
  args: "",
  onPoweroff: "destroy",
  onReboot: "restart",
  onCrash: "restart",
  vifs: [],
});
