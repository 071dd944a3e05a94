/**
 * The forwarding information base: the tables in the order of the policy rules, and the checks that a new route must
 * pass. Follows net/ipv4/fib_semantics.c (fib_check_nh, fib_sync_down_dev), fib_frontend.c and fib_rules.c.
 * Not modelled: multipath.
 */
import type { NetDevice } from "../device/device.ts";
import { ANY_IPV4, type Ipv4, networkOf } from "../packet/address.ts";
import { type Refusal, refuse } from "./errno.ts";
import { FibRules, type Flow, RuleAction } from "./fib-rules.ts";
import {
  type InsertMode,
  Route,
  type RouteFields,
  type RouteMatch,
  RouteProtocol,
  RouteTable,
  RouteType,
  type RouteTypeCode,
  Scope,
  TableId,
} from "./route-table.ts";

/** What `ip route add` says; the rest is filled in as iproute2 and the kernel do. */
export type RouteRequest = Pick<RouteFields, "destination" | "prefix"> &
  Partial<Omit<RouteFields, "destination" | "prefix">>;

/** Hears of every change, for `ip monitor`. */
export interface RouteListener {
  routeChanged(route: Route, change: "added" | "removed"): void;
  /** The index of a device that a rule names; -1 when there is none of that name. */
  indexOf(name: string): number;
}

/** LOOPBACK_IFINDEX: lo is the first device of every namespace. */
export const LOOPBACK_INDEX = 1;

/** What rules answer that name no table: fib4_rule_action. An unreachable one is as good as no route. */
const refusalRoute = (type: RouteTypeCode): Route =>
  new Route({ ...complete({ destination: ANY_IPV4, prefix: 0, type }), table: 0 });
const REFUSALS = {
  [RuleAction.BLACKHOLE]: refusalRoute(RouteType.BLACKHOLE),
  [RuleAction.UNREACHABLE]: null,
  [RuleAction.PROHIBIT]: refusalRoute(RouteType.PROHIBIT),
} as const;

export class Fib {
  readonly local = new RouteTable(TableId.LOCAL);
  readonly main = new RouteTable(TableId.MAIN);
  private readonly tables = new Map<number, RouteTable>();
  private readonly listener: RouteListener;
  /** fib_has_custom_local_routes: somebody has added a local route by hand. */
  private hasCustomLocals = false;
  readonly rules = new FibRules();
  /** Table default, once something is in it. */
  private fallback: RouteTable | null = null;

  constructor(listener: RouteListener) {
    this.listener = listener;
    this.tables.set(TableId.LOCAL, this.local);
    this.tables.set(TableId.MAIN, this.main);
  }

  /**
   * fib_lookup: the first table that answers. The answer may be an error route. Null: no route. `source` 0 is not chosen
   * yet; `iif` 1 is the loopback, where our own packets come from.
   */
  lookup(
    destination: Ipv4,
    oif = 0,
    scope: number = Scope.UNIVERSE,
    source: Ipv4 = ANY_IPV4,
    iif: number = LOOPBACK_INDEX,
    mark = 0,
  ): Route | null {
    if (this.rules.isDefault) return this.byDefaultRules(destination, oif, scope);
    return this.byRules({ destination, source, iif, oif, mark }, scope);
  }

  private byDefaultRules(destination: Ipv4, oif: number, scope: number): Route | null {
    const found = this.local.lookup(destination, oif, scope) ?? this.main.lookup(destination, oif, scope);
    if (found !== null || this.fallback === null) return found;
    return this.fallback.lookup(destination, oif, scope);
  }

  /** fib_rules_lookup */
  private byRules(flow: Flow, scope: number): Route | null {
    for (const rule of this.rules.list()) {
      if (!this.rules.holds(rule, flow, this.listener)) continue;
      if (rule.action !== RuleAction.TO_TABLE) return REFUSALS[rule.action];
      const found = this.tables.get(rule.table)?.lookup(flow.destination, flow.oif, scope) ?? null;
      if (found !== null) return found;
    }
    return null;
  }

  /** inet_addr_type: what kind of address this is to us. */
  typeOf(address: Ipv4): RouteTypeCode {
    return this.local.lookup(address)?.type ?? RouteType.UNICAST;
  }

  /** Rules or local routes were added by hand: addresses alone do not tell what is ours. */
  get isCustom(): boolean {
    return this.hasCustomLocals || !this.rules.isDefault;
  }

  isLocal(address: Ipv4): boolean {
    return this.typeOf(address) === RouteType.LOCAL;
  }

  /** Of every table that ever held a route. */
  get tableIds(): number[] {
    return [...this.tables.keys()];
  }

  table(id: number): RouteTable | null {
    return this.tables.get(id) ?? null;
  }

  /** A route from a user or a DHCP client, checked. Null when done. */
  add(request: RouteRequest, mode: InsertMode = "add"): Refusal | null {
    const fields = complete(request);
    if (networkOf(fields.destination, fields.prefix) !== fields.destination) {
      return refuse("EINVAL", "Invalid prefix for given prefix length");
    }
    // fib_new_table: there from now on, whatever becomes of the route.
    this.tableFor(fields.table);
    if (isErrorType(fields.type) && (fields.via !== ANY_IPV4 || fields.device !== null))
      return refuse("EINVAL", "Gateway, device and multipath can not be specified for this route type");
    const nextHop = this.checkNextHop(fields);
    if ("errno" in nextHop) return nextHop;
    if (fields.source !== ANY_IPV4 && !this.isLocal(fields.source)) return refuse("EINVAL", "Invalid prefsrc address");
    const refusal = this.insert(new Route({ ...fields, device: nextHop.device }), mode);
    if (refusal === null && fields.type === RouteType.LOCAL) this.hasCustomLocals = true;
    return refusal;
  }

  /** A route that the kernel makes for one of its addresses: unchecked, and there may be equal ones. */
  addForAddress(fields: RouteFields): void {
    this.insert(new Route(fields), "append");
  }

  /** Null when done; ESRCH when no route matches. */
  remove(match: RouteMatch, tableId: number = TableId.MAIN): Refusal | null {
    const table = this.tables.get(tableId);
    if (table === undefined) return refuse("ESRCH", "FIB table does not exist");
    const route = table.remove(match);
    if (route === null) return refuse("ESRCH");
    this.listener.routeChanged(route, "removed");
    return null;
  }

  /** The device went down: its routes go, those of our own addresses only by force (the device or its last address went). */
  flushDevice(device: NetDevice, force: boolean): void {
    this.flush((route) => route.device === device && (force || route.scope !== Scope.HOST));
  }

  /** fib_sync_down_addr: routes whose preferred source is no address of ours any more. */
  flushSource(source: Ipv4): void {
    if (!this.isLocal(source)) this.flush((route) => route.source === source);
  }

  setLinkdown(device: NetDevice, linkdown: boolean): void {
    for (const table of this.tables.values()) table.setLinkdown(device, linkdown);
  }

  private flush(goes: (route: Route) => boolean): void {
    for (const table of this.tables.values()) {
      for (const route of table.list().filter(goes)) {
        table.discard(route);
        this.listener.routeChanged(route, "removed");
      }
    }
  }

  private insert(route: Route, mode: InsertMode): Refusal | null {
    const { refusal, replaced } = this.tableFor(route.table).insert(route, mode);
    if (refusal !== null) return refusal;
    route.linkdown = route.device !== null && !route.device.carrier;
    if (replaced !== null) this.listener.routeChanged(replaced, "removed");
    this.listener.routeChanged(route, "added");
    return null;
  }

  private tableFor(id: number): RouteTable {
    let table = this.tables.get(id);
    if (table === undefined) {
      table = new RouteTable(id);
      this.tables.set(id, table);
      if (id === TableId.DEFAULT) this.fallback = table;
    }
    return table;
  }

  /** fib_check_nh: through which device the next hop is, or why it cannot be. */
  private checkNextHop(route: RouteFields): { readonly device: NetDevice | null } | Refusal {
    const { device, via } = route;
    if (isErrorType(route.type)) return { device: null };
    if (via !== ANY_IPV4) return route.onlink ? this.checkOnlink(route) : this.checkGateway(route);
    if (device === null) return refuse("ENODEV");
    if (route.onlink) return refuse("EINVAL", "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set");
    if (route.scope !== Scope.HOST && !device.up) return refuse("ENETDOWN", "Device for nexthop is not up");
    return { device };
  }

  private checkGateway(route: RouteFields): { readonly device: NetDevice } | Refusal {
    const scope = Math.max(route.scope + 1, Scope.LINK);
    const towards = this.lookup(route.via, route.device?.index ?? 0, scope);
    if (towards === null || isErrorType(towards.type)) return refuse("ENETUNREACH", "Nexthop has invalid gateway");
    const isReachable = towards.type === RouteType.UNICAST || towards.type === RouteType.LOCAL;
    if (!isReachable || towards.device === null) return refuse("EINVAL", "Nexthop has invalid gateway");
    return towards.device.up ? { device: towards.device } : refuse("ENETDOWN");
  }

  private checkOnlink(route: RouteFields): { readonly device: NetDevice } | Refusal {
    if (route.scope >= Scope.LINK) return refuse("EINVAL", "Nexthop has invalid scope");
    if (route.device === null) return refuse("ENODEV", "Nexthop device required for onlink");
    if (!route.device.up) return refuse("ENETDOWN", "Nexthop device is not up");
    if (this.typeOf(route.via) !== RouteType.UNICAST) return refuse("EINVAL", "Nexthop has invalid gateway");
    return { device: route.device };
  }
}

export const isErrorType = (type: RouteTypeCode): boolean => type >= RouteType.BLACKHOLE;

/** What iproute2 fills in: iproute_modify's defaults for type, scope, protocol and table. */
function complete(request: RouteRequest): RouteFields {
  const type = request.type ?? RouteType.UNICAST;
  const via = request.via ?? ANY_IPV4;
  return {
    table: TableId.MAIN,
    protocol: RouteProtocol.BOOT,
    source: ANY_IPV4,
    device: null,
    metric: 0,
    onlink: false,
    scope: defaultScope(type, via),
    ...request,
    type,
    via,
  };
}

function defaultScope(type: RouteTypeCode, via: Ipv4): number {
  if (type === RouteType.LOCAL) return Scope.HOST;
  if (type === RouteType.BROADCAST || type === RouteType.MULTICAST) return Scope.LINK;
  return type === RouteType.UNICAST && via === ANY_IPV4 ? Scope.LINK : Scope.UNIVERSE;
}
