// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * vif-bridge of Xen 4.2 and 4.17: puts a guest's vif into a bridge. Follows vif-bridge, vif-common.sh and
 * xen-network-common.sh line by line. Debian switches the script's iptables rules off (bug 894013).
 *
 * Not modelled: hooks in vif-post.d, and the way without brctl (`ip link set VIF master BRIDGE`).
 */
import { mtuOf } from "./network-common.ts";
import type { Script, ScriptStep, ScriptView } from "./script.ts";
import { bridgeThere, findBridge } from "./vif-common.ts";
import { modernRules } from "./vif-iptables.ts";

/** As in the script: the command decides, the type has been looked at before. */
export const adds = (script: ScriptView): boolean =>
  script.get("command") === "online" || script.get("command") === "add";
export const removes = (script: ScriptView): boolean => !adds(script);
const forVif = (script: ScriptView): boolean => script.get("type_if") === "vif";
export const isPort = (script: ScriptView): boolean =>
  script.device(script.get("dev"))?.master?.name === script.get("bridge") && script.get("bridge") !== "";
const hasMtu = (script: ScriptView): boolean => adds(script) && Number(script.get("mtu")) > 0;
const renames = (script: ScriptView): boolean => script.get("vifname") !== "" && adds(script);

/** Old configurations name xenbrN where a 3.2-4.2 host has a bridge called ethN. */
function isOldName(script: ScriptView): boolean {
  const bridge = script.get("bridge");
  const other = script.device(`eth${bridge.replace(/^xenbr/, "")}`);
  return script.device(bridge) === null && bridge.startsWith("xenbr") && other?.kind === "bridge";
}

export const NAMES: readonly ScriptStep[] = [
  // For an emulated NIC the toolstack gives no path: it follows from the tap's name.
  {
    set: "XENBUS_PATH",
    to: "/local/domain/0/backend/vif/${vif_number%.*}/${vif_number#*.}",
    when: (script) => !forVif(script),
  },
  {
    run: "xenstore-read $XENBUS_PATH/vifname",
    why: "A name of the admin's choice, so that firewall rules survive a reboot of the guest.",
    into: "vifname",
    quiet: true,
    failure: "ignored",
  },
  { set: "vifname", to: "$vifname-emu", when: (script) => !forVif(script) && script.get("vifname") !== "" },
  // Most likely another domain has it: stop before its traffic is touched.
  {
    fatal: "Cannot rename interface $dev. An interface with name $vifname already exists.",
    when: (script) => renames(script) && script.device(script.get("vifname")) !== null,
  },
  {
    run: "ip link set $dev name $vifname",
    why: "Done while the vif is still down: a device that is up cannot be renamed.",
    when: renames,
    failure: { fatal: "ip link set $dev name $vifname failed" },
  },
  // From here on the vif goes by that name, when it is taken away too.
  { set: "dev", to: "$vifname", when: (script) => script.get("vifname") !== "" },
];

export const BRIDGE: readonly ScriptStep[] = [
  ...findBridge("Which bridge: bridge= of the guest's vif, or xl's default, xenbr0."),
  { set: "bridge", to: "eth${bridge#xenbr}", when: isOldName },
  bridgeThere("ip link show dev $bridge"),
];

const ADD: readonly ScriptStep[] = [
  {
    run: "ip link set dev $dev down",
    why: "A clean start: a device that is up may refuse a new MAC address.",
    when: adds,
  },
  {
    run: "ip link set dev $dev address fe:ff:ff:ff:ff:ff",
    why: "The highest unicast MAC, so that the bridge never takes the vif's address for its own.",
    when: adds,
    failure: "ignored",
  },
  {
    run: "ip address flush dev $dev",
    why: "A bridge port has no address: domain 0 speaks through the bridge's own device.",
    when: adds,
  },
  {
    run: "xenstore-read $XENBUS_PATH/mtu",
    why: "The guest's own mtu=, when the configuration has one.",
    when: adds,
    into: "mtu",
    quiet: true,
    failure: "ignored",
  },
  {
    run: "ip link show dev $bridge",
    why: "Otherwise the vif takes over the bridge's MTU, so that no frame is too long for it.",
    when: (script) => adds(script) && script.get("mtu") === "",
    into: "mtu",
    cut: mtuOf,
  },
  {
    run: "ip link set dev $dev mtu $mtu",
    why: "What the vif accepts towards the guest; a failure is overlooked.",
    when: hasMtu,
    failure: "ignored",
  },
  // Domain and device number; with vifname= this yields nonsense.
  { set: "number", to: "${dev#vif}", when: (script) => hasMtu(script) && forVif(script) },
  {
    run: "xenstore-write /local/domain/${number%.*}/device/vif/${number#*.}/mtu $mtu",
    why: "Tells the guest; Windows drivers read it, Linux's netfront does not.",
    when: (script) => hasMtu(script) && forVif(script),
    failure: {
      fatal: "Writing /local/domain/${number%.*}/device/vif/${number#*.}/mtu $mtu to xenstore failed.",
    },
  },
  {
    run: "brctl addif $bridge $dev",
    why: "The vif becomes a port of the bridge.",
    heading: "attach-vif",
    also: "attach-lan",
    when: (script) => adds(script) && !isPort(script),
  },
  {
    run: "ip link set dev $dev up",
    why: "The port may forward as soon as the guest's end is connected and the carrier is there.",
    heading: "bring-up-vif",
    when: adds,
  },
];

const REMOVE: readonly ScriptStep[] = [
  {
    run: "ip link set dev $dev down",
    why: "No more frames; by now netback has mostly taken the vif away already, and the failure is overlooked.",
    when: removes,
    quiet: true,
    failure: "ignored",
  },
  {
    run: "brctl delif $bridge $dev",
    why: "Out of the bridge, if it is still in it.",
    when: (script) => removes(script) && isPort(script),
    quiet: true,
    failure: "ignored",
  },
];

export const END: readonly ScriptStep[] = [
  {
    run: "xenstore-write $XENBUS_PATH/hotplug-status connected",
    why: "The word netback has been waiting for before it calls itself connected.",
    when: (script) => script.get("command") === "online" && forVif(script),
    failure: { fatal: "Writing $XENBUS_PATH/hotplug-status connected to xenstore failed." },
  },
];

const vifBridge = (id: string, summary: string, rules: readonly ScriptStep[]): Script => ({
  id,
  path: "/etc/xen/scripts/vif-bridge",
  summary,
  kind: "hotplug",
  steps: [...NAMES, ...BRIDGE, ...ADD, ...REMOVE, ...rules, ...END],
});

export const vifBridgeUpstream = vifBridge(
  "vif-bridge 4.17",
  "vif-bridge of Xen 4.17: puts a guest's vif into a bridge.",
  modernRules,
);

export const vifBridgeDebian = vifBridge(
  "vif-bridge 4.17 Debian",
  "Debian 12's vif-bridge: puts a guest's vif into a bridge.",
  [],
);
