// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * The stop half that network-bridge of Xen 3.0 and 3.1 share, and what both start with: the real NIC gives its name and its
 * address to netloop's veth, whose other end is a port of the bridge.
 */
import {
  antispoofing,
  bringUp,
  failed,
  linkExists,
  macOf,
  nothingToDo,
  rememberAddress,
  showStatus,
  transferAddresses,
  transferRoutes,
} from "./network-common.ts";
import type { ScriptStep } from "./script.ts";

export const DERIVED_NAMES: readonly ScriptStep[] = [
  { set: "pdev", to: (script) => `p${script.get("netdev")}` },
  { set: "vdev", to: (script) => `veth${script.get("vifnum")}` },
  { set: "vif0", to: (script) => `vif0.${script.get("vifnum")}` },
];

/** `module` is what the boot parameter is called in the script's complaint. */
export const missingLink = (module: string): string =>
  "\nLink $vdev is missing.\n" +
  "This may be because you have reached the limit of the number of interfaces\n" +
  "that the loopback driver supports.  If the loopback driver is a module, you\n" +
  "may raise this limit by passing it as a parameter (nloopbacks=<N>); if the\n" +
  "driver is compiled statically into the kernel, then you may set the parameter\n" +
  `using ${module}.nloopbacks=<N> on the domain 0 kernel command line.\n\n`;

export const readMac: ScriptStep = {
  run: "ip link show $netdev",
  why: "The MAC of the real NIC, to be given to the device that takes over its name.",
  into: "mac",
  cut: macOf,
  heading: "copy-identity",
};

/** ifdown, or by hand with the address remembered. */
export const STOP_NIC: readonly ScriptStep[] = [
  {
    run: "ifdown $netdev",
    why: "A device that is up cannot be renamed. From here until ifup at the end the host is off the net.",
    failure: "ignored",
    heading: "stop-nic",
  },
  { set: "byhand", to: (script) => (failed(script) ? "yes" : "") },
  ...rememberAddress("netdev", (script) => script.get("byhand") !== ""),
  {
    run: "ip link set $netdev down",
    why: "ifdown does not know this device, so it is stopped by hand.",
    heading: "stop-nic",
    when: (script) => script.get("byhand") !== "",
  },
  {
    run: "ip addr flush $netdev",
    why: "And its addresses go.",
    heading: "stop-nic",
    when: (script) => script.get("byhand") !== "",
  },
];

export const RENAME: readonly ScriptStep[] = [
  {
    run: "ip link set $netdev name $pdev",
    why: "The real NIC gives up its name but keeps its cable: the name must be free for the veth.",
    heading: "rename-nic",
  },
  {
    run: "ip link set $vdev name $netdev",
    why: "Programs that know $netdev find it again: it is the veth now.",
    heading: "rename-veth",
  },
];

export const takeIdentity: ScriptStep = {
  run: "ip link set $netdev addr $mac arp on",
  why: "The host goes on under the NIC's MAC, so that switches and neighbours notice no change.",
  heading: "copy-identity",
};

export const START_END: readonly ScriptStep[] = [...antispoofing(["pdev", "vif0"]), { exit: 0 }];

export const STOP_AND_STATUS: readonly ScriptStep[] = [
  { label: "stop" },
  nothingToDo,
  linkExists("$bridge", "Without the bridge there is nothing to take apart."),
  { exit: 0, when: failed },
  linkExists("$pdev", "Was the NIC renamed, or is this a bridge in the old style?"),
  { goto: "old style", when: failed },
  { run: "ip link set dev $vif0 down", why: "The bridge's end of the pair carries nothing any more." },
  readMac,
  ...transferAddresses("netdev", "pdev", false),
  { run: "ifdown $netdev", why: "The veth goes down, so that it can be renamed.", failure: "ignored" },
  { set: "byhand", to: (script) => (failed(script) ? "yes" : "") },
  ...rememberAddress("netdev", (script) => script.get("byhand") !== ""),
  { run: "ip link set $netdev down arp off", why: "Back to how the pair was born, nearly: it stays NOARP." },
  { run: "ip link set $netdev addr fe:ff:ff:ff:ff:ff", why: "The NIC's MAC must not be on two devices." },
  { run: "ip link set $pdev down", why: "The NIC is about to be renamed." },
  { run: "ip addr flush $netdev", why: "The address is the NIC's again." },
  {
    run: "ip link set $pdev addr $mac arp on",
    why: "The NIC has its MAC and ARP back; in 3.1 not the MULTICAST flag that start took away.",
  },
  { run: "brctl delif $bridge $pdev", why: "Out of the bridge." },
  { run: "brctl delif $bridge $vif0", why: "Out of the bridge." },
  {
    run: "ip link set $bridge down",
    why: "A bridge that is up cannot be deleted. Guests' vifs still in it are cut off.",
  },
  { run: "ip link set $netdev name $vdev", why: "The veth gives the name back." },
  { run: "ip link set $pdev name $netdev", why: "The NIC has its name again." },
  ...bringUp("netdev"),
  { goto: "delete" },
  { label: "old style" },
  ...transferRoutes("bridge", "netdev"),
  { run: "ip link set $bridge down", why: "A bridge that is up cannot be deleted." },
  { label: "delete" },
  { run: "brctl delbr $bridge", why: "The bridge is gone; vifs of running guests lose it." },
  { exit: 0 },
  ...showStatus(),
];
