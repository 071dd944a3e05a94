/**
 * A guest's answer to control/shutdown in xenstore: the kernel reads the word, empties the node, and lets user space go
 * down; then devices close and the domain stops for a reason. Follows drivers/xen/manage.c and xenbus_dev_shutdown.
 * Not modelled: suspend.
 */
import type { EventTarget } from "../engine/scheduler.ts";
import { ms, type Nanos, seconds } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { NetfrontDriver } from "../xen/netfront-driver.ts";
import type { StoreWatcher, XenStore } from "../xen/xenstore.ts";
import type { Machine } from "./machine.ts";

export type ShutdownReason = "poweroff" | "reboot";

/** Who is told when the domain has stopped (SCHEDOP_shutdown). */
export interface Stoppable {
  stopped(reason: ShutdownReason): void;
}

/** Words the kernel acts on, and what it becomes of the domain. */
const REASONS: Readonly<Record<string, ShutdownReason>> = { poweroff: "poweroff", halt: "poweroff", reboot: "reboot" };

/** init stopping its services. */
const USER_SPACE: Nanos = seconds(1);
/** From the devices' closing to the hypercall. */
const DEVICES: Nanos = ms(50);

const CLOSE_DEVICES = 1;
const STOP = 2;

export class ShutdownHandler implements StoreWatcher, EventTarget {
  private readonly store: XenStore;
  private readonly path: string;
  private readonly machine: Machine;
  private readonly driver: NetfrontDriver;
  private readonly domain: Stoppable;
  private readonly timer: Timer;
  private reason: ShutdownReason | null = null;

  constructor(store: XenStore, domid: number, machine: Machine, driver: NetfrontDriver, domain: Stoppable) {
    this.store = store;
    this.path = `/local/domain/${domid}/control/shutdown`;
    this.machine = machine;
    this.driver = driver;
    this.domain = domain;
    this.timer = new Timer(machine.world.scheduler, this, 0, machine.cpus[0]!);
    store.watch(this.path, "shutdown", this);
  }

  /** While the domain is paused the event waits in its ring. */
  storeChanged(_path: string, _token: string): void {
    this.timer.armAfter(0 as Nanos);
  }

  handle(_operation: number, argument: number): void {
    if (argument === STOP) return this.domain.stopped(this.reason!);
    if (argument === CLOSE_DEVICES) return this.closeDevices();
    const word = this.store.read(this.path) ?? "";
    const reason = Object.hasOwn(REASONS, word) ? REASONS[word]! : null;
    if (reason !== null) this.begin(reason);
    else if (word !== "") this.machine.table.log.print(`xen:manage: Ignoring shutdown request: ${word}`);
  }

  halt(): void {
    this.timer.cancel();
    this.store.unwatch(this);
  }

  private begin(reason: ShutdownReason): void {
    this.store.write(this.path, "");
    this.store.unwatch(this);
    this.reason = reason;
    for (const process of this.machine.processes.values()) process.signal("TERM");
    this.timer.armAfter(USER_SPACE, CLOSE_DEVICES);
  }

  private closeDevices(): void {
    this.driver.close();
    this.timer.armAfter(DEVICES, STOP);
  }
}
