/** What an administrator may also have set: sysctls, routes, rules, proxies; and what he does in between. */
import { formatIpv4, formatMac } from "../../../../src/packet/address.ts";
import type { Chance } from "./chance.ts";
import { INTERFACES, type Scene, stackDevices } from "./scene.ts";

/** Of net.ipv4.conf: of `all` or of a device. */
const CONF: Readonly<Record<string, readonly number[]>> = {
  accept_local: [1],
  accept_redirects: [0, 1],
  arp_accept: [1, 2],
  arp_announce: [1, 2],
  arp_filter: [1],
  arp_ignore: [1, 2, 3, 8],
  bc_forwarding: [1],
  drop_gratuitous_arp: [1],
  forwarding: [0, 1],
  proxy_arp: [0, 1],
  proxy_arp_pvlan: [1],
  route_localnet: [1],
  rp_filter: [1, 2],
  secure_redirects: [0],
  send_redirects: [0, 1],
  shared_media: [0],
  src_valid_mark: [1],
};

const OTHERS: Readonly<Record<string, readonly number[]>> = {
  "net.ipv4.fwmark_reflect": [1],
  "net.ipv4.icmp_echo_ignore_all": [1],
  "net.ipv4.icmp_echo_ignore_broadcasts": [0],
  "net.ipv4.icmp_errors_use_inbound_ifaddr": [1],
  "net.ipv4.ip_default_ttl": [32, 255],
  "net.ipv4.ip_forward": [0, 1],
  "net.ipv4.ip_forward_use_pmtu": [1],
  "net.ipv4.ip_no_pmtu_disc": [1],
  "net.netfilter.nf_conntrack_tcp_loose": [0],
  "net.netfilter.nf_conntrack_tcp_be_liberal": [1],
  "net.netfilter.nf_conntrack_checksum": [0],
};

export function sysctlLine(chance: Chance, scene: Scene): string {
  const set = (name: string, values: readonly number[]): string => `sysctl -q -w ${name}=${chance.pick(values)}`;
  if (chance.maybe(0.3)) return set(...chance.pick(Object.entries(OTHERS)));
  const [key, values] = chance.pick(Object.entries(CONF));
  const place = chance.pick(["all", ...stackDevices(scene), ...stackDevices(scene)]);
  return set(`net.ipv4.conf.${place.replace(".", "/")}.${key}`, values);
}

const PREFIXES = [
  "203.0.113.0/24",
  "203.0.113.5/32",
  "198.51.100.0/24",
  "10.9.0.0/16",
  "192.168.122.96/28",
  "10.0.2.0/24",
  "default",
];

export function routeLine(chance: Chance, scene: Scene): string {
  const prefix = chance.pick(PREFIXES);
  const station = chance.pick(scene.stations);
  const via = `via ${formatIpv4(station.ip)}`;
  const device = `dev ${scene.stackDevice[station.on]!}`;
  const table = chance.maybe(0.15) ? " table 100" : "";
  switch (chance.weighted({ gateway: 5, link: 2, refusal: 4, metric: 1 })) {
    case "gateway":
      return `ip route add ${prefix} ${via} ${device}${table}`;
    case "link":
      return `ip route add ${prefix} ${device}${table}`;
    case "refusal":
      return `ip route add ${chance.pick(["blackhole", "unreachable", "prohibit", "throw"])} ${prefix}${table}`;
    case "metric":
      return `ip route add ${prefix} ${via} ${device} metric ${chance.from(1, 9)}${table}`;
  }
}

export function policyLine(chance: Chance, scene: Scene): string {
  const address = formatIpv4(chance.pick(scene.stations).ip);
  const selector = chance.pick([
    `from ${address}`,
    `to ${address}`,
    "fwmark 1",
    `iif ${chance.pick(stackDevices(scene))}`,
    "to 203.0.113.0/24",
  ]);
  return `ip rule add ${selector} ${chance.pick(["lookup 100", "lookup 100", "lookup main", "prohibit", "unreachable", "blackhole"])}`;
}

export function neighbourLine(chance: Chance, scene: Scene): string {
  const station = chance.pick(scene.stations);
  const device = scene.stackDevice[station.on]!;
  const address = formatIpv4(station.ip);
  return chance.pick([
    `ip neigh replace ${address} lladdr ${formatMac(chance.pick(scene.stations).mac)} dev ${device}`,
    `ip neigh add proxy ${address} dev ${chance.pick(stackDevices(scene))}`,
    `ip neigh del ${address} dev ${device}`,
  ]);
}

/** Something in between. */
export function eventLine(chance: Chance, scene: Scene): string {
  const name = chance.pick(INTERFACES);
  switch (
    chance.weighted({ sysctl: 5, route: 3, neighbour: 2, down: 2, up: 3, mtu: 1, flush: 1, address: 1, policy: 1 })
  ) {
    case "sysctl":
      return sysctlLine(chance, scene);
    case "route":
      return routeLine(chance, scene);
    case "neighbour":
      return neighbourLine(chance, scene);
    case "down":
      return `ip link set ${name} down`;
    case "up":
      return `ip link set ${name} up`;
    case "mtu":
      return `ip link set ${name} mtu ${chance.pick([576, 1000, 1400, 1500])}`;
    case "flush":
      return chance.pick([
        "iptables -F",
        "iptables -t nat -F",
        "ip route flush cache",
        `ip neigh flush dev ${chance.pick(stackDevices(scene))}`,
      ]);
    case "address": {
      const [device, list] = chance.pick([...Object.entries(scene.addresses), ["eth0", ["172.16.0.1/16"]] as const]);
      return `ip addr ${chance.pick(["add", "del"])} ${list[0]!} dev ${device}`;
    }
    case "policy":
      return policyLine(chance, scene);
  }
}
