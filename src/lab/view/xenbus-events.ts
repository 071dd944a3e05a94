/**
 * Lines for the handshakes of network devices, read from what is written into a host's xenstore. A device has the name
 * that it was born with, vifX.Y, also when the hotplug script has given it another.
 */
import { vifName } from "../../xen/vif.ts";
import { xenbusStateName } from "../../xen/xenbus.ts";
import type { StoreListener } from "../../xen/xenstore.ts";
import type { EventLog } from "./event-log.ts";

const BACKEND = /^\/local\/domain\/\d+\/backend\/vif\/(\d+)\/(\d+)\/(state|hotplug-status)$/;
const FRONTEND = /^\/local\/domain\/(\d+)\/device\/vif\/(\d+)\/state$/;

export class XenbusEvents implements StoreListener {
  private readonly host: string;
  private readonly log: EventLog;
  /** By path: on the way down the toolstack and the driver write the same state one after the other. */
  private readonly written = new Map<string, string>();

  constructor(host: string, log: EventLog) {
    this.host = host;
    this.log = log;
  }

  storeWritten(path: string, value: string | null): void {
    if (value === null) return this.forget(path);
    const backend = BACKEND.exec(path);
    const [, domid, handle, key] = backend ?? FRONTEND.exec(path) ?? [];
    if (domid === undefined || this.written.get(path) === value) return;
    this.written.set(path, value);
    if (value === "") return;
    const device = vifName(Number(domid), Number(handle));
    if (key === "hotplug-status") return this.tell("hotplug", `${key} ${value}`, device);
    this.tell("xenbus", `${backend === null ? "frontend" : "backend"} ${xenbusStateName(Number(value))}`, device);
  }

  private tell(kind: "xenbus" | "hotplug", text: string, device: string): void {
    this.log.add(kind, this.host, text, { device });
  }

  /** A node was removed, and all below it. */
  private forget(gone: string): void {
    for (const path of this.written.keys()) if (path === gone || path.startsWith(`${gone}/`)) this.written.delete(path);
  }
}
