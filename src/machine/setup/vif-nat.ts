// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * vif-nat of Xen 3.0 to 4.17: a guest's vif with an address of its own private net. The guest is 10.X.Y.N/16 after its domain
 * and device number, and domain 0 is its router under the same address with 127 added to the last octet. It adds no
 * MASQUERADE: that is network-nat's, and with xl nobody's. Debian switches the rules of 4.17 off (bug 894013).
 *
 * Not modelled: hooks in vif-post.d; see dhcpd-conf.ts for what of dhcpd is.
 */
import {
  DHCPD_3,
  DHCPD_42,
  DHCPD_417,
  type DhcpdEra,
  findDhcpd,
  removeLines,
  restartDhcpd,
  wantsDhcp,
} from "./dhcpd-conf.ts";
import { type Condition, ERR_TRAP, type Script, type ScriptStep, type ScriptView } from "./script.ts";
import { END, NAMES } from "./vif-bridge.ts";
import { connected, NAMES_31, offline, online, readIp } from "./vif-common.ts";
import { classicRules, firstRules, modernRules, xend4Rules } from "./vif-iptables.ts";

/** What an era's script does in its own way. */
interface NatEra {
  readonly dhcpd: DhcpdEra;
  /** Where the numbers of the domain and its device are read. */
  readonly identity: readonly ScriptStep[];
  /** The guest's name in dhcpd.conf. */
  readonly name: readonly ScriptStep[];
  readonly linkUp: string;
}

/** xenstore_read: a key that is missing is the script's end. */
const mustRead = (key: string, into: string, why: string): ScriptStep[] => [
  { run: `xenstore-read $XENBUS_PATH/${key}`, why, into, failure: "ignored" },
  {
    fatal: `xenstore-read $XENBUS_PATH/${key} failed.`,
    inSubshell: true,
    when: (script) => script.get(into) === "",
  },
];

/** Cut out of the path: .../DOMAIN/DEVICE. */
const fromPath: readonly ScriptStep[] = [
  { set: "domid", to: (script) => /.*\/(\d*)\/\d*$/.exec(script.get("XENBUS_PATH"))?.[1] ?? "" },
  { set: "handle", to: (script) => /.*\/\d*\/(\d*)$/.exec(script.get("XENBUS_PATH"))?.[1] ?? "" },
];

const IDENTITY: readonly ScriptStep[] = [
  ...mustRead("frontend-id", "domid", "The domain's number, for its address."),
  ...mustRead("handle", "handle", "And the device's, to count its vifs."),
];

/** awk's idea of a number: the digits at the start. */
const numeric = (text: string | undefined): number => Number.parseInt(text ?? "", 10) || 0;

function routerOf(ip: string): string {
  const [a = "", b = "", c = "", d] = ip.split(".");
  return `${a}.${b}.${c}.${numeric(d) + 127}`;
}

const ADDRESSES: readonly ScriptStep[] = [
  { set: "vifid", to: (script) => String(Number(script.get("handle")) + 1) },
  {
    set: "ip",
    to: (script) => {
      const id = Number(script.get("domid"));
      return script.get("ip") || `10.${Math.floor(id / 256)}.${id % 256}.${script.get("vifid")}/16`;
    },
  },
  { set: "router_ip", to: (script) => routerOf(script.get("ip")) },
  { set: "vif_ip", to: (script) => script.get("ip").split("/")[0]! },
];

const named = (name: (script: ScriptView) => string): ScriptStep => ({
  set: "hostname",
  to: (script) => (script.get("vifid") === "1" ? name(script) : `${name(script)}-${script.get("vifid")}`),
});

const BY_NAME: readonly ScriptStep[] = [
  {
    run: "xenstore-read $XENBUS_PATH/domain",
    why: "The domain's name, which becomes its host name in dhcpd.conf.",
    into: "domain",
    failure: "ignored",
  },
  named((script) => script.get("domain").replace(/[_.:/+]/g, "-")),
];

/** Since 4.3: xl has no such key. */
const BY_NUMBER: readonly ScriptStep[] = [named((script) => `dom${script.get("domid")}`)];

const dhcpOnline: Condition = (script) => online(script) && wantsDhcp(script);
const dhcpOffline: Condition = (script) => offline(script) && wantsDhcp(script);

const DHCP_UP: readonly ScriptStep[] = [
  ...removeLines("host $hostname", dhcpOnline),
  { run: "xenstore-read $XENBUS_PATH/mac", why: "By its MAC dhcpd knows the guest.", into: "mac", when: dhcpOnline },
  {
    run: 'echo >>$dhcpd_conf_file "host $hostname { hardware ethernet $mac; fixed-address $vif_ip; option routers $router_ip; option host-name \\"$hostname\\"; }"',
    why: "dhcpd will give the guest just this address, and domain 0 as its router.",
    shell: true,
    when: dhcpOnline,
  },
  restartDhcpd(dhcpOnline, true),
];

const DHCP_DOWN: readonly ScriptStep[] = [
  ...removeLines("host $hostname", dhcpOffline),
  restartDhcpd(dhcpOffline, true),
];

function body({ dhcpd, identity, name, linkUp }: NatEra): ScriptStep[] {
  return [
    ...findDhcpd(dhcpd, true),
    ...identity,
    ...ADDRESSES,
    ...name,
    {
      run: "ip route",
      why: "Is there a route through the vif already? Then the script ends well, and never says that the vif is connected.",
      into: "up",
      cut: (output, script) => (new RegExp(`dev ${script.get("dev")}`).test(output) ? "yes" : ""),
      when: online,
    },
    { exit: 0, when: (script) => online(script) && script.get("up") !== "" },
    {
      run: linkUp,
      why: "The vif as an interface of domain 0, which answers ARP on it.",
      heading: "bring-up-vif",
      when: online,
      failure: { fatal: `${linkUp} failed` },
    },
    {
      run: "ip addr add $router_ip dev $dev",
      why: "Domain 0 is the guest's router here: the guest's address with 127 added. Above 255 that is no address, and the script dies.",
      when: online,
      failure: { fatal: "ip addr add $router_ip dev $dev failed" },
    },
    {
      run: "ip route add $vif_ip dev $dev src $router_ip",
      why: "The way to the guest.",
      when: online,
      failure: { fatal: "ip route add $vif_ip dev $dev src $router_ip failed" },
    },
    {
      run: "echo 1 >/proc/sys/net/ipv4/conf/$dev/proxy_arp",
      why: "Guests believe they share a /16: domain 0 answers for all the others.",
      shell: true,
      when: online,
      failure: ERR_TRAP,
    },
    ...DHCP_UP,
    ...DHCP_DOWN,
    {
      run: "ifconfig $dev down",
      why: "No more frames; the kernel takes the route away with it.",
      when: offline,
      quiet: true,
      failure: "ignored",
    },
  ];
}

/** 3.0 reckons a netmask that nobody uses: for an address without a prefix length that is a syntax error. */
const prefixNeeded: ScriptStep = { ...ERR_TRAP, when: (script) => !/\/\d+$/.test(script.get("ip")) };

const NAT_31: NatEra = { dhcpd: DHCPD_3, identity: IDENTITY, name: BY_NAME, linkUp: "ip link set $dev up arp on" };
const NAT_30: NatEra = { ...NAT_31, identity: fromPath, name: [prefixNeeded, ...BY_NAME] };
const NAT_42: NatEra = { ...NAT_31, dhcpd: DHCPD_42 };
const NAT_417: NatEra = {
  dhcpd: DHCPD_417,
  identity: IDENTITY,
  name: BY_NUMBER,
  linkUp: "ip link set dev $dev up arp on",
};

const vifNat = (era: string, steps: readonly ScriptStep[], keepsSentence = false): Script => ({
  id: `vif-nat ${era}`,
  path: "/etc/xen/scripts/vif-nat",
  summary: era.includes("Debian")
    ? "Debian 12's vif-nat: a private net of its own for a guest's vif."
    : `vif-nat of Xen ${era}: a private net of its own for a guest's vif.`,
  kind: "hotplug",
  keepsSentence,
  steps,
});

export const vifNat30 = vifNat("3.0", [readIp, ...body(NAT_30), ...firstRules, connected], true);
export const vifNat31 = vifNat("3.1", [readIp, ...NAMES_31, ...body(NAT_31), ...classicRules, connected]);
export const vifNat42 = vifNat("4.2", [...NAMES, readIp, ...body(NAT_42), ...xend4Rules, connected]);
export const vifNatUpstream = vifNat("4.17", [...NAMES, readIp, ...body(NAT_417), ...modernRules, ...END]);
export const vifNatDebian = vifNat("4.17 Debian", [...NAMES, readIp, ...body(NAT_417), ...END]);
