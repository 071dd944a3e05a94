/**
 * Adds a network device: both directories in one transaction, then netback has 10 s to come to InitWait, then the
 * hotplug script runs. Follows libxl__device_add_async and device_backend_callback of libxl_device.c, Xen 4.17.
 */
import { XenbusState } from "../../xen/xenbus.ts";
import { type Libxl, Rc } from "./context.ts";
import { HotplugScript } from "./hotplug-script.ts";
import { type NewNic, nicNodes } from "./nic.ts";
import { StateWait } from "./state-wait.ts";
import { Step, type StepOwner } from "./step.ts";

export class NicAdd extends Step implements StepOwner {
  private readonly device: NewNic;

  constructor(libxl: Libxl, owner: StepOwner, device: NewNic) {
    super(libxl, owner);
    this.device = device;
  }

  start(): void {
    const { nic } = this.device;
    const { store } = this.libxl;
    if (store.exists(nic.copy)) {
      this.libxl.error("libxl_device.c:1998:libxl__device_add_async", "device already exists in xenstore", nic.domid);
      return this.finish(Rc.DEVICE_EXISTS);
    }
    // What an earlier device left there: libxl removes it in the same transaction.
    for (const path of [nic.frontend, nic.backend]) store.remove(path);
    store.writeAll(nicNodes(this.device));
    new StateWait(this.libxl, this, nic.backend, XenbusState.INIT_WAIT).start();
  }

  stepDone(step: Step, rc: Rc): void {
    const { nic } = this.device;
    if (!(step instanceof StateWait)) return this.finish(rc);
    if (rc === Rc.OK) return new HotplugScript(this.libxl, this, nic, "online").start();
    this.libxl.error(
      "libxl_device.c:1181:device_backend_callback",
      `unable to add device with path ${nic.backend}`,
      nic.domid,
    );
    this.finish(rc);
  }
}
