/** The printers of routes. Follows print_route of iproute2 6.1's ip/iproute.c. */
import type { NetDevice } from "../../../device/device.ts";
import { formatIpv4, type Ipv4, isMulticast } from "../../../packet/address.ts";
import { type Route, RouteProtocol, RouteType, Scope, TableId } from "../../../stack/route-table.ts";
import type { Json } from "./json.ts";
import { protocolName, routeTypeName, scopeName, tableName } from "./names.ts";
import type { IpOptions } from "./run.ts";

/** What the line chose by need not be said again; ip leaves it out. */
export interface RouteHiding {
  readonly device: boolean;
  /** One table was asked for. */
  readonly table: boolean;
  readonly protocol: boolean;
  readonly scope: boolean;
  readonly source: boolean;
  readonly via: boolean;
  readonly metric: boolean;
}

export const HIDE_NOTHING: RouteHiding = {
  device: false,
  table: false,
  protocol: false,
  scope: false,
  source: false,
  via: false,
  metric: false,
};

/** One "word value" of a route; an empty word stands for the value alone. */
interface Part {
  readonly word: string;
  readonly key: string;
  readonly value: string | number;
}

export function destinationText({ destination, prefix }: Pick<Route, "destination" | "prefix">): string {
  if (prefix === 0 && destination === 0) return "default";
  return prefix === 32 ? formatIpv4(destination) : `${formatIpv4(destination)}/${prefix}`;
}

function parts(route: Route, options: IpOptions, hide: RouteHiding): Part[] {
  const { details } = options;
  const { type, via, device, table, protocol, scope, source, metric } = route;
  const all: readonly (readonly [shown: boolean, word: string, key: string, value: string | number])[] = [
    [type !== RouteType.UNICAST || details, "", "type", routeTypeName(type)],
    [true, "", "dst", destinationText(route)],
    [via !== 0 && !hide.via, "via", "gateway", formatIpv4(via)],
    [device !== null && !hide.device, "dev", "dev", device?.name ?? ""],
    [(table !== TableId.MAIN || details) && !hide.table, "table", "table", tableName(table)],
    [(protocol !== RouteProtocol.BOOT || details) && !hide.protocol, "proto", "protocol", protocolName(protocol)],
    [(scope !== Scope.UNIVERSE || details) && !hide.scope, "scope", "scope", scopeName(scope)],
    [source !== 0 && !hide.source, "src", "prefsrc", formatIpv4(source)],
    [metric !== 0 && !hide.metric, "metric", "metric", metric],
  ];
  return all.filter(([shown]) => shown).map(([, word, key, value]) => ({ word, key, value }));
}

/** Routes of our own addresses never count as down (fib_sync_down_dev skips RT_SCOPE_NOWHERE). */
function flagsOf(route: Route): string[] {
  const isDown = route.linkdown && route.type !== RouteType.LOCAL;
  return [...(route.onlink ? ["onlink"] : []), ...(isDown ? ["linkdown"] : [])];
}

const joined = (all: readonly Part[]): string =>
  all.map(({ word, value }) => (word === "" ? `${value} ` : `${word} ${value} `)).join("");

const keyed = (all: readonly Part[]): { [key: string]: Json } =>
  Object.fromEntries(all.map(({ key, value }) => [key, value]));

/** With the newline at its end. */
export const routeText = (route: Route, options: IpOptions, hide: RouteHiding = HIDE_NOTHING): string =>
  `${joined(parts(route, options, hide))}${flagsOf(route)
    .map((flag) => `${flag} `)
    .join("")}\n`;

export const routeJson = (route: Route, options: IpOptions, hide: RouteHiding): Json => ({
  ...keyed(parts(route, options, hide)),
  flags: flagsOf(route),
});

/** An answer of `ip route get`: what a packet would do. */
export interface Lookup {
  readonly type: number;
  readonly destination: Ipv4;
  readonly device: NetDevice;
  readonly nextHop: Ipv4;
  readonly source: Ipv4;
  /** That the route was found in; 0 when none was asked. */
  readonly table: number;
  /** RTCF_*: what the route cache says of the packet's way. */
  readonly marks: readonly string[];
  /** Said with "from": then ip prints no "src". */
  readonly from: string | null;
  readonly mark: number;
  /** Where the packet would come in; null for one of our own. */
  readonly iif: string | null;
  /** What was learned of the way, and its seconds to live. */
  readonly learned: { readonly mtu: number; readonly locked: boolean; readonly seconds: number } | null;
}

function lookupParts(lookup: Lookup, details: boolean): Part[] {
  const { type, device, source, destination, nextHop, from, table, iif } = lookup;
  const isTold = table !== 0 && (table !== TableId.MAIN || details);
  const all: readonly (readonly [shown: boolean, word: string, key: string, value: string | number])[] = [
    [type !== RouteType.UNICAST || details, "", "type", routeTypeName(type)],
    [true, "", "dst", formatIpv4(destination)],
    [from !== null, "from", "from", from ?? ""],
    [nextHop !== destination, "via", "gateway", formatIpv4(nextHop)],
    [true, "dev", "dev", device.name],
    [isTold, "table", "table", tableName(table)],
    [from === null && iif === null && source !== 0, "src", "prefsrc", formatIpv4(source)],
  ];
  return all.filter(([shown]) => shown).map(([, word, key, value]) => ({ word, key, value }));
}

/** RTCF_MULTICAST has the bit that ip 6.1 takes for RTM_F_OFFLOAD_FAILED, and so it says. */
const routeFlags = ({ destination }: Lookup): string[] => (isMulticast(destination) ? ["rt_offload_failed"] : []);

export function lookupText(lookup: Lookup, options: IpOptions): string {
  const { learned, marks, mark, iif } = lookup;
  const flags = marks.length === 0 ? "" : `<${marks.join(",")}> `;
  const end = options.oneLine ? "\\" : "\n";
  const failed = routeFlags(lookup)
    .map((flag) => `${flag} `)
    .join("");
  const start = `${joined(lookupParts(lookup, options.details))}${failed}${mark === 0 ? "" : `mark ${markText(mark)} `}`;
  const cache = `    cache ${flags}${pathText(learned)}${iif === null ? "" : `iif ${iif} `}`;
  return `${start}${iif === null ? "uid 0 " : ""}${end}${cache}\n`;
}

/** print_route: small marks are decimal. */
const markText = (mark: number): string => (mark >= 16 ? `0x${mark.toString(16)}` : String(mark));

function pathText(learned: Lookup["learned"]): string {
  if (learned === null) return "";
  const { mtu, locked, seconds } = learned;
  return `expires ${seconds}sec ${mtu === 0 ? "" : `mtu ${locked ? "lock " : ""}${mtu} `}`;
}

function pathJson(learned: Lookup["learned"]): { [key: string]: Json } {
  if (learned === null) return {};
  const { mtu, locked, seconds } = learned;
  const size = locked ? { lock: { mtu } } : { mtu };
  return { expires: seconds, ...(mtu === 0 ? {} : { metrics: [size] }) };
}

export function lookupJson(lookup: Lookup, options: IpOptions): Json {
  const { learned, mark, iif, marks } = lookup;
  return {
    ...keyed(lookupParts(lookup, options.details)),
    flags: routeFlags(lookup),
    ...(mark === 0 ? {} : { mark }),
    ...(iif === null ? { uid: 0 } : {}),
    cache: [...marks],
    ...pathJson(learned),
    ...(iif === null ? {} : { iif }),
  };
}
