// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * vif-route of Xen 3.0 to 4.17: a guest's vif as a routed interface. It gets the address of domain 0 as a /32, answers ARP for
 * the world, and the guest's addresses are routes through it. Debian switches the rules of 4.17 off (bug 894013).
 *
 * Not modelled: hooks in vif-post.d.
 */
import { type Condition, ERR_TRAP, type Script, type ScriptStep, type ScriptView } from "./script.ts";
import { END, NAMES } from "./vif-bridge.ts";
import {
  connected,
  DOM0_ADDRESS_30,
  DOM0_ADDRESS_31,
  DOM0_ADDRESS_42,
  DOM0_ADDRESS_417,
  NAMES_31,
  offline,
  online,
  readIp,
} from "./vif-common.ts";
import { classicRules, firstRules, modernRules, xend4Rules } from "./vif-iptables.ts";

const adds: Condition = (script) => ["online", "add"].includes(script.get("command"));
const removes: Condition = (script) => !adds(script);

/** The vif as an interface with an address; which verbs ask for it is the era's. */
const interfaceUp = (when: Condition): ScriptStep[] => [
  {
    run: "ifconfig $dev $main_ip netmask 255.255.255.255 up",
    why: "The vif carries domain 0's own address, as a /32: no network hangs on it, and what domain 0 sends to the guest has a source.",
    heading: "copy-address",
    also: "bring-up-vif",
    when,
    failure: ERR_TRAP,
  },
  {
    run: "echo 1 >/proc/sys/net/ipv4/conf/$dev/proxy_arp",
    why: "Domain 0 answers the guest's ARP for every address it has a route to elsewhere: the guest believes the whole LAN is here.",
    shell: true,
    when,
    failure: ERR_TRAP,
  },
];

const interfaceDown = (when: Condition): ScriptStep => ({
  run: "ifdown $dev",
  why: "The distribution knows no such interface: mostly this does nothing, and the failure is overlooked.",
  when,
  quiet: true,
  failure: "ignored",
});

const eachAddress: ScriptStep = {
  set: "addresses",
  to: (script: ScriptView) =>
    script
      .get("ip")
      .split(/\s+/)
      .filter((word) => word !== "")
      .join("\n"),
};

const routes = (add: string, remove: string, added: Condition, removed: Condition): ScriptStep[] => [
  eachAddress,
  {
    run: add,
    each: "addresses",
    why: "The way to the guest. Without ip= in its configuration there is none, and nobody reaches it.",
    heading: "static-route",
    when: added,
    failure: ERR_TRAP,
  },
  {
    run: remove,
    each: "addresses",
    why: "The way to the guest goes; by now netback has mostly taken it away with the vif.",
    when: removed,
    quiet: true,
    failure: "ignored",
  },
];

const vifRoute = (era: string, steps: readonly ScriptStep[], keepsSentence = false): Script => ({
  id: `vif-route ${era}`,
  path: "/etc/xen/scripts/vif-route",
  summary: era.includes("Debian")
    ? "Debian 12's vif-route: routes to a guest's vif."
    : `vif-route of Xen ${era}: routes to a guest's vif.`,
  kind: "hotplug",
  keepsSentence,
  steps,
});

/** Until 4.2 a tap's verbs are neither case: no verb for `ip route`, which then reads the address as one. */
const withoutVerb: ScriptStep = {
  run: "ip route $line dev $dev src $main_ip",
  each: "addresses",
  why: "For a tap the script has no branch: the command has no verb, ip refuses it and the script dies of it.",
  when: (script) => !online(script) && !offline(script),
  failure: ERR_TRAP,
};

const SOURCE = "dev $dev src $main_ip";
const XEND_ROUTES = routes(`ip route add $line ${SOURCE}`, `ip route del $line ${SOURCE}`, online, offline);

export const vifRoute30 = vifRoute(
  "3.0",
  [
    readIp,
    ...DOM0_ADDRESS_30,
    ...interfaceUp(online),
    { ...interfaceDown(offline), quiet: false, failure: ERR_TRAP } as ScriptStep,
    ...routes(`ip r a $line ${SOURCE}`, `ip r d $line ${SOURCE}`, online, offline).map((step) =>
      "each" in step ? { ...step, quiet: false, failure: ERR_TRAP } : step,
    ),
    ...firstRules,
    connected,
  ],
  true,
);

export const vifRoute31 = vifRoute("3.1", [
  readIp,
  ...NAMES_31,
  ...DOM0_ADDRESS_31,
  ...interfaceUp(online),
  interfaceDown(offline),
  ...XEND_ROUTES,
  ...classicRules,
  connected,
]);

export const vifRoute42 = vifRoute("4.2", [
  ...NAMES,
  readIp,
  ...DOM0_ADDRESS_42,
  ...interfaceUp(online),
  interfaceDown(offline),
  ...XEND_ROUTES,
  withoutVerb,
  ...xend4Rules,
  connected,
]);

const modern = (era: string, rules: readonly ScriptStep[]): Script =>
  vifRoute(era, [
    ...NAMES,
    readIp,
    ...DOM0_ADDRESS_417,
    ...interfaceUp(adds),
    interfaceDown(removes),
    { set: "metric", to: (script) => (script.get("type_if") === "tap" ? "1" : "2") },
    ...routes(
      `ip route add $line ${SOURCE} metric $metric`,
      `ip route del $line ${SOURCE} metric $metric`,
      adds,
      removes,
    ),
    ...rules,
    ...END,
  ]);

export const vifRouteUpstream = modern("4.17", modernRules);
export const vifRouteDebian = modern("4.17 Debian", []);
