/**
 * One routing table: longest prefix first, then the smallest metric, then the order of adding.
 * Follows net/ipv4/fib_trie.c in what it answers; the structure is one map per prefix length that is in use.
 * Not modelled: TOS routing, multipath, nexthop objects.
 */
import type { NetDevice } from "../device/device.ts";
import { ANY_IPV4, type Ipv4, maskOf } from "../packet/address.ts";
import { type Refusal, refuse } from "./errno.ts";

/** rtnetlink.h RTN_* */
export const RouteType = {
  UNICAST: 1,
  LOCAL: 2,
  BROADCAST: 3,
  MULTICAST: 5,
  BLACKHOLE: 6,
  UNREACHABLE: 7,
  PROHIBIT: 8,
  THROW: 9,
} as const;
export type RouteTypeCode = (typeof RouteType)[keyof typeof RouteType];

/** RT_SCOPE_*: the distance of a destination; greater is nearer. */
export const Scope = { UNIVERSE: 0, SITE: 200, LINK: 253, HOST: 254, NOWHERE: 255 } as const;

/** RTPROT_*: who put the route there. */
export const RouteProtocol = { REDIRECT: 1, KERNEL: 2, BOOT: 3, STATIC: 4, DHCP: 16 } as const;

export const TableId = { DEFAULT: 253, MAIN: 254, LOCAL: 255 } as const;

export interface RouteFields {
  readonly table: number;
  readonly destination: Ipv4;
  /** 0 to 32 */
  readonly prefix: number;
  readonly type: RouteTypeCode;
  readonly scope: number;
  readonly protocol: number;
  /** Preferred source; 0 when none is set. */
  readonly source: Ipv4;
  /** Null for blackhole, unreachable, prohibit and throw. */
  readonly device: NetDevice | null;
  /** Gateway; 0 when the destination is on the link. */
  readonly via: Ipv4;
  readonly metric: number;
  readonly onlink: boolean;
}

export class Route implements RouteFields {
  readonly table: number;
  readonly destination: Ipv4;
  readonly prefix: number;
  readonly type: RouteTypeCode;
  readonly scope: number;
  readonly protocol: number;
  readonly source: Ipv4;
  readonly device: NetDevice | null;
  readonly via: Ipv4;
  readonly metric: number;
  readonly onlink: boolean;
  /** RTNH_F_LINKDOWN: the device has no carrier. The route is used all the same (ignore_routes_with_linkdown=0). */
  linkdown = false;

  constructor(fields: RouteFields) {
    this.table = fields.table;
    this.destination = fields.destination;
    this.prefix = fields.prefix;
    this.type = fields.type;
    this.scope = fields.scope;
    this.protocol = fields.protocol;
    this.source = fields.source;
    this.device = fields.device;
    this.via = fields.via;
    this.metric = fields.metric;
    this.onlink = fields.onlink;
  }
}

/** What iproute2 asks for: add, replace, change, append, prepend. */
export type InsertMode = "add" | "replace" | "change" | "append" | "prepend";

/** What `ip route del` names; absent things match anything. */
export type RouteMatch = Pick<RouteFields, "destination" | "prefix"> &
  Partial<Pick<RouteFields, "type" | "scope" | "protocol" | "source" | "device" | "via" | "metric">>;

/** The routes of one prefix length. Keys are signed 32-bit: a uint32 above 2^31 costs twice as much. */
class PrefixLength {
  readonly prefix: number;
  readonly mask: number;
  readonly routes = new Map<number, Route[]>();

  constructor(prefix: number) {
    this.prefix = prefix;
    this.mask = maskOf(prefix) | 0;
  }
}

/** Answers remembered by destination: a packet asks three times on its way, for 18 ns each time instead of 35. */
const MEMO = 256;

export class RouteTable {
  readonly id: number;
  /** Longest first; only lengths that are in use. */
  private lengths: PrefixLength[] = [];
  private askedFor = new Uint32Array(0);
  /** Undefined: nothing remembered. There from the first question on; emptied with every change. */
  private answers: (Route | null | undefined)[] = [];

  constructor(id: number) {
    this.id = id;
  }

  /** The route for `destination` through device `oif` (0: any), not farther than `scope`; null when there is none, or one of type throw. */
  lookup(destination: Ipv4, oif = 0, scope: number = Scope.UNIVERSE): Route | null {
    if (oif !== 0 || scope !== Scope.UNIVERSE) return this.search(destination, oif, scope);
    const slot = (destination ^ (destination >>> 8)) & (MEMO - 1);
    const known = this.answers[slot];
    if (known !== undefined && this.askedFor[slot] === destination) return known;
    const found = this.search(destination, 0, Scope.UNIVERSE);
    if (this.answers.length === 0) this.makeMemo();
    this.askedFor[slot] = destination;
    this.answers[slot] = found;
    return found;
  }

  /** A machine that nobody has asked for a way yet holds 6 KB less. */
  private makeMemo(): void {
    this.askedFor = new Uint32Array(MEMO);
    this.answers = new Array<Route | null | undefined>(MEMO).fill(undefined);
  }

  private search(destination: Ipv4, oif: number, scope: number): Route | null {
    for (const length of this.lengths) {
      const routes = length.routes.get(destination & length.mask);
      if (routes === undefined) continue;
      for (const route of routes) if (fits(route, oif, scope)) return route.type === RouteType.THROW ? null : route;
    }
    return null;
  }

  /** Null when done. EEXIST: such a route is there; ENOENT: nothing to change. Answers what it replaced through `replaced`. */
  insert(route: Route, mode: InsertMode): { readonly refusal: Refusal | null; readonly replaced: Route | null } {
    const routes = this.routesAt(route.destination, route.prefix);
    const first = routes.findIndex((each) => each.metric === route.metric);
    const refusal = refused(routes, route, first, mode);
    if (refusal !== null) return { refusal, replaced: null };
    if (first >= 0 && (mode === "replace" || mode === "change")) {
      this.answers.fill(undefined);
      return { refusal: null, replaced: routes.splice(first, 1, route)[0]! };
    }
    const after = routes.findIndex((each) =>
      mode === "prepend" ? each.metric >= route.metric : each.metric > route.metric,
    );
    routes.splice(after < 0 ? routes.length : after, 0, route);
    this.store(route.destination, route.prefix, routes);
    return { refusal: null, replaced: null };
  }

  /** The first route that matches, taken out; null when none does. */
  remove(match: RouteMatch): Route | null {
    const routes = this.routesAt(match.destination, match.prefix);
    const at = routes.findIndex((route) => matches(route, match));
    if (at < 0) return null;
    const [removed] = routes.splice(at, 1);
    this.store(match.destination, match.prefix, routes);
    return removed!;
  }

  /** Takes out one known route. */
  discard(route: Route): void {
    const rest = this.routesAt(route.destination, route.prefix).filter((each) => each !== route);
    this.store(route.destination, route.prefix, rest);
  }

  setLinkdown(device: NetDevice, linkdown: boolean): void {
    for (const { routes } of this.lengths)
      for (const each of routes.values())
        for (const route of each) if (route.device === device) route.linkdown = linkdown;
  }

  get size(): number {
    let size = 0;
    for (const { routes } of this.lengths) for (const each of routes.values()) size += each.length;
    return size;
  }

  /** In the order of `ip route`: by address, longer prefixes first, then metric. */
  list(): Route[] {
    const all = this.lengths.flatMap((length) => [...length.routes.values()].flat());
    return all.sort((a, b) => a.destination - b.destination || b.prefix - a.prefix || a.metric - b.metric);
  }

  private routesAt(destination: Ipv4, prefix: number): Route[] {
    return this.lengths.find((length) => length.prefix === prefix)?.routes.get(destination | 0) ?? [];
  }

  private store(destination: Ipv4, prefix: number, routes: Route[]): void {
    this.answers.fill(undefined);
    let length = this.lengths.find((each) => each.prefix === prefix);
    if (length === undefined) {
      length = new PrefixLength(prefix);
      this.lengths.push(length);
      this.lengths.sort((a, b) => b.prefix - a.prefix);
    }
    if (routes.length === 0) length.routes.delete(destination | 0);
    else length.routes.set(destination | 0, routes);
    if (length.routes.size === 0) this.lengths = this.lengths.filter((each) => each !== length);
  }
}

/** fib_table_lookup: an error route speaks for every device, the others only for their own. */
const fits = (route: Route, oif: number, scope: number): boolean =>
  route.scope >= scope && (oif === 0 || route.device === null || route.device.index === oif);

function refused(routes: readonly Route[], route: Route, first: number, mode: InsertMode): Refusal | null {
  if (mode === "add" && first >= 0) return refuse("EEXIST");
  if (mode === "change" && first < 0) return refuse("ENOENT");
  const isAddition = mode === "append" || mode === "prepend";
  return isAddition && routes.some((each) => same(each, route)) ? refuse("EEXIST") : null;
}

const same = (a: Route, b: Route): boolean =>
  a.metric === b.metric &&
  a.type === b.type &&
  a.scope === b.scope &&
  a.protocol === b.protocol &&
  a.source === b.source &&
  a.device === b.device &&
  a.via === b.via &&
  a.onlink === b.onlink;

/** fib_table_delete: what is absent, or zero, matches anything. */
const matches = (route: Route, match: RouteMatch): boolean =>
  (match.type === undefined || match.type === route.type) &&
  (match.scope === undefined || match.scope === route.scope) &&
  (match.protocol === undefined || match.protocol === route.protocol) &&
  (match.source === undefined || match.source === ANY_IPV4 || match.source === route.source) &&
  (match.device === undefined || match.device === route.device) &&
  (match.via === undefined || match.via === ANY_IPV4 || match.via === route.via) &&
  (match.metric === undefined || match.metric === 0 || match.metric === route.metric);
