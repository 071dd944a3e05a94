/**
 * Asks a guest's kernel to shut down or reboot, and waits for it to have read the word: libxl__domain_pvcontrol of
 * libxl_domain.c, Xen 4.17. What the guest does then takes its own time.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import { seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import type { StoreWatcher } from "../../xen/xenstore.ts";
import { type Libxl, Rc } from "./context.ts";
import { domainPath } from "./domain-nodes.ts";
import { Step, type StepOwner } from "./step.ts";

const TIMEOUT = seconds(60);

export class DomainControl extends Step implements StoreWatcher, EventTarget {
  private readonly domid: number;
  private readonly word: "poweroff" | "reboot";
  private readonly timer: Timer;

  /** Ends with TIMEDOUT when the guest has not looked within 60 s. */
  constructor(libxl: Libxl, owner: StepOwner, domid: number, word: "poweroff" | "reboot") {
    super(libxl, owner);
    this.domid = domid;
    this.word = word;
    this.timer = libxl.process.timer(this, 0);
  }

  start(): void {
    if (this.libxl.xen.hypervisor.find(this.domid) === null) {
      const sentence = `unable to get domain type for domid=${this.domid}`;
      this.libxl.error("libxl_dom.c:37:libxl__domain_type", sentence);
      return this.finish(Rc.FAIL);
    }
    this.libxl.store.write(this.path, this.word);
    this.timer.armAfter(TIMEOUT);
    this.libxl.watch(this.path, this);
  }

  storeChanged(_path: string, _token: string): void {
    if ((this.libxl.store.read(this.path) ?? "") === "") this.end(Rc.OK);
  }

  handle(_operation: number): void {
    const sentence = `guest didn't acknowledge control request: ${Rc.TIMEDOUT}`;
    this.libxl.error("libxl_domain.c:854:pvcontrol_cb", sentence);
    this.end(Rc.TIMEDOUT);
  }

  private get path(): string {
    return `${domainPath(this.domid)}/control/shutdown`;
  }

  private end(rc: Rc): void {
    this.timer.cancel();
    this.libxl.unwatch(this);
    this.finish(rc);
  }
}
