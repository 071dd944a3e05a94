/** Names of scopes, protocols, tables and route types as /etc/iproute2 and lib/rt_names.c have them. */
import { RouteType, type RouteTypeCode } from "../../../stack/route-table.ts";
import { abbreviates, readUnsigned } from "./words.ts";

type Names = Readonly<Record<string, number>>;

const SCOPES: Names = { global: 0, nowhere: 255, host: 254, link: 253, site: 200 };
const PROTOCOLS: Names = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  keepalived: 18,
  babel: 42,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
};
const TABLES: Names = { unspec: 0, default: 253, main: 254, local: 255 };

const read = (names: Names, text: string, most: number): number | null =>
  Object.hasOwn(names, text) ? names[text]! : readUnsigned(text, most);

const write = (names: Names, number: number): string =>
  Object.keys(names).find((name) => names[name] === number) ?? String(number);

export const readScope = (text: string): number | null => read(SCOPES, text, 255);
export const scopeName = (scope: number): string => write(SCOPES, scope);
export const readProtocol = (text: string): number | null => read(PROTOCOLS, text, 255);
export const protocolName = (protocol: number): string => write(PROTOCOLS, protocol);
export const readTable = (text: string): number | null => read(TABLES, text, 0xffff_ffff);
export const tableName = (table: number): string => write(TABLES, table);

const TYPES: readonly (readonly [string, RouteTypeCode])[] = [
  ["local", RouteType.LOCAL],
  ["broadcast", RouteType.BROADCAST],
  ["brd", RouteType.BROADCAST],
  ["multicast", RouteType.MULTICAST],
  ["prohibit", RouteType.PROHIBIT],
  ["unreachable", RouteType.UNREACHABLE],
  ["blackhole", RouteType.BLACKHOLE],
  ["throw", RouteType.THROW],
  ["unicast", RouteType.UNICAST],
];

/** rtnl_rtntype_a2n: abbreviated, except "local". Null: no type, or one that is not modelled. */
export function readRouteType(text: string): RouteTypeCode | null {
  if (text === "local") return RouteType.LOCAL;
  return TYPES.find(([name]) => name !== "local" && abbreviates(text, name))?.[1] ?? null;
}

export const routeTypeName = (type: number): string => TYPES.find(([, code]) => code === type)?.[0] ?? String(type);
