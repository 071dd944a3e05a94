// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * network-bridge of Xen 3.2 to 4.2, line by line as 4.2 has it: no netloop any more, the bridge takes the NIC's name.
 * Not modelled: hosts whose root is on the network, bonds.
 */
import {
  addWhenRunning,
  antispoofing,
  bringUp,
  byDefault,
  DISPATCH,
  failed,
  linkExists,
  nothingToDo,
  rememberAddress,
  showStatus,
  transferAddresses,
  worked,
} from "./network-common.ts";
import type { Script, ScriptStep, ScriptView } from "./script.ts";

/** sed on the default route: the device behind dev. */
const deviceOfDefault = (output: string): string => {
  const line = output.trim();
  return /.*dev ([a-z]+[0-9]+)/.exec(line)?.[1] ?? line;
};

/** `[ $(brctl show | wc -l) -ne 1 ]` */
const lineCount = (output: string): string => String(output.split("\n").length - 1);

const isPortOf = (device: string) => (script: ScriptView) =>
  script.device(script.get(device))?.master?.name === script.get("bridge");

const START: readonly ScriptStep[] = [
  { label: "start" },
  nothingToDo,
  {
    run: "brctl show",
    why: "More than the header: the admin has a bridge already, and the script keeps out of it.",
    into: "lines",
    cut: lineCount,
  },
  { exit: 0, when: (script) => script.get("lines") !== "1" },
  linkExists("$pdev", "Has the script run before?"),
  { exit: 0, when: worked },
  { run: "brctl addbr $tdev", why: "The virtual switch, under a name that is free.", heading: "create-bridge" },
  {
    run: "brctl stp $tdev off",
    why: "There is no loop, and the spanning tree would only delay ports.",
    heading: "create-bridge",
  },
  {
    run: "brctl setfd $tdev 0",
    why: "A vif shall forward at once, not after 15 s of listening and learning.",
    heading: "create-bridge",
  },
  ...transferAddresses("netdev", "tdev", true, "copy-identity"),
  ...rememberAddress("netdev"),
  {
    run: "ifdown $netdev",
    why: "A device that is up cannot be renamed. From here until ifup at the end the host is off the net.",
    failure: "ignored",
    heading: "stop-nic",
  },
  { set: "byhand", to: (script) => (failed(script) ? "yes" : "") },
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
  {
    run: "ip link set $netdev name $pdev",
    why: "The real NIC gives up its name but keeps its cable and its MAC.",
    heading: "rename-nic",
  },
  {
    run: "ip link set $tdev name $bridge",
    why: "Programs that know the NIC's name find it again: it is the bridge now.",
    heading: "rename-veth",
  },
  {
    run: "ip link set $pdev down",
    why: "The NIC as a mere port. Its MAC stays as it is, so that the bridge takes it over.",
    heading: "quiet-nic",
  },
  { run: "ip addr flush $pdev", why: "A port has no address.", heading: "quiet-nic" },
  ...addWhenRunning(true),
  {
    run: "brctl addif $bridge $pdev",
    why: "The NIC as the bridge's way to the wire; the bridge adopts its MAC.",
    heading: "attach-ports",
    when: (script) => !isPortOf("pdev")(script),
  },
  { run: "ip link set $pdev up", why: "A port forwards once it is up.", heading: "bring-up" },
  ...bringUp("bridge", (script) => script.get("bridge") !== script.get("netdev")),
  ...antispoofing(["pdev"]),
  { exit: 0 },
];

const STOP: readonly ScriptStep[] = [
  { label: "stop" },
  nothingToDo,
  linkExists("$bridge", "Without the bridge there is nothing to take apart."),
  { exit: 0, when: failed },
  { exit: 0, when: (script) => !isPortOf("pdev")(script) },
  ...transferAddresses("bridge", "pdev", true),
  { run: "ifdown $bridge", why: "The bridge goes down, so that it can be renamed.", failure: "ignored" },
  { set: "byhand", to: (script) => (failed(script) ? "yes" : "") },
  ...rememberAddress("bridge", (script) => script.get("byhand") !== ""),
  { run: "ip link set $pdev down", why: "The NIC is about to be renamed." },
  { run: "ip addr flush $bridge", why: "The address is the NIC's again." },
  { run: "brctl delif $bridge $pdev", why: "Out of the bridge." },
  { run: "ip link set $bridge down", why: "A bridge that is up cannot be deleted. Guests' vifs in it are cut off." },
  { run: "ip link set $bridge name $tdev", why: "The bridge gives the name back." },
  { run: "ip link set $pdev name $netdev", why: "The NIC has its name again." },
  ...bringUp("netdev"),
  { run: "brctl delbr $tdev", why: "The bridge is gone; vifs of running guests lose it." },
  { exit: 0 },
];

export const networkBridge42: Script = {
  id: "network-bridge 4.2",
  path: "/etc/xen/scripts/network-bridge",
  summary: "network-bridge of Xen 4.2: the NIC becomes peth0, and a bridge takes over the name eth0.",
  kind: "network",
  steps: [
    {
      run: "ip route list 0.0.0.0/0",
      why: "The device behind the default route is the one to be bridged.",
      into: "netdev",
      cut: deviceOfDefault,
      when: (script) => script.get("netdev") === "",
    },
    byDefault("netdev", () => "eth0"),
    byDefault("bridge", (script) => script.get("netdev")),
    byDefault("antispoof", () => "no"),
    { set: "pdev", to: (script) => `p${script.get("netdev")}` },
    { set: "tdev", to: () => "tmpbridge" },
    ...DISPATCH,
    ...START,
    ...STOP,
    ...showStatus(),
  ],
};
