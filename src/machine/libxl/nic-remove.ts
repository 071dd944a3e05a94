/**
 * Takes a network device away: the backend is told to close and has 10 s, then the script runs with `offline`, then
 * both directories go. With force (`xl destroy`) the frontend's directory goes first.
 * Follows libxl__initiate_device_generic_remove and device_hotplug_done of libxl_device.c, Xen 4.17.
 */
import { XenbusState } from "../../xen/xenbus.ts";
import { type Libxl, Rc } from "./context.ts";
import { HotplugScript } from "./hotplug-script.ts";
import type { Nic } from "./nic.ts";
import { StateWait } from "./state-wait.ts";
import { Step, type StepOwner } from "./step.ts";
import { cleanUpPath } from "./store-nodes.ts";

/** LIBXL__FORCE_AUTO tries politely first. */
export type Force = "on" | "auto";

export class NicRemove extends Step implements StepOwner {
  private readonly nic: Nic;
  private force: Force;

  constructor(libxl: Libxl, owner: StepOwner, nic: Nic, force: Force) {
    super(libxl, owner);
    this.nic = nic;
    this.force = force;
  }

  start(): void {
    const { store } = this.libxl;
    const { backend } = this.nic;
    if (this.force === "on") cleanUpPath(store, this.nic.frontend);
    const state = store.readNumber(`${backend}/state`);
    if (state === null) return this.backendIsGone();
    // The order in which the transaction touched them, and so in which watches fire (recorded).
    if (state !== XenbusState.CLOSED) store.write(`${backend}/state`, String(XenbusState.CLOSING));
    store.write(`${backend}/online`, "0");
    new StateWait(this.libxl, this, backend, XenbusState.CLOSED).start();
  }

  stepDone(step: Step, rc: Rc): void {
    if (!(step instanceof StateWait)) return this.clean(Rc.OK);
    if (rc === Rc.OK) return new HotplugScript(this.libxl, this, this.nic, "offline").start();
    if (rc === Rc.TIMEDOUT && this.force === "auto") {
      this.force = "on";
      return this.start();
    }
    this.libxl.error(
      "libxl_device.c:1181:device_backend_callback",
      `unable to remove device with path ${this.nic.backend}`,
      this.nic.domid,
    );
    this.clean(rc);
  }

  private backendIsGone(): void {
    this.libxl.info(
      "libxl_device.c:1067:libxl__initiate_device_generic_remove",
      `backend ${this.nic.backend} already removed, cleanup frontend only`,
    );
    this.clean(Rc.OK);
  }

  /** libxl__device_destroy */
  private clean(rc: Rc): void {
    if (this.force === "on" || rc === Rc.OK) {
      for (const path of [this.nic.frontend, this.nic.copy, this.nic.backend]) cleanUpPath(this.libxl.store, path);
    }
    this.finish(rc);
  }
}
