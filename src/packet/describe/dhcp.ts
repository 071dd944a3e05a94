/**
 * DHCP as tcpdump prints it (its print-bootp.c): one line, and with -v every field and option on a line of its own.
 * Simplified: options that are rare in a lab are printed by number, as bytes.
 */
import { get8, get16, get32, get48, hex8, hex16, toText } from "../../base/bytes.ts";
import { formatIpv4, formatMac, type Ipv4, type Mac } from "../address.ts";
import * as dhcp from "../dhcp.ts";
import { has, type Printout, print, printColumn, truncated } from "./printout.ts";

export function describeDhcp(out: Printout, at: number, length: number): void {
  if (!has(out, at, 3)) {
    truncated(out, "bootp");
    return;
  }
  const b = out.bytes;
  const operation = get8(b, at);
  const name = operation === 1 ? "Request" : operation === 2 ? "Reply" : `unknown (0x${hex8(operation)})`;
  printColumn(out, "BOOTP/DHCP, ");
  print(out, name);
  const fromEthernet = operation === 1 && get8(b, at + 1) === 1 && get8(b, at + 2) === 6;
  if (fromEthernet && !has(out, at + 28, 6)) {
    truncated(out, "bootp");
    return;
  }
  if (fromEthernet) print(out, ` from ${formatMac(get48(b, at + 28) as Mac)}`);
  print(out, `, length ${length}`);
  if (out.verbose && dhcp.check(b, at, Math.min(out.end, at + length)))
    details(out, at, Math.min(out.end, at + length));
}

function details(out: Printout, at: number, end: number): void {
  const b = out.bytes;
  const hops = get8(b, at + 3);
  const [seconds, flags] = [get16(b, at + 8), dhcp.flags(b, at)];
  if (hops !== 0) print(out, `, hops ${hops}`);
  print(out, `, xid 0x${dhcp.transactionId(b, at).toString(16)}`);
  if (seconds !== 0) print(out, `, secs ${seconds}`);
  const odd = (flags & 0x7fff) === 0 ? "" : ` (0x${hex16(flags)})`;
  print(out, `, Flags [${(flags & dhcp.BROADCAST_FLAG) === 0 ? "none" : "Broadcast"}]${odd}`);
  for (const [offset, name] of ADDRESSES) {
    const address = get32(b, at + offset) as Ipv4;
    if (address !== 0) print(out, `\n\t  ${name} ${formatIpv4(address)}`);
  }
  print(out, `\n\t  Client-Ethernet-Address ${formatMac(dhcp.clientMac(b, at))}`);
  field(out, at + 44, at + 108, "sname");
  field(out, at + 108, at + 236, "file");
  if (!dhcp.hasCookie(b, at, end)) return;
  print(out, "\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x63825363");
  for (const option of dhcp.placedOptions(b, dhcp.optionsAt(at), end).options) {
    if (option.code === dhcp.OptionCode.END) continue;
    const { code, data, to } = option;
    const known = OPTIONS[code];
    const label = `${known?.[0] ?? "Unknown"} (${code})`;
    print(out, `\n\t    ${label}, length ${to - data}: ${VALUES[known?.[1] ?? "bytes"](b, data, to)}`);
  }
}

const ADDRESSES: readonly (readonly [number, string])[] = [
  [12, "Client-IP"],
  [16, "Your-IP"],
  [20, "Server-IP"],
  [24, "Gateway-IP"],
];

function field(out: Printout, from: number, to: number, name: string): void {
  let end = from;
  while (end < to && get8(out.bytes, end) !== 0) end++;
  if (end > from) print(out, `\n\t  ${name} "${toText(out.bytes.subarray(from, end))}"`);
}

type Kind = "addresses" | "text" | "number" | "type" | "parameters" | "client" | "bytes";

const OPTIONS: Readonly<Record<number, readonly [string, Kind]>> = {
  1: ["Subnet-Mask", "addresses"],
  2: ["Time-Zone", "number"],
  3: ["Default-Gateway", "addresses"],
  6: ["Domain-Name-Server", "addresses"],
  12: ["Hostname", "text"],
  15: ["Domain-Name", "text"],
  26: ["MTU", "number"],
  28: ["BR", "addresses"],
  42: ["NTP", "addresses"],
  44: ["Netbios-Name-Server", "addresses"],
  47: ["Netbios-Scope", "text"],
  50: ["Requested-IP", "addresses"],
  51: ["Lease-Time", "number"],
  53: ["DHCP-Message", "type"],
  54: ["Server-ID", "addresses"],
  55: ["Parameter-Request", "parameters"],
  56: ["MSG", "text"],
  57: ["MSZ", "number"],
  58: ["RN", "number"],
  59: ["RB", "number"],
  60: ["Vendor-Class", "text"],
  61: ["Client-ID", "client"],
  66: ["TFTP", "text"],
  67: ["BF", "text"],
  121: ["Classless-Static-Route", "bytes"],
};

const TYPES: readonly string[] = [
  ...["", "Discover", "Offer", "Request", "Decline", "ACK", "NACK", "Release", "Inform"],
];

const VALUES: Readonly<Record<Kind, (b: Uint8Array, from: number, to: number) => string>> = {
  addresses: (b, from, to) =>
    Array.from({ length: Math.floor((to - from) / 4) }, (_, i) => formatIpv4(get32(b, from + 4 * i) as Ipv4)).join(","),
  text: (b, from, to) => `"${toText(b.subarray(from, to))}"`,
  number: (b, from, to) =>
    String(to - from === 4 ? get32(b, from) : to - from === 2 ? get16(b, from) : to > from ? get8(b, from) : ""),
  type: (b, from, to) => (to === from ? "" : (TYPES[get8(b, from)] ?? `Unknown (${get8(b, from)})`)),
  parameters,
  client: (b, from, to) =>
    to - from === 7 && get8(b, from) === 1
      ? `ether ${formatMac(get48(b, from + 1) as Mac)}`
      : `hardware-type ${get8(b, from)}, ${bytesText(b, from + 1, to)}`,
  bytes: (b, from, to) => bytesText(b, from, to),
};

const bytesText = (b: Uint8Array, from: number, to: number): string =>
  Array.from(b.subarray(from, to), (byte) => hex8(byte)).join(":");

/** Four on a line at most. */
function parameters(b: Uint8Array, from: number, to: number): string {
  const names = Array.from(b.subarray(from, to), (code) => `${OPTIONS[code]?.[0] ?? "Unknown"} (${code})`);
  return names.map((name, i) => (i % 4 === 0 ? `\n\t      ${name}` : `, ${name}`)).join("");
}
