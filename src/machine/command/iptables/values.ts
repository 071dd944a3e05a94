/**
 * Addresses, masks, ports, devices and protocols as iptables writes them. Follows libxtables/xtables.c and xtoptions.c of
 * iptables 1.8.9.
 */
import { formatIpv4, type Ipv4, type Mac, maskOf } from "../../../packet/address.ts";
import type { AddressTest } from "../../../stack/netfilter/rule.ts";
import type { Box } from "../../box.ts";
import { addressOf, nameOf } from "../../program/resolve.ts";
import { protocolNumber, servicePort } from "./names.ts";
import { wrong } from "./problem.ts";

/** IFNAMSIZ less the zero. */
const MAX_NAME = 15;
const MAX_PORT = 65_535;

/** strtoul of the whole word, base 0: decimal, 0x or a leading 0; null when it is no number up to `most`. */
export function readNumber(text: string, most: number): number | null {
  const digits = text.replace(/^\+/, "");
  let value: number;
  if (/^0x[0-9a-f]+$/i.test(digits)) value = Number.parseInt(digits, 16);
  else if (/^0[0-7]*$/.test(digits)) value = Number.parseInt(digits, 8);
  else if (/^[1-9]\d*$/.test(digits)) value = Number(digits);
  else return null;
  return value <= most ? value : null;
}

/** "10.0.0.0/8,192.168.1.1": what one -s or -d says. Zero masks are kept, tests of nothing. */
export function readAddresses(text: string, inverted: boolean, machine: Box): AddressTest[] {
  return text.split(",").map((each) => {
    const slash = each.indexOf("/");
    const host = slash < 0 ? each : each.slice(0, slash);
    const mask = slash < 0 ? (0xffff_ffff as Ipv4) : readMask(each.slice(slash + 1));
    const address = mask === 0 ? (0 as Ipv4) : readHost(host, machine);
    return { address: ((address & mask) >>> 0) as Ipv4, mask, inverted };
  });
}

function readMask(text: string): Ipv4 {
  const mask = text.includes(".") ? readQuad(text) : null;
  if (mask !== null) return mask;
  const bits = readNumber(text, 32);
  if (bits === null) throw wrong(`invalid mask \`${text}' specified`);
  return maskOf(bits);
}

function readHost(text: string, machine: Box): Ipv4 {
  const address = readQuad(text) ?? addressOf(machine, text)?.address ?? null;
  if (address === null) throw wrong(`host/network \`${text}' not found`);
  return address;
}

/** One to four numbers; those that are not there are 0 on the right. */
function readQuad(text: string): Ipv4 | null {
  const parts = text.split(".").map((part) => readNumber(part, 255));
  if (parts.length > 4 || parts.includes(null)) return null;
  return parts.reduce<number>((sum, part, i) => sum + part! * 256 ** (3 - i), 0) as Ipv4;
}

export function readProtocol(text: string): number {
  const number = readNumber(text, 255) ?? protocolNumber(text);
  if (number === null) throw wrong(`unknown protocol "${text}" specified`);
  return number;
}

export function readPort(text: string, protocol: string): number {
  const port = readNumber(text, MAX_PORT) ?? servicePort(text, protocol);
  if (port === null) throw wrong(`invalid port/service \`${text}' specified`);
  return port;
}

/** "68", ":1023", "1024:", "ssh:http" */
export function readPorts(text: string, protocol: string): { from: number; to: number } {
  const colon = text.indexOf(":");
  if (colon < 0) {
    const port = readPort(text, protocol);
    return { from: port, to: port };
  }
  const low = text.slice(0, colon);
  const high = text.slice(colon + 1);
  const from = low === "" ? 0 : readPort(low, protocol);
  const to = high === "" ? MAX_PORT : readPort(high, protocol);
  if (from > to) throw wrong("invalid portrange (min > max)");
  return { from, to };
}

/** xtables_parse_interface; the warning is for stderr, "" when there is none. */
export function checkInterface(name: string): string {
  if (name === "") throw wrong("Empty interface is likely to be undesired");
  if (name.length > MAX_NAME) throw wrong(`interface name \`${name}' must be shorter than IFNAMSIZ (${MAX_NAME})`);
  if (!/[/ ]/.test(name)) return "";
  return `Warning: weird character in interface \`${name}' ('/' and ' ' are not allowed by the kernel).\n`;
}

export function readMac(text: string): Mac {
  const parts = text.split(":");
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part)))
    throw wrong("Invalid MAC address specified.");
  return parts.reduce((sum, part) => sum * 256 + Number.parseInt(part, 16), 0) as Mac;
}

/** An address with its mask, when that says more than one host; its name from /etc/hosts when there is a machine to ask. */
export const anyAddressText = ({ address, mask }: Omit<AddressTest, "inverted">, machine: Box | null): string =>
  ((machine === null ? null : nameOf(machine, address)) ?? formatIpv4(address)) +
  (mask === 0xffff_ffff ? "" : maskText(mask));

/** "/24" or "/255.0.255.0" behind an address. */
export function maskText(mask: Ipv4): string {
  const bits = Math.clz32(~mask);
  return maskOf(bits) === mask ? `/${bits}` : `/${formatIpv4(mask)}`;
}
