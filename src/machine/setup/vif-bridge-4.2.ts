// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * vif-bridge of Xen 4.2. Against that of 4.17: the MTU comes from the bridge alone and is not told to the guest, `ip link`
 * is called without `dev`, and offline the port leaves the bridge before it goes down.
 */
import { mtuOf } from "./network-common.ts";
import type { Condition, Script, ScriptStep } from "./script.ts";
import { adds, BRIDGE, END, isPort, NAMES, removes } from "./vif-bridge.ts";
import { xend4Rules } from "./vif-iptables.ts";

const hasMtu: Condition = (script) => adds(script) && Number(script.get("mtu")) > 0;

const ADD: readonly ScriptStep[] = [
  {
    run: "ip link set $dev down",
    why: "A clean start: a device that is up may refuse a new MAC address.",
    when: adds,
  },
  {
    run: "ip link set $dev address fe:ff:ff:ff:ff:ff",
    why: "The highest unicast MAC, so that the bridge never takes the vif's address for its own.",
    when: adds,
    failure: "ignored",
  },
  { run: "ip addr flush $dev", why: "A port has no address.", when: adds },
  {
    run: "ip link show $bridge",
    why: "The vif takes over the bridge's MTU, so that no frame is too long for it.",
    when: adds,
    into: "mtu",
    cut: mtuOf,
  },
  { run: "ip link set $dev mtu $mtu", why: "A failure is overlooked.", when: hasMtu, failure: "ignored" },
  {
    run: "brctl addif $bridge $dev",
    why: "The vif becomes a port of the bridge.",
    heading: "attach-vif",
    also: "attach-lan",
    when: (script) => adds(script) && !isPort(script),
  },
  {
    run: "ip link set $dev up",
    why: "The port may forward as soon as the guest's end is connected and the carrier is there.",
    heading: "bring-up-vif",
    when: adds,
  },
];

const REMOVE: readonly ScriptStep[] = [
  {
    run: "brctl delif $bridge $dev",
    why: "Out of the bridge, if it is still in it.",
    when: removes,
    quiet: true,
    failure: "ignored",
  },
  { run: "ifconfig $dev down", why: "No more frames.", when: removes, quiet: true, failure: "ignored" },
];

export const vifBridge42: Script = {
  id: "vif-bridge 4.2",
  path: "/etc/xen/scripts/vif-bridge",
  summary: "vif-bridge of Xen 4.2: puts a guest's vif into a bridge.",
  kind: "hotplug",
  steps: [...NAMES, ...BRIDGE, ...ADD, ...REMOVE, ...xend4Rules, ...END],
};
