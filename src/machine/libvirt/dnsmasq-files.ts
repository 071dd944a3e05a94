/**
 * The files that libvirt writes for a network's dnsmasq: networkDnsmasqConfContents of src/network/bridge_driver.c and
 * dnsmasqSave of src/util/virdnsmasq.c, libvirt 9.0. The comment that it puts in front of the configuration is left out.
 */
import { formatIpv4, formatMac, maskOf } from "../../packet/address.ts";
import { type Dns, hasDhcp, type Network, type NetworkIp } from "./network.ts";

const DIRECTORY = "/var/lib/libvirt/dnsmasq";

export const confPath = (network: Network): string => `${DIRECTORY}/${network.name}.conf`;
export const hostsPath = (network: Network): string => `${DIRECTORY}/${network.name}.hostsfile`;
export const namesPath = (network: Network): string => `${DIRECTORY}/${network.name}.addnhosts`;
export const pidPath = ({ name }: Pick<Network, "name">): string => `/run/libvirt/network/${name}.pid`;

const NO_DNS: Dns = { enabled: true, forwarders: [], texts: [], hosts: [] };

/** dnsmasq has nothing to do for a network without addresses, or without DNS and DHCP. */
export const wantsDnsmasq = (network: Network): boolean =>
  network.ips.length > 0 && ((network.dns ?? NO_DNS).enabled || hasDhcp(network));

export function confLines(network: Network): string[] {
  const { domain, bridge, forward } = network;
  const dns = network.dns ?? NO_DNS;
  const isIsolated = forward.mode === "none";
  return [
    "strict-order",
    ...dns.forwarders.map(({ domain, address }) =>
      domain === null ? `server=${address ?? ""}` : `server=/${domain}/${address ?? "#"}`,
    ),
    ...(dns.forwarders.some((each) => each.domain === null) ? ["no-resolv"] : []),
    ...(domain === null ? [] : domainLines(domain)),
    ...(dns.enabled ? [] : ["port=0"]),
    `pid-file=${pidPath(network)}`,
    "except-interface=lo",
    "bind-dynamic",
    `interface=${bridge.name}`,
    ...(isIsolated ? ["dhcp-option=3", "no-resolv", "ra-param=*,0,0"] : []),
    ...dns.texts.map(({ name, value }) => `txt-record=${name},${value}`),
    ...dhcpLines(network),
    ...(dns.enabled ? [`addn-hosts=${namesPath(network)}`] : []),
  ];
}

const domainLines = ({ name, localOnly }: NonNullable<Network["domain"]>): string[] => [
  ...(localOnly === true ? [`local=/${name}/`] : []),
  `domain=${name}`,
  "expand-hosts",
];

function dhcpLines(network: Network): string[] {
  if (!hasDhcp(network)) return [];
  const leases = network.ips.flatMap(({ ranges }) => ranges).reduce((sum, { start, end }) => sum + end - start + 1, 0);
  return [
    ...network.ips.flatMap(rangeLines),
    "dhcp-no-override",
    "dhcp-authoritative",
    ...(leases === 0 ? [] : [`dhcp-lease-max=${leases}`]),
    `dhcp-hostsfile=${hostsPath(network)}`,
  ];
}

function rangeLines({ address, prefix, ranges, hosts }: NetworkIp): string[] {
  const mask = formatIpv4(maskOf(prefix));
  if (ranges.length === 0 && hosts.length > 0) return [`dhcp-range=${formatIpv4(address)},static`];
  return ranges.map(({ start, end }) => `dhcp-range=${formatIpv4(start)},${formatIpv4(end)},${mask}`);
}

/** "52:54:00:aa:bb:cc,192.168.125.10,web1" */
export const hostLines = (network: Network): string[] =>
  network.ips.flatMap(({ hosts }) =>
    hosts.map(({ mac, name, address }) =>
      mac === null
        ? `${name ?? ""},${formatIpv4(address)}`
        : `${formatMac(mac)},${formatIpv4(address)}${name === null ? "" : `,${name}`}`,
    ),
  );

export const nameLines = (network: Network): string[] =>
  (network.dns ?? NO_DNS).hosts.map(
    ({ address, names }) => `${formatIpv4(address)}\t${names.map((name) => `${name}\t`).join("")}`,
  );
