// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * network-route of Xen 3.0, 3.1 and 4.2: domain 0 as a router. It does the same for every verb, and nothing undoes it. 3.0
 * switches on forwarding and no more. 3.1 takes `eth$vifnum` for the device, and as xend gives no number, proxy ARP fails on a
 * device `eth` unless netdev= or vifnum= is given. Deleted from Xen in 4.5: with xl this is the admin's to do.
 */
import { byDefault } from "./network-common.ts";
import type { CommandStep, Script, ScriptStep } from "./script.ts";

/** Shared with network-nat and the textbook. */
export const forwarding: CommandStep = {
  run: "echo 1 >/proc/sys/net/ipv4/ip_forward",
  why: "Domain 0 passes on what is not for itself. Nothing switches it off again.",
  heading: "forwarding",
  shell: true,
};

const proxyArp: ScriptStep = {
  run: "echo 1 >/proc/sys/net/ipv4/conf/$netdev/proxy_arp",
  why: "Domain 0 answers the LAN's ARP for guests behind it: the LAN knows no route to them.",
  shell: true,
};

const networkRoute = (era: string, steps: readonly ScriptStep[]): Script => ({
  id: `network-route ${era}`,
  path: "/etc/xen/scripts/network-route",
  summary: `network-route of Xen ${era}: domain 0 routes for its guests.`,
  kind: "network",
  steps,
});

export const networkRoute30 = networkRoute("3.0", [forwarding]);
export const networkRoute31 = networkRoute("3.1", [
  byDefault("netdev", (script) => `eth${script.get("vifnum")}`),
  forwarding,
  proxyArp,
]);
export const networkRoute42 = networkRoute("4.2", [byDefault("netdev", () => "eth0"), forwarding, proxyArp]);
