/** arp(8) of net-tools 2.10: the neighbour table by ioctl and /proc/net/arp. Follows arp.c. Not modelled: -f, proxy entries. */
import type { NetDevice } from "../../../device/device.ts";
import { formatIpv4, formatMac, type Ipv4, parseMac } from "../../../packet/address.ts";
import { ERRNO_TEXT } from "../../../stack/errno.ts";
import { type Neighbour, Nud } from "../../../stack/neighbour.ts";
import type { Command } from "../../command.ts";
import { type Options, readOptions } from "../../options.ts";
import type { Process } from "../../process.ts";
import { readHost } from "./host.ts";
import { deleteArp, setArp } from "./ioctl.ts";

/** What arp.c returns as -1. */
const FAILED = 255;

export const arp: Command = {
  name: "arp",
  summary: "Show and change the ARP cache.",
  usage: "arp [-vn] [-i if] [-a|-e] [hostname] | arp -s host hwaddr [temp] | arp -d host",
  options: [
    { flag: "-a", text: "display (all) hosts in alternative (BSD) style" },
    { flag: "-e", text: "display (all) hosts in default (Linux) style" },
    { flag: "-s, --set", text: "set a new ARP entry" },
    { flag: "-d, --delete", text: "delete a specified entry" },
    { flag: "-v, --verbose", text: "be verbose" },
    { flag: "-n, --numeric", text: "don't resolve names" },
    { flag: "-i, --device=IF", text: "specify network interface (e.g. eth0)" },
  ],
  operands: ["text"],
  misuse: 3,
  misuseShows: "help",
  start(process) {
    const options = readOptions(process, arp);
    if (typeof options === "number") return options;
    if (options.has("d")) return remove(process, options);
    return options.has("s") ? set(process, options) : show(process, options);
  },
};

/** The host that the line names, or the exit code of a line that names none. */
function host(process: Process, text: string | undefined): Ipv4 | { readonly code: number } {
  if (text === undefined) {
    process.error("arp: need host name\n");
    return { code: FAILED };
  }
  const address = readHost(text);
  if (address !== null) return address;
  process.error(`${text}: Unknown host\n`);
  return { code: FAILED };
}

/** -i or the word "dev". */
function deviceOf(process: Process, options: Options): NetDevice | null | "missing" {
  const at = options.operands.indexOf("dev");
  const name = at < 0 ? options.value("i") : (options.operands[at + 1] ?? null);
  return name === null ? null : (process.machine.table.find(name) ?? "missing");
}

function set(process: Process, options: Options): number {
  const address = host(process, options.operands[0]);
  if (typeof address !== "number") return address.code;
  const text = options.operands[1];
  const mac = text === undefined ? null : parseMac(text);
  if (mac === null)
    return process.fail(text === undefined ? "need hardware address" : "invalid hardware address", FAILED);
  const modifiers = options.operands.slice(2);
  if (modifiers.includes("pub")) return process.fail("pub: not modelled");
  const device = deviceOf(process, options);
  const refusal =
    device === "missing"
      ? ERRNO_TEXT.ENODEV
      : (setArp(process.machine, address, mac, device, !modifiers.includes("temp"))?.errno ?? null);
  if (refusal === null) return 0;
  process.error(`SIOCSARP: ${refusal in ERRNO_TEXT ? ERRNO_TEXT[refusal as keyof typeof ERRNO_TEXT] : refusal}\n`);
  return FAILED;
}

function remove(process: Process, options: Options): number {
  const address = host(process, options.operands[0]);
  if (typeof address !== "number") return address.code;
  const device = deviceOf(process, options);
  const refusal = device === "missing" ? null : deleteArp(process.machine, address, device);
  if (device !== "missing" && refusal === null) return 0;
  if (refusal?.errno === "ENOENT") process.print(`No ARP entry for ${options.operands[0]}\n`);
  else process.error(`SIOCDARP(dontpub): ${ERRNO_TEXT[refusal?.errno ?? "ENODEV"]}\n`);
  return FAILED;
}

function show(process: Process, options: Options): number {
  const text = options.operands[0];
  const wanted = text === undefined ? null : host(process, text);
  if (wanted !== null && typeof wanted !== "number") return wanted.code;
  const device = options.value("i");
  // /proc/net/arp leaves out what needs no resolution.
  const all = process.machine.net.neighbours.list().filter(({ state }) => (state & Nud.NOARP) === 0);
  const found = all.filter(
    (each) => (device === null || each.device.name === device) && (wanted === null || each.address === wanted),
  );
  if (options.has("a")) process.print(found.map(bsdLine).join(""));
  else if (found.length > 0) process.print(HEAD + found.map(linuxLine).join(""));
  if (options.has("v"))
    process.print(`Entries: ${all.length}\tSkipped: ${all.length - found.length}\tFound: ${found.length}\n`);
  if (found.length === 0) process.print(nothing(text, options, all.length));
  return 0;
}

function nothing(text: string | undefined, options: Options, entries: number): string {
  if (text !== undefined && !options.has("a")) return `${text} (${text}) -- no entry\n`;
  const isNarrow = text !== undefined || options.has("i");
  return isNarrow ? `arp: in ${entries} entries no match found.\n` : "";
}

const HEAD = "Address                  HWtype  HWaddress           Flags Mask            Iface\n";

function linuxLine(entry: Neighbour): string {
  const address = formatIpv4(entry.address).padEnd(23);
  const device = entry.device.name;
  if (!entry.isValid) return `${address}  ${"".padEnd(6)}  ${"(incomplete)".padEnd(42)}${device}\n`;
  const flags = entry.state === Nud.PERMANENT ? "CM" : "C";
  return `${address}  ${"ether".padEnd(6)}  ${formatMac(entry.mac).padEnd(18)}  ${flags.padEnd(5)} ${"".padEnd(16)}${device}\n`;
}

function bsdLine(entry: Neighbour): string {
  const at = entry.isValid ? `${formatMac(entry.mac)} [ether] ` : "<incomplete> ";
  return `? (${formatIpv4(entry.address)}) at ${at}${entry.state === Nud.PERMANENT ? "PERM " : ""}on ${entry.device.name}\n`;
}
