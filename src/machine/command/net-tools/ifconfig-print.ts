/** The printers of ifconfig. Follows lib/interface.c and lib/nstrcmp.c of net-tools 2.10 as Debian builds it. */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, formatIpv4, formatMac, maskOf } from "../../../packet/address.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import type { Box } from "../../box.ts";

/** A device, or one of its addresses under a label of its own. */
export interface Shown {
  readonly label: string;
  readonly device: NetDevice;
  readonly address: IfAddress | null;
}

/** IFF_* of linux/if.h with ifconfig's word and the letter of its short list, in the order of both. */
const FLAGS: readonly (readonly [bit: number, word: string, letter: string])[] = [
  [0x1, "UP", "U"],
  [0x2, "BROADCAST", "B"],
  [0x8, "LOOPBACK", "L"],
  [0x40, "RUNNING", "R"],
  [0x80, "NOARP", "O"],
  [0x100, "PROMISC", "P"],
  [0x1000, "MULTICAST", "M"],
];
const LETTERS = "BLMPORU";

function flagsOf(device: NetDevice): number {
  const isLoopback = device.traits.link === "loopback";
  let flags = isLoopback ? 0x8 : 0x2;
  if (device.up) flags |= 0x1;
  if (device.running) flags |= 0x40;
  if (!device.arp) flags |= 0x80;
  if (device.promisc) flags |= 0x100;
  if (device.multicast) flags |= 0x1000;
  return flags;
}

/** Every device and alias in ifconfig's own order of names. */
export function allShown(machine: Box): Shown[] {
  const shown = machine.table.devices.flatMap((device): Shown[] => {
    const addresses = machine.net.addresses.of(device);
    const labels = new Set(addresses.map((each) => each.label).filter((label) => label !== device.name));
    return [device.name, ...labels].map((label) => ({
      label,
      device,
      address: addresses.find((each) => each.label === label) ?? null,
    }));
  });
  return shown.sort((a, b) => compareNames(a.label, b.label));
}

/** nstrcmp: numbers at the end and alias numbers count as numbers. */
function compareNames(a: string, b: string): number {
  const [, nameA = "", numberA = "", aliasA = ""] = /^(.*?)(\d*)(?::(\d+))?$/.exec(a) ?? [];
  const [, nameB = "", numberB = "", aliasB = ""] = /^(.*?)(\d*)(?::(\d+))?$/.exec(b) ?? [];
  const shared = Math.min(nameA.length, nameB.length);
  const [headA, headB] = [nameA.slice(0, shared), nameB.slice(0, shared)];
  if (headA !== headB) return headA < headB ? -1 : 1;
  return (
    nameA.length - nameB.length || Number(numberA) - Number(numberB) || Number(aliasA || -1) - Number(aliasB || -1)
  );
}

/** With an empty line behind. */
export function longText({ label, device, address }: Shown): string {
  const flags = flagsOf(device);
  const words = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
  const isLoopback = device.traits.link === "loopback";
  const lines = [`${label}: flags=${flags}<${words.join(",")}>  mtu ${device.mtu}`];
  if (address !== null) lines.push(`        ${addressText(address, isLoopback)}`);
  const hardware = isLoopback ? "loop" : `ether ${formatMac(device.mac)}`;
  const queue = device.txQueueLength;
  lines.push(`        ${hardware}  txqueuelen ${queue}  (${isLoopback ? "Local Loopback" : "Ethernet"})`);
  if (label === device.name) lines.push(...counterLines(device));
  return `${lines.join("\n")}\n\n`;
}

function addressText({ address, prefix, broadcast }: IfAddress, isLoopback: boolean): string {
  const last = isLoopback ? "" : `  broadcast ${formatIpv4(broadcast ?? ANY_IPV4)}`;
  return `inet ${formatIpv4(address)}  netmask ${formatIpv4(maskOf(prefix))}${last}`;
}

/** As /proc/net/dev adds them up: what the ring missed counts as dropped. */
function counterLines(device: NetDevice): string[] {
  const c = device.counters;
  const hardware = new Map(device.statistics());
  const frame = ["rx_length_errors", "rx_crc_errors", "rx_frame_errors"].reduce(
    (sum, name) => sum + (hardware.get(name) ?? 0),
    0,
  );
  return [
    `        RX packets ${c.rxPackets}  bytes ${c.rxBytes} (${scaled(c.rxBytes)})`,
    `        RX errors ${c.rxErrors}  dropped ${c.rxDropped + c.rxUnhandled + c.rxMissed}  overruns 0  frame ${frame}`,
    `        TX packets ${c.txPackets}  bytes ${c.txBytes} (${scaled(c.txBytes)})`,
    `        TX errors ${c.txErrors}  dropped ${c.txDropped} overruns 0  carrier ${c.txCarrier}  collisions 0`,
  ];
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** ife_unit: one place, cut and not rounded; exactly 1024 is still in bytes. */
function scaled(bytes: number): string {
  let unit = 0;
  while (unit < UNITS.length - 1 && bytes > 1024 ** (unit + 1)) unit++;
  const tenths = Math.floor((bytes * 10) / 1024 ** unit);
  return `${Math.floor(tenths / 10)}.${tenths % 10} ${UNITS[unit]}`;
}

export const SHORT_HEAD = "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

export function shortText({ label, device }: Shown): string {
  const flags = flagsOf(device);
  const letters = [...LETTERS]
    .filter((letter) => FLAGS.some(([bit, , each]) => each === letter && (flags & bit) !== 0))
    .join("");
  const start = `${label.slice(0, 15).padEnd(15)} ${String(device.mtu).padStart(5)} `;
  const c = device.counters;
  const receive = [
    cell(c.rxPackets, 8),
    cell(c.rxErrors, 6),
    cell(c.rxDropped + c.rxUnhandled + c.rxMissed, 6),
    "0     ",
  ].join(" ");
  const transmit = [cell(c.txPackets, 8), cell(c.txErrors, 6), cell(c.txDropped, 6), cell(0, 6)].join(" ");
  const counters = label === device.name ? `${receive} ${transmit} ` : "     - no statistics available -".padEnd(56);
  return `${start}${counters}${letters}\n`;
}

const cell = (value: number, width: number): string => String(value).padStart(width);
