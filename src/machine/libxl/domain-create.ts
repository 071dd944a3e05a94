/**
 * Makes a domain: names and directories, the build, its console, its network devices, all at once; the domain is left
 * paused. When a device fails, what there is of the domain is destroyed again.
 * Follows initiate_domain_create, domcreate_attach_devices and domcreate_complete of libxl_create.c, Xen 4.17.
 * Not modelled: memory, disks, boot loaders, device models.
 */
import { invariant } from "../../base/invariant.ts";
import type { EventTarget } from "../../engine/scheduler.ts";
import { ms, type Nanos, us } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import type { Domain } from "../../xen/hypervisor.ts";
import { type Libxl, Rc } from "./context.ts";
import { type DomainConfig, domainJson, nicJson } from "./domain-config.ts";
import { DomainDestroy } from "./domain-destroy.ts";
import { builtNodes, consoleNodes, domainNodes, domainPath, libxlPath } from "./domain-nodes.ts";
import { type NewNic, newNic } from "./nic.ts";
import { NicAdd } from "./nic-add.ts";
import { Step, type StepOwner } from "./step.ts";
import { saveConfiguration } from "./userdata.ts";

/** Loading a kernel and filling the guest's page tables. */
const BUILD_TIME: Nanos = ms(100);
/** From the domain's introduction to xenconsoled having opened a pty for it. */
const CONSOLE_TIME: Nanos = us(300);

const BUILT = 1;
const CONSOLE_READY = 2;

export class DomainCreate extends Step implements StepOwner, EventTarget {
  /** Its id, from the moment it has one; it stays even when the domain is gone again. */
  domid: number | null = null;
  private readonly config: DomainConfig;
  private readonly timer: Timer;
  private domain: Domain | null = null;
  private nics: readonly NewNic[] = [];
  private pending = 0;
  private rc: Rc = Rc.OK;

  constructor(libxl: Libxl, owner: StepOwner, config: DomainConfig) {
    super(libxl, owner);
    this.config = config;
    this.timer = libxl.process.timer(this, 0);
  }

  /** libxl__domain_make */
  start(): void {
    const { store, xen } = this.libxl;
    const { config } = this;
    if (xen.hypervisor.byName(config.name) !== null) return this.nameIsTaken();
    this.domain = xen.createDomain(config.name, config.uuid, config.memory, config.vcpus);
    const domid = this.domain.id;
    this.domid = domid;
    store.writeAll(domainNodes(domid, config));
    this.storeModel(domid);
    if (!this.setDevids(domid)) return this.fail();
    this.timer.armAfter(BUILD_TIME, BUILT);
  }

  handle(_operation: number, argument: number): void {
    if (!this.libxl.store.exists(`${domainPath(this.made.id)}/vm`)) this.isGone();
    else if (argument === BUILT) this.built();
    else this.consoleReady();
  }

  stepDone(step: Step, rc: Rc): void {
    if (step instanceof DomainDestroy) return this.finish(Rc.FAIL);
    if (rc !== Rc.OK) this.rc = rc;
    if (--this.pending > 0) return;
    if (this.rc === Rc.OK) return this.complete();
    this.libxl.error("libxl_create.c:1919:domcreate_attach_devices", "unable to add vif devices", this.domid);
    this.fail();
  }

  /** The number is used up all the same. */
  private nameIsTaken(): void {
    const { hypervisor } = this.libxl.xen;
    const domain = hypervisor.create("", this.config.uuid, this.config.memory, []);
    hypervisor.destroy(domain);
    this.domid = domain.id;
    const { id } = domain;
    const sentence = `Domain with name "${this.config.name}" already exists.`;
    this.libxl.error("libxl_domain.c:81:libxl__domain_rename", sentence, id);
    this.libxl.error("libxl_create.c:1294:initiate_domain_create", `cannot make domain: ${Rc.INVAL}`, id);
    this.finish(Rc.FAIL);
  }

  /** libxl__device_nic_set_devids: false when a device cannot be had. Devices without a number count from 0. */
  private setDevids(domid: number): boolean {
    const { libxl } = this;
    const emulated = this.config.vifs.findIndex((vif) => vif.type === "ioemu");
    if (emulated >= 0) {
      const sentence = "trying to create PV or PVH guest with an emulated interface";
      libxl.error("libxl_nic.c:107:libxl__device_nic_setdefault", sentence, domid);
      const failed = `Unable to set nic defaults for nic ${emulated}`;
      libxl.error("libxl_nic.c:520:libxl__device_nic_set_devids", failed, domid);
      return false;
    }
    let next = 0;
    const random = libxl.process.machine.world.random("libxl");
    this.nics = this.config.vifs.map((vif) =>
      newNic(vif, domid, vif.devid ?? next++, this.libxl.xen.vifScript, random),
    );
    return true;
  }

  /** libxl__build_post; then xenstored and xenconsoled hear of the new domain. */
  private built(): void {
    const { store } = this.libxl;
    const { world } = this.libxl.process.machine;
    const domid = this.made.id;
    const hundredths = Math.floor(world.scheduler.now / 1e7);
    const { epoch } = this.libxl.process.machine;
    const startTime = `${epoch + Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
    store.writeAll(builtNodes(domid, this.config, startTime));
    store.announce("@introduceDomain");
    this.storeModel(domid);
    store.writeAll(consoleNodes(domid));
    this.timer.armAfter(CONSOLE_TIME, CONSOLE_READY);
  }

  private consoleReady(): void {
    const { store, xen } = this.libxl;
    const { id } = this.made;
    store.write(`${domainPath(id)}/console/tty`, xen.consoles.open(id));
    this.pending = this.nics.length;
    if (this.pending === 0) return this.complete();
    for (const device of this.nics) new NicAdd(this.libxl, this, device).start();
  }

  /** Somebody destroyed it while it was being made. */
  private isGone(): void {
    const { id } = this.made;
    this.libxl.error("libxl_create.c:1638:domcreate_rebuild_done", `cannot (re-)build domain: ${Rc.FAIL}`, id);
    this.fail();
  }

  /** store_libxl_entry */
  private storeModel(domid: number): void {
    this.libxl.store.write(`${libxlPath(domid)}/dm-version`, "qemu_xen");
  }

  private get made(): Domain {
    invariant(this.domain !== null, "a domain that was not made");
    return this.domain;
  }

  private complete(): void {
    const { machine } = this.libxl.process;
    const nics = this.nics.map(({ nic, config }) => nicJson(config, nic));
    saveConfiguration(machine, this.made.id, this.config.uuid, domainJson(this.config, nics));
    this.finish(Rc.OK);
  }

  private fail(): void {
    new DomainDestroy(this.libxl, this, this.made.id).start();
  }
}
