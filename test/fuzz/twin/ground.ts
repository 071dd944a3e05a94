/** What both worlds begin with, before the first step of a case. */
import { CONF_DEFAULTS } from "../../../src/stack/settings.ts";

export interface Cable {
  /** In domain 0. */
  readonly near: string;
  readonly mac: string;
  /** In the guest, or on the wire. */
  readonly far: string;
}

export const CABLES: readonly Cable[] = [
  ...[1, 2, 3].map((domain) => ({ near: `vif${domain}.0`, mac: "fe:ff:ff:ff:ff:ff", far: `guest${domain}` })),
  { near: "eth0", mac: "00:16:3e:00:00:e0", far: "wire" },
];

/** So that the far ends take in and give out whatever domain 0 may be set to. */
export const FAR_MTU = 2000;

const quiet = (name: string, value: number): string => `sysctl -q -w net.ipv4.${name}=${value}`;

/** How often redirects are sent is a matter of milliseconds (ip_rt_send_redirect): only where a case wants them. */
const USUAL: Readonly<Record<string, number>> = { ...CONF_DEFAULTS, send_redirects: 0 };

/** Before the interfaces are made: they begin with these. A namespace has them from its host, whose administrator may have changed them. */
export const BEFORE: readonly string[] = ["all", "default"].flatMap((place) =>
  Object.entries(USUAL)
    .filter(([key]) => key !== "forwarding" && key !== "mc_forwarding")
    .map(([key, value]) =>
      quiet(`conf.${place}.${key}`, key === "accept_source_route" && place === "default" ? 1 : value),
    ),
);

/** Nothing may depend on how fast a world is. */
export const SETTLED: readonly string[] = [
  // icmp_global_allow, __icmp_xmit_allow: buckets filled by time.
  quiet("icmp_ratemask", 0),
  quiet("icmp_msgs_per_sec", 1_000_000),
  quiet("icmp_msgs_burst", 1_000_000),
  // pneigh_enqueue: a random part of proxy_delay. neigh_timer_handler: questions are repeated by the clock.
  ...CABLES.flatMap(({ near }) => {
    const name = near.replace(".", "/");
    return [quiet(`neigh.${name}.proxy_delay`, 0), quiet(`neigh.${name}.retrans_time_ms`, 100_000)];
  }),
  // veth leaves checksums to be filled in by who reads.
  ...CABLES.map(({ near }) => `ethtool -K ${near} tx off`),
  // br_netfilter: loaded in both, and asleep until a case wakes it for IPv4. IPv6 and arptables are not modelled.
  ...["iptables", "ip6tables", "arptables"].map((name) => `sysctl -q -w net.bridge.bridge-nf-call-${name}=0`),
  "ip link set lo up",
];
