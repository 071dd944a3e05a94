/**
 * What a host does with packets at one instant that are not for itself: its routes, whether it forwards, for whom it
 * answers ARP, and what netfilter has to say. Lines are those of the tools.
 */
import { destinationText, routeText } from "../../machine/command/ip/route-print.ts";
import { PLAIN_OPTIONS } from "../../machine/command/ip/run.ts";
import type { Machine } from "../../machine/machine.ts";
import { formatIpv4 } from "../../packet/address.ts";
import type { Route } from "../../stack/route-table.ts";
import { type ConntrackSnapshot, conntrackSnapshot } from "./conntrack-snapshot.ts";
import { type LeaseSnapshot, leaseSnapshots } from "./lease-snapshot.ts";
import { type NatRuleSnapshot, natRules, type TableSnapshot, tableSnapshots } from "./netfilter-snapshot.ts";

export interface RoutingSnapshot {
  /** net.ipv4.ip_forward */
  readonly ipForward: boolean;
  /** The main table in the order of `ip route`, the first of them; `dom0.routes` counts all. */
  readonly routes: readonly RouteSnapshot[];
  /** Devices with proxy_arp, set for them or for all. */
  readonly proxyArp: readonly string[];
  /** net.bridge.bridge-nf-call-iptables; null while br_netfilter is not loaded. */
  readonly bridgeCallsIptables: boolean | null;
  /** Tables that the kernel has, in the order a packet meets them. */
  readonly tables: readonly TableSnapshot[];
  /** Rules that rewrite addresses, in the order of `iptables -t nat -S`, the first of them. */
  readonly nat: readonly NatRuleSnapshot[];
  /** Null while no rule needs it. */
  readonly conntrack: ConntrackSnapshot | null;
  /** Null: no DHCP server runs here. */
  readonly leases: readonly LeaseSnapshot[] | null;
}

export interface RouteSnapshot {
  /** "192.168.1.50 dev vif1.0 scope link src 192.168.1.10 metric 2" */
  readonly text: string;
  /** "192.168.1.0/24", "192.168.1.50"; "default" */
  readonly destination: string;
  /** Null for blackhole, unreachable and prohibit. */
  readonly device: string | null;
  /** Null: the destination is on the link. */
  readonly via: string | null;
  readonly metric: number;
}

/** A host with more guests than that in route mode shows the first of their routes. */
const ROUTES = 2048;

export function routingSnapshot(machine: Machine, drops: ReadonlyMap<string, number>): RoutingSnapshot {
  const { fib, settings, netfilter, sysctls } = machine.net;
  const called = sysctls.get("net/bridge/bridge-nf-call-iptables");
  return {
    ipForward: settings.ipv4.ip_forward !== 0,
    routes: fib.main.list().slice(0, ROUTES).map(routeSnapshot),
    proxyArp: machine.table.devices.filter(({ index }) => settings.either(index, "proxy_arp")).map(({ name }) => name),
    bridgeCallsIptables: called === null ? null : called !== "0",
    tables: tableSnapshots(netfilter, machine.name, drops),
    nat: natRules(netfilter),
    conntrack: conntrackSnapshot(netfilter, machine.world.scheduler.now),
    leases: leaseSnapshots(machine),
  };
}

const routeSnapshot = (route: Route): RouteSnapshot => ({
  text: routeText(route, PLAIN_OPTIONS).trimEnd(),
  destination: destinationText(route),
  device: route.device?.name ?? null,
  via: route.via === 0 ? null : formatIpv4(route.via),
  metric: route.metric,
});
