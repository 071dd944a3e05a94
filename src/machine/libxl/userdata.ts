/**
 * The files in which libxl remembers how a domain was made: /var/lib/xen/userdata-d.<domid>.<uuid>.libxl-json.
 * Follows libxl_dom.c (libxl__userdata_path); `xl list -l` prints what stands in them.
 */
import { parseMac } from "../../packet/address.ts";
import type { VifConfig } from "../../xen/vif-config.ts";
import type { Box } from "../box.ts";
import { Errno } from "../errno.ts";
import { formatJson, type JsonObject } from "./domain-config.ts";

const DIRECTORY = "/var/lib/xen";

const pathOf = (domid: number, uuid: string): string => `${DIRECTORY}/userdata-d.${domid}.${uuid}.libxl-json`;

export function saveConfiguration(dom0: Box, domid: number, uuid: string, json: JsonObject): void {
  dom0.files.makePath(DIRECTORY);
  dom0.files.write(pathOf(domid, uuid), formatJson(json));
}

/** Null when the file is gone or is no longer JSON: somebody has been there. */
export function loadConfiguration(dom0: Box, domid: number, uuid: string): JsonObject | null {
  const text = dom0.files.read(pathOf(domid, uuid));
  if (text instanceof Errno) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as JsonObject) : null;
  } catch {
    return null;
  }
}

export function forgetConfiguration(dom0: Box, domid: number, uuid: string): void {
  dom0.files.remove(pathOf(domid, uuid));
}

/** What stands under "nics", as far as it is what libxl writes there. */
export function nicsIn(json: JsonObject): readonly JsonObject[] {
  const nics = json["nics"];
  return Array.isArray(nics) ? nics.filter((nic) => typeof nic === "object" && nic !== null) : [];
}

/** The same as configurations of devices, as a reboot makes them again. */
export const vifsIn = (json: JsonObject): VifConfig[] => nicsIn(json).map(vifFromJson);

function vifFromJson(nic: JsonObject): VifConfig {
  const text = (key: string): string | null => (typeof nic[key] === "string" ? nic[key] : null);
  const number = (key: string): number | null => (typeof nic[key] === "number" ? nic[key] : null);
  const bytesPerInterval = number("rate_bytes_per_interval");
  const intervalMicros = number("rate_interval_usecs");
  return {
    text: "",
    mac: parseMac(text("mac") ?? ""),
    bridge: text("bridge"),
    ip: text("ip")?.split(" ") ?? [],
    script: text("script"),
    type: null,
    model: text("model"),
    vifname: text("ifname"),
    rate: bytesPerInterval === null || intervalMicros === null ? null : { bytesPerInterval, intervalMicros },
    backend: null,
    gatewaydev: text("gatewaydev"),
    devid: number("devid"),
    mtu: number("mtu"),
    trusted: text("trusted") !== "False",
  };
}

/** The same with `nics` where libxl has them: behind the build information. */
export function withNics(json: JsonObject, nics: readonly JsonObject[]): JsonObject {
  const { c_info = {}, b_info = {}, nics: _old, ...rest } = json;
  return { c_info, b_info, ...(nics.length === 0 ? {} : { nics }), ...rest };
}
