// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * What the vif scripts share: the parts of vif-bridge and vif-common.sh that find the bridge, the device's name, its addresses
 * and the address of domain 0, of Xen 3.0 to 4.17. The ends of the eras' names are the eras'.
 */
import { firstBridge } from "./network-common.ts";
import type { CommandStep, Condition, ScriptStep } from "./script.ts";

export const online: Condition = (script) => script.get("command") === "online";
export const offline: Condition = (script) => script.get("command") === "offline";

/** The guest's addresses: `ip=` of its vif. */
export const readIp: CommandStep = {
  run: "xenstore-read $XENBUS_PATH/ip",
  why: "The guest's addresses, as ip= of its vif names them.",
  into: "ip",
  quiet: true,
  failure: "ignored",
};

/** The guest's bridge in `bridge`; `why` says who may have named it. */
export const findBridge = (why: string): readonly ScriptStep[] => [
  { ...readIp, why: "The guest's addresses: only the iptables rules use them." },
  { run: "xenstore-read $XENBUS_PATH/bridge", why, into: "bridge", quiet: true, failure: "ignored" },
  {
    run: "brctl show",
    why: "No bridge was named: the first one that brctl lists is taken, whichever that is.",
    into: "bridge",
    cut: firstBridge,
    when: (script) => script.get("bridge") === "",
  },
  // There is no bridge on this host at all.
  { fatal: "Could not find bridge, and none was specified", when: (script) => script.get("bridge") === "" },
];

export const bridgeThere = (run: string): CommandStep => ({
  run,
  why: "Without the bridge nothing below makes sense.",
  reads: true,
  quiet: true,
  failure: { fatal: "Could not find bridge device $bridge" },
});

/** `vifname=` in Xen 3.0.3 to 3.1: a name that is taken is taken for the vif's own. */
export const NAMES_31: readonly ScriptStep[] = [
  {
    run: "xenstore-read $XENBUS_PATH/vifname",
    why: "A name of the admin's choice, so that firewall rules survive a reboot of the guest.",
    into: "vifname",
    quiet: true,
    failure: "ignored",
  },
  {
    run: "ip link show $vifname",
    why: "Has the vif been renamed already, or has another device that name?",
    reads: true,
    quiet: true,
    failure: "ignored",
    when: (script) => online(script) && script.get("vifname") !== "",
  },
  {
    run: "ip link set $dev name $vifname",
    why: "Done while the vif is still down: a device that is up cannot be renamed.",
    when: (script) => online(script) && script.get("vifname") !== "" && script.get("?") !== "0",
    failure: { fatal: "ip link set $dev name $vifname failed" },
  },
  { set: "dev", to: "$vifname", when: (script) => script.get("vifname") !== "" },
];

export const connected: ScriptStep = {
  run: "xenstore-write $XENBUS_PATH/hotplug-status connected",
  why: "The word the toolstack and netback have been waiting for.",
  when: online,
  failure: { fatal: "Writing $XENBUS_PATH/hotplug-status connected to xenstore failed." },
};

const words = (text: string): string[] => text.trim().split(/\s+/);

/** sed on each line: every IPv4 address, so that a NIC with two gives two words. */
const everyAddress = (output: string): string =>
  output
    .split("\n")
    .flatMap((line) => /^.*inet ([0-9.]*)/.exec(line)?.[1] ?? [])
    .join(" ");

/** awk and sed: of the lines that name the device last, the first one's address. */
const firstNamed = (output: string, device: string): string => {
  const lines = output.split("\n").filter((line) => new RegExp(`^.*inet.*${device}$`).test(line));
  return lines.length === 0 ? "" : words(lines[0]!)[1]!.replace(/\/.*/, "");
};

/** awk: the first line whose third word is inet. */
const firstPrimary = (output: string): string => {
  const line = output
    .split("\n")
    .map(words)
    .find((each) => each[2] === "inet");
  return line === undefined ? "" : line[3]!.split("/")[0]!;
};

/** How an era's dom0_ip looks for the address, and with which word it fails. */
interface AddressLookup {
  readonly run: string;
  readonly cut: NonNullable<CommandStep["cut"]>;
  readonly complaint: string;
}

/** dom0_ip: the address of the device that guests are routed through, in `main_ip`. It runs in a subshell. */
const dom0Address = ({ run, cut, complaint }: AddressLookup): readonly ScriptStep[] => [
  { set: "nd", to: (script) => (script.get("netdev") === "" ? "eth0" : script.get("netdev")) },
  {
    run,
    why: "The address of domain 0 on the device that leads to the LAN: gatewaydev=, or eth0.",
    into: "main_ip",
    cut,
    failure: "ignored",
  },
  // Without an address of domain 0 there is nothing to give the vif; what is read in the end is the trap's word.
  { fatal: complaint, inSubshell: true, when: (script) => script.get("main_ip") === "" },
];

/** Until 4.2 the sentence stands on a line of its own behind `fatal`, which ends the subshell before it is read. */
const MUTE = "$nothing";

export const DOM0_ADDRESS_30 = dom0Address({ run: "ip addr show $nd", cut: everyAddress, complaint: MUTE });
export const DOM0_ADDRESS_31 = dom0Address({
  run: "ip addr show $nd",
  cut: (output, script) => firstNamed(output, script.get("nd")),
  complaint: MUTE,
});
const PRIMARY = { run: "ip -4 -o addr show primary dev $nd", cut: firstPrimary };
export const DOM0_ADDRESS_42 = dom0Address({ ...PRIMARY, complaint: MUTE });
export const DOM0_ADDRESS_417 = dom0Address({
  ...PRIMARY,
  complaint: "$netdev is not up.  Bring it up or specify another interface with  netdev=<if> as a parameter to $0.",
});
