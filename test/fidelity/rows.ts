/**
 * How true xenlab is, feature by feature: the rows of README's table. A row with judges stands there only as long as its
 * tests say `judges("key")`; one without is what a file of the source says of itself, in the words quoted.
 */

/** What a row is held against. */
export const AGAINST = {
  linux: "Linux",
  tool: "the real tool",
  xen: "Xen 4.17, recorded",
  scripts: "Xen's scripts, recorded",
  "xen sources": "Xen's and Linux's sources",
  libvirt: "libvirt 9.0, dumped",
} as const;

export interface Row {
  readonly key: string;
  readonly feature: string;
  readonly against: keyof typeof AGAINST;
  readonly verdict: "equal" | "simplified" | "absent";
  /** How it is simplified, what is compared, or what stands in its place. `{texts}`: as many as its tests `counted`. */
  readonly how: string;
  /** Of a row that no test judges: the file whose head says so, and its words. */
  readonly says?: readonly [file: string, words: string];
}

const equal = (key: string, feature: string, against: Row["against"], how: string): Row => ({
  key,
  feature,
  against,
  verdict: "equal",
  how,
});

const simplified = (key: string, feature: string, against: Row["against"], how: string): Row => ({
  ...equal(key, feature, against, how),
  verdict: "simplified",
});

const said = (
  verdict: "simplified" | "absent",
  feature: string,
  against: Row["against"],
  how: string,
  says: readonly [file: string, words: string],
): Row => ({ key: says.join(": "), feature, against, verdict, how, says });

export const ROWS: readonly Row[] = [
  // Frames and devices
  equal(
    "twin",
    "a whole lab, `xenlab twin`",
    "linux",
    "frames of every interface in order, looks at every machine; CI asks every shipped topology but bridge-pressure, {lines} lines of bridge-busy are left out",
  ),
  equal(
    "fuzz",
    "random domain 0s and random frames, `npm run fuzz:twin`",
    "linux",
    "what leaves each interface, frame by frame; what once differed is kept as a test",
  ),
  equal("bridge frames", "bridge: learning, ageing, local entries, flooding, MTU, carrier", "linux", "frame by frame"),
  equal(
    "bridge stp",
    "spanning tree: roots, roles, port states",
    "linux",
    "three bridges and four cables in {situations} situations, `bridge link` and `brctl showstp`",
  ),
  equal("pulled cable", "a pulled cable in every era, with guests and without", "linux", "{texts} texts"),
  said("absent", "bridge: VLAN filtering, IGMP and MLD snooping", "linux", "groups are flooded", [
    "src/device/bridge.ts",
    "VLAN filtering, IGMP and MLD snooping",
  ]),
  said(
    "simplified",
    "queueing discipline",
    "linux",
    "pfifo with the device's txqueuelen; a real host has fq_codel or mq",
    ["src/device/qdisc.ts", "codel's early drops are not modelled"],
  ),
  said("absent", "several hardware queues, GRO, GSO", "linux", "one queue, whole frames", [
    "src/device/device.ts",
    "several hardware queues, XPS, GRO, software GSO",
  ]),
  // The IP stack
  equal("routes", "addresses, routes and their refusals", "linux", "the same random commands, then the same tables"),
  equal(
    "router",
    "router: rp_filter, martians, redirects, proxy_arp, arp_ignore, `ip rule`, errors and their limits, path MTU",
    "linux",
    "wire by wire, byte for byte",
  ),
  equal("snmp", "counters of /proc/net/snmp and netstat", "linux", "the same packets, the same counts"),
  equal("proc net", "/proc/net: arp, route, udp, raw, packet", "linux", "line by line"),
  said("absent", "IPv6, multicast routing, XFRM", "linux", "its sysctls are there and do nothing", [
    "src/stack/namespace.ts",
    "IPv6, XFRM, multicast routing",
  ]),
  said("absent", "TOS and multipath routing", "linux", "refused by a sentence", [
    "src/stack/route-table.ts",
    "TOS routing, multipath, nexthop objects",
  ]),
  said(
    "absent",
    "TCP sockets",
    "linux",
    "segments are answered by RST, tracked and translated; no connection of a machine's own",
    ["src/stack/tcp.ts", "TCP of a namespace without sockets"],
  ),
  // Netfilter
  equal(
    "rules",
    "rules of iptables on frames: matches, targets, counters",
    "linux",
    "the same frames through the same rules",
  ),
  equal(
    "flows",
    "conntrack and NAT: TCP in and out of window, errors about flows, port pressure, fragments",
    "linux",
    "the same packets leave the same",
  ),
  equal("bridge nat", "br_netfilter: NAT and rules of bridged frames", "linux", "frame by frame"),
  equal("checksums", "checksums that are wrong or not yet filled in", "linux", "what conntrack makes of them"),
  equal("log", "lines of nf_conntrack_log_invalid", "linux", "which packets bring one, word for word"),
  equal(
    "ebtables frames",
    "ebtables: the table filter",
    "linux",
    "the same frames through the same rules, and their counters",
  ),
  said("absent", "conntrack: zones, helpers, expectations", "linux", "FTP and the like are not translated", [
    "src/stack/netfilter/conntrack/tracker.ts",
    "zones, helpers, expectations",
  ]),
  said(
    "absent",
    "ip6tables, arptables, the table security",
    "linux",
    "the first two show that there are no rules, and refuse any",
    ["src/stack/netfilter/netfilter.ts", "ip6tables, arptables, the table security"],
  ),
  said("absent", "ebtables: tables nat and broute, VLAN, marks, limits", "linux", "refused by a sentence", [
    "src/stack/netfilter/ebtables/ebtables.ts",
    "the tables nat and broute",
  ]),
  // Commands
  equal("ip", "`ip`", "tool", "output, sentences, exit codes"),
  equal("ip recorded", "`ip` of the recorded host", "xen", "text for text"),
  equal("bridge tools", "`brctl`, `bridge`", "tool", "output, sentences, exit codes"),
  equal(
    "net-tools",
    "`ifconfig`, `route`, `arp`, `netstat`",
    "tool",
    "output, sentences, exit codes of net-tools 2.10; no IPv6, netstat not -c and -g",
  ),
  equal(
    "ss",
    "`ss`",
    "tool",
    "output, filters, sentences, exit codes of 6.1, of UDP, raw and packet sockets; -b -D -E -F -K -N and netlink are refused",
  ),
  equal(
    "iptables",
    "`iptables`, `-save`, `-restore`: raw, mangle, nat, filter",
    "tool",
    "output, sentences, exit codes of 1.8.9, also of lines from a grammar; of CT only --notrack",
  ),
  equal(
    "conntrack tool",
    "`conntrack` -L -D -E -F -C -S",
    "tool",
    "output, filters, events, exit codes of 1.4.7; -G -I -U, xml and zones are refused",
  ),
  equal("ebtables", "`ebtables`", "tool", "output, sentences, exit codes of 1.8.9"),
  equal("ping", "`ping`, `arping`", "tool", "lines, sentences, exit codes of iputils"),
  simplified(
    "traceroute",
    "`traceroute`: UDP and ICMP; `tracepath`",
    "tool",
    "lines, sentences and exit codes of 2.1.2, and of iputils; TCP, IPv6, raw probes, --mtu and --back are refused",
  ),
  simplified(
    "tcpdump",
    "`tcpdump`",
    "tool",
    "lines and counts; its files are read by the real one; writes pcap only, and not of -i any",
  ),
  equal("dig", "`dig`, `nc -u`, `nstat`, `sysctl`", "tool", "the same text, chance and time aside"),
  simplified(
    "ethtool",
    "`ethtool`, `tc`",
    "tool",
    "what a vif, a bridge and a NIC answer; `tc` shows disciplines, and sets none",
  ),
  simplified(
    "shell",
    "the shell and its text tools",
    "tool",
    "output and exit codes of bash and GNU; no functions, set, traps, [[ ]]",
  ),
  // Xen
  equal(
    "xen frames",
    "frames of pings, broadcasts and fragments at every interface",
    "xen",
    "in order, without times, ids and the guests' IPv6",
  ),
  equal("xen formats", "what tools print after two guests have booted", "xen", "text for text"),
  equal("handshake", "xenstore keys, handshake states and their order", "xen", "write by write"),
  equal("toolstack", "`xl`: what it writes, in which order, for whom", "xen", "write by write"),
  equal(
    "textbook",
    "the eight steps of bridge mode in a real dom0",
    "xen",
    "{texts} texts and {captures} captures after each step",
  ),
  equal(
    "network-bridge",
    "`network-bridge` of Xen 3.0, 3.1 and 4.2; `vif-bridge` of 4.17",
    "scripts",
    "commands in their order, and the state they leave; no bonds, no network root",
  ),
  equal(
    "vif-route",
    "`vif-route`, `vif-nat`, `network-route`, `network-nat` of each era",
    "scripts",
    "commands and how they end, in {runs} runs; no locks, no hooks in vif-post.d, dhcpd's configuration only",
  ),
  equal(
    "rings",
    "rings: layout, indices, notification avoidance, stop at 237 slots, lent slots, FIFO, drain, stall, credit",
    "xen sources",
    "numbers of netback and netfront of Linux 6.1",
  ),
  equal(
    "hostile",
    "a hostile guest",
    "xen sources",
    "switched off in exactly netback's fatal cases; its neighbours lose nothing",
  ),
  equal(
    "classic border",
    "netback and netfront of linux-2.6.18-xen",
    "xen sources",
    "stop at 236 slots, no FIFO, 500 ms, one event channel",
  ),
  equal("xend", "`xm`, xend and udev", "xen sources", "formats, sentences, the order of its writes"),
  said("absent", "several queues and GSO of a vif", "xen sources", "one queue; such a frame is refused", [
    "src/xen/netback-transmit.ts",
    "several queues, GSO",
  ]),
  said("absent", "page flipping of Xen 3", "xen sources", "rx_copy=1", [
    "src/xen/frontend-classic.ts",
    "page flipping is not modelled",
  ]),
  said("absent", "driver domains, emulated NICs of HVM guests", "xen sources", "refused by a sentence", [
    "src/machine/libxl/nic.ts",
    "driver domains (`backend=`), emulated NICs",
  ]),
  said("absent", "save, restore, migrate", "xen sources", "refused by a sentence", [
    "src/machine/xend/xend.ts",
    "save, migrate",
  ]),
  // libvirt
  equal(
    "libvirt state",
    "networks: nat, route, isolated, open",
    "libvirt",
    "`iptables-save`, `ip addr`, `ip route`, `brctl show`, sysctls of the host after each start; no IPv6, bandwidth, VLAN",
  ),
  equal("libvirt rules", "the rules it makes", "libvirt", "the command lines that a real libvirtd ran"),
  equal("virsh", "`virsh` net-*", "libvirt", "word for word; the rest of virsh is refused"),
  equal("libvirt dhcp", "DHCP of a guest on its network", "libvirt", "the recorded exchange byte for byte"),
  equal("dnsmasq", "`dnsmasq` 2.90: DHCP and DNS over UDP", "tool", "{frames} frames beside the real one"),
  said("absent", "dnsmasq: TFTP, PXE, DNSSEC, TCP", "tool", "its options are refused", [
    "src/machine/program/dnsmasq/dnsmasq.ts",
    "TFTP, PXE, DNSSEC",
  ]),
];
