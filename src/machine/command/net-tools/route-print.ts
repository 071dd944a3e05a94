/**
 * The main table as route and netstat -r print it. Follows rprint_fib and rprint_cache of lib/inet_gr.c and INET_rresolve of
 * lib/inet.c, which looks up hosts and gateways and calls the way to everywhere "default"; of networks no file knows names.
 */
import { ANY_IPV4, formatIpv4, type Ipv4, maskOf } from "../../../packet/address.ts";
import { type Route, RouteType } from "../../../stack/route-table.ts";
import type { Box } from "../../box.ts";
import type { HostNames } from "../../program/named-listing.ts";

const HEADS = [
  "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface",
  "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface",
  "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt",
] as const;
const CACHE_HEADS = [
  "Source          Destination     Gateway         Flags Metric Ref    Use Iface",
  "Source          Destination     Gateway         Flags   MSS Window  irtt Iface",
  "Source          Destination     Gateway         Flags Metric Ref    Use Iface    MSS   Window irtt  TOS HHRef HHUptod     SpecDst",
] as const;
const WIDTH = 15;

/** `extension`: which of the three sets of columns. */
export function routesText(box: Box, extension: number, names: HostNames): string {
  const lines = listed(box).map((each) => line(each, extension, names));
  return `Kernel IP routing table\n${HEADS[extension]}\n${lines.join("")}`;
}

/** Since Linux 3.6 there is no cache to show. */
export const routeCacheText = (extension: number): string => `Kernel IP routing cache\n${CACHE_HEADS[extension]}\n`;

/** What must be looked up before `routesText` has names. */
export const routeHosts = (box: Box): Ipv4[] =>
  listed(box).flatMap(({ destination, prefix, via }) => [
    ...(prefix === 32 ? [destination] : []),
    ...(via === ANY_IPV4 ? [] : [via]),
  ]);

/** fib_route_seq_show leaves out broadcast and multicast. */
const listed = (box: Box): readonly Route[] =>
  box.net.fib.main.list().filter(({ type }) => type !== RouteType.BROADCAST && type !== RouteType.MULTICAST);

function line(each: Route, extension: number, names: HostNames): string {
  const { type, destination, via, prefix } = each;
  // fib_flag_trans: of a blackhole nothing is said but that it is there.
  const isReject = type === RouteType.UNREACHABLE || type === RouteType.PROHIBIT;
  const gateway = isReject ? "-" : (hostName(via, names) ?? formatIpv4(via));
  const flags = isReject ? "!" : `U${via === ANY_IPV4 ? "" : "G"}`;
  const start = [target(destination, prefix, names), gateway, formatIpv4(maskOf(prefix))]
    .map((text) => text.slice(0, WIDTH).padEnd(WIDTH))
    .join(" ");
  const marks = `${flags}${prefix === 32 ? "H" : ""}`.padEnd(5);
  return `${start} ${marks} ${columns(each, extension, isReject)}\n`;
}

function target(destination: Ipv4, prefix: number, names: HostNames): string {
  if (names !== null && prefix === 0) return "default";
  return (prefix === 32 ? hostName(destination, names) : null) ?? formatIpv4(destination);
}

const hostName = (address: Ipv4, names: HostNames): string | null =>
  address === ANY_IPV4 ? null : (names?.of(address) ?? null);

/** What a reject route has no number for is a dash. */
function columns({ metric, device }: Route, extension: number, isReject: boolean): string {
  const name = device?.name ?? (isReject ? "-" : "*");
  const none = isReject ? "-" : "0";
  if (extension === 1) return `${none.padStart(5)} ${none.padEnd(5)} ${none.padStart(6)} ${name}`.trimEnd();
  const usual = `${String(metric).padEnd(6)} ${none.padEnd(2)} ${"0".padStart(7)} ${name}`;
  if (extension === 0) return usual;
  const start = `${String(metric).padEnd(6)} ${none.padEnd(2)} ${"0".padStart(7)} ${name.padEnd(8)}`;
  return `${start} ${none.padEnd(5)} ${none.padEnd(6)} ${none}`;
}
