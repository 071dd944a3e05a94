/**
 * A guest: a machine whose kernel has netfront, and the domain it runs in. Booting takes virtual time: the kernel, then
 * netfront's driver, then what stands on its disk (addresses, routes, commands).
 */
import { invariant } from "../base/invariant.ts";
import { Loopback } from "../device/loopback.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { ms, type Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { IfAddress } from "../stack/addresses.ts";
import type { NamespaceWatcher } from "../stack/namespace.ts";
import type { BorderKind } from "../xen/border-kind.ts";
import { MODERN } from "../xen/border-modern.ts";
import type { Domain } from "../xen/hypervisor.ts";
import { Netfront } from "../xen/netfront.ts";
import type { NetfrontCosts } from "../xen/netfront-costs.ts";
import { NetfrontDriver } from "../xen/netfront-driver.ts";
import type { XenStore } from "../xen/xenstore.ts";
import type { FileTree } from "./files.ts";
import { ShutdownHandler, type ShutdownReason, type Stoppable } from "./guest-shutdown.ts";
import { type Disk, Machine } from "./machine.ts";
import { NetfrontDebug } from "./netfront-debug.ts";
import type { ProcessWatcher } from "./process.ts";

/** What stands on a guest's disk: command lines its init runs, and lines after those. */
export interface GuestImage {
  /** Lines for /etc/hosts. */
  readonly hosts: string;
  readonly setup: readonly string[];
  readonly onBoot: readonly string[];
}

/** Who waits for a guest to boot. */
export interface BootWatcher {
  /** Its init script has run. */
  guestReady(guest: Guest): void;
  /** Its kernel has shut down: the domain is still there. */
  guestStopped(guest: Guest, reason: ShutdownReason): void;
}

/** From unpause to the first driver: a small PV kernel. */
const KERNEL_BOOT: Nanos = ms(300);
/** From the drivers to init running its first line: netfront is connected by then. */
const INIT_DELAY: Nanos = ms(100);

const DRIVERS = 1;
const INIT = 2;

export class Guest implements EventTarget, ProcessWatcher, Stoppable, Disk {
  readonly machine: Machine;
  private readonly watcher: BootWatcher;
  private readonly image: GuestImage;
  /** Its kernel's netfront. */
  private readonly kind: BorderKind;
  private readonly timer: Timer;
  private store: XenStore | null = null;
  private costs: NetfrontCosts | null = null;
  private driver: NetfrontDriver | null = null;
  private shutdownHandler: ShutdownHandler | null = null;
  private runningDomain: Domain | null = null;
  started = false;
  /** Its init script has run to the end. */
  ready = false;

  constructor(
    watcher: BootWatcher,
    dom0: Machine,
    name: string,
    vcpus: number,
    image: GuestImage,
    kind: BorderKind = MODERN,
  ) {
    const { epoch, release, version } = dom0;
    this.machine = new Machine(dom0.world, { name, cpus: vcpus, epoch, release, version }, dom0.installed);
    this.machine.table.register(new Loopback(this.machine.table));
    this.machine.net.watchers.add(new AddressNotifier());
    this.machine.disk = this;
    this.watcher = watcher;
    this.image = image;
    this.kind = kind;
    this.timer = new Timer(dom0.world.scheduler, this, 0, this.machine.cpus[0]!);
  }

  furnish({ table }: Machine, files: FileTree): void {
    files.append("/etc/hosts", this.image.hosts);
    files.makePath("/sys/kernel/debug");
    files.attach("/sys/kernel/debug/xen-netfront", new NetfrontDebug(table));
  }

  get domain(): Domain {
    invariant(this.runningDomain !== null, `guest ${this.machine.name} has no domain`);
    return this.runningDomain;
  }

  set domain(domain: Domain) {
    this.runningDomain = domain;
  }

  /** The network device of the domain's device `handle`; null while its driver has made none. */
  netfront(handle: number): Netfront | null {
    return this.driver?.find(handle) ?? null;
  }

  boot(store: XenStore, costs: NetfrontCosts): void {
    this.started = true;
    this.store = store;
    this.costs = costs;
    this.timer.armAfter(KERNEL_BOOT, DRIVERS);
  }

  handle(_operation: number, argument: number): void {
    if (argument === DRIVERS) this.loadDrivers();
    else this.init();
  }

  private loadDrivers(): void {
    const { id } = this.domain;
    for (const feature of ["poweroff", "reboot", "suspend"]) {
      this.store!.write(`/local/domain/${id}/control/feature-${feature}`, "1");
    }
    this.driver = new NetfrontDriver(this.store!, this.domain, this.machine.table, this.costs!, this.kind);
    this.shutdownHandler = new ShutdownHandler(this.store!, id, this.machine, this.driver, this);
    this.timer.armAfter(INIT_DELAY, INIT);
  }

  /** One script, line after line, whatever each says: an rc script without `set -e`. */
  private init(): void {
    const lines = ["ip link set dev lo up", ...this.image.setup, ...this.image.onBoot];
    this.machine.spawn(["bash", "-c", lines.join("\n")]).watcher = this;
  }

  processEnded(): void {
    this.ready = true;
    this.watcher.guestReady(this);
  }

  stopped(reason: ShutdownReason): void {
    this.timer.cancel();
    this.watcher.guestStopped(this, reason);
  }

  halt(): void {
    this.timer.cancel();
    this.shutdownHandler?.halt();
    this.driver?.shutDown();
    this.machine.shutDown();
  }
}

/** inetaddr_notifier of the guest's kernel, as far as netfront listens. */
class AddressNotifier implements NamespaceWatcher {
  addressChanged({ device }: IfAddress, change: "added" | "removed"): void {
    if (change === "added" && device instanceof Netfront) device.addressAdded();
  }

  routeChanged(): void {}
  neighbourChanged(): void {}
}
