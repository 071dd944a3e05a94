/** What netfilter says of its own fate codes (base/fate.ts): rules, connections, NAT, ebtables. */
import { Fate, type FateStory } from "../../base/fate.ts";

export const netfilterFates: readonly FateStory[] = [
  {
    code: Fate.NETFILTER_DROP,
    name: "netfilter-drop",
    what: "A rule with -j DROP held for the packet, in the chain that the drop point is named after, or a rule with -m multiport or --icmp-type could not be asked: the packet ends before its ports or its ICMP header.",
    cause: "A firewall rule that is meant for it, or one that is wider than its author thought.",
    command: "iptables -nvL CHAIN --line-numbers   (the rule whose pkts rises)",
    cure: "iptables -I CHAIN with a narrower rule and -j ACCEPT above it, or iptables -D CHAIN NUMBER.",
  },
  {
    code: Fate.NETFILTER_POLICY,
    name: "netfilter-policy",
    what: "No rule of the built-in chain decided about the packet, and the chain's policy is DROP.",
    cause:
      "Bridged frames go through FORWARD too once br_netfilter is loaded (any -m physdev rule does it); physdev rules never hold for routed ones.",
    command: "iptables -nvL CHAIN   (policy DROP n packets); sysctl net.bridge.bridge-nf-call-iptables",
    cure: "Bridged: sysctl -w net.bridge.bridge-nf-call-iptables=0, or iptables -I FORWARD -m physdev --physdev-is-bridged -j ACCEPT. Routed: iptables -I FORWARD -i vif+ -j ACCEPT and -o vif+.",
  },
  {
    code: Fate.NETFILTER_REJECT,
    name: "netfilter-reject",
    what: "A rule with -j REJECT held for the packet; its sender hears an ICMP error.",
    cause: "A firewall that says no aloud; libvirt's chains end so for virbr0.",
    command: "iptables -nvL CHAIN --line-numbers   (the rule whose pkts rises)",
    cure: "iptables -I CHAIN with a narrower rule and -j ACCEPT above it.",
  },
  {
    code: Fate.CONNTRACK_FULL,
    name: "conntrack-full",
    what: "The packet begins a connection, and the table of connections is full.",
    cause:
      "Many short connections, a scan, or nf_conntrack_max too small; entries outlive their connections by timeouts.",
    command:
      "dmesg | grep 'table full'; sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; conntrack -S",
    cure: "sysctl -w net.netfilter.nf_conntrack_max=262144, shorter nf_conntrack_*_timeout_*, or -t raw -j CT --notrack.",
  },
  {
    code: Fate.CONNTRACK_CLASH,
    name: "conntrack-clash",
    what: "Another connection has the same addresses and ports already, and NAT found no other port for this one.",
    cause: "All ports of the range given to SNAT or MASQUERADE --to-ports are in use towards this destination.",
    command: "conntrack -S   (insert_failed); conntrack -L -d DESTINATION",
    cure: "A wider --to-ports or --to-source range, or shorter timeouts.",
  },
  {
    code: Fate.CONNTRACK_DYING,
    name: "conntrack-dying",
    what: "The connection that the packet begins was given up while the packet was still on its way through the host.",
    cause:
      "A reset from the other side, or conntrack entries thrown away, in the instant between the first hook and the last.",
    command: "conntrack -S   (insert_failed, without drop)",
    cure: "Nothing to mend: the next packet begins a connection of its own.",
  },
  {
    code: Fate.NAT_NO_ADDRESS,
    name: "nat-no-address",
    what: "MASQUERADE or REDIRECT needs an address of this host, and the device has none.",
    cause: "The device lost its address, or its DHCP lease has not come yet.",
    command: "dmesg | grep 'ate my IP address'; ip addr show dev DEV",
    cure: "Give the device an address.",
  },
  {
    code: Fate.NAT_DEVICE_CHANGED,
    name: "nat-device-changed",
    what: "The connection was masqueraded for another device than the one it leaves by now; it is forgotten, to begin anew.",
    cause: "The route to its destination changed.",
    command: "ip route get DESTINATION; conntrack -E",
    cure: "Nothing to mend: the next packet is masqueraded with the address of the other device.",
  },
  {
    code: Fate.NAT_REFUSED,
    name: "nat-refused",
    what: "An ICMP error about a rewritten connection could not be rewritten: cut, of a wrong checksum, or a redirect.",
    cause: "A router that quotes too little, or one that wants a rewritten packet to go another way.",
    command: "tcpdump -n -vv -i DEV icmp",
    cure: "Look at who sent the error.",
  },
  {
    code: Fate.EBTABLES_DROP,
    name: "ebtables-drop",
    what: "A rule of ebtables with -j DROP held for the frame on the bridge.",
    cause:
      "A rule against spoofed addresses that does not know the guest's new MAC or IP, or one wider than its author thought.",
    command: "ebtables -L CHAIN --Lc --Ln   (the rule whose pcnt rises)",
    cure: "ebtables -I CHAIN with a narrower rule and -j ACCEPT before it, or ebtables -D CHAIN NUMBER.",
  },
  {
    code: Fate.EBTABLES_POLICY,
    name: "ebtables-policy",
    what: "No rule of ebtables decided about the frame on the bridge, and the chain's policy is DROP.",
    cause: "Rules that accept IPv4 of known guests and forget ARP, without which no IPv4 comes about.",
    command: "ebtables -L CHAIN --Lc   (policy: DROP); tcpdump -n -e -i BRIDGE arp",
    cure: "ebtables -A CHAIN -p ARP -j ACCEPT, or ebtables -P CHAIN ACCEPT.",
  },
];
