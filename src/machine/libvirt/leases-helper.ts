/**
 * libvirt_leaseshelper: what libvirt has dnsmasq call for every lease. Keeps them as JSON in NAME.status, where
 * `virsh net-dhcp-leases` reads them, and tells them again to a dnsmasq that starts. Follows src/network/leaseshelper.c and
 * src/util/virlease.c of libvirt 9.0. Not modelled: IPv6, the file of MAC addresses by domain.
 */
import type { Command } from "../command.ts";
import { Errno } from "../errno.ts";
import type { Process } from "../process.ts";

export interface LeaseEntry {
  readonly "ip-address": string;
  readonly "mac-address": string;
  readonly hostname?: string;
  readonly "client-id"?: string;
  readonly "expiry-time": number;
}

const DIRECTORY = "/var/lib/libvirt/dnsmasq";
export const statusPath = (bridge: string): string => `${DIRECTORY}/${bridge}.status`;

export const leasesHelper: Command = {
  name: "/usr/lib/libvirt/libvirt_leaseshelper",
  summary: "Keep the leases of a libvirt network.",
  usage: "libvirt_leaseshelper add|old|del|init mac|clientid ip [hostname]",
  start(process) {
    const [action = "", mac = "", address = "", hostname] = process.argv.slice(1);
    const bridge = process.env.get("DNSMASQ_INTERFACE") ?? process.env.get("VIR_BRIDGE_NAME");
    if (bridge === undefined) return process.fail("Unable to determine the bridge");
    const path = statusPath(bridge);
    const known = readLeases(process.machine.files.read(path));
    if (action === "init") {
      process.print(known.map(line).join(""));
      return 0;
    }
    if (!["add", "old", "del"].includes(action)) return process.fail(`Unsupported action: ${action}`);
    const others = known.filter((entry) => entry["ip-address"] !== address);
    const entries = action === "del" ? others : [...others, entryOf(process, mac, address, hostname)];
    const refused = process.machine.files.write(
      path,
      entries.length === 0 ? "" : `${JSON.stringify(entries, null, 2)}\n`,
    );
    return refused === null ? 0 : process.fail(`Unable to write ${path}: ${refused.text}`);
  },
};

function entryOf({ env, machine }: Process, mac: string, address: string, hostname: string | undefined): LeaseEntry {
  const clientId = env.get("DNSMASQ_CLIENT_ID");
  const supplied = hostname ?? env.get("DNSMASQ_SUPPLIED_HOSTNAME");
  return {
    "ip-address": address,
    "mac-address": mac,
    ...(supplied === undefined ? {} : { hostname: supplied }),
    ...(clientId === undefined ? {} : { "client-id": clientId }),
    "expiry-time": Number(env.get("DNSMASQ_LEASE_EXPIRES") ?? machine.clockSeconds),
  };
}

/** As dnsmasq's own file has it. */
const line = (entry: LeaseEntry): string =>
  `${entry["expiry-time"]} ${entry["mac-address"]} ${entry["ip-address"]} ${entry.hostname ?? "*"} ${entry["client-id"] ?? "*"}\n`;

/** A file that is not there, or that somebody broke, holds no leases. */
export function readLeases(text: string | Errno): LeaseEntry[] {
  if (text instanceof Errno) return [];
  try {
    const entries: unknown = JSON.parse(text);
    return Array.isArray(entries) ? (entries as LeaseEntry[]) : [];
  } catch {
    return [];
  }
}
