/**
 * What netback's kernel driver tells user space of a device: the kobject uevents of drivers/net/xen-netback/xenbus.c and
 * of the driver core. On hosts of xend's time udevd listens and runs hotplug scripts; with libxl nobody does.
 */

/** online: the vif was made; offline: it is being taken away; remove: the device is gone. */
export type UeventAction = "online" | "offline" | "remove";

export interface UeventListener {
  /** `vif` is the interface's name at this moment, `path` the backend's directory in xenstore. */
  uevent(action: UeventAction, vif: string, path: string): void;
}
