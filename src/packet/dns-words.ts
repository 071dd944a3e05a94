/** DNS: the kinds of records by number and name (RFC 1035 3.2.2, RFC 3597), and the names of addresses (3.5). */
import type { Ipv4 } from "./address.ts";

export const Type = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
} as const;

/** RFC 1035 3.5: 192.0.2.1 is 1.2.0.192.in-addr.arpa. */
export const reverseName = (address: Ipv4): string =>
  `${address & 255}.${(address >>> 8) & 255}.${(address >>> 16) & 255}.${address >>> 24}.in-addr.arpa`;

/** The address that a reverse name asks for; null when it is no such name, or one of a whole zone. */
export function addressOfReverse(name: string): Ipv4 | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/i.exec(name);
  if (match === null) return null;
  const [d, c, b, a] = match.slice(1).map(Number) as [number, number, number, number];
  return Math.max(a, b, c, d) > 255 ? null : ((((a << 24) | (b << 16) | (c << 8) | d) >>> 0) as Ipv4);
}

const TYPE_NAMES = new Map<number, string>(Object.entries(Type).map(([name, number]) => [number, name]));
/** RFC 3597 for those that have no name here. */
export const typeName = (type: number): string => TYPE_NAMES.get(type) ?? `TYPE${type}`;
export function typeOfName(text: string): number | null {
  const upper = text.toUpperCase();
  if (Object.hasOwn(Type, upper)) return Type[upper as keyof typeof Type];
  const match = /^TYPE(\d{1,5})$/.exec(upper);
  return match === null || Number(match[1]) > 65_535 ? null : Number(match[1]);
}
