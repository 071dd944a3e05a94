/**
 * `/proc/net/arp` and `/proc/net/route`. Follows net/ipv4/arp.c (arp_seq_show) and net/ipv4/fib_trie.c (fib_route_seq_show).
 * Neighbours come in the order of `ip neigh`, not of the kernel's hash. Addresses in `route` are what a little-endian
 * machine prints.
 */
import { ANY_IPV4, formatIpv4, formatMac, type Ipv4, maskOf } from "../../packet/address.ts";
import { type Neighbour, Nud } from "../../stack/neighbour.ts";
import type { ProxyEntry } from "../../stack/proxy-arp.ts";
import { type Route, RouteType } from "../../stack/route-table.ts";
import type { Box } from "../box.ts";

/** ATF_* and ARPHRD_ETHER. */
const Flag = { COMPLETE: 2, PERMANENT: 4, PUBLISHED: 8 } as const;
const ETHER = 1;

const ARP_HEAD = "IP address       HW type     Flags       HW address            Mask     Device\n";

export function arpText({ net }: Box): string {
  const entries = net.neighbours.list().filter(({ state }) => (state & Nud.NOARP) === 0);
  return ARP_HEAD + entries.map(arpLine).join("") + net.proxies.list().map(proxyLine).join("");
}

const hex = (value: number): string => `0x${value.toString(16).padEnd(10)}`;

function arpLine(entry: Neighbour): string {
  const mac = entry.isValid ? formatMac(entry.mac) : "00:00:00:00:00:00";
  let flags: number = entry.isValid ? Flag.COMPLETE : 0;
  if (entry.state === Nud.PERMANENT) flags |= Flag.PERMANENT;
  return columns(entry.address, ETHER, flags, mac, entry.device.name);
}

const proxyLine = ({ address, device }: ProxyEntry): string =>
  columns(
    address,
    device === null ? 0 : ETHER,
    Flag.PUBLISHED | Flag.PERMANENT,
    "00:00:00:00:00:00",
    device?.name ?? "*",
  );

const columns = (address: Ipv4, type: number, flags: number, mac: string, device: string): string =>
  `${formatIpv4(address).padEnd(16)} ${hex(type)}${hex(flags)}${mac}     *        ${device}\n`;

/** RTF_* */
const RouteFlag = { UP: 1, GATEWAY: 2, HOST: 4, REJECT: 0x200 } as const;
const WIDTH = 127;
const ROUTE_HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";

export function routeText({ net }: Box): string {
  const listed = net.fib.main.list().filter(({ type }) => type !== RouteType.BROADCAST && type !== RouteType.MULTICAST);
  return [ROUTE_HEAD, ...listed.map(routeLine)].map((line) => `${line.padEnd(WIDTH)}\n`).join("");
}

function routeLine({ device, destination, via, prefix, metric, type }: Route): string {
  const isReject = type === RouteType.UNREACHABLE || type === RouteType.PROHIBIT;
  const flags =
    RouteFlag.UP |
    (isReject ? RouteFlag.REJECT : 0) |
    (via !== ANY_IPV4 ? RouteFlag.GATEWAY : 0) |
    (prefix === 32 ? RouteFlag.HOST : 0);
  const start = [device?.name ?? "*", littleEndian(destination), littleEndian(via), upper(flags, 4)];
  return [...start, 0, 0, metric, littleEndian(maskOf(prefix)), 0, 0, 0].join("\t");
}

export const upper = (value: number, width: number): string => value.toString(16).toUpperCase().padStart(width, "0");

export const littleEndian = (address: Ipv4): string =>
  [0, 8, 16, 24].map((shift) => upper((address >>> shift) & 0xff, 2)).join("");
