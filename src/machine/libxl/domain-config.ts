/**
 * What a domain shall be: libxl_domain_config, as far as a network needs it, with the JSON that libxl keeps of it.
 * Key order and what is left out follow libxl_types.idl of Xen 4.17 and `xl list -l` of a real host.
 */
import { formatMac } from "../../packet/address.ts";
import type { VifConfig } from "../../xen/vif-config.ts";
import type { Nic } from "./nic.ts";

/** PVH looks like PV from the network. */
export type DomainType = "pv" | "pvh";
export type ShutdownAction =
  | "destroy"
  | "restart"
  | "rename-restart"
  | "preserve"
  | "coredump-destroy"
  | "coredump-restart"
  | "soft-reset";

export interface DomainConfig {
  readonly name: string;
  readonly uuid: string;
  readonly type: DomainType;
  /** MiB at the start, and at most. */
  readonly memory: number;
  readonly maxMemory: number;
  readonly vcpus: number;
  readonly maxVcpus: number;
  readonly kernel: string;
  readonly ramdisk: string | null;
  readonly cmdline: string | null;
  readonly onPoweroff: ShutdownAction;
  readonly onReboot: ShutdownAction;
  readonly onWatchdog: ShutdownAction;
  readonly onCrash: ShutdownAction;
  readonly onSoftReset: ShutdownAction;
  readonly vifs: readonly VifConfig[];
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** INVALID_DOMID: xl did not ask for a certain number. */
const INVALID_DOMID = 0xffff_ffff;

/** yajl's beautified text with libxl's four blanks: an empty map has an empty line in it. */
export function formatJson(value: Json, indent = ""): string {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  const inner = `${indent}    `;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => inner + formatJson(item, inner));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  const map = value as JsonObject;
  const entries = Object.keys(map).map((key) => `${inner}"${key}": ${formatJson(map[key]!, inner)}`);
  return `{\n${entries.join(",\n")}\n${indent}}`;
}

const SCHEDULER: Json = { sched: "credit2", weight: 256, cap: 0 };

/** What `xl list -l` says of a guest that was just made. */
export function domainJson(config: DomainConfig, nics: readonly JsonObject[]): JsonObject {
  return {
    c_info: {
      type: config.type,
      name: config.name,
      domid: INVALID_DOMID,
      uuid: config.uuid,
      run_hotplug_scripts: "True",
    },
    b_info: buildInfo(config),
    ...(nics.length === 0 ? {} : { nics }),
    ...actions(config),
  };
}

function buildInfo(config: DomainConfig): JsonObject {
  return {
    max_vcpus: config.maxVcpus,
    avail_vcpus: Array.from({ length: config.vcpus }, (_, i) => i),
    max_memkb: config.maxMemory * 1024,
    target_memkb: config.memory * 1024,
    video_memkb: 0,
    sched_params: SCHEDULER,
    claim_mode: "True",
    kernel: config.kernel,
    ...(config.cmdline === null ? {} : { cmdline: config.cmdline }),
    ...(config.ramdisk === null ? {} : { ramdisk: config.ramdisk }),
    [`type.${config.type}`]: {},
    arch_arm: {},
    arch_x86: { msr_relaxed: "False" },
  };
}

/** `destroy` is the default of libxl and not said. */
function actions(config: DomainConfig): JsonObject {
  const all: readonly (readonly [string, ShutdownAction])[] = [
    ["on_poweroff", config.onPoweroff],
    ["on_reboot", config.onReboot],
    ["on_watchdog", config.onWatchdog],
    ["on_crash", config.onCrash],
    ["on_soft_reset", config.onSoftReset],
  ];
  const said = all.filter(([, action]) => action !== "destroy");
  return Object.fromEntries(said.map(([key, action]) => [key, action.replaceAll("-", "_")]));
}

/** Only what the user wrote, with the number, the MAC and the type that libxl has chosen, if it has. */
export function nicJson(config: VifConfig, chosen: Nic | null): JsonObject {
  const { mtu, model, ip, bridge, vifname, script, rate, gatewaydev } = config;
  const devid = chosen?.devid ?? config.devid;
  const mac = chosen?.mac ?? config.mac;
  const json: Record<string, Json> = {};
  if (devid !== null) json["devid"] = devid;
  if (mtu !== null) json["mtu"] = mtu;
  if (model !== null) json["model"] = model;
  if (mac !== null) json["mac"] = formatMac(mac);
  if (ip.length > 0) json["ip"] = ip.join(" ");
  if (bridge !== null) json["bridge"] = bridge;
  if (vifname !== null) json["ifname"] = vifname;
  if (script !== null) json["script"] = script;
  if (chosen !== null) json["nictype"] = "vif";
  if (rate !== null) {
    json["rate_bytes_per_interval"] = rate.bytesPerInterval;
    json["rate_interval_usecs"] = rate.intervalMicros;
  }
  if (gatewaydev !== null) json["gatewaydev"] = gatewaydev;
  if (!config.trusted) json["trusted"] = "False";
  return json;
}

/** Domain 0 as xen-init-dom0 describes it. `memory` in MiB. */
export const dom0Json = (name: string, memory: number): JsonObject => ({
  c_info: { type: "pv", name },
  b_info: {
    max_memkb: memory * 1024,
    target_memkb: memory * 1024 - 1,
    sched_params: SCHEDULER,
    "type.pv": {},
    arch_arm: {},
    arch_x86: {},
  },
});
