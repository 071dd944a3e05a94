/** Programs that an exported script calls, and the packages of Debian that have them. */

const PACKAGES: Readonly<Record<string, string>> = {
  arp: "net-tools",
  arping: "iputils-arping",
  brctl: "bridge-utils",
  bridge: "iproute2",
  conntrack: "conntrack",
  dhclient: "isc-dhcp-client",
  dig: "dnsutils",
  dnsmasq: "dnsmasq-base",
  ebtables: "ebtables",
  ethtool: "ethtool",
  host: "bind9-host",
  ifconfig: "net-tools",
  ip: "iproute2",
  iptables: "iptables",
  "iptables-restore": "iptables",
  "iptables-save": "iptables",
  less: "less",
  nc: "netcat-openbsd",
  netstat: "net-tools",
  nslookup: "dnsutils",
  ping: "iputils-ping",
  route: "net-tools",
  setsid: "util-linux",
  socat: "socat",
  ss: "iproute2",
  sudo: "sudo",
  sysctl: "procps",
  tc: "iproute2",
  tcpdump: "tcpdump",
  tracepath: "iputils-tracepath",
  traceroute: "traceroute",
  udhcpc: "udhcpc",
  unshare: "util-linux",
};

/** Those that have no twin outside a Xen or libvirt host: the script carries a stub of each. */
export const STUBS: readonly string[] = [
  "xl",
  "xm",
  "xenstore-chmod",
  "xenstore-exists",
  "xenstore-list",
  "xenstore-ls",
  "xenstore-read",
  "xenstore-rm",
  "xenstore-write",
  "virsh",
  "ifup",
  "ifdown",
  "modprobe",
];

/** Every known program that a line of a shell names as a command. */
export function toolsOf(line: string): string[] {
  const words = line.split(/[;&|()\s]+/).map((word) => word.replace(/^.*\//, ""));
  return words.filter((word) => word in PACKAGES);
}

export const isStub = (line: string): boolean => STUBS.includes(line.trim().split(/\s+/)[0]!);

/** Words for `need`: "brctl:bridge-utils". */
export const needs = (tools: Iterable<string>): string =>
  [...new Set(tools)]
    .toSorted()
    .map((tool) => `${tool}:${PACKAGES[tool]}`)
    .join(" ");
