/** Every option that dnsmasq 2.90 knows, with what getopt says of it, and which of them are modelled. */

/** 0: no value; 1: a value; 2: a value perhaps. */
type Arity = 0 | 1 | 2;

const NONE =
  "version no-hosts no-poll help no-daemon bogus-priv selfmx filterwin2k strict-order no-resolv expand-hosts localmx no-negcache no-round-robin domain-needed bind-interfaces read-ethers keep-in-foreground dhcp-authoritative localise-queries no-ping leasefile-ro clear-on-reload tftp-secure tftp-no-fail tftp-lowercase tftp-single-port tftp-no-blocksize log-dhcp dhcp-no-override stop-dns-rebind all-servers dhcp-fqdn test strip-mac strip-subnet proxy-dnssec conntrack dhcp-client-update enable-ra bind-dynamic dnssec dnssec-debug dnssec-no-timecheck quiet-dhcp quiet-dhcp6 quiet-ra dns-loop-detect script-arp dhcp-rapid-commit log-debug quiet-tftp no-ident rebind-localhost-ok script-on-renewal dhcp-ttl-zero filter-A filter-AAAA nftset-check dhcp-sequential-ip dhcp-ignore-clid";
const VALUE =
  "servers-file mx-host mx-target cache-size port dhcp-lease dhcp-host dhcp-range dhcp-option dhcp-boot domain domain-suffix interface listen-address bogus-nxdomain ignore-address filter-rr server rev-server local address conf-script local-ttl cache-rr addn-hosts hostsdir query-port except-interface no-dhcp-interface no-dhcpv4-interface no-dhcpv6-interface dhcp-lease-max alias dhcp-vendorclass dhcp-userclass dhcp-ignore edns-packet-max srv-host txt-record dns-rr dhcp-mac dhcp-script conf-dir dns-forward-max tftp-root tftp-max tftp-mtu ptr-record naptr-record shared-network dhcp-option-force dhcp-option-pxe dhcp-circuitid dhcp-remoteid dhcp-subscrid dhcp-pxe-vendor interface-name dhcp-hostsfile dhcp-optsfile dhcp-hostsdir dhcp-optsdir tftp-port-range rebind-domain-ok dhcp-match dhcp-name-match neg-ttl max-ttl min-cache-ttl max-cache-ttl dhcp-scriptuser min-port max-port cname pxe-prompt pxe-service tag-if dhcp-luascript dhcp-duid host-record auth-zone auth-server auth-ttl auth-soa auth-sec-servers auth-peer ipset nftset connmark-allowlist synth-domain trust-anchor dnssec-timestamp dnssec-limits dhcp-relay ra-param dhcp-reply-delay dumpfile dumpmask dynamic-host port-limit dhcp-ttl bridge-interface bootp-dynamic-range";
const PERHAPS =
  "log-queries user group resolv-file dhcp-leasefile local-service pid-file conf-file enable-dbus enable-ubus bootp-dynamic dhcp-ignore-names enable-tftp tftp-unique-root log-as\u0079nc log-facility dhcp-broadcast dhcp-alternate-port dhcp-proxy dhcp-generate-names add-mac add-subnet connmark-allowlist-enable dnssec-check-unsigned umbrella fast-dns-retry use-stale-cache add-cpe-id";

const ARITIES = new Map<string, Arity>([
  ...NONE.split(" ").map((name) => [name, 0] as const),
  ...VALUE.split(" ").map((name) => [name, 1] as const),
  ...PERHAPS.split(" ").map((name) => [name, 2] as const),
]);

/** Null: dnsmasq has no such option. */
export const arityOf = (name: string): Arity | null => ARITIES.get(name) ?? null;

export const SHORT_NAMES: Readonly<Record<string, string>> = {
  a: "listen-address",
  A: "address",
  b: "bogus-priv",
  c: "cache-size",
  C: "conf-file",
  d: "no-daemon",
  D: "domain-needed",
  E: "expand-hosts",
  f: "filterwin2k",
  F: "dhcp-range",
  g: "group",
  G: "dhcp-host",
  h: "no-hosts",
  H: "addn-hosts",
  i: "interface",
  I: "except-interface",
  k: "keep-in-foreground",
  K: "dhcp-authoritative",
  l: "dhcp-leasefile",
  m: "mx-host",
  n: "no-poll",
  N: "no-negcache",
  o: "strict-order",
  O: "dhcp-option",
  p: "port",
  q: "log-queries",
  r: "resolv-file",
  R: "no-resolv",
  s: "domain",
  S: "server",
  T: "local-ttl",
  u: "user",
  v: "version",
  w: "help",
  W: "srv-host",
  x: "pid-file",
  X: "dhcp-lease-max",
  y: "localise-queries",
  Y: "txt-record",
  z: "bind-interfaces",
  "2": "no-dhcp-interface",
  "5": "no-ping",
  "6": "dhcp-script",
  "8": "log-facility",
  "9": "leasefile-ro",
};
/** Of these a value follows the letter. */
export const SHORT_WITH_VALUE = "aAcCFgGHiIlmOprsSTuWxXY268";

/** Options that change nothing that can be seen here: IPv6, users, the speed of the real program. */
export const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...[
    "user",
    "group",
    "ra-param",
    "enable-ra",
    "no-poll",
    "local-service",
    "log-as\u0079nc",
    "quiet-ra",
    "quiet-dhcp6",
  ],
  ...["dhcp-no-override", "dns-forward-max", "edns-packet-max", "no-ident", "clear-on-reload", "dhcp-duid"],
  ...["filter-AAAA", "localise-queries", "no-round-robin", "dns-loop-detect", "no-dhcpv6-interface", "dhcp-scriptuser"],
]);
