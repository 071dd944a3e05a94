/**
 * virsh net-dhcp-leases: cmdNetworkDHCPLeases of tools/virsh-network.c and networkGetDHCPLeases of
 * src/network/bridge_driver.c, libvirt 9.0. The leases are in a file of JSON that libvirt's lease helper writes for dnsmasq.
 */
import { formatMac, parseMac } from "../../../packet/address.ts";
import { type CivilTime, civilTime } from "../../calendar.ts";
import { type LeaseEntry, readLeases, statusPath } from "../../libvirt/leases-helper.ts";
import type { Network } from "../../libvirt/network.ts";
import type { VirshCall, VirshCommand } from "./subcommand.ts";
import { table } from "./table.ts";

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
    const leases = leasesOf(call, object.current).filter(
      (each) => mac === null || each["mac-address"] === formatMac(mac),
    );
    return call.done(
      table(
        call.quiet ? null : HEAD,
        leases.map((lease) => row(lease, object.current)),
      ),
    );
  },
};

/** What has not run out yet, by MAC address. */
function leasesOf(call: VirshCall, network: Network): LeaseEntry[] {
  const { machine } = call.process;
  const mac = (entry: LeaseEntry): string => entry["mac-address"];
  return readLeases(machine.files.read(statusPath(network.bridge.name)))
    .filter((entry) => entry["expiry-time"] === 0 || entry["expiry-time"] >= machine.clockSeconds)
    .sort((a, b) => (mac(a) < mac(b) ? -1 : mac(a) > mac(b) ? 1 : 0));
}

function row(entry: LeaseEntry, network: Network): string[] {
  const address = `${entry["ip-address"]}/${network.ips[0]?.prefix ?? 24}`;
  const expiry = stamp(civilTime(entry["expiry-time"]));
  return [expiry, entry["mac-address"], "ipv4", address, entry.hostname ?? "-", entry["client-id"] ?? "-"];
}

const two = (value: number): string => String(value).padStart(2, "0");
const stamp = ({ year, month, day, hour, minute, second }: CivilTime): string =>
  `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
