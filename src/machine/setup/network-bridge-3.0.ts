// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * network-bridge of Xen 3.0.0, line by line. Not modelled: the address taken from the kernel's command line (a host on an
 * NFS root), distributions without ifup.
 */
import {
  DERIVED_NAMES,
  missingLink,
  RENAME,
  readMac,
  START_END,
  STOP_AND_STATUS,
  STOP_NIC,
  takeIdentity,
} from "./network-bridge-classic.ts";
import {
  bringUp,
  byDefault,
  DISPATCH,
  failed,
  linkExists,
  nothingToDo,
  transferAddresses,
  worked,
} from "./network-common.ts";
import type { Script, ScriptStep, ScriptView } from "./script.ts";

/** `brctl show | grep -q NAME`: the name anywhere in the table. */
const listed = (name: string) => (output: string, script: ScriptView) =>
  output.includes(script.get(name)) ? "yes" : "";
const unlisted = (script: ScriptView): boolean => script.get("listed") === "";

const CREATE_BRIDGE: readonly ScriptStep[] = [
  {
    run: "brctl show",
    why: "Is the bridge there already?",
    into: "listed",
    cut: listed("bridge"),
    heading: "create-bridge",
  },
  { run: "brctl addbr $bridge", why: "The virtual switch.", heading: "create-bridge", when: unlisted },
  {
    run: "brctl stp $bridge off",
    why: "There is no loop, and the spanning tree would only delay ports.",
    heading: "create-bridge",
    when: unlisted,
  },
  {
    run: "brctl setfd $bridge 0",
    why: "A vif shall forward at once, not after 15 s of listening and learning.",
    heading: "create-bridge",
    when: unlisted,
  },
  {
    run: "ip link set $bridge up",
    why: "Already now, before it has a port; on a later kernel its IPv6 stack starts to talk here.",
    heading: "bring-up",
  },
];

function addToBridge(device: string): ScriptStep[] {
  return [
    {
      run: "brctl show",
      why: `Is $${device} a port already?`,
      into: "listed",
      cut: listed(device),
      heading: "attach-ports",
    },
    {
      run: `brctl addif $bridge $${device}`,
      why:
        device === "vif0"
          ? "The bridge's end of the pair: this is how the host itself is on the bridge."
          : "The NIC as the bridge's way to the wire. The bridge makes it promiscuous.",
      heading: "attach-ports",
      when: unlisted,
    },
  ];
}

const START: readonly ScriptStep[] = [
  { label: "start" },
  nothingToDo,
  linkExists("$vdev", "Has netloop a pair for this bridge?"),
  { goto: "create", when: worked },
  linkExists("$pdev", "Or has the script run before, and the veth been renamed?"),
  { exit: 0, when: worked },
  { say: missingLink("loopback"), to: "stderr" },
  { exit: 1 },
  { label: "create" },
  ...CREATE_BRIDGE,
  linkExists("$vdev", "With a veth the new way is taken, without one the old."),
  { exit: 1, when: failed },
  readMac,
  ...transferAddresses("netdev", "vdev", false, "copy-identity"),
  ...STOP_NIC,
  ...RENAME,
  {
    run: "ip link set $pdev down arp off",
    why: "The NIC shall never answer ARP by itself: the host's address is the veth's.",
    heading: "quiet-nic",
  },
  {
    run: "ip link set $pdev addr fe:ff:ff:ff:ff:ff",
    why: "The highest unicast MAC: the bridge never takes it for its own, and the real one is free for the veth.",
    heading: "quiet-nic",
  },
  { run: "ip addr flush $pdev", why: "ifdown left the address on the device.", heading: "quiet-nic" },
  takeIdentity,
  ...addToBridge("vif0"),
  ...addToBridge("pdev"),
  { run: "ip link set $bridge up", why: "Once more; it is up already.", heading: "bring-up" },
  { run: "ip link set $vif0 up", why: "The bridge's end of the pair.", heading: "bring-up" },
  { run: "ip link set $pdev up", why: "The NIC, now nothing but a port.", heading: "bring-up" },
  ...bringUp("netdev"),
  ...START_END,
];

export const networkBridge30: Script = {
  id: "network-bridge 3.0",
  path: "/etc/xen/scripts/network-bridge",
  summary: "network-bridge of Xen 3.0: the NIC becomes peth0, netloop's veth0 becomes eth0, both meet in xenbr0.",
  kind: "network",
  steps: [
    byDefault("vifnum", () => "0"),
    byDefault("bridge", (script) => `xenbr${script.get("vifnum")}`),
    byDefault("netdev", (script) => `eth${script.get("vifnum")}`),
    byDefault("antispoof", () => "no"),
    ...DERIVED_NAMES,
    ...DISPATCH,
    ...START,
    ...STOP_AND_STATUS,
  ],
};
