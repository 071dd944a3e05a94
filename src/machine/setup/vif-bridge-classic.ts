/**
 * vif-bridge of Xen 3.0 and 3.1: puts a guest's vif into a bridge. Follows vif-bridge and vif-common.sh of 3.0.0 and of
 * 3.0.3 to 3.1. Offline, netback has mostly taken the vif away already: failures are overlooked.
 */
import type { Condition, Script, ScriptStep, ScriptView } from "./script.ts";
import { bridgeThere, findBridge } from "./vif-common.ts";
import { classicRules, firstRules } from "./vif-iptables.ts";

const online: Condition = (script) => script.get("command") === "online";
const offline: Condition = (script) => !online(script);

const FIND_BRIDGE = findBridge("Which bridge: bridge= of the guest's vif.");

const TAKE_DOWN: readonly ScriptStep[] = [
  {
    run: "brctl delif $bridge $dev",
    why: "Out of the bridge, if it is still in it.",
    when: offline,
    quiet: true,
    failure: "ignored",
  },
  { run: "ifconfig $dev down", why: "No more frames.", when: offline, quiet: true, failure: "ignored" },
];

const CONNECTED: ScriptStep = {
  run: "xenstore-write $XENBUS_PATH/hotplug-status connected",
  why: "The word xend has been waiting for.",
  when: online,
  failure: { fatal: "Writing $XENBUS_PATH/hotplug-status connected to xenstore failed." },
};

export const vifBridge30: Script = {
  id: "vif-bridge 3.0",
  path: "/etc/xen/scripts/vif-bridge",
  summary: "vif-bridge of Xen 3.0: puts a guest's vif into a bridge.",
  kind: "hotplug",
  keepsSentence: true,
  steps: [
    ...FIND_BRIDGE,
    {
      run: "brctl show",
      why: "Is the vif in a bridge already?",
      into: "listed",
      cut: (output, script) => (output.includes(script.get("dev")) ? "yes" : ""),
      when: online,
    },
    { exit: 0, when: (script: ScriptView) => online(script) && script.get("listed") !== "" },
    {
      run: "brctl addif $bridge $dev",
      why: "The vif becomes a port of the bridge.",
      heading: "attach-vif",
      when: online,
      failure: { fatal: "brctl addif $bridge $dev failed" },
    },
    {
      run: "ifconfig $dev up",
      why: "The port may forward; MAC, ARP and MTU stay as netback made them.",
      heading: "bring-up-vif",
      when: online,
      failure: { fatal: "ifconfig $dev up failed" },
    },
    ...TAKE_DOWN,
    ...firstRules,
    CONNECTED,
  ],
};

const prepare = (run: string, why: string): ScriptStep => ({ run, why, when: online });

export const vifBridge31: Script = {
  id: "vif-bridge 3.1",
  path: "/etc/xen/scripts/vif-bridge",
  summary: "vif-bridge of Xen 3.1: puts a guest's vif, without ARP and multicast, into a bridge.",
  kind: "hotplug",
  steps: [
    ...FIND_BRIDGE,
    bridgeThere("ip link show $bridge"),
    prepare("ip link set $dev down", "A clean start: a device that is up may refuse a new MAC address."),
    prepare("ip link set $dev arp off", "A port answers no ARP: vifs of this era show NOARP."),
    prepare("ip link set $dev multicast off", "And joins no groups."),
    prepare(
      "ip link set $dev addr fe:ff:ff:ff:ff:ff",
      "The highest unicast MAC: the bridge never takes it for its own.",
    ),
    prepare("ip addr flush $dev", "A port has no address."),
    {
      run: "brctl addif $bridge $dev",
      why: "The vif becomes a port of the bridge.",
      heading: "attach-vif",
      when: (script) => online(script) && script.device(script.get("dev"))?.master?.name !== script.get("bridge"),
    },
    { run: "ip link set $dev up", why: "The port may forward.", heading: "bring-up-vif", when: online },
    ...TAKE_DOWN,
    ...classicRules,
    CONNECTED,
  ],
};
