/**
 * virsh net-dhcp-leases: cmdNetworkDHCPLeases of tools/virsh-network.c and networkGetDHCPLeases of
 * src/network/bridge_driver.c, libvirt 9.0. The leases are in a file of JSON that libvirt's lease helper writes for dnsmasq.
 */
import { formatMac, parseMac } from "../../../packet/address.ts";
import { type CivilTime, civilTime } from "../../calendar.ts";
import { Errno } from "../../errno.ts";
import { leasesPath } from "../../libvirt/dnsmasq-files.ts";
import type { Network } from "../../libvirt/network.ts";
import type { VirshCall, VirshCommand } from "./subcommand.ts";
import { table } from "./table.ts";

interface Lease {
  readonly expires: number;
  readonly mac: string;
  readonly address: string;
  readonly hostname: string;
  readonly clientId: string;
}

const HEAD = ["Expiry Time", "MAC address", "Protocol", "IP address", "Hostname", "Client ID or DUID"];

export const dhcpLeases: VirshCommand = {
  name: "net-dhcp-leases",
  group: "network",
  summary: "print lease info for a given network",
  description: "Print lease info for a given network",
  options: [
    { name: "network", kind: "data", text: "network name or uuid" },
    { name: "mac", kind: "string", text: "MAC address" },
  ],
  run(call) {
    const object = call.network();
    if (object === null) return 1;
    const wanted = call.value("mac");
    const mac = wanted === null ? null : parseMac(wanted);
    if (wanted !== null && mac === null)
      return call.fail(
        `Failed to get leases info for ${object.current.name}`,
        `invalid argument: Invalid MAC address: ${wanted}`,
      );
    const leases = leasesOf(call, object.current).filter((each) => mac === null || each.mac === formatMac(mac));
    return call.done(
      table(
        call.quiet ? null : HEAD,
        leases.map((lease) => row(lease, object.current)),
      ),
    );
  },
};

/** What has not run out yet, by MAC address. */
function leasesOf(call: VirshCall, network: Network): Lease[] {
  const { machine } = call.process;
  const text = machine.files.read(leasesPath(network));
  if (text instanceof Errno) return [];
  return parse(text)
    .filter(({ expires }) => expires === 0 || expires >= machine.clockSeconds)
    .sort((a, b) => (a.mac < b.mac ? -1 : a.mac > b.mac ? 1 : 0));
}

/** A file that somebody broke holds no leases. */
function parse(text: string): Lease[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: Readonly<Record<string, unknown>>) => ({
    expires: Number(entry["expiry-time"] ?? 0),
    mac: String(entry["mac-address"] ?? ""),
    address: String(entry["ip-address"] ?? ""),
    hostname: String(entry["hostname"] ?? "-"),
    clientId: String(entry["client-id"] ?? "-"),
  }));
}

function row({ expires, mac, address, hostname, clientId }: Lease, network: Network): string[] {
  const prefix = network.ips[0]?.prefix ?? 24;
  return [stamp(civilTime(expires)), mac, "ipv4", `${address}/${prefix}`, hostname, clientId];
}

const two = (value: number): string => String(value).padStart(2, "0");
const stamp = ({ year, month, day, hour, minute, second }: CivilTime): string =>
  `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
