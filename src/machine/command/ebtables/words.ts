/** The words of ebtables for numbers, both ways: /etc/ethertypes, /etc/protocols, ebt_arp's and pkttype's own lists. */
import { formatIpv4, formatMac, type Ipv4, type Mac, maskOf, parseIpv4 } from "../../../packet/address.ts";
import { LENGTH_FIELD } from "../../../stack/netfilter/ebtables/rule.ts";

const WHOLE = 0xffff_ffff_ffff as Mac;

const ETHER_TYPES: readonly (readonly [string, number])[] = [
  ["IPv4", 0x0800],
  ["ARP", 0x0806],
  ["RARP", 0x8035],
  ["802_1Q", 0x8100],
  ["IPX", 0x8137],
  ["IPv6", 0x86dd],
  ["PPP_DISC", 0x8863],
  ["PPP_SES", 0x8864],
  ["Length", LENGTH_FIELD],
];
const IP_PROTOCOLS: readonly (readonly [string, number])[] = [
  ["icmp", 1],
  ["igmp", 2],
  ["tcp", 6],
  ["udp", 17],
  ["dccp", 33],
  ["gre", 47],
  ["esp", 50],
  ["ah", 51],
  ["sctp", 132],
  ["udplite", 136],
];
const ARP_OPERATIONS = [
  "Request",
  "Reply",
  "Request_Reverse",
  "Reply_Reverse",
  "DRARP_Request",
  "DRARP_Reply",
  "DRARP_Error",
  "InARP_Request",
  "ARP_NAK",
];
const PACKET_TYPES = ["host", "broadcast", "multicast", "otherhost", "outgoing", "loopback", "fastroute"];
export const LOG_LEVELS = ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"];
const MACS: readonly (readonly [string, Mac, Mac])[] = [
  ["Unicast", 0 as Mac, 0x0100_0000_0000 as Mac],
  ["Multicast", 0x0100_0000_0000 as Mac, 0x0100_0000_0000 as Mac],
  ["Broadcast", WHOLE, WHOLE],
  ["BGA", 0x0180_c200_0000 as Mac, WHOLE],
];

const byName = (list: readonly (readonly [string, number])[], word: string): number | null =>
  list.find(([name]) => name.toLowerCase() === word.toLowerCase())?.[1] ?? null;
const byNumber = (list: readonly (readonly [string, number])[], value: number): string | null =>
  list.find(([, each]) => each === value)?.[0] ?? null;

export function readEtherType(word: string): number | null {
  const named = byName(ETHER_TYPES, word);
  if (named !== null) return named;
  return /^(0x)?[0-9a-f]+$/i.test(word) && Number.parseInt(word, 16) <= 0xffff ? Number.parseInt(word, 16) : null;
}
export const etherTypeText = (type: number): string => byNumber(ETHER_TYPES, type) ?? `0x${type.toString(16)}`;

export function readIpProtocol(word: string): number | null {
  return byName(IP_PROTOCOLS, word) ?? readSmall(word, 255);
}
export const ipProtocolText = (protocol: number): string => byNumber(IP_PROTOCOLS, protocol) ?? String(protocol);

const readSmall = (word: string, most: number): number | null =>
  /^\d+$/.test(word) && Number(word) <= most ? Number(word) : null;

export function readArpOperation(word: string): number | null {
  const at = ARP_OPERATIONS.findIndex((name) => name.toLowerCase() === word.toLowerCase());
  return at >= 0 ? at + 1 : readSmall(word, 0xffff);
}
export const arpOperationText = (value: number): string => ARP_OPERATIONS[value - 1] ?? String(value);

export function readPacketType(word: string): number | null {
  const at = PACKET_TYPES.indexOf(word.toLowerCase());
  return at >= 0 ? at : null;
}
export const packetTypeText = (value: number): string => PACKET_TYPES[value] ?? String(value);

/** ether_aton: six numbers of one or two digits. */
function readMac(text: string): Mac | null {
  const parts = text.split(":");
  if (parts.length !== 6 || parts.some((part) => !/^[0-9a-f]{1,2}$/i.test(part))) return null;
  return parts.reduce((sum, part) => sum * 256 + Number.parseInt(part, 16), 0) as Mac;
}

/** What the mask leaves of an address; 48 bits are more than a bit operation takes. */
function masked(mac: Mac, mask: Mac): Mac {
  const half = 0x100_0000;
  const high = (Math.floor(mac / half) & Math.floor(mask / half)) >>> 0;
  return (high * half + (((mac % half) & (mask % half)) >>> 0)) as Mac;
}

export function readMacAndMask(word: string): { readonly mac: Mac; readonly mask: Mac } | null {
  const named = MACS.find(([name]) => name.toLowerCase() === word.toLowerCase());
  if (named !== undefined) return { mac: named[1], mask: named[2] };
  const [address = "", maskText, ...more] = word.split("/");
  const mac = readMac(address);
  const mask = maskText === undefined ? WHOLE : readMac(maskText);
  return mac === null || mask === null || more.length > 0 ? null : { mac: masked(mac, mask), mask };
}

export function macText(mac: Mac, mask: Mac): string {
  const named = MACS.find(([, each, eachMask]) => each === mac && eachMask === mask);
  if (named !== undefined) return named[0];
  return mask === WHOLE ? formatMac(mac) : `${formatMac(mac)}/${formatMac(mask)}`;
}

export function readAddressAndMask(word: string): { readonly address: Ipv4; readonly mask: Ipv4 } | null {
  const [first = "", maskText, ...more] = word.split("/");
  const address = parseIpv4(first);
  const mask =
    maskText === undefined ? maskOf(32) : /^\d+$/.test(maskText) ? prefixMask(Number(maskText)) : parseIpv4(maskText);
  if (address === null || mask === null || more.length > 0) return null;
  return { address: ((address & mask) >>> 0) as Ipv4, mask };
}

const prefixMask = (prefix: number): Ipv4 | null => (prefix <= 32 ? maskOf(prefix) : null);

export function addressText(address: Ipv4, mask: Ipv4): string {
  const prefix = Array.from({ length: 33 }, (_, i) => i).find((each) => maskOf(each) === mask);
  if (prefix === 32) return formatIpv4(address);
  return `${formatIpv4(address)}/${prefix ?? formatIpv4(mask)}`;
}

/** PORT, FIRST:LAST, :LAST, FIRST: */
export function readPorts(word: string): { readonly from: number; readonly to: number } | null {
  const [first = "", last, ...more] = word.split(":");
  if (more.length > 0 || word === "" || word === ":") return null;
  const from = first === "" && last !== undefined ? 0 : readSmall(first, 65_535);
  const to = last === undefined ? from : last === "" ? 65_535 : readSmall(last, 65_535);
  return from === null || to === null ? null : { from, to };
}
