/**
 * What starting and stopping a network does to the host, as command lines of the real tools in libvirt's order:
 * networkStartNetworkVirtual and networkShutdownNetworkVirtual of src/network/bridge_driver.c, libvirt 9.0. libvirt speaks
 * to the kernel itself where a line here says ip, brctl or sysctl; iptables and dnsmasq it runs as they stand.
 */
import { broadcastOf, formatIpv4, formatMac } from "../../packet/address.ts";
import type { HeadingId } from "../setup/textbook.ts";
import { confLines, confPath, hostLines, hostsPath, nameLines, namesPath, wantsDnsmasq } from "./dnsmasq-files.ts";
import { checksumRules, deletion, insertion, PRIVATE_CHAINS, type Rule, removalOf, rulesOf } from "./firewall.ts";
import { hasDhcp, type Network } from "./network.ts";

export interface NetworkStep {
  readonly run: string;
  readonly why: string;
  /** What the textbook on NAT mode calls it. */
  readonly heading?: HeadingId;
  /**
   * "ignored": the next step follows all the same. Otherwise the network does not start, for the reason that libvirt gives:
   * that of the rule, or this one.
   */
  readonly failure: "ignored" | "rule" | { readonly error: string };
  /** It only looks; what it prints is kept for the steps below. */
  readonly reads?: boolean;
  /** Not taken when a step that reads has printed this line for this table. */
  readonly unless?: string;
  /** Needs this program; a host without it goes on without. */
  readonly needs?: string;
}

const TABLES = ["filter", "nat", "mangle"] as const;

/** What libvirt does once, before the first rule that it ever writes. */
function chainSteps(): NetworkStep[] {
  return [
    ...TABLES.map(
      (table): NetworkStep => ({
        run: `iptables -w --table ${table} --list-rules`,
        why: `Which of libvirt's own chains the table ${table} has already.`,
        failure: "rule",
        reads: true,
      }),
    ),
    ...PRIVATE_CHAINS.flatMap(({ table, parent, chain, why }): NetworkStep[] => [
      {
        run: `iptables -w --table ${table} --new-chain ${chain}`,
        why: `A chain of libvirt's own for ${why}`,
        failure: "rule",
        unless: `${table} -N ${chain}`,
      },
      {
        run: `iptables -w --table ${table} --insert ${parent} --jump ${chain}`,
        why: `Asked before all that ${parent} has so far: an admin's rules come second.`,
        failure: "rule",
        unless: `${table} -A ${parent} -j ${chain}`,
      },
    ]),
  ];
}

/** `firstRules`: libvirt has written no rule since it was started. */
export function startSteps(network: Network, firstRules: boolean): NetworkStep[] {
  const isOpen = network.forward.mode === "open";
  return [
    ...bridgeSteps(network).map(virtualLan),
    ...(firstRules && !isOpen ? chainSteps() : []),
    ...rulesOf(network).map(
      (rule): NetworkStep => ({ run: insertion(rule), why: rule.why, failure: "rule", ...masquerading(rule) }),
    ),
    ...checksumRules(network).map((rule): NetworkStep => ({ run: insertion(rule), why: rule.why, failure: "ignored" })),
    ...addressSteps(network),
    ...dnsmasqSteps(network),
  ];
}

const virtualLan = (step: NetworkStep): NetworkStep => ({ ...step, heading: "virtual-lan" });

const masquerading = ({ words }: Rule): { heading?: HeadingId } =>
  words.includes("--jump MASQUERADE") || words.includes("--jump SNAT") ? { heading: "masquerade" } : {};

function bridgeSteps({ bridge, mac, mtu }: Network): NetworkStep[] {
  const { name, stp, delay } = bridge;
  const sysctl = (key: string, value: number, why: string): NetworkStep => ({
    run: `sysctl -q -w net.ipv6.conf.${name}.${key}=${value}`,
    why,
    failure: { error: `cannot write to /proc/sys/net/ipv6/conf/${name}/${key} on bridge '${name}'` },
  });
  return [
    {
      run: `ip link add name ${name} address ${formatMac(mac)} type bridge`,
      why: "A switch without a wire to the outside. Its MAC address is set by hand and stays, whichever ports come and go.",
      failure: { error: `error creating bridge interface ${name}: File exists` },
    },
    ...(mtu === null
      ? []
      : [
          {
            run: `ip link set dev ${name} mtu ${mtu}`,
            why: "As <mtu> says; vifs take it over.",
            failure: { error: `Cannot set interface MTU on '${name}': Invalid argument` },
          } as const,
        ]),
    {
      run: `brctl setfd ${name} ${delay}`,
      why: "The forward delay of delay=; what is less than 2 s does not outlive the next line.",
      failure: { error: `Unable to set bridge ${name} forward_delay: Numerical result out of range` },
    },
    {
      run: `brctl stp ${name} ${stp ? "on" : "off"}`,
      why: stp
        ? "With the spanning tree the kernel makes at least 2 s of the forward delay: a port listens 2 s and learns 2 s."
        : "Without the spanning tree a port forwards at once.",
      failure: { error: `Unable to set bridge ${name} stp_state: Invalid argument` },
    },
    sysctl("disable_ipv6", 1, "A network without an IPv6 address speaks none."),
    sysctl("accept_ra", 0, "The host is the router here: it listens to no other."),
    sysctl("autoconf", 0, "And gives itself no address by one."),
  ];
}

function addressSteps({ bridge, ips, routes, forward }: Network): NetworkStep[] {
  const { name } = bridge;
  return [
    ...ips.map(({ address, prefix }): NetworkStep => {
      const brd = formatIpv4(broadcastOf(address, prefix));
      return {
        run: `ip addr add ${formatIpv4(address)}/${prefix} broadcast ${brd} dev ${name}`,
        why: "The host's address on the network: gateway and DNS server of the guests.",
        heading: "virtual-lan",
        failure: { error: `Failed to add IP address ${formatIpv4(address)}/${prefix} to ${name}` },
      };
    }),
    {
      run: `ip link set dev ${name} up`,
      why: "Up, but without carrier until a first port forwards.",
      heading: "virtual-lan",
      failure: { error: `Cannot set interface flags on '${name}'` },
    },
    ...routes.map(
      ({ address, prefix, gateway, metric }): NetworkStep => ({
        run: `ip route add ${formatIpv4(address)}/${prefix} via ${formatIpv4(gateway)} dev ${name} metric ${metric ?? 1}`,
        why: "A net behind one of the guests.",
        failure: { error: `Failed to add route for ${formatIpv4(address)}/${prefix}` },
      }),
    ),
    ...(forward.mode === "none" || ips.length === 0
      ? []
      : [
          {
            run: "sysctl -q -w net.ipv4.ip_forward=1",
            why: "The host routes from now on, between all its devices; net-destroy does not take it back.",
            heading: "forwarding",
            failure: { error: "failed to enable IP forwarding" },
          } as const,
        ]),
  ];
}

/** One file of lines, which may be none. */
function file(path: string, lines: readonly string[], why: string): NetworkStep {
  const words = lines.map((line) => ` '${line}'`).join("");
  const run = lines.length === 0 ? `: > ${path}` : `printf '%s\\n'${words} > ${path}`;
  return { run, why, failure: { error: `couldn't write dnsmasq config file '${path}'` }, needs: "dnsmasq" };
}

function dnsmasqSteps(network: Network): NetworkStep[] {
  if (!wantsDnsmasq(network)) return [];
  return [
    file(confPath(network), confLines(network), "What dnsmasq shall serve, and where."),
    ...(hasDhcp(network)
      ? [file(hostsPath(network), hostLines(network), "Guests with an address of their own: <host> of <dhcp>.")]
      : []),
    file(
      namesPath(network),
      nameLines(network),
      "Names that the network's DNS knows beside its guests': <host> of <dns>.",
    ),
    {
      run: `VIR_BRIDGE_NAME=${network.bridge.name} /usr/sbin/dnsmasq --conf-file=${confPath(network)} --leasefile-ro --dhcp-script=/usr/lib/libvirt/libvirt_leaseshelper`,
      why: "DHCP and DNS for the guests, on this bridge alone.",
      failure: { error: "dnsmasq could not be started" },
      needs: "dnsmasq",
    },
  ];
}

/** `pid` of the network's dnsmasq, or null. Nothing stops the stopping. */
export function stopSteps(network: Network, pid: number | null): NetworkStep[] {
  const { name } = network.bridge;
  const isOpen = network.forward.mode === "open";
  const ignored = "ignored" as const;
  return [
    ...(pid === null
      ? []
      : [{ run: `kill ${pid}`, why: "The network's dnsmasq; leases are not forgotten.", failure: ignored }]),
    { run: `ip link set dev ${name} down`, why: "No more frames.", failure: ignored },
    ...(isOpen ? [] : checksumRules(network)).map((rule) => ({ run: deletion(rule), why: GONE, failure: ignored })),
    ...removalOf(network).map((rule) => ({ run: deletion(rule), why: GONE, failure: ignored })),
    {
      run: `ip link del dev ${name}`,
      why: "Ports that are left belong to no bridge now. libvirt's chains, the jumps to them and ip_forward stay.",
      failure: ignored,
    },
  ];
}

const GONE = "The rule that net-start inserted.";
