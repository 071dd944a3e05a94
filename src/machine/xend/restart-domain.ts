/**
 * A domain that stopped and shall come back: _restart of XendDomainInfo.py. It gets a new domain id, and so its vifs get
 * new names. Nobody waits for this: what goes wrong is in xend.log.
 */
import type { Nanos } from "../../engine/time.ts";
import { CreateDomain } from "./create-domain.ts";
import type { ManagedDomain } from "./managed-domain.ts";
import type { DomainRegistry } from "./registry.ts";
import { Task, type TaskOwner } from "./task.ts";
import { WaitForVifs } from "./vif-tasks.ts";

export class RestartDomain extends Task implements TaskOwner {
  private readonly domains: DomainRegistry;
  private readonly old: ManagedDomain;
  private domain: ManagedDomain | null = null;

  constructor(domains: DomainRegistry, owner: TaskOwner, old: ManagedDomain) {
    super(domains.xend, owner);
    this.domains = domains;
    this.old = old;
  }

  start(): void {
    const { xend, old } = this;
    const { settings } = old;
    if (this.tooFast()) {
      const why = `VM ${settings.name} restarting too fast. Refusing to restart to avoid loops.`;
      xend.log("ERROR", "XendDomainInfo", why);
      this.domains.destroy(old);
      return this.finish(null);
    }
    const count = Number(xend.store.read(`${old.vm}/xend/restart_count`) ?? 0) + 1;
    this.domains.destroy(old, true);
    xend.store.write(`${old.vm}/xend/restart_count`, String(count));
    if (xend.era.restartCountsFrom === "restart") xend.store.write(`${old.vm}/xend/previous_restart_time`, xend.time);
    new CreateDomain(this.domains, this, settings).start();
  }

  taskDone(task: Task, error: string | null): void {
    if (task instanceof CreateDomain) this.domain = task.domain;
    if (error !== null) return this.failed(error);
    if (task instanceof CreateDomain && this.xend.era.restartWaits) {
      return new WaitForVifs(this.xend, this, this.domain!).start();
    }
    this.xend.xen.unpause(this.domain!.domain);
    this.finish(null);
  }

  private tooFast(): boolean {
    const { era, store, xen } = this.xend;
    if (era.restartCountsFrom === "start") {
      const age = (xen.machine.world.scheduler.now - this.old.startedAt) as Nanos;
      return age < era.minimumRestart;
    }
    const previous = store.read(`${this.old.vm}/xend/previous_restart_time`);
    return previous !== null && (Number(this.xend.time) - Number(previous)) * 1e9 < era.minimumRestart;
  }

  private failed(error: string): void {
    const { name, id } = this.old.domain;
    this.xend.log("ERROR", "XendDomainInfo", `Failed to restart domain ${id} (${name}): ${error}`);
    const domain = this.domain;
    if (domain !== null && this.domains.has(domain)) this.domains.destroy(domain);
    this.finish(null);
  }
}
