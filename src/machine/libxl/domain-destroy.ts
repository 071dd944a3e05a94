/**
 * Takes a domain away: it stops, its console and its devices go, then its directories, then the domain itself.
 * Follows libxl__destroy_domid, libxl__devices_destroy and devices_destroy_cb of libxl_domain.c, Xen 4.17.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import { type Nanos, us } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import { type Libxl, Rc } from "./context.ts";
import { consoleBackend, domainPath, libxlPath } from "./domain-nodes.ts";
import { nicsOf } from "./nic.ts";
import { NicRemove } from "./nic-remove.ts";
import { Step, type StepOwner } from "./step.ts";
import { cleanUpPath } from "./store-nodes.ts";
import { forgetConfiguration } from "./userdata.ts";

/** The child that calls xc_domain_destroy, and the hypervisor giving the memory back. */
const DESTROY_TIME: Nanos = us(500);

export class DomainDestroy extends Step implements StepOwner, EventTarget {
  private readonly domid: number;
  private readonly timer: Timer;
  private pending = 0;

  constructor(libxl: Libxl, owner: StepOwner, domid: number) {
    super(libxl, owner);
    this.domid = domid;
    this.timer = libxl.process.timer(this, 0);
  }

  start(): void {
    const { xen, store } = this.libxl;
    const domain = xen.hypervisor.find(this.domid);
    if (domain === null) return this.notFound();
    xen.pause(domain);
    this.removeConsole();
    const nics = nicsOf(store, this.domid);
    this.pending = nics.length;
    if (this.pending === 0) return this.removeDirectories();
    for (const nic of nics) new NicRemove(this.libxl, this, nic, "on").start();
  }

  stepDone(_step: Step, _rc: Rc): void {
    if (--this.pending === 0) this.removeDirectories();
  }

  /** The domain itself: xc_domain_destroy in a child, and xenstored's word to all who asked. */
  handle(_operation: number): void {
    const { xen, store } = this.libxl;
    const domain = xen.hypervisor.find(this.domid);
    if (domain !== null) {
      xen.destroyDomain(domain);
      store.announce("@releaseDomain");
    }
    this.finish(Rc.OK);
  }

  private notFound(): void {
    this.libxl.error("libxl_domain.c:1183:libxl__destroy_domid", "Non-existant domain", this.domid);
    this.libxl.error("libxl_domain.c:1137:domain_destroy_callback", "Unable to destroy guest", this.domid);
    this.finish(Rc.DOMAIN_NOTFOUND);
  }

  private removeConsole(): void {
    const { store } = this.libxl;
    const copy = `${libxlPath(this.domid)}/device/console/0`;
    if (!store.exists(copy)) return;
    for (const path of [`${domainPath(this.domid)}/console`, copy, consoleBackend(this.domid)])
      cleanUpPath(store, path);
  }

  private removeDirectories(): void {
    const { store, xen, process } = this.libxl;
    const domain = xen.hypervisor.find(this.domid);
    const vm = store.read(`${domainPath(this.domid)}/vm`);
    if (vm !== null) store.remove(vm);
    store.remove(domainPath(this.domid));
    store.remove(libxlPath(this.domid));
    if (domain !== null) forgetConfiguration(process.machine, this.domid, domain.uuid);
    this.timer.armAfter(DESTROY_TIME);
  }
}
