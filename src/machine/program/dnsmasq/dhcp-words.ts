/**
 * The values of dhcp-range, dhcp-host and dhcp-option, as dnsmasq(8) writes them (option.c, one_opt and parse_dhcp_opt).
 * Not modelled: relays, vendor and PXE options, encapsulation, IPv6 (its options are read over).
 */
import { fromText, get32, put16, put32 } from "../../../base/bytes.ts";
import { type Ipv4, type Mac, maskOf, parseIpv4, parseMac } from "../../../packet/address.ts";
import { labelsOf } from "../../../packet/dns.ts";
import { type DhcpHost, type DhcpOption, type DhcpRange, INFINITE } from "./settings.ts";

/** DEFLEASE */
const DEFAULT_LEASE = 3600;
/** "Leases of a minute or less confuse some clients." */
const LEAST_LEASE = 120;

const UNITS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/** "12h", "infinite", seconds; null when it is none. */
function leaseTime(word: string): number | null {
  if (word === "infinite") return INFINITE;
  const match = /^(\d*)([wdhms]?)$/i.exec(word);
  if (match === null || word === "") return null;
  const seconds = Number(match[1]) * (UNITS[match[2]!.toLowerCase()] ?? 1);
  return Math.max(LEAST_LEASE, seconds);
}

const isTag = (word: string): boolean => word.startsWith("tag:") || word.startsWith("net:");
const withoutPrefix = (word: string): string => word.replace(/^(set|tag|net):/, "");

/** A range, null for one of IPv6, or what is wrong. */
export function parseRange(text: string): DhcpRange | null | string {
  const words = text.split(",").map((word) => word.trim());
  const tags: string[] = [];
  while (words.length > 1 && /[^ .:0-9a-fA-F]/.test(words[0]!)) tags.push(words.shift()!);
  const needs = tags.filter(isTag).map(withoutPrefix);
  const [sets = null, ...others] = tags.filter((word) => !isTag(word)).map(withoutPrefix);
  if (others.length > 0) return "only one tag allowed";
  if (words.length < 2) return "bad dhcp-range";
  if (words[0]!.includes(":")) return null;
  const first = parseIpv4(words.shift()!);
  const second = words.shift()!;
  const isStatic = second === "static";
  const last = isStatic ? first : parseIpv4(second);
  if (first === null || last === null) return "bad dhcp-range";
  const netmask = words[0]?.includes(".") ? parseIpv4(words[0]) : null;
  if (netmask !== null) words.shift();
  const broadcast = netmask !== null && words[0]?.includes(".") ? parseIpv4(words[0]) : null;
  if (broadcast !== null) words.shift();
  if (netmask !== null && ((first ^ last) & netmask) !== 0) return "inconsistent DHCP range";
  const time = words.length === 0 ? DEFAULT_LEASE : leaseTime(words.shift()!);
  if (time === null || words.length > 0) return "bad dhcp-range";
  const [start, end] = [Math.min(first, last) as Ipv4, Math.max(first, last) as Ipv4];
  return { start, end, netmask, broadcast, leaseTime: time, isStatic, needs, sets };
}

/** A host, or what is wrong. */
export function parseHost(text: string): DhcpHost | string {
  const words = text.split(",").map((word) => word.trim());
  const sets = words.filter((word) => /^(set|net):/.test(word)).map(withoutPrefix);
  const needs = words.filter((word) => word.startsWith("tag:")).map(withoutPrefix);
  const macs: Mac[] = [];
  let clientId: Uint8Array | null = null;
  let address: Ipv4 | null = null;
  let name: string | null = null;
  let time: number | null = null;
  let isIgnored = false;
  for (const word of words) {
    const mac = parseMac(word.replace(/^1-/, ""));
    const ip = parseIpv4(word);
    if (/^($|\[|id:\*$|set:|net:|tag:)/.test(word)) continue;
    if (word.startsWith("id:")) clientId = hexBytes(word.slice(3)) ?? fromText(word.slice(3));
    else if (mac !== null) macs.push(mac);
    else if (word.includes(":")) return "bad hex constant";
    else if (ip !== null) address = ip;
    else if (word === "ignore") isIgnored = true;
    else if (/^(\d+[wdhms]?|infinite)$/i.test(word)) time = leaseTime(word);
    else if (/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(word)) name = word;
    else return "bad DHCP host name";
  }
  return { macs, clientId, address, name, leaseTime: time, sets, needs, isIgnored };
}

const hexBytes = (text: string): Uint8Array | null =>
  /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})+$/i.test(text)
    ? Uint8Array.from(text.split(":"), (part) => Number.parseInt(part, 16))
    : null;

type Shape = "addresses" | "text" | "names" | "number16" | "number32" | "byte" | "routes";

/** Number and shape of the options that have a name (dhcp-common.c, opttab). */
const NAMED: Readonly<Record<string, readonly [number, Shape]>> = {
  netmask: [1, "addresses"],
  "time-offset": [2, "number32"],
  router: [3, "addresses"],
  "dns-server": [6, "addresses"],
  "log-server": [7, "addresses"],
  "lpr-server": [9, "addresses"],
  "boot-file-size": [13, "number16"],
  "domain-name": [15, "text"],
  "swap-server": [16, "addresses"],
  "root-path": [17, "text"],
  "extension-path": [18, "text"],
  "ip-forward-enable": [19, "byte"],
  "default-ttl": [23, "byte"],
  mtu: [26, "number16"],
  broadcast: [28, "addresses"],
  "router-discovery": [31, "byte"],
  "router-solicitation": [32, "addresses"],
  "static-route": [33, "addresses"],
  "arp-timeout": [35, "number32"],
  "nis-domain": [40, "text"],
  "nis-server": [41, "addresses"],
  "ntp-server": [42, "addresses"],
  "netbios-ns": [44, "addresses"],
  "netbios-nodetype": [46, "byte"],
  "lease-time": [51, "number32"],
  T1: [58, "number32"],
  T2: [59, "number32"],
  "vendor-class": [60, "text"],
  "tftp-server": [66, "text"],
  "bootfile-name": [67, "text"],
  "domain-search": [119, "names"],
  "classless-static-route": [121, "routes"],
};

/** An option, null for one of IPv6, or what is wrong. */
export function parseOption(text: string, isForced: boolean): DhcpOption | null | string {
  const words = text.split(",").map((word) => word.trim());
  const needs: string[] = [];
  while (isTag(words[0]!)) needs.push(withoutPrefix(words.shift()!));
  const head = words.shift();
  if (head === undefined || /^(option6|vi-encap|encap|vendor):/.test(head)) {
    return head?.startsWith("option6") ? null : "bad dhcp-option";
  }
  const name = head.replace(/^option:/, "");
  const named = NAMED[name];
  const code = /^\d+$/.test(head) ? Number(head) : (named?.[0] ?? null);
  if (code === null || code < 1 || code > 254) return "bad dhcp-option";
  const shape = named?.[1] ?? Object.values(NAMED).find(([number]) => number === code)?.[1] ?? shapeOf(words);
  if (words.length === 0) return { code, data: null, ours: [], needs, isForced };
  const data = bytesOf(words, shape);
  if (data === null) return "bad dhcp-option";
  const ours = shape !== "addresses" ? [] : words.flatMap((_, i) => (get32(data, 4 * i) === 0 ? [4 * i] : []));
  return { code, data, ours, needs, isForced };
}

/** What a value of an option without a known shape looks like. */
function shapeOf(words: readonly string[]): Shape | "hex" {
  if (words.every((word) => parseIpv4(word) !== null)) return "addresses";
  if (words.length === 1 && hexBytes(words[0]!) !== null) return "hex";
  if (words.length === 1 && /^\d+$/.test(words[0]!)) {
    const value = Number(words[0]);
    return value < 256 ? "byte" : value < 65_536 ? "number16" : "number32";
  }
  return "text";
}

function bytesOf(words: readonly string[], shape: Shape | "hex"): Uint8Array | null {
  switch (shape) {
    case "text":
      return fromText(words.join(","));
    case "hex":
      return hexBytes(words[0]!);
    case "addresses": {
      const addresses = words.map((word) => parseIpv4(word));
      return addresses.includes(null) ? null : concat(addresses.map((address) => number(address!, 4)));
    }
    case "names":
      return domainNames(words);
    case "routes":
      return routes(words);
    default: {
      const size = shape === "byte" ? 1 : shape === "number16" ? 2 : 4;
      return words.every((word) => /^\d+$/.test(word)) ? concat(words.map((word) => number(Number(word), size))) : null;
    }
  }
}

function number(value: number, size: 1 | 2 | 4): Uint8Array {
  const bytes = new Uint8Array(size);
  if (size === 1) bytes[0] = value;
  else if (size === 2) put16(bytes, 0, value);
  else put32(bytes, 0, value);
  return bytes;
}

const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** RFC 3397: a name that ends as an earlier one points there. */
function domainNames(words: readonly string[]): Uint8Array | null {
  const bytes: number[] = [];
  const places = new Map<string, number>();
  for (const word of words) {
    const labels = labelsOf(word);
    if (labels === null) return null;
    let at = 0;
    for (; at < labels.length; at++) {
      const rest = labels.slice(at).join(".");
      const place = places.get(rest);
      if (place !== undefined) {
        bytes.push(0xc0 | (place >>> 8), place & 255);
        break;
      }
      places.set(rest, bytes.length);
      bytes.push(labels[at]!.length, ...labels[at]!);
    }
    if (at === labels.length) bytes.push(0);
  }
  return Uint8Array.from(bytes);
}

/** RFC 3442: network, gateway, and so on. */
function routes(words: readonly string[]): Uint8Array | null {
  const parts: Uint8Array[] = [];
  for (let i = 0; i + 1 < words.length; i += 2) {
    const [text = "", bits = "32"] = words[i]!.split("/");
    const network = parseIpv4(text);
    const gateway = parseIpv4(words[i + 1]!);
    const prefix = Number(bits);
    if (network === null || gateway === null || !/^\d+$/.test(bits) || prefix > 32) return null;
    const significant = number((network & maskOf(prefix)) >>> 0, 4).slice(0, Math.ceil(prefix / 8));
    parts.push(Uint8Array.of(prefix, ...significant), number(gateway, 4));
  }
  return words.length % 2 === 0 ? concat(parts) : null;
}
