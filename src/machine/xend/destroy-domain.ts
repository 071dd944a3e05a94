/**
 * Takes a domain away: destroy, destroyDomain and cleanupDomain of XendDomainInfo.py. xend does not wait for the devices:
 * netback sees their frontends go (or is told to close), and udev's last rule removes their backend directories.
 */
import type { ManagedDomain } from "./managed-domain.ts";
import { closeVif } from "./vif.ts";

export function destroyDomain(managed: ManagedDomain, comesBack: boolean): void {
  const { xend, domain, path, vm } = managed;
  const { era, store, xen } = xend;
  const keepsVm = comesBack && !era.closesDevices;
  managed.forget();
  if (!era.closesDevices && !keepsVm) store.remove(vm);
  const isThere = xen.hypervisor.find(domain.id) === domain;
  if (isThere) {
    xen.pause(domain);
    xen.destroyDomain(domain);
  }
  if (era.closesDevices) for (const devid of managed.devids) closeVif(managed, devid, false);
  else for (const devid of store.list(`${path}/device/vif`) ?? []) store.remove(`${path}/device/vif/${devid}`);
  store.remove(path);
  if (era.closesDevices) store.remove(vm);
  if (isThere) store.announce("@releaseDomain");
}
