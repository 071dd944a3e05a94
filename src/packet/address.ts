/**
 * MAC and IPv4 addresses as numbers. Follows IEEE 802 (48-bit addresses) and RFC 4632 (prefixes).
 * Text is read and written by ip-address where it is IPv4; MACs are ours. No IPv6 yet.
 */
import { Address4 } from "ip-address";
import type { Branded } from "../base/brand.ts";
import { hex8 } from "../base/bytes.ts";

/** A 48-bit integer. */
export type Mac = Branded<number, "Mac">;
/** An unsigned 32-bit integer. */
export type Ipv4 = Branded<number, "Ipv4">;
/** An address with its prefix length: what `ip addr` calls 192.168.1.10/24. */
export interface Cidr {
  readonly address: Ipv4;
  /** 0 to 32 */
  readonly prefix: number;
}

export const BROADCAST_MAC = 0xffff_ffff_ffff as Mac;
/** Xen's dummy address of backend devices: the highest unicast MAC, so no bridge adopts it (xen-network-common.sh). */
export const XEN_DUMMY_MAC = 0xfeff_ffff_ffff as Mac;
export const ZERO_MAC = 0 as Mac;
export const ANY_IPV4 = 0 as Ipv4;
export const LIMITED_BROADCAST = 0xffff_ffff as Ipv4;

/** The group bit: broadcast or multicast (IEEE 802, first octet, bit 0). */
export const isGroup = (mac: Mac): boolean => (Math.floor(mac / 0x100_0000_0000) & 1) === 1;
/** is_valid_ether_addr: somebody's own address, neither a group nor all zero. */
export const isStationAddress = (mac: Mac): boolean => mac !== ZERO_MAC && !isGroup(mac);

/** IEEE 802.1D table 7-10: 01:80:c2:00:00:00 to 0f belong to the link and stop at the first bridge. */
export const LINK_LOCAL_GROUPS = 0x0180_c200_0000;

/** Its first two bytes, and the other four as a signed number: what the frame path compares (ethernet.ts). */
export const highOf = (mac: Mac): number => Math.floor(mac / 0x1_0000_0000);
export const lowOf = (mac: Mac): number => mac | 0;

/** "00:16:3e:00:00:01" or "00-16-3e-00-00-01"; null when it is not a MAC address. */
export function parseMac(text: string): Mac | null {
  if (!/^[0-9a-fA-F]{1,2}([:-][0-9a-fA-F]{1,2}){5}$/.test(text)) return null;
  return text.split(/[:-]/).reduce((sum, part) => sum * 256 + Number.parseInt(part, 16), 0) as Mac;
}

export function formatMac(mac: Mac): string {
  const high = Math.floor(mac / 0x100_0000);
  const low = mac % 0x100_0000;
  return `${hex8(high >>> 16)}:${hex8(high >>> 8)}:${hex8(high)}:${hex8(low >>> 16)}:${hex8(low >>> 8)}:${hex8(low)}`;
}

/** Dotted quad only, four decimal parts; null otherwise. */
export function parseIpv4(text: string): Ipv4 | null {
  if (text.includes("/") || !Address4.isValid(text)) return null;
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) as Ipv4;
}

export const formatIpv4 = (ip: Ipv4): string => `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;

/** "192.168.1.10/24"; without a slash the prefix is 32. Null when it is neither. */
export function parseCidr(text: string): Cidr | null {
  const [host = "", bits, more] = text.split("/");
  const address = parseIpv4(host);
  if (address === null || more !== undefined) return null;
  if (bits === undefined) return { address, prefix: 32 };
  if (!/^\d{1,2}$/.test(bits) || Number(bits) > 32) return null;
  return { address, prefix: Number(bits) };
}

export const formatCidr = (cidr: Cidr): string => `${formatIpv4(cidr.address)}/${cidr.prefix}`;

export const maskOf = (prefix: number): Ipv4 => (prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0) as Ipv4;
export const networkOf = (address: Ipv4, prefix: number): Ipv4 => ((address & maskOf(prefix)) >>> 0) as Ipv4;
export const broadcastOf = (address: Ipv4, prefix: number): Ipv4 => ((address | ~maskOf(prefix)) >>> 0) as Ipv4;
export const isMulticast = (ip: Ipv4): boolean => ip >>> 28 === 14;
export const isLoopback = (ip: Ipv4): boolean => ip >>> 24 === 127;
/** The group MAC of an IPv4 multicast address (RFC 1112 6.4). */
export const multicastMac = (ip: Ipv4): Mac => (0x0100_5e00_0000 + (ip & 0x7f_ffff)) as Mac;
