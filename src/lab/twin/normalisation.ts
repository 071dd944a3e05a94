/** What the two worlds may differ in without disagreeing: each with its reason. Nothing else is taken out. */

export type Normalisation = keyof typeof NORMALISATIONS;

/** Of frames and of states. */
export const NORMALISATIONS = {
  time: "when a frame passes: only the order counts; the emulator is told when each line of the scenario began on the real side, and goes by its own clock in between",
  padding: "bytes behind the packet: a NIC pads to 60 bytes, a veth does not",
  "ip-id": "IP identification: drawn by chance (net/ipv4/ip_output.c); equal ones stay equal",
  "icmp-id": "ICMP echo identifier: a process's number or a chance; equal ones stay equal",
  "ping-time": "the first 16 bytes of a ping's data: the sender's clock",
  "local-port": "source ports from 32768 up: drawn by chance; equal ones stay equal",
  "partial-checksum": "a UDP or TCP checksum not yet filled in: a veth hands it on so, a NIC fills it in",
  "dhcp-xid": "transaction number, seconds and lease times of DHCP: a chance and a clock",
  "dns-id": "identification of a DNS query: drawn by chance; equal ones stay equal",
  igmp: "IGMP and IPv6: the emulator speaks neither, IPv6 is switched off on the real side",
  bpdu: "repeated hellos of a spanning tree: how many there are is a matter of seconds; what is said is compared",
  "passed-bpdu":
    "a bridge that stands for a switch has no spanning tree, and such a bridge of Linux passes hellos on; the lab's switch keeps them to itself, as IEEE 802.1D wants",
  "arp-probe":
    "ARP by timer: a request to one MAC address 5 s after a doubtful neighbour was used, with its answer, and a request repeated after 1 s without one. The kernel's timer wheel is an eighth late at most; these are compared among themselves, not in their order among other frames",
  "real-ifindex": "ifindex, link, netns id: as devices happen to come",
  "vlan-entries":
    "a kernel with VLAN filtering for bridges (CONFIG_BRIDGE_VLAN_FILTERING) has permanent FDB entries once more, for VLAN 1",
  qdisc:
    "qdisc, queue length, group, speed and with it the cost of a bridge port: a driver's, and veth is another driver",
  operstate:
    "UNKNOWN with a carrier is UP: lo everywhere, and netloop and vifs of Linux 2.6.18, whose drivers never mention a carrier",
  "drawn-mac": "MAC addresses that the kernel draws: those of idle ends of netloop's pairs",
  "neighbour-state": "REACHABLE, STALE, DELAY and PROBE are one: which of them it is is a matter of seconds",
  "port-state":
    "listening, learning and forwarding are one, and an FDB entry may be stale while the topology changes: a matter of seconds; that frames pass in the one and not in the others is seen from the frames",
  "reachable-time":
    "in both worlds a neighbour is reachable for 1000 s at least: the kernel draws 15 to 45 s by chance (neigh_rand_reach_time)",
  "proxy-delay":
    "in both worlds proxy ARP answers at once: the kernel waits by chance, up to 0.8 s (pneigh_enqueue); proxy_delay is 0",
  snooping: "multicast snooping is off on real bridges: it joins 224.0.0.106 by IGMP, and the emulator has no snooping",
  "set-up":
    "while the set-up goes on, how often and in which order something is said (a client repeats DISCOVER until a port forwards): commands take as long as they take; what was said is compared, each once",
  "address-check":
    "dnsmasq's ping whether an address is in use, in the set-up: it waits 3 s for ARP, and dnsmasq 3 s for it; the client may have the address by then and hear it, or not",
  counters:
    "what iptables has counted before the set-up was done, for the same reason; from then on counters are compared",
} as const;

/** What has no twin, and what it is judged by instead. */
export const NO_TWIN: readonly string[] = [
  "rings, grants, event channels, netback and netfront: judged by recordings of a Xen 4.17 host and by Xen's and Linux's sources",
  "netloop's carrier, which is always there: judged by its source (linux-2.6.18-xen, loopback.c)",
  "a vif's and netfront's carrier, which stays when the other end is down: here a hub between the two keeps it; judged by recordings",
  "a paused guest, and floods that fill rings: such lines of a scenario are left out of both worlds, by name",
  "hotplug scripts of the user's own, which a shell runs",
  "the toolstack (xl, xm, xenstore, virsh, ifup): what it ran is run here too, its own words are judged by recordings",
];
