/**
 * Addresses and prefixes as iproute2 writes them: "10/8", "192.168.1.0/255.255.255.0", "default". Follows lib/utils.c
 * (get_addr_1, get_prefix_1) and lib/ll_addr.c. IPv6 is recognised and refused: it is not modelled.
 */
import { ANY_IPV4, type Ipv4, type Mac, networkOf, parseIpv4 } from "../../../packet/address.ts";
import { Misuse, notModelled, readUnsigned } from "./words.ts";

/** As error sentences call it: known once -4 or another address of the line said so. */
export type Family = "any valid" | "inet";

export interface Prefix {
  readonly address: Ipv4;
  /** 0 to 32 */
  readonly prefix: number;
  /** Written with a length. */
  readonly hasLength: boolean;
  /** "default", "any" or "all". */
  readonly isAny: boolean;
}

const ANY: Prefix = { address: ANY_IPV4, prefix: 0, hasLength: false, isAny: true };

export function readPrefix(text: string, family: Family): Prefix {
  if (isAnyWord(text)) return ANY;
  const [host = "", length, more] = text.split("/");
  const address = more === undefined ? readHost(host) : null;
  const prefix = length === undefined ? 32 : readLength(length);
  if (address === null || prefix === null) throw refused("prefix", text, family);
  return { address, prefix, hasLength: length !== undefined, isAny: false };
}

export function readAddress(text: string, family: Family): Ipv4 {
  if (isAnyWord(text)) return ANY_IPV4;
  const address = readHost(text);
  if (address === null) throw refused("address", text, family);
  return address;
}

const isAnyWord = (text: string): boolean => text === "default" || text === "any" || text === "all";

/** Near enough to tell it from a typing mistake (RFC 4291 2.2): eight groups, or "::" in place of some. */
const isIpv6 = (text: string): boolean =>
  /^([0-9a-f]{0,4}:){2,7}[0-9a-f.]*(\/\d+)?$/i.test(text) && /::|(:.*){7}/.test(text);

function refused(what: string, text: string, family: Family): Misuse {
  if (family === "any valid" && isIpv6(text)) return notModelled("IPv6");
  return new Misuse(`Error: ${family} ${what} is expected rather than "${text}".`, 1);
}

/** get_addr_ipv4: one to four numbers, the missing ones are 0 on the right. */
function readHost(text: string): Ipv4 | null {
  const parts = text.split(".").map((part) => readUnsigned(part, 255));
  if (parts.length > 4 || parts.includes(null)) return null;
  return parseIpv4([...parts, 0, 0, 0].slice(0, 4).join("."));
}

/** get_netmask: a number or a dotted mask. */
function readLength(text: string): number | null {
  const bits = readUnsigned(text, 32);
  if (bits !== null) return bits;
  const mask = readHost(text);
  return mask === null || !text.includes(".") ? null : prefixOfMask(mask);
}

/** Null when the ones of the mask are not all on the left. */
export function prefixOfMask(mask: Ipv4): number | null {
  const bits = Math.clz32(~mask);
  return networkOf(mask, bits) === mask && networkOf(0xffff_ffff as Ipv4, bits) === mask ? bits : null;
}

/** ll_addr_a2n: hexadecimal bytes between colons, however many. */
export function readLinkAddress(text: string): readonly number[] {
  const bytes = text.split(":").map((part) => (/^[0-9a-f]+$/i.test(part) ? Number.parseInt(part, 16) : -1));
  if (bytes.some((byte) => byte < 0 || byte > 255)) throw new Misuse(`"${text}" is invalid lladdr.`, 1);
  return bytes;
}

/** Of exactly six bytes; null otherwise. */
export const macOf = (bytes: readonly number[]): Mac | null =>
  bytes.length === 6 ? (bytes.reduce((sum, byte) => sum * 256 + byte, 0) as Mac) : null;
