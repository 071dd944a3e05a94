/**
 * What makes a machine a Xen host: the hypervisor, xenstore, netback in domain 0, and the guests' machines.
 * A part of domain 0's machine (`dom0.parts.xen`); toolstack commands work on it. The toolstack's own steps (libxl)
 * are programs of domain 0, in `libxl/`.
 */
import { invariant } from "../base/invariant.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { BorderKind } from "../xen/border-kind.ts";
import { MODERN } from "../xen/border-modern.ts";
import type { Domain } from "../xen/hypervisor.ts";
import { Hypervisor } from "../xen/hypervisor.ts";
import { NETBACK_COSTS, type NetbackCosts } from "../xen/netback-costs.ts";
import { NetbackDriver } from "../xen/netback-driver.ts";
import { NETFRONT_COSTS, type NetfrontCosts } from "../xen/netfront-costs.ts";
import { XenStore } from "../xen/xenstore.ts";
import { type BootWatcher, Guest, type GuestImage } from "./guest.ts";
import type { ShutdownReason } from "./guest-shutdown.ts";
import type { Machine } from "./machine.ts";
import type { Script } from "./setup/script.ts";
import { vifBridgeDebian } from "./setup/vif-bridge.ts";
import { xenFiles } from "./xen-files.ts";
import { Xenconsoled } from "./xenconsoled.ts";

declare module "./box.ts" {
  interface BoxParts {
    xen: XenHost;
    /** The Xen host this box is a guest of. */
    guestOf: XenHost;
  }
}

export interface XenTimings {
  readonly netback: NetbackCosts;
  readonly netfront: NetfrontCosts;
}

export const XEN_TIMINGS: XenTimings = {
  netback: NETBACK_COSTS,
  netfront: NETFRONT_COSTS,
};

/** MiB of a domain 0 that nobody described. */
const DOM0_MEMORY = 4096;

export interface XenHostOptions {
  /** MiB of the whole host. */
  readonly memory?: number;
  readonly timings?: XenTimings;
  /** In /etc/xen/scripts. */
  readonly scripts?: readonly Script[];
  /** Which generation of netback the host has, and of netfront its guests. */
  readonly border?: BorderKind;
}

/** Who wants to know when guests come and go: the lab, which finds machines by name. */
export interface GuestWatcher {
  guestStarted(guest: Guest): void;
  guestReady(guest: Guest): void;
  /** Its domain is no more. */
  guestStopped(guest: Guest): void;
}

export class XenHost implements BootWatcher {
  readonly machine: Machine;
  readonly hypervisor: Hypervisor;
  readonly store: XenStore;
  readonly dom0: Domain;
  readonly netback: NetbackDriver;
  readonly consoles = new Xenconsoled();
  readonly timings: XenTimings;
  /** The generation of netback in domain 0, and of netfront in its guests. */
  readonly border: BorderKind;
  /** MiB of the whole host, for `xl info`. */
  readonly memory: number;
  /** What is on the disk of a domain, by domain name: how it sets itself up when it boots. */
  readonly images = new Map<string, GuestImage>();
  /** Running guests by domain id. */
  readonly guests = new Map<number, Guest>();
  watcher: GuestWatcher | null = null;
  /** What the toolstack's configuration names for vifs that name no script. */
  vifScript = "vif-bridge";

  constructor(machine: Machine, options: XenHostOptions = {}) {
    const { memory = DOM0_MEMORY, timings = XEN_TIMINGS, scripts = [vifBridgeDebian], border = MODERN } = options;
    this.machine = machine;
    this.memory = memory;
    this.timings = timings;
    this.border = border;
    this.hypervisor = new Hypervisor(machine.world);
    this.store = new XenStore(machine.world.scheduler);
    this.dom0 = this.hypervisor.create("Domain-0", "00000000-0000-0000-0000-000000000000", memory, machine.cpus);
    this.writeDom0();
    this.netback = new NetbackDriver(this.store, this.hypervisor, this.dom0, machine.table, timings.netback, border);
    machine.parts.xen = this;
    xenFiles(machine, scripts);
  }

  /** What xen-init-dom0 leaves (recorded). */
  private writeDom0(): void {
    this.store.mkdir("/tool/xenstored");
    this.store.mkdir("/local/domain/0/control");
    for (const feature of ["poweroff", "reboot", "suspend"])
      this.store.write(`/local/domain/0/control/feature-${feature}`, "1");
    this.store.write("/local/domain/0/domid", "0");
    this.store.write("/local/domain/0/name", "Domain-0");
    this.store.write("/local/pool/0/name", "Pool-0");
  }

  /** A new domain, built and paused; nothing of it runs until it is unpaused. */
  createDomain(name: string, uuid: string, memory: number, vcpus: number): Domain {
    const image = this.images.get(name) ?? { hosts: "", setup: [], onBoot: [] };
    const guest = new Guest(this, this.machine, name, vcpus, image, this.border);
    const domain = this.hypervisor.create(name, uuid, memory, guest.machine.cpus as Cpu[]);
    domain.pause();
    guest.domain = domain;
    this.guests.set(domain.id, guest);
    guest.machine.parts.guestOf = this;
    this.watcher?.guestStarted(guest);
    return domain;
  }

  guestReady(guest: Guest): void {
    this.watcher?.guestReady(guest);
  }

  /** VIRQ_DOM_EXC: xenstored tells the toolstacks to look. */
  guestStopped(guest: Guest, reason: ShutdownReason): void {
    guest.domain.stop(reason);
    this.store.announce("@releaseDomain");
  }

  /** The first unpause: the guest's kernel starts. Later ones only let its CPUs go on. */
  unpause(domain: Domain): void {
    const guest = this.guests.get(domain.id);
    domain.unpause();
    if (guest !== undefined && !guest.started) guest.boot(this.store, this.timings.netfront);
  }

  /**
   * XEN_DOMINF_blocked: every virtual CPU waits for an event. While a tool runs on domain 0 a guest's work of microseconds
   * is hardly ever seen; before its first unpause a guest has not even come to wait.
   */
  isBlocked(domain: Domain): boolean {
    return domain.shutdown === null && this.guests.get(domain.id)?.started === true;
  }

  pause(domain: Domain): void {
    domain.pause();
  }

  /** Its CPUs stop for good and all it held is given back; what xenstore says of it is the toolstack's to remove. */
  destroyDomain(domain: Domain): void {
    const guest = this.guests.get(domain.id);
    invariant(guest !== undefined, `domain ${domain.id} has no guest`);
    this.guests.delete(domain.id);
    guest.halt();
    this.hypervisor.destroy(domain);
    this.consoles.close(domain.id);
    this.watcher?.guestStopped(guest);
  }
}
