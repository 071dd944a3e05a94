/**
 * What xend writes about a domain: _recreateDom, _storeVmDetails and _storeDomDetails of XendDomainInfo.py, the keys of a
 * Python 2 dictionary in its order. Not modelled: ELF notes of the kernel, labels.
 */
import { CONSOLE_LIMIT, CONSOLE_PORT, frameOf, STORE_PORT } from "../libxl/domain-nodes.ts";
import { guestOnly, type StoreNode, toolstackOnly } from "../libxl/store-nodes.ts";
import type { ManagedDomain } from "./managed-domain.ts";

/** The guest owns its whole directory. */
export const rootNodes = (domain: ManagedDomain): StoreNode[] => [
  guestOnly(domain.domain.id, domain.path, ""),
  guestOnly(domain.domain.id, `${domain.path}/vm`, domain.vm),
];

export function detailNodes(domain: ManagedDomain): StoreNode[] {
  const { settings, vm, path } = domain;
  const { id } = domain.domain;
  const inVm: readonly (readonly [string, string])[] = [
    ["shadow_memory", "0"],
    ["uuid", settings.uuid],
    ["on_reboot", settings.onReboot],
    ["image", image(domain)],
    ["on_poweroff", settings.onPoweroff],
    ["on_crash", settings.onCrash],
    ["xend/restart_count", "0"],
    ["vcpus", String(settings.vcpus)],
    ["vcpu_avail", String(2 ** settings.vcpus - 1)],
    ["memory", String(settings.memory)],
    ["maxmem", String(settings.maxMemory)],
    ["start_time", domain.xend.time],
    ["name", settings.name],
  ];
  const local: readonly (readonly [string, string])[] = [
    ["console/ring-ref", String(frameOf(id) + 1)],
    ["console/port", String(CONSOLE_PORT)],
    ["control/platform-feature-multiprocessor-suspend", "1"],
    ["name", settings.name],
    ["console/limit", String(CONSOLE_LIMIT)],
    ["vm", vm],
    ["domid", String(id)],
    ...Array.from({ length: settings.vcpus }, (_, i) => [`cpu/${i}/availability`, "online"] as const),
    ["memory/target", String(settings.memory * 1024)],
    ["store/ring-ref", String(frameOf(id))],
    ["store/port", String(STORE_PORT)],
  ];
  const counted = domain.xend.store.exists(`${vm}/xend/restart_count`);
  return [
    ...inVm
      .filter(([key]) => key !== "xend/restart_count" || !counted)
      .map(([key, value]) => toolstackOnly(`${vm}/${key}`, value)),
    ...local.map(([key, value]) => guestOnly(id, `${path}/${key}`, value)),
  ];
}

/** (linux (kernel K) (ramdisk R) (args 'A')) */
function image({ settings }: ManagedDomain): string {
  const { kernel, ramdisk, args } = settings;
  const parts = [
    ...(kernel === null ? [] : [`(kernel ${kernel})`]),
    ...(ramdisk === null ? [] : [`(ramdisk ${ramdisk})`]),
    ...(args === "" ? [] : [`(args '${args}')`]),
  ];
  return `(linux ${parts.join(" ")})`;
}
