// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/** network-bridge of Xen 3.0.3 to 3.1, line by line. The last one with netloop. */
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
  addWhenRunning,
  bringUp,
  byDefault,
  DISPATCH,
  failed,
  linkExists,
  mtuOf,
  nothingToDo,
  transferAddresses,
  transferRoutes,
  worked,
} from "./network-common.ts";
import type { Script, ScriptStep, ScriptView } from "./script.ts";

/** awk and sed on `ip route list`: the digits of the last word of the default route. */
const numberOfDefault = (output: string): string => {
  const line = output.split("\n").find((each) => each.startsWith("default "));
  return line === undefined
    ? ""
    : line
        .trim()
        .split(/\s+/)
        .at(-1)!
        .replace(/^[^0-9]*/, "");
};

const fresh = (script: ScriptView): boolean => script.device(script.get("bridge"))?.kind !== "bridge";

const CREATE_BRIDGE: readonly ScriptStep[] = [
  { set: "fresh", to: (script) => (fresh(script) ? "yes" : "") },
  { goto: "created", when: (script) => script.get("fresh") === "" },
  { run: "brctl addbr $bridge", why: "The virtual switch.", heading: "create-bridge" },
  {
    run: "brctl stp $bridge off",
    why: "There is no loop, and the spanning tree would only delay ports.",
    heading: "create-bridge",
  },
  {
    run: "brctl setfd $bridge 0",
    why: "A vif shall forward at once, not after 15 s of listening and learning.",
    heading: "create-bridge",
  },
  {
    run: "ip link set $bridge arp off",
    why: "The bridge device has no address of its own: it shall neither ask nor answer.",
    heading: "create-bridge",
  },
  { run: "ip link set $bridge multicast off", why: "Nor join groups.", heading: "create-bridge" },
  {
    run: "ip link show $bridge",
    why: "Its MTU, to be put back in a moment.",
    into: "mtu",
    cut: mtuOf,
    heading: "create-bridge",
  },
  {
    run: "ip link set $bridge mtu 68",
    why: "Below 1280 the kernel gives the device no IPv6 address when it comes up: a trick against its own noise.",
    heading: "create-bridge",
  },
  { run: "ip link set $bridge up", why: "Up while the MTU is small.", heading: "bring-up" },
  { run: "ip link set $bridge mtu $mtu", why: "And back to the real one.", heading: "create-bridge" },
  { label: "created" },
];

/** setup_bridge_port: nothing but a port, in silence. */
function setUpBridgePort(device: string): ScriptStep[] {
  const step = (run: string, why: string): ScriptStep => ({ run, why, heading: "quiet-nic" });
  return [
    step(`ip link set $${device} down`, "A device that is up may refuse a new MAC address."),
    step(`ip link set $${device} arp off`, "A port answers no ARP: the host's address is the veth's."),
    step(`ip link set $${device} multicast off`, "And joins no groups."),
    step(
      `ip link set $${device} addr fe:ff:ff:ff:ff:ff`,
      "The highest unicast MAC: the bridge never takes it for its own.",
    ),
    step(`ip addr flush $${device}`, "A port has no address."),
  ];
}

/** add_to_bridge: unless it is a port already; up in any case. */
function addToBridge(device: string, why: string): ScriptStep[] {
  const isPort = (script: ScriptView): boolean =>
    script.device(script.get(device))?.master?.name === script.get("bridge");
  return [
    {
      run: `brctl addif $bridge $${device}`,
      why,
      heading: "attach-ports",
      when: (script) => !isPort(script),
    },
    { run: `ip link set $${device} up`, why: "A port forwards once it is up.", heading: "bring-up" },
  ];
}

const WITH_VETH: readonly ScriptStep[] = [
  readMac,
  ...transferAddresses("netdev", "vdev", false, "copy-identity"),
  ...STOP_NIC,
  ...RENAME,
  ...setUpBridgePort("pdev"),
  ...setUpBridgePort("vif0"),
  takeIdentity,
  { run: "ip link set $bridge up", why: "Once more; it is up already.", heading: "bring-up" },
  ...addToBridge("vif0", "The bridge's end of the pair: this is how the host itself is on the bridge."),
  ...addWhenRunning(false),
  ...addToBridge("pdev", "The NIC as the bridge's way to the wire. The bridge makes it promiscuous."),
  ...bringUp("netdev"),
  { goto: "antispoof" },
];

const WITHOUT_VETH: readonly ScriptStep[] = [
  { label: "old style" },
  { run: "ip link set $bridge arp on", why: "Without a veth the bridge itself is the host's device." },
  { run: "ip link set $bridge multicast on", why: "With all that a device of its own needs." },
  ...transferAddresses("netdev", "bridge", false, "copy-identity"),
  ...transferRoutes("netdev", "bridge"),
  ...addToBridge("netdev", "The NIC itself, under its own name."),
  { label: "antispoof" },
];

const START: readonly ScriptStep[] = [
  { label: "start" },
  nothingToDo,
  linkExists("$pdev", "Has the script run before?"),
  { exit: 0, when: worked },
  linkExists("veth0", "Is netloop loaded at all?"),
  { goto: "create", when: failed },
  linkExists("$vdev", "And has it a pair for this bridge?"),
  { goto: "create", when: worked },
  { say: missingLink("netloop"), to: "stderr" },
  { exit: 1 },
  { label: "create" },
  ...CREATE_BRIDGE,
  linkExists("$vdev", "With a veth the new way is taken, without one the old."),
  { goto: "old style", when: failed },
  ...WITH_VETH,
  ...WITHOUT_VETH,
  ...START_END,
];

export const networkBridge31: Script = {
  id: "network-bridge 3.1",
  path: "/etc/xen/scripts/network-bridge",
  summary: "network-bridge of Xen 3.1: the NIC becomes peth0, netloop's veth0 becomes eth0, both meet in xenbr0.",
  kind: "network",
  steps: [
    {
      run: "ip route list",
      why: "The number of the device behind the default route chooses NIC, veth and bridge.",
      into: "vifnum",
      cut: numberOfDefault,
      when: (script) => script.get("vifnum") === "",
    },
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
