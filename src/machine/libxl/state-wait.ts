/**
 * Waits until a backend's state node holds a number: libxl__ev_devstate_wait of libxl_event.c.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import { seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import type { XenbusState } from "../../xen/xenbus.ts";
import type { StoreWatcher } from "../../xen/xenstore.ts";
import { type Libxl, Rc } from "./context.ts";
import { Step, type StepOwner } from "./step.ts";

/** LIBXL_INIT_TIMEOUT and LIBXL_DESTROY_TIMEOUT. */
const TIMEOUT = seconds(10);

export class StateWait extends Step implements StoreWatcher, EventTarget {
  private readonly path: string;
  private readonly wanted: XenbusState;
  private readonly timer: Timer;
  private over = false;

  /** Ends with TIMEDOUT after 10 s, with INVAL when the node goes away. */
  constructor(libxl: Libxl, owner: StepOwner, backend: string, wanted: XenbusState) {
    super(libxl, owner);
    this.path = `${backend}/state`;
    this.wanted = wanted;
    this.timer = libxl.process.timer(this, 0);
  }

  /** The watch fires once at the start: a state that is there already is seen too. */
  start(): void {
    this.timer.armAfter(TIMEOUT);
    this.libxl.watch(this.path, this);
  }

  storeChanged(_path: string, _token: string): void {
    if (this.over) return;
    const state = this.libxl.store.readNumber(this.path);
    if (state === null) this.end(Rc.INVAL);
    else if (state === this.wanted) this.end(Rc.OK);
  }

  handle(_operation: number): void {
    this.end(Rc.TIMEDOUT);
  }

  private end(rc: Rc): void {
    this.over = true;
    this.timer.cancel();
    this.libxl.unwatch(this);
    this.finish(rc);
  }
}
