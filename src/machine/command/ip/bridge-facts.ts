/**
 * What `ip -d link` says of a bridge and of its ports. Follows iproute2's ip/iplink_bridge.c and iplink_bridge_slave.c,
 * and br_fill_info and br_port_fill_attrs of Linux 6.1, in the order of the recorded host.
 * What the bridge does not model has the kernel's default and stays so.
 */
import type { Bridge } from "../../../device/bridge.ts";
import { type BridgePort, portStateNames } from "../../../device/bridge-port.ts";
import type { Timer } from "../../../engine/timer.ts";
import type { BridgeId } from "../../../packet/bpdu.ts";
import { Hundredths, type Json } from "./json.ts";

/** One "word value" of the details. */
export interface Detail {
  readonly text: string;
  /** Null: only in text. */
  readonly key: string | null;
  readonly value: Json;
}

/** br_dump_bridge_id: "8000.0:30:48:aa:bb:1", bytes without leading zeroes. */
function idText({ priority, mac }: BridgeId): string {
  const bytes = [40, 32, 24, 16, 8, 0].map((shift) => (Math.floor(mac / 2 ** shift) & 255).toString(16));
  return `${priority.toString(16).padStart(4, "0")}.${bytes.join(":")}`;
}

const plain = (key: string, value: string | number, word = key): Detail => ({ text: `${word} ${value}`, key, value });
const onOff = (key: string, value: boolean): Detail => ({ text: `${key} ${value ? "on" : "off"}`, key, value });

function hex(key: string, value: number, word = key): Detail {
  const text = value === 0 ? "0" : `0x${value.toString(16)}`;
  return plain(key, text, word);
}

/** br_timer_value: what is left, in seconds with two places. */
function timer(key: string, timer: Timer | null, now: number): Detail {
  const hundredths = Math.floor(Math.max(0, (timer?.due ?? now) - now) / 1e7);
  const seconds = String(Math.floor(hundredths / 100));
  const rest = String(hundredths % 100).padStart(2, "0");
  return { text: `${key} ${seconds.padStart(4)}.${rest}`, key, value: new Hundredths(`${seconds}.${rest}`) };
}

const centiseconds = (nanos: number): number => Math.floor(nanos / 1e7);

export function bridgeDetails(bridge: Bridge): Detail[] {
  const { stp, fdb, world } = bridge;
  const { now } = world.scheduler;
  return [
    plain("forward_delay", centiseconds(stp.forwardDelay)),
    plain("hello_time", centiseconds(stp.helloTime)),
    plain("max_age", centiseconds(stp.maxAge)),
    plain("ageing_time", centiseconds(fdb.ageingTime)),
    plain("stp_state", Number(stp.enabled)),
    plain("priority", stp.priority),
    plain("vlan_filtering", 0),
    plain("vlan_protocol", "802.1Q"),
    plain("bridge_id", idText(stp.id)),
    plain("root_id", idText(stp.designatedRoot), "designated_root"),
    plain("root_port", stp.rootPort?.number ?? 0),
    plain("root_path_cost", stp.rootPathCost),
    plain("topology_change", Number(stp.topologyChange)),
    plain("topology_change_detected", Number(stp.topologyChangeDetected)),
    timer("hello_timer", stp.helloTimer, now),
    timer("tcn_timer", stp.notificationTimer, now),
    timer("topology_change_timer", stp.topologyChangeTimer, now),
    timer("gc_timer", fdb.collector, now),
    plain("vlan_default_pvid", 1),
    plain("vlan_stats_enabled", 0),
    plain("vlan_stats_per_port", 0),
    hex("group_fwd_mask", bridge.groupForwardMask),
    plain("group_addr", "01:80:c2:00:00:00", "group_address"),
    ...MULTICAST,
    plain("nf_call_iptables", 0),
    plain("nf_call_ip6tables", 0),
    plain("nf_call_arptables", 0),
  ];
}

/** Snooping without a querier around floods as the model does. */
const MULTICAST: readonly Detail[] = [
  plain("mcast_snooping", 1),
  plain("no_linklocal_learn", 0),
  plain("mcast_vlan_snooping", 0),
  plain("mcast_router", 1),
  plain("mcast_query_use_ifaddr", 0),
  plain("mcast_querier", 0),
  plain("mcast_hash_elasticity", 16),
  plain("mcast_hash_max", 4096),
  plain("mcast_last_member_cnt", 2, "mcast_last_member_count"),
  plain("mcast_startup_query_cnt", 2, "mcast_startup_query_count"),
  plain("mcast_last_member_intvl", 100, "mcast_last_member_interval"),
  plain("mcast_membership_intvl", 26_000, "mcast_membership_interval"),
  plain("mcast_querier_intvl", 25_500, "mcast_querier_interval"),
  plain("mcast_query_intvl", 12_500, "mcast_query_interval"),
  plain("mcast_query_response_intvl", 1000, "mcast_query_response_interval"),
  plain("mcast_startup_query_intvl", 3124, "mcast_startup_query_interval"),
  plain("mcast_stats_enabled", 0),
  plain("mcast_igmp_version", 2),
  plain("mcast_mld_version", 1),
];

export function portDetails(bridge: Bridge, port: BridgePort): Detail[] {
  const { now } = bridge.world.scheduler;
  const { stp } = port;
  return [
    plain("state", portStateNames[port.state]),
    plain("priority", port.priority),
    plain("cost", port.pathCost),
    onOff("hairpin", port.hairpin),
    onOff("guard", false),
    onOff("root_block", false),
    onOff("fastleave", false),
    onOff("learning", port.learning),
    onOff("flood", port.flood),
    hex("id", port.id, "port_id"),
    hex("no", port.number, "port_no"),
    plain("designated_port", stp.designatedPort),
    plain("designated_cost", stp.designatedCost),
    plain("bridge_id", idText(stp.designatedBridge), "designated_bridge"),
    plain("root_id", idText(stp.designatedRoot), "designated_root"),
    timer("hold_timer", stp.timers.hold, now),
    timer("message_age_timer", stp.timers.messageAge, now),
    timer("forward_delay_timer", stp.timers.forwardDelay, now),
    plain("topology_change_ack", Number(stp.acknowledge)),
    plain("config_pending", Number(stp.configPending)),
    onOff("proxy_arp", false),
    onOff("proxy_arp_wifi", false),
    plain("multicast_router", 1, "mcast_router"),
    { text: "mcast_fast_leave off", key: null, value: null },
    onOff("mcast_flood", port.multicastFlood),
    onOff("bcast_flood", port.broadcastFlood),
    onOff("mcast_to_unicast", false),
    onOff("neigh_suppress", false),
    plain("group_fwd_mask", "0"),
    plain("group_fwd_mask_str", "0x0"),
    onOff("vlan_tunnel", false),
    onOff("isolated", port.isolated),
    onOff("locked", false),
  ];
}
