/** The block "Settings for eth0:". Follows ethtool 6.1's netlink/settings.c, and what the drivers answer. */
import { Bridge } from "../../../device/bridge.ts";
import type { NetDevice } from "../../../device/device.ts";
import { Nic } from "../../../device/nic.ts";
import { Veth } from "../../../device/veth.ts";

const YES_NO = (yes: boolean): string => (yes ? "yes" : "no");

export function settingsText(device: NetDevice): string {
  const lines = [`Settings for ${device.name}:`, ...linkModes(device), `\tLink detected: ${YES_NO(device.running)}`];
  return `${lines.join("\n")}\n`;
}

/** Drivers without get_link_ksettings (netback, netfront, loopback) tell only whether there is a link. */
function linkModes(device: NetDevice): string[] {
  if (device instanceof Nic) return nicModes(device);
  if (device instanceof Veth)
    return [...NO_MODES, speedLine(device.speed), "\tDuplex: Full", ...plug("Twisted Pair"), "\tMDI-X: Unknown"];
  if (device instanceof Bridge) return [...NO_MODES, speedLine(fastestPort(device)), UNKNOWN_DUPLEX, ...plug("Other")];
  return [];
}

const UNKNOWN_DUPLEX = "\tDuplex: Unknown! (255)";

const NO_MODES = [
  "\tSupported ports: [  ]",
  "\tSupported link modes:   Not reported",
  "\tSupported pause frame use: No",
  "\tSupports auto-negotiation: No",
  "\tSupported FEC modes: Not reported",
  "\tAdvertised link modes:  Not reported",
  "\tAdvertised pause frame use: No",
  "\tAdvertised auto-negotiation: No",
  "\tAdvertised FEC modes: Not reported",
];

const speedLine = (mbits: number): string => `\tSpeed: ${mbits === 0 ? "Unknown!" : `${mbits}Mb/s`}`;

const plug = (port: string, autonegotiation = "off"): string[] => [
  `\tAuto-negotiation: ${autonegotiation}`,
  `\tPort: ${port}`,
  "\tPHYAD: 0",
  "\tTransceiver: internal",
];

/** br_get_link_ksettings */
const fastestPort = (bridge: Bridge): number =>
  Math.max(0, ...bridge.ports.map(({ device }) => (device.running ? device.speed : 0)));

/** As an Intel 82540EM (e1000) answers. */
function nicModes(nic: Nic): string[] {
  const modes = ["10baseT/Half 10baseT/Full", "100baseT/Half 100baseT/Full", "1000baseT/Full"];
  const listed = (title: string): string => `\t${title}${modes.join(`\n\t${" ".repeat(24)}`)}`;
  return [
    "\tSupported ports: [ TP ]",
    listed("Supported link modes:   "),
    "\tSupported pause frame use: No",
    "\tSupports auto-negotiation: Yes",
    "\tSupported FEC modes: Not reported",
    listed("Advertised link modes:  "),
    "\tAdvertised pause frame use: No",
    "\tAdvertised auto-negotiation: Yes",
    "\tAdvertised FEC modes: Not reported",
    speedLine(nic.speed),
    nic.running ? "\tDuplex: Full" : UNKNOWN_DUPLEX,
    ...plug("Twisted Pair", "on"),
    nic.running ? "\tMDI-X: off (auto)" : "\tMDI-X: Unknown (auto)",
    "\tSupports Wake-on: umbg",
    "\tWake-on: d",
    "        Current message level: 0x00000007 (7)",
    "                               drv probe link",
  ];
}
