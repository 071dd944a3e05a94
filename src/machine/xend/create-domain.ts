/**
 * Makes a domain and leaves it paused: start, _constructDomain and _initDomain of XendDomainInfo.py. Its devices are
 * written, not waited for: xm asks for that.
 */
import { ms, type Nanos } from "../../engine/time.ts";
import { detailNodes, rootNodes } from "./domain-nodes.ts";
import type { ManagedDomain } from "./managed-domain.ts";
import type { DomainRegistry } from "./registry.ts";
import type { DomainSettings } from "./settings.ts";
import { Task, type TaskOwner } from "./task.ts";
import { createVif } from "./vif.ts";

/** Loading a kernel and filling the guest's page tables. */
const BUILD_TIME: Nanos = ms(100);

export class CreateDomain extends Task {
  private readonly domains: DomainRegistry;
  private readonly settings: DomainSettings;
  /** From the moment there is one. */
  domain: ManagedDomain | null = null;

  constructor(domains: DomainRegistry, owner: TaskOwner, settings: DomainSettings) {
    super(domains.xend, owner);
    this.domains = domains;
    this.settings = settings;
  }

  start(): void {
    const { xend, settings } = this;
    const error = this.nameError();
    if (error !== null) return this.finish(error);
    const domain = xend.xen.createDomain(settings.name, settings.uuid, settings.memory, settings.vcpus);
    xend.log("DEBUG", "XendDomainInfo", `XendDomainInfo.constructDomain: name=${domain.name} id=${domain.id}`);
    this.domain = this.domains.add(domain, settings);
    xend.store.remove(this.domain.path);
    xend.store.writeAll(rootNodes(this.domain));
    this.timer.armAfter(BUILD_TIME);
  }

  override handle(): void {
    const { xend } = this;
    const domain = this.domain!;
    // Somebody destroyed it while it was being built.
    if (xend.xen.hypervisor.find(domain.domain.id) !== domain.domain) return this.finish("(3, 'No such process')");
    xend.store.announce("@introduceDomain");
    for (const settings of this.settings.vifs) {
      const { devid, error } = createVif(domain, settings);
      if (error !== null) return this.fail(error);
      if (devid !== null) xend.log("DEBUG", "DevController", `createDevice: vif : devid=${devid}`);
    }
    xend.store.writeAll(detailNodes(domain));
    xend.store.write(`${domain.path}/console/tty`, xend.xen.consoles.open(domain.domain.id));
    domain.watchShutdown();
    this.finish(null);
  }

  private fail(error: string): void {
    this.domains.destroy(this.domain!);
    this.finish(error);
  }

  /** _checkName */
  private nameError(): string | null {
    const { name } = this.settings;
    if (name === "") return "Missing VM Name";
    if (!/^[A-Za-z0-9_\-.:/+]+$/.test(name)) return "Invalid VM Name";
    const there = this.xend.xen.hypervisor.byName(name);
    return there === null ? null : this.xend.era.nameTaken.replace("%name", name).replace("%id", String(there.id));
  }
}
