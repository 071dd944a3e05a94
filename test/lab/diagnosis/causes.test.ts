/**
 * Causes that are found from what did not work: each lab is broken in one way, the one cause is named, and what is told to
 * mend it is typed on the broken lab, after which everything works.
 */
import { describe, expect, test } from "vitest";
import { diagnose, type Finding, type Lab, openLab } from "../../../src/lab/index.ts";
import { pass, planOf, type } from "../../kit/lab.ts";

interface Parts {
  /** Lines of the host: "setup: [...]". */
  readonly host?: string;
  readonly web1?: string;
  readonly web2?: string;
  /** Lines of the scenario, "machine: line", a second after another. */
  readonly typed?: readonly string[];
  readonly checks?: readonly string[];
  readonly gateway?: string;
  readonly xml?: string;
}

const scenario = (typed: readonly string[], from: number): string =>
  ["{ at: 1s, on: gw, run: 'true' }", ...typed.map((each, i) => lineOf(each, from + i))]
    .map((each) => `  - ${each}\n`)
    .join("");

function lineOf(text: string, at: number): string {
  const [, machine, line] = /^(\S+): (.*)$/.exec(text)!;
  return machine === "unplug" ? `{ at: ${at}s, unplug: "${line}" }` : `{ at: ${at}s, on: ${machine}, run: "${line}" }`;
}

const checks = (lines: readonly string[]): string =>
  lines
    .map(
      (text) =>
        `  - { name: "${text}", on: ${text.split(" ")[0]}, run: "ping -c 2 -W 1 ${text.split(" ")[1]}", expect: ok }\n`,
    )
    .join("");

const bridge = ({ host = "", web1, web2, typed = [], checks: more = [], gateway = "" }: Parts): string => `
name: broken
networks: { lan: { kind: switch }, wan: { kind: switch } }
hosts:
  xen1:
    xen: "4.17"
    distro: debian
    nics: { eth0: { network: lan } }
    bridges: { xenbr0: { ports: [eth0], ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    ${host}
    domains:
      web1:
        vif: ["mac=00:16:3e:00:00:01,bridge=xenbr0"]
        inside: { eth0: ${web1 ?? "{ ip: 192.168.1.11/24, gateway: 192.168.1.1 }"} }
      web2:
        vif: ["mac=00:16:3e:00:00:02,bridge=xenbr0"]
        inside: { eth0: ${web2 ?? "{ ip: 192.168.1.12/24, gateway: 192.168.1.1 }"} }
machines:
  gw:
    nics: { eth0: { network: lan, ip: 192.168.1.1/24 }, eth1: { network: wan, ip: 203.0.113.1/24 } }
    forward: true
    ${gateway}
  far: { nics: { eth0: { network: wan, ip: 203.0.113.9/24, gateway: 203.0.113.1 } } }
scenario:
${scenario(typed, 8)}checks:
${checks(["web1 192.168.1.1", "web1 192.168.1.12", "web1 203.0.113.9", "gw 192.168.1.11", ...more])}`;

const route = ({ host = "", typed = [] }: Parts): string => `
name: broken
networks: { lan: { kind: switch } }
hosts:
  xen1:
    xen: "4.17"
    distro: debian
    nics: { eth0: { network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    vif-script: vif-route
    sysctl: { net.ipv4.ip_forward: 1, net.ipv4.conf.eth0.proxy_arp: 1 }
    ${host}
    domains:
      web1:
        vif: ["mac=00:16:3e:00:00:01,ip=192.168.1.50"]
        inside: { eth0: { ip: 192.168.1.50/24, gateway: 192.168.1.1 } }
      web2:
        vif: ["mac=00:16:3e:00:00:02,ip=192.168.1.51"]
        inside: { eth0: { ip: 192.168.1.51/24, gateway: 192.168.1.1 } }
machines:
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }
scenario:
${scenario(typed, 8)}checks:
${checks(["web1 192.168.1.1", "web1 192.168.1.51", "gw 192.168.1.50"])}`;

/** As it is set up by network-bridge: eth0 and vif0.0 are the two ends of a pair. */
const classic = ({ typed = [], checks: more = [] }: Parts): string =>
  bridge({ typed, checks: more })
    .replace(
      'xen: "4.17"\n    distro: debian',
      'xen: "3.1"\n    network-script: network-bridge\n    vif-script: vif-bridge',
    )
    .replace("{ network: lan }", "{ network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 }")
    .replace(/ {4}bridges: .*\n/, "");

const natXen = ({ host = "", typed = [] }: Parts): string => `
name: broken
networks: { lan: { kind: switch } }
hosts:
  xen1:
    xen: "3.1"
    nics: { eth0: { network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    network-script: network-nat
    vif-script: vif-nat
    ${host}
    domains:
      web1: { vif: ["mac=00:16:3e:00:00:01"], inside: { eth0: { ip: 10.0.1.1/16, gateway: 10.0.1.128 } } }
      web2: { vif: ["mac=00:16:3e:00:00:02"], inside: { eth0: { ip: 10.0.2.1/16, gateway: 10.0.2.128 } } }
machines:
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }
scenario:
${scenario(typed, 10)}checks:
${checks(["web1 192.168.1.1", "web1 10.0.2.1"])}`;

const RANGE = '<range start="192.168.122.2" end="192.168.122.9"/>';
const libvirt = ({ host = "", typed = [], checks: more = [], xml = RANGE }: Parts): string => `
name: broken
networks: { lan: { kind: switch } }
hosts:
  xen1:
    xen: "4.17"
    distro: debian
    nics: { eth0: { network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    libvirt:
      - |
        <network><name>default</name><forward mode="nat"/><bridge name="virbr0" stp="off" delay="0"/>
        <ip address="192.168.122.1" netmask="255.255.255.0"><dhcp>${xml}</dhcp></ip></network>
    ${host}
    domains:
      web1: { vif: ["mac=00:16:3e:00:00:01,bridge=virbr0"], inside: { eth0: { dhcp: true } } }
      web2: { vif: ["mac=00:16:3e:00:00:02,bridge=virbr0"], inside: { eth0: { dhcp: true } } }
machines:
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }
scenario:
${scenario(typed, 15)}checks:
${checks(["web1 192.168.1.1", "web1 web2", ...more])}`;

function ran(text: string): Lab {
  const lab = openLab(planOf(text));
  while (!lab.runSlice(50_000));
  return lab;
}

const failedIn = (lab: Lab): string[] => lab.scenario.results.filter(({ ok }) => !ok).map(({ name }) => name);

const troublesOf = (lab: Lab): Finding[] => diagnose(lab).filter(({ isMeant }) => isMeant !== true);

/** Types the lines of a cure, as a reader would; sentences are left out. */
function mend(lab: Lab, cure: readonly string[]): void {
  for (const text of cure) {
    const [, machine = "xen1", line = text] = /^on (\S+): (.*)$/.exec(text) ?? [];
    const cable = /^Plug the cable of (?:(\S+):)?(\S+) in\.$/.exec(text);
    const network = /^Change the cables of (\S+) for good ones\.$/.exec(text)?.[1];
    for (const link of lab.wiring.links)
      if (link.network === network) link.cable.options = { ...link.cable.options, loss: 0 };
    if (cable !== null) lab.plug(cable[1] ?? "xen1", cable[2]!, true);
    else if (/^(ip|iptables|ebtables|brctl|bridge|sysctl|xl|xm|virsh|echo|dhclient) /.test(line))
      type(lab, machine, line);
  }
}

type Case = readonly [what: string, text: string, finding: string, told: RegExp];

const CASES: readonly Case[] = [
  // libvirt's NAT
  [
    "libvirt: rules flushed under a policy of DROP",
    libvirt({ typed: ["xen1: iptables -F", "xen1: iptables -P FORWARD DROP"] }),
    "routed-forward-drop",
    /^iptables -I FORWARD -i virbr0 -j ACCEPT$/m,
  ],
  [
    "libvirt: a rule before its chains",
    libvirt({ typed: ["xen1: iptables -I FORWARD -j DROP"] }),
    "firewall",
    /^iptables -D FORWARD -j DROP$/m,
  ],
  [
    "libvirt: table nat flushed",
    libvirt({ typed: ["xen1: iptables -t nat -F"] }),
    "masquerade-missing",
    /^iptables -t nat -A POSTROUTING -s 192\.168\.122\.0\/24 ! -d 192\.168\.122\.0\/24 -j MASQUERADE$/m,
  ],
  [
    "libvirt: forwarding switched off later",
    libvirt({ typed: ["xen1: sysctl -w net.ipv4.ip_forward=0"] }),
    "forwarding-off",
    /^sysctl -w net\.ipv4\.ip_forward=1$/m,
  ],
  [
    "libvirt: forwarding switched off by the host's set-up",
    libvirt({ host: 'setup: ["sysctl -w net.ipv4.ip_forward=0"]' }),
    "forwarding-off",
    /^sysctl -w net\.ipv4\.ip_forward=1$/m,
  ],
  [
    "libvirt: something new from outside",
    libvirt({
      typed: ["gw: ip route add 192.168.122.0/24 via 192.168.1.10"],
      checks: ["gw 192.168.122.5"],
      xml: `${RANGE}<host mac="00:16:3e:00:00:01" ip="192.168.122.5"/>`,
    }),
    "firewall",
    /^iptables -I FORWARD -i eth0 -o virbr0 -j ACCEPT$/m,
  ],
  [
    "libvirt: virbr0 down",
    libvirt({ typed: ["xen1: ip link set virbr0 down"] }),
    "device-down",
    /^ip link set virbr0 up$/m,
  ],
  // Xen's NAT, and routes
  [
    "nat: forwarding off",
    natXen({ typed: ["xen1: sysctl -w net.ipv4.ip_forward=0"] }),
    "forwarding-off",
    /^sysctl -w net\.ipv4\.ip_forward=1$/m,
  ],
  [
    "nat: table nat flushed",
    natXen({ typed: ["xen1: iptables -t nat -F"] }),
    "masquerade-missing",
    /^iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE$/m,
  ],
  [
    "nat: a policy of DROP",
    natXen({ typed: ["xen1: iptables -P FORWARD DROP"] }),
    "routed-forward-drop",
    /^iptables -I FORWARD -o vif\+ -j ACCEPT$/m,
  ],
  [
    "route: forwarding off",
    route({ typed: ["xen1: sysctl -w net.ipv4.ip_forward=0"] }),
    "proxy-arp-missing",
    /^sysctl -w net\.ipv4\.ip_forward=1$/m,
  ],
  [
    "route: a rule about one guest",
    route({ typed: ["xen1: iptables -I FORWARD -s 192.168.1.50 -j DROP"] }),
    "firewall",
    /^iptables -D FORWARD -s 192\.168\.1\.50\/32 -j DROP$/m,
  ],
  ["route: the NIC down", route({ typed: ["xen1: ip link set eth0 down"] }), "device-down", /^ip link set eth0 up$/m],
  [
    "route: a vif down, its route gone with it",
    route({ typed: ["xen1: ip link set vif1.0 down"] }),
    "device-down",
    /^ip route replace 192\.168\.1\.50 dev vif1\.0$/m,
  ],
  [
    "route: the route to a guest deleted",
    route({ typed: ["xen1: ip route del 192.168.1.50 dev vif1.0"] }),
    "route-ip-missing",
    /^ip route add 192\.168\.1\.50 dev vif1\.0 src 192\.168\.1\.10 metric 2$/m,
  ],
  // devices
  [
    "a vif taken out of its bridge",
    bridge({ typed: ["xen1: brctl delif xenbr0 vif1.0"] }),
    "out-of-bridge",
    /^brctl addif xenbr0 vif1\.0$/m,
  ],
  [
    "a vif in another bridge",
    bridge({
      typed: ["xen1: brctl addbr br9", "xen1: ip link set br9 up", "xen1: ip link set vif1.0 master br9"],
    }),
    "out-of-bridge",
    /^brctl delif br9 vif1\.0$/m,
  ],
  [
    "the NIC taken out of the bridge",
    bridge({ typed: ["xen1: ip link set eth0 nomaster"] }),
    "out-of-bridge",
    /^brctl addif xenbr0 eth0$/m,
  ],
  ["the bridge down", bridge({ typed: ["xen1: ip link set xenbr0 down"] }), "device-down", /^ip link set xenbr0 up$/m],
  [
    "the bridge deleted",
    bridge({ typed: ["xen1: ip link set xenbr0 down", "xen1: brctl delbr xenbr0"] }),
    "missing-bridge",
    /^brctl addif xenbr0 vif2\.0$/m,
  ],
  ["the NIC down", bridge({ typed: ["xen1: ip link set eth0 down"] }), "device-down", /^ip link set eth0 up$/m],
  ["a vif down", bridge({ typed: ["xen1: ip link set vif1.0 down"] }), "device-down", /^ip link set vif1\.0 up$/m],
  [
    "a guest's own device down",
    bridge({ typed: ["web1: ip link set eth0 down"] }),
    "device-down",
    /^on web1: ip link set eth0 up\non web1: ip route replace default via 192\.168\.1\.1$/m,
  ],
  [
    "a vif detached",
    bridge({ typed: ["xen1: xl network-detach web1 0"] }),
    "absent-guest",
    /^xl network-attach web1 mac=00:16:3e:00:00:01 bridge=xenbr0\non web1: ip addr add 192\.168\.1\.11\/24/m,
  ],
  [
    "a guest destroyed",
    bridge({ typed: ["xen1: xl destroy web2"] }),
    "absent-guest",
    /^xl create \/etc\/xen\/web2\.cfg$/m,
  ],
  ["a guest paused", bridge({ typed: ["xen1: xl pause web2"] }), "absent-guest", /^xl unpause web2$/m],
  ["a cable outside", bridge({ typed: ["unplug: gw:eth0"] }), "dead-cable", /^Plug the cable of gw:eth0 in\.$/m],
  // rules and settings
  [
    "ebtables: policy",
    bridge({ typed: ["xen1: ebtables -P FORWARD DROP"] }),
    "bridge-firewall",
    /^ebtables -P FORWARD ACCEPT$/m,
  ],
  [
    "ebtables: a rule",
    bridge({ typed: ["xen1: ebtables -A FORWARD -p ARP -j DROP"] }),
    "bridge-firewall",
    /^ebtables -D FORWARD -p ARP -j DROP$/m,
  ],
  [
    "a guest's firewall: a rule",
    bridge({ typed: ["web2: iptables -A INPUT -j DROP"] }),
    "firewall",
    /^on web2: iptables -D INPUT -j DROP$/m,
  ],
  [
    "a guest's firewall: policy",
    bridge({ typed: ["web2: iptables -P INPUT DROP"] }),
    "firewall",
    /^on web2: iptables -I INPUT -p icmp -j ACCEPT$/m,
  ],
  [
    "the router's firewall",
    bridge({ typed: ["gw: iptables -P FORWARD DROP"] }),
    "firewall",
    /^on gw: iptables -I FORWARD -i eth0 -o eth1 -j ACCEPT$/m,
  ],
  [
    "a guest that ignores pings",
    bridge({ typed: ["web2: sysctl -w net.ipv4.icmp_echo_ignore_all=1"] }),
    "echo-ignored",
    /^on web2: sysctl -w net\.ipv4\.icmp_echo_ignore_all=0$/m,
  ],
  [
    "a guest that answers no ARP",
    bridge({ typed: ["web2: sysctl -w net.ipv4.conf.all.arp_ignore=8"] }),
    "arp-suppressed",
    /^on web2: sysctl -w net\.ipv4\.conf\.all\.arp_ignore=0$/m,
  ],
  [
    "a guest without ARP",
    bridge({ typed: ["web2: ip link set eth0 arp off"] }),
    "arp-off",
    /^on web2: ip link set eth0 arp on$/m,
  ],
  // Xen 3.1
  [
    "3.1: peth0 taken out of the bridge",
    classic({ typed: ["xen1: brctl delif xenbr0 peth0"] }),
    "out-of-bridge",
    /^brctl addif xenbr0 peth0$/m,
  ],
  [
    "3.1: vif0.0 taken out of the bridge",
    classic({ typed: ["xen1: brctl delif xenbr0 vif0.0"], checks: ["xen1 192.168.1.1"] }),
    "out-of-bridge",
    /^brctl addif xenbr0 vif0\.0$/m,
  ],
  [
    "3.1: a vif detached",
    classic({ typed: ["xen1: xm network-detach web1 0"] }),
    "absent-guest",
    /^xm network-attach web1 mac=00:16:3e:00:00:01 bridge=xenbr0$/m,
  ],
  // what a bridge, a routing policy and conntrack were told
  [
    "isolated ports, the way out among them",
    bridge({ typed: ["xen1: bridge link set dev vif1.0 isolated on", "xen1: bridge link set dev eth0 isolated on"] }),
    "bridge-port",
    /^bridge link set dev eth0 isolated off$/m,
  ],
  [
    "a port that neither learns nor takes floods",
    bridge({
      typed: [
        "xen1: bridge link set dev vif1.0 learning off flood off",
        "xen1: bridge fdb del 00:16:3e:00:00:01 dev vif1.0 master",
      ],
    }),
    "bridge-port",
    /^bridge link set dev vif1\.0 learning on flood on$/m,
  ],
  [
    "a port without broadcasts",
    bridge({ typed: ["xen1: bridge link set dev vif2.0 bcast_flood off"] }),
    "bridge-port",
    /^bridge link set dev vif2\.0 bcast_flood on$/m,
  ],
  [
    "a port whose state somebody has set",
    bridge({ typed: ["xen1: bridge link set dev vif1.0 state 0"] }),
    "bridge-port",
    /^bridge link set dev vif1\.0 state 3$/m,
  ],
  [
    "a rule of the routing policy that refuses",
    bridge({ typed: ["web1: ip rule add to 192.168.1.1 prohibit"] }),
    "policy-rule",
    /^on web1: ip rule del pref 32765$/m,
  ],
  [
    "a rule of the routing policy to a table that leads elsewhere",
    bridge({
      typed: ["gw: ip rule add to 203.0.113.0/24 lookup 7", "gw: ip route add 203.0.113.0/24 dev eth0 table 7"],
    }),
    "policy-rule",
    /^on gw: ip rule del pref 32765$/m,
  ],
  [
    "a route with a source that nobody knows a way to",
    bridge({
      typed: ["web1: ip addr add 10.9.9.9/24 dev eth0", "web1: ip route replace 192.168.1.0/24 dev eth0 src 10.9.9.9"],
    }),
    "wrong-source",
    /^on web1: ip route replace 192\.168\.1\.0\/24 dev eth0 scope link src 192\.168\.1\.11$/m,
  ],
  [
    "a route out of the wrong device",
    bridge({ typed: ["gw: ip route add 192.168.1.11 dev eth1"] }),
    "astray-route",
    /^on gw: ip route del 192\.168\.1\.11 dev eth1 scope link$/m,
  ],
  [
    "libvirt: a route for a guest out of the NIC, and rp_filter",
    libvirt({
      typed: ["xen1: sysctl -w net.ipv4.conf.all.rp_filter=1", "xen1: ip route add 192.168.122.5 dev eth0"],
      xml: `${RANGE}<host mac="00:16:3e:00:00:01" ip="192.168.122.5"/>`,
    }),
    "astray-route",
    /^ip route del 192\.168\.122\.5 dev eth0 scope link$/m,
  ],
  [
    "libvirt: SNAT to an address that nobody has",
    libvirt({
      typed: ["xen1: iptables -t nat -I POSTROUTING -s 192.168.122.0/24 -o eth0 -j SNAT --to-source 192.168.1.77"],
    }),
    "wrong-source",
    /^iptables -t nat -D POSTROUTING .* --to-source 192\.168\.1\.77$/m,
  ],
  [
    "nat: SNAT in place of masquerading, to an address that nobody has",
    natXen({
      typed: [
        "xen1: iptables -t nat -F",
        "xen1: iptables -t nat -A POSTROUTING -o eth0 -j SNAT --to-source 192.168.1.77",
      ],
    }),
    "wrong-source",
    /^iptables -t nat -I POSTROUTING -o eth0 -j MASQUERADE$/m,
  ],
  [
    "libvirt: what guests send is not tracked",
    libvirt({ typed: ["xen1: iptables -t raw -A PREROUTING -s 192.168.122.0/24 -j CT --notrack"] }),
    "not-tracked",
    /^iptables -t raw -D PREROUTING -s 192\.168\.122\.0\/24 -j CT --notrack$/m,
  ],
  [
    "libvirt: the table of connections is full",
    libvirt({ typed: ["xen1: sysctl -w net.netfilter.nf_conntrack_max=1"] }),
    "conntrack-full",
    /^sysctl -w net\.netfilter\.nf_conntrack_max=65536$/m,
  ],
  [
    "libvirt: an MTU too small for IPv4",
    libvirt({ typed: ["xen1: ip link set eth0 mtu 60"] }),
    "small-mtu",
    /^ip link set eth0 mtu 1500\nip addr add 192\.168\.1\.10\/24 brd \+ dev eth0$/m,
  ],
  // what the topology itself has wrong
  [
    "a bridge that no NIC is a port of",
    bridge({}).replace("ports: [eth0]", "ports: []"),
    "no-uplink",
    /^brctl addif xenbr0 eth0$/m,
  ],
  [
    "an address of another network",
    bridge({ web1: "{ ip: 192.168.7.11/24, gateway: 192.168.1.1 }" }),
    "wrong-network",
    /^on web1: ip addr add 192\.168\.1\.11\/24 brd \+ dev eth0$/m,
  ],
  [
    "route: a guest with a /32 and no route to its gateway",
    route({}).replace("192.168.1.50/24, gateway: 192.168.1.1", "192.168.1.50/32, gateway: 192.168.1.10"),
    "wrong-network",
    /^on web1: ip route replace 192\.168\.1\.10 dev eth0$/m,
  ],
  [
    "nobody gives an address by DHCP",
    bridge({ web1: "{ dhcp: true }" }).replace(/ {2}- \{ name: "gw 192\.168\.1\.11".*\n?/, ""),
    "no-dhcp-server",
    /^on web1: ip addr add 192\.168\.1\.100\/24 brd \+ dev eth0\non web1: ip route replace default via 192\.168\.1\.1$/m,
  ],
  [
    "a guest that has taken the bridge's MAC",
    bridge({
      typed: [
        "web1: ip link set eth0 down; ip link set eth0 address 00:1e:c9:4a:11:22; ip link set eth0 up; ip route add default via 192.168.1.1",
      ],
    }).replace("eth0: { network: lan } }", 'eth0: { network: lan, mac: "00:1e:c9:4a:11:22" } }'),
    "duplicate-mac",
    /^on web1: ip link set eth0 address 00:16:3e:00:00:01$/m,
  ],
  [
    "a cable that loses nearly everything",
    bridge({}).replace("lan: { kind: switch }", "lan: { kind: switch, loss: 90% }"),
    "cable-loss",
    /^Change the cables of lan for good ones\.$/m,
  ],
  // addresses
  [
    "libvirt: domain 0's own gateway",
    libvirt({
      typed: [
        "xen1: ip route replace default via 192.168.1.99",
        "gw: ip addr add 203.0.113.1/24 dev eth0",
        "gw: sysctl -w net.ipv4.ip_forward=1",
      ],
      checks: ["web1 203.0.113.1"],
    }),
    "wrong-gateway",
    /^ip route replace default via 192\.168\.1\.1$/m,
  ],
  [
    "libvirt: virbr0's address flushed",
    libvirt({ typed: ["xen1: ip addr flush dev virbr0"] }),
    "no-address",
    /^ip addr add 192\.168\.122\.1\/24 brd \+ dev virbr0$/m,
  ],
  [
    "libvirt: a lease flushed",
    libvirt({ typed: ["web1: ip addr flush dev eth0"] }),
    "no-lease",
    /^on web1: dhclient eth0$/m,
  ],
  [
    "nat: the address of a vif flushed",
    natXen({ typed: ["xen1: ip addr flush dev vif1.0"] }),
    "no-address",
    /^ip addr add 10\.0\.1\.128\/32 dev vif1\.0$/m,
  ],
  [
    "nat: the route to a guest deleted",
    natXen({ typed: ["xen1: ip route del 10.0.1.1"] }),
    "missing-route",
    /^ip route replace 10\.0\.1\.1 dev vif1\.0$/m,
  ],
  [
    "libvirt: no name server",
    libvirt({ typed: ["web1: echo > /etc/resolv.conf"] }),
    "name-server",
    /^on web1: echo nameserver 192\.168\.122\.1 > \/etc\/resolv\.conf$/m,
  ],
  [
    "a router without one of its addresses",
    bridge({ typed: ["gw: ip addr flush dev eth1"] }),
    "no-address",
    /^on gw: ip addr add 203\.0\.113\.1\/24 brd \+ dev eth1$/m,
  ],
  [
    "a route that refuses",
    bridge({ typed: ["gw: ip route add blackhole 192.168.1.11/32"] }),
    "refusing-route",
    /^on gw: ip route del blackhole 192\.168\.1\.11$/m,
  ],
  [
    "a neighbour entry typed long ago",
    bridge({ typed: ["web1: ip neigh replace 192.168.1.1 lladdr 02:00:00:00:00:99 dev eth0"] }),
    "stale-neighbour",
    /^on web1: ip neigh del 192\.168\.1\.1 dev eth0$/m,
  ],
  [
    "a route by somebody who is not there",
    bridge({ typed: ["web1: ip route add 203.0.113.0/24 via 192.168.1.77"] }),
    "wrong-gateway",
    /^on web1: ip route replace 203\.0\.113\.0\/24 via 192\.168\.1\.1$/m,
  ],
  [
    "a gateway that nobody is",
    bridge({ web1: "{ ip: 192.168.1.11/24, gateway: 192.168.1.254 }" }),
    "wrong-gateway",
    /^on web1: ip route replace default via 192\.168\.1\.1$/m,
  ],
  [
    "a gateway that does not forward",
    bridge({ web1: "{ ip: 192.168.1.11/24, gateway: 192.168.1.12 }" }),
    "wrong-gateway",
    /^on web1: ip route replace default via 192\.168\.1\.1$/m,
  ],
  [
    "no default route",
    bridge({ web1: "{ ip: 192.168.1.11/24 }" }),
    "wrong-gateway",
    /^on web1: ip route add default via 192\.168\.1\.1$/m,
  ],
  [
    "a prefix too long",
    bridge({ web1: "{ ip: 192.168.1.11/29, gateway: 192.168.1.9 }" }),
    "wrong-prefix",
    /^on web1: ip addr add 192\.168\.1\.11\/24 brd \+ dev eth0$/m,
  ],
  [
    "no address any more",
    bridge({ typed: ["web1: ip addr flush dev eth0"] }),
    "no-address",
    /^on web1: ip addr add 192\.168\.1\.11\/24/m,
  ],
];

describe("what did not work has its cause, and the cure cures it", () => {
  test.each(CASES)("%s", (_, text, name, told) => {
    const lab = ran(text);
    const failed = failedIn(lab);
    expect(failed.length, "something fails").toBeGreaterThan(0);
    const troubles = troublesOf(lab);
    expect(troubles.map((finding) => finding.name)).toEqual([name]);
    const [finding] = troubles;
    expect(finding!.cure.join("\n")).toMatch(told);
    expect(finding!.proved).toEqual(failed);
    mend(lab, finding!.cure);
    // Neighbours that were thought dead, or had another MAC, and ports that did not forward yet.
    pass(lab, 60);
    for (const check of lab.plan.checks) {
      expect([check.name, type(lab, check.on, check.run).code]).toEqual([check.name, 0]);
    }
  });
});

test.each([
  [
    bridge({ typed: ["web1: ip route del default", "gw: sysctl -w net.ipv4.ip_forward=0"] }),
    ["wrong-gateway", "forwarding-off"],
  ],
  [bridge({ typed: ["web1: ip link set eth0 down", "web1: ip addr flush dev eth0"] }), ["no-address"]],
  [
    route({ typed: ["xen1: sysctl -w net.ipv4.conf.eth0.proxy_arp=0", "xen1: ip link set vif1.0 down"] }),
    ["device-down", "proxy-arp-missing"],
  ],
  [
    libvirt({ typed: ["xen1: iptables -t nat -F", "xen1: brctl delif virbr0 vif1.0"] }),
    ["out-of-bridge", "masquerade-missing"],
  ],
])("what hides what is found behind it (%#)", (text, names) => {
  const lab = ran(text);
  const troubles = troublesOf(lab);
  expect(troubles.map(({ name }) => name).sort()).toEqual(names.toSorted());
  for (const { cure } of troubles) mend(lab, cure);
  pass(lab, 60);
  for (const { on, run } of lab.plan.checks) expect(type(lab, on, run).code, run).toBe(0);
});

test("two things that are wrong at once are both found", () => {
  const lab = ran(bridge({ typed: ["web2: iptables -P INPUT DROP", "xen1: brctl delif xenbr0 vif2.0"] }));
  const troubles = troublesOf(lab);
  expect(troubles.map(({ name }) => name)).toEqual(["out-of-bridge", "firewall"]);
  expect(troubles.map(({ proved }) => proved)).toEqual([["web1 192.168.1.12"], ["web1 192.168.1.12"]]);
});

test("without checks the pings of the scenario are what was to work", () => {
  const typed = ["xen1: brctl delif xenbr0 vif1.0", "web1: ping -c 1 -W 1 192.168.1.1"];
  const lab = ran(bridge({ typed }).replace(/checks:[\s\S]*$/, ""));
  expect(troublesOf(lab)).toMatchObject([{ name: "out-of-bridge", proved: ["web1 reaches 192.168.1.1"] }]);
});

test("what fails rightly is no trouble", () => {
  const text = bridge({ typed: ["web2: iptables -P INPUT DROP"] }).replace(/checks:[\s\S]*$/, "checks:\n");
  const check = '  - { name: closed, on: web1, run: "ping -c 1 -W 1 192.168.1.12", expect: fail }\n';
  expect(troublesOf(ran(text + check))).toEqual([]);
});

test("what failed and works at the end of the run is told as such", () => {
  const typed = ["xen1: brctl delif xenbr0 vif1.0"];
  const back = '  - { name: back, on: xen1, run: "brctl addif xenbr0 vif1.0", expect: ok }\n';
  const [finding, ...others] = troublesOf(ran(bridge({ typed }) + back));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ name: "only-for-a-while" });
});

test("a check that has too little time is told how much it needs, whatever else is wrong", () => {
  const slow = '  - { name: five, on: web1, run: "ping -c 5 192.168.1.1", expect: ok }\n';
  const hasty = {
    name: "too-little-time",
    what: "five: it has 2 s, and needs 4.0 s.",
    cure: ["within: 6s in the check"],
  };
  expect(troublesOf(ran(bridge({}) + slow))).toMatchObject([hasty]);
  const cut = bridge({ typed: ["xen1: brctl delif xenbr0 vif1.0"] });
  expect(troublesOf(ran(cut + slow))).toMatchObject([{ name: "out-of-bridge" }, hasty]);
  expect(failedIn(ran(bridge({}) + slow.replace("expect", "within: 6s, expect")))).toEqual([]);
});

test("what a check needs is told so exactly that it is more than it has", () => {
  const hasty = '  - { name: three, on: web1, run: "ping -c 3 192.168.1.1", expect: ok }\n';
  const [finding] = troublesOf(ran(bridge({}) + hasty));
  expect(finding!.what).toMatch(/^three: it has 2 s, and needs 2\.00\d s\.$/);
});

test("an address that nobody has is named as such, also one that a longer one in a rule begins with", () => {
  const rule = "xen1: iptables -t nat -A PREROUTING -d 192.168.1.77 -j DNAT --to-destination 192.168.1.101";
  const asked = (address: string) => troublesOf(ran(bridge({ typed: [rule], checks: [`web1 ${address}`] })));
  const nobody = (address: string) => ({ name: "nobody-has-it", what: `Nobody has the address ${address}.` });
  expect(asked("192.168.1.78")).toMatchObject([nobody("192.168.1.78")]);
  expect(asked("192.168.1.7")).toMatchObject([nobody("192.168.1.7")]);
  expect(asked("192.168.1.77")).not.toMatchObject([nobody("192.168.1.77")]);
});

test("a guest that has taken another's MAC is told, though everything works at the moment", () => {
  const line = "ip link set eth0 down; ip link set eth0 address 00:16:3e:00:00:02; ip link set eth0 up";
  const lab = ran(bridge({ typed: [`web1: ${line}; ip route add default via 192.168.1.1`] }));
  expect(troublesOf(lab)[0]).toMatchObject({
    name: "duplicate-mac",
    what: "web1 has taken the MAC address of web2, 00:16:3e:00:00:02.",
  });
});

test("Xen 3.0: vif-nat fails on an address without a prefix length, and the guest starts with one", () => {
  const bare = natXen({})
    .replace('xen: "3.1"', 'xen: "3.0"')
    .replace('mac=00:16:3e:00:00:01"', 'mac=00:16:3e:00:00:01,ip=10.0.1.1"');
  const lab = ran(bare);
  const [finding, ...others] = troublesOf(lab);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ name: "hotplug-failed" });
  expect(finding!.cure).toContain("xm create /etc/xen/web1.cfg");
  expect(finding!.proved).toEqual(failedIn(lab));
  mend(lab, finding!.cure);
  pass(lab, 60);
  for (const { on, run } of lab.plan.checks) expect([run, type(lab, on, run).code]).toEqual([run, 0]);
});

test("an address that two have is told, whoever of them is reached at the end of the run", () => {
  const typed = [
    "web2: ip addr add 192.168.1.1/24 dev eth0",
    "web1: ping -c 1 192.168.1.1",
    "web2: arping -U -c 1 -I eth0 192.168.1.1",
  ];
  const lab = ran(bridge({ typed }));
  expect(failedIn(lab)).toEqual(["web1 203.0.113.9"]);
  const [finding, ...others] = troublesOf(lab);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ name: "duplicate-ip", what: "gw and web2 have the same address, 192.168.1.1." });
  mend(lab, ["on web2: ip addr del 192.168.1.1/24 dev eth0", "on web1: ip neigh flush to 192.168.1.1"]);
  expect(type(lab, "web1", "ping -c 1 203.0.113.9").code).toBe(0);
});

test("a DHCP range that is used up, and a larger one that is not", () => {
  const lab = ran(libvirt({ xml: RANGE.replace("122.9", "122.2") }));
  const [finding] = troublesOf(lab);
  expect(finding).toMatchObject({ name: "dhcp-exhausted" });
  expect(finding!.evidence.join("\n")).toMatch(/1 address\n192\.168\.122\.2 is leased to web/);
  expect(finding!.cure[0]).toMatch(/a larger <range/);
  expect(failedIn(ran(libvirt({})))).toEqual([]);
});

test("the lab itself hears nothing of what is tried", () => {
  const lab = ran(bridge({ typed: ["xen1: brctl delif xenbr0 vif1.0"] }));
  const before = JSON.stringify(lab.snapshot());
  diagnose(lab);
  expect(JSON.stringify(lab.snapshot())).toBe(before);
});
