/**
 * The rules of a network as libvirt's command lines, in its order: src/network/bridge_driver_linux.c and
 * src/util/viriptables.c of libvirt 9.0, the iptables backend. Everything is inserted in front, so that the lists read
 * backwards, and a network started later comes before the earlier ones.
 *
 * Not modelled: ip6tables (the same chains, empty), TFTP, firewalld.
 */
import { formatIpv4, networkOf } from "../../packet/address.ts";
import { hasDhcp, type Network, type NetworkIp } from "./network.ts";

export interface Rule {
  readonly table: "filter" | "nat" | "mangle";
  readonly chain: string;
  /** Behind the chain's name. */
  readonly words: string;
  readonly why: string;
}

export interface PrivateChain {
  readonly table: Rule["table"];
  readonly parent: string;
  readonly chain: string;
  readonly why: string;
}

/** In the order in which they are made. */
export const PRIVATE_CHAINS: readonly PrivateChain[] = [
  { table: "filter", parent: "INPUT", chain: "LIBVIRT_INP", why: "guests to the host: DHCP and DNS." },
  { table: "filter", parent: "OUTPUT", chain: "LIBVIRT_OUT", why: "the host to guests: DHCP and DNS." },
  { table: "filter", parent: "FORWARD", chain: "LIBVIRT_FWO", why: "guests to the outside." },
  { table: "filter", parent: "FORWARD", chain: "LIBVIRT_FWI", why: "the outside to guests." },
  { table: "filter", parent: "FORWARD", chain: "LIBVIRT_FWX", why: "guests among each other." },
  { table: "nat", parent: "POSTROUTING", chain: "LIBVIRT_PRT", why: "what guests look like outside." },
  { table: "mangle", parent: "POSTROUTING", chain: "LIBVIRT_PRT", why: "repairs for old DHCP clients." },
];

/** Rules without which the network does not start. */
export function rulesOf(network: Network): Rule[] {
  if (network.forward.mode === "open") return [];
  return [...dhcpRules(network), ...dnsRules(network), ...walls(network), ...network.ips.flatMap(forIp(network))];
}

/** Backwards, but for DNS: there libvirt takes the way in first again. */
export function removalOf(network: Network): Rule[] {
  if (network.forward.mode === "open") return [];
  const [inTcp, inUdp, outTcp, outUdp] = dnsRules(network) as [Rule, Rule, Rule, Rule];
  return [
    ...[...walls(network), ...network.ips.flatMap(forIp(network))].toReversed(),
    ...[inUdp, inTcp, outUdp, outTcp],
    ...dhcpRules(network).toReversed(),
  ];
}

/** Kernels without CHECKSUM are put up with: a failure is overlooked. */
export function checksumRules(network: Network): Rule[] {
  if (network.forward.mode === "open" || !hasDhcp(network)) return [];
  return [
    {
      table: "mangle",
      chain: "LIBVIRT_PRT",
      words: `--out-interface ${network.bridge.name} --protocol udp --destination-port 68 --jump CHECKSUM --checksum-fill`,
      why: "Some DHCP clients throw away answers whose checksum the virtual NIC was to fill in.",
    },
  ];
}

export const insertion = ({ table, chain, words }: Rule): string =>
  `iptables -w --table ${table} --insert ${chain} ${words}`;
export const deletion = ({ table, chain, words }: Rule): string =>
  `iptables -w --table ${table} --delete ${chain} ${words}`;

const serviceRule = (way: "in" | "out", { bridge }: Network, protocol: string, port: number, why: string): Rule => ({
  table: "filter",
  chain: way === "in" ? "LIBVIRT_INP" : "LIBVIRT_OUT",
  words: `--${way}-interface ${bridge.name} --protocol ${protocol} --destination-port ${port} --jump ACCEPT`,
  why,
});

const dhcpRules = (network: Network): Rule[] => [
  serviceRule("in", network, "tcp", 67, "DHCP over TCP does not exist; libvirt opens it all the same."),
  serviceRule("in", network, "udp", 67, "Guests may ask dnsmasq for an address."),
  serviceRule("out", network, "tcp", 68, "The way back of what does not exist."),
  serviceRule("out", network, "udp", 68, "dnsmasq's answers to DHCP clients."),
];

const dnsRules = (network: Network): Rule[] => [
  serviceRule("in", network, "tcp", 53, "Long DNS answers come over TCP."),
  serviceRule("in", network, "udp", 53, "Guests may ask dnsmasq for names."),
  serviceRule("out", network, "tcp", 53, "DNS from the host to a guest."),
  serviceRule("out", network, "udp", 53, "DNS from the host to a guest."),
];

function walls({ bridge: { name: bridge } }: Network): Rule[] {
  return [
    {
      table: "filter",
      chain: "LIBVIRT_FWO",
      words: `--in-interface ${bridge} --jump REJECT`,
      why: "The last word about packets from guests: what no later rule lets through is refused.",
    },
    {
      table: "filter",
      chain: "LIBVIRT_FWI",
      words: `--out-interface ${bridge} --jump REJECT`,
      why: "The last word about packets to guests.",
    },
    {
      table: "filter",
      chain: "LIBVIRT_FWX",
      words: `--in-interface ${bridge} --out-interface ${bridge} --jump ACCEPT`,
      why: "Guests of one network talk to each other, when br_netfilter shows such frames to iptables at all.",
    },
  ];
}

const forIp =
  (network: Network) =>
  (ip: NetworkIp): Rule[] => {
    const { mode } = network.forward;
    const net = `${formatIpv4(networkOf(ip.address, ip.prefix))}/${ip.prefix}`;
    if (mode === "nat") return natRules(network, net);
    return mode === "route" ? routeRules(network, net) : [];
  };

/** "--out-interface eth0 " where there is only one way out. */
const outBy = (device: string | null): string => (device === null ? "" : ` --out-interface ${device}`);
const inBy = (device: string | null): string => (device === null ? "" : ` --in-interface ${device}`);

const allowOut = ({ bridge, forward }: Network, net: string): Rule => ({
  table: "filter",
  chain: "LIBVIRT_FWO",
  words: `--source ${net} --in-interface ${bridge.name}${outBy(forward.device)} --jump ACCEPT`,
  why: "Guests may send out, under an address of their own network and no other.",
});

function natRules(network: Network, net: string): Rule[] {
  const { bridge, forward } = network;
  const prt = (words: string, why: string): Rule => ({ table: "nat", chain: "LIBVIRT_PRT", words, why });
  const keep = (to: string, why: string): Rule =>
    prt(`${outBy(forward.device).trimStart()} --source ${net} --destination ${to} --jump RETURN`.trimStart(), why);
  return [
    allowOut(network, net),
    {
      table: "filter",
      chain: "LIBVIRT_FWI",
      words: `--destination ${net}${inBy(forward.device)} --out-interface ${bridge.name} --match conntrack --ctstate ESTABLISHED,RELATED --jump ACCEPT`,
      why: "Answers come back to guests, nothing else.",
    },
    prt(masquerade(network, net, ""), "Whatever guests send outside leaves under the host's address."),
    prt(masquerade(network, net, "udp"), "UDP likewise, with a source port that needs no privilege."),
    prt(masquerade(network, net, "tcp"), "TCP likewise."),
    keep("255.255.255.255/32", "Broadcasts keep their source address."),
    keep("224.0.0.0/24", "So do local multicasts."),
  ];
}

function masquerade({ forward }: Network, net: string, protocol: "" | "udp" | "tcp"): string {
  const { addresses, ports } = forward;
  const { start, end } = ports ?? { start: 1024, end: 65_535 };
  const range = protocol !== "" && start < end ? `${start}-${end}` : "";
  const match = `--source ${net}${protocol === "" ? "" : ` -p ${protocol}`} ! --destination ${net}${outBy(forward.device)}`;
  if (addresses === null) return `${match} --jump MASQUERADE${range === "" ? "" : ` --to-ports ${range}`}`;
  const span = addresses.start === addresses.end ? "" : `-${formatIpv4(addresses.end)}`;
  return `${match} --jump SNAT --to-source ${formatIpv4(addresses.start)}${span}${range === "" ? "" : `:${range}`}`;
}

function routeRules(network: Network, net: string): Rule[] {
  const { bridge, forward } = network;
  return [
    allowOut(network, net),
    {
      table: "filter",
      chain: "LIBVIRT_FWI",
      words: `--destination ${net}${inBy(forward.device)} --out-interface ${bridge.name} --jump ACCEPT`,
      why: "The outside may send to guests: whoever has a route.",
    },
  ];
}
