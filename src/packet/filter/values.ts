/**
 * What a value means under its qualifiers: "192.168.1.1" after `host`, "80" after `port`, "arp" after `ether proto`
 * (libpcap's gencode.c: gen_scode, gen_ncode, gen_mcode, gen_ecode). Names are the few that a lab needs; nothing is resolved.
 */
import { type Ipv4, parseMac } from "../address.ts";
import { EtherType } from "../ethernet.ts";
import { Protocol } from "../ipv4.ts";
import type { Direction, Net } from "./primitives.ts";
import * as primitive from "./primitives.ts";
import type { Filter } from "./tree.ts";
import type { Word } from "./words.ts";

export interface Qualifier {
  /** ether, ip, tcp ...; null when the text names none. */
  readonly protocol: string | null;
  readonly direction: Direction | null;
  readonly kind: "host" | "net" | "port" | "portrange" | "proto";
}

/** A mistake in the text. Thrown inside the compiler only; its callers get a message. */
export class FilterError extends Error {
  readonly column: number;
  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

const ETHER_NAMES: ReadonlyMap<string, number> = new Map([
  ["ip", EtherType.IPV4],
  ["ip6", EtherType.IPV6],
  ["arp", EtherType.ARP],
  ["rarp", EtherType.RARP],
  ["loopback", EtherType.LOOPBACK],
]);
const IP_NAMES: ReadonlyMap<string, number> = new Map([
  ["icmp", Protocol.ICMP],
  ["igmp", Protocol.IGMP],
  ["tcp", Protocol.TCP],
  ["udp", Protocol.UDP],
  ["sctp", 132],
]);
/** The services that xenlab's machines run, as /etc/services names them. */
const PORT_NAMES: ReadonlyMap<string, number> = new Map([
  ["echo", 7],
  ["ssh", 22],
  ["domain", 53],
  ["bootps", 67],
  ["bootpc", 68],
  ["http", 80],
  ["ntp", 123],
  ["https", 443],
]);

/** `bits` follows a slash, `mask` the word mask. */
export function value(word: Word, bits: Word | null, mask: Word | null, qualifier: Qualifier, tags: number): Filter {
  if ((bits ?? mask) !== null && qualifier.kind !== "net") fail("Mask syntax for networks only", word);
  switch (qualifier.kind) {
    case "host":
      return host(word, qualifier, tags);
    case "net":
      return addressTest(net(word, bits, mask), word, qualifier, tags);
    case "port":
      return port(word, qualifier, tags);
    case "portrange":
      return portRange(word, qualifier, tags);
    case "proto":
      return protocol(word, qualifier, tags);
  }
}

function fail(message: string, word: Word): never {
  throw new FilterError(message, word.column);
}

function host(word: Word, qualifier: Qualifier, tags: number): Filter {
  if (word.kind === "mac") {
    const mac = parseMac(word.text.replaceAll(".", ":"));
    if (mac === null || qualifier.protocol !== "ether") fail("ethernet address used in non-ether expression", word);
    return primitive.mac(mac, qualifier.direction ?? "either");
  }
  if (qualifier.protocol === "ether") fail("illegal link layer address", word);
  if (word.kind === "name") fail(`unknown host '${word.text}': names are not resolved, give an address`, word);
  return addressTest(net(word, null, null), word, qualifier, tags);
}

function addressTest(range: Net, word: Word, qualifier: Qualifier, tags: number): Filter {
  const direction = qualifier.direction ?? "either";
  switch (qualifier.protocol) {
    case null:
      return primitive.address(tags, range, direction);
    case "ip":
    case "arp":
    case "rarp":
      return primitive.addressIn(qualifier.protocol, tags, range, direction);
    case "ip6":
      return fail("'ip6' modifier applied to ip host", word);
    case "ether":
      return fail(`link-layer modifier applied to ${qualifier.kind}`, word);
    default:
      return fail(`'${qualifier.protocol}' modifier applied to ${qualifier.kind}`, word);
  }
}

/** Shortened addresses are promoted: `net 10.1` is 10.1.0.0/16, `net 192` is 192.0.0.0/8. */
function net(word: Word, bits: Word | null, maskWord: Word | null): Net {
  if (word.kind === "name" || word.kind === "mac") fail(`unknown network '${word.text}'`, word);
  const address = dotted(word);
  const whole = word.kind === "number" ? promote(address.value) : address;
  const mask = maskWord !== null ? dotted(maskWord).value : bits !== null ? prefixMask(bits) : whole.mask;
  const range = { address: whole.value as Ipv4, mask };
  if ((range.address & ~mask) !== 0) {
    const shown = maskWord !== null ? `${word.text} mask ${maskWord.text}` : `${word.text}/${bits?.text ?? ""}`;
    fail(`non-network bits set in "${shown}"`, word);
  }
  return range;
}

interface Promoted {
  readonly value: number;
  readonly mask: number;
}

function dotted(word: Word): Promoted {
  if (word.kind === "number") return { value: Number(word.text) >>> 0, mask: 0xffff_ffff };
  const parts = word.text.split(".").map(Number);
  if (word.kind !== "address" || parts.some((part) => part > 255)) fail(`invalid IPv4 address '${word.text}'`, word);
  const missing = 8 * (4 - parts.length);
  const sum = parts.reduce((total, part) => total * 256 + part, 0);
  return { value: (sum * 2 ** missing) >>> 0, mask: (0xffff_ffff << missing) >>> 0 };
}

/** A network given as one number loses its leading zero bytes. */
function promote(number: number): Promoted {
  let value = number;
  let mask = 0xffff_ffff;
  while (value !== 0 && value >>> 24 === 0) {
    value = (value << 8) >>> 0;
    mask = (mask << 8) >>> 0;
  }
  return { value, mask };
}

function prefixMask(word: Word): number {
  if (word.kind !== "number") fail(`can't parse filter expression: syntax error at '${word.text}'`, word);
  const bits = Number(word.text);
  if (bits > 32) fail("mask length must be <= 32", word);
  return bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
}

function transports(qualifier: Qualifier, word: Word): readonly number[] {
  if (qualifier.protocol === null) return primitive.ANY_TRANSPORT;
  if (!["tcp", "udp", "sctp"].includes(qualifier.protocol)) fail(`illegal qualifier of '${qualifier.kind}'`, word);
  return [IP_NAMES.get(qualifier.protocol) ?? Protocol.UDP];
}

function portNumber(text: string, word: Word): number {
  const number = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : PORT_NAMES.get(text);
  if (number === undefined) return fail(`unknown port '${text}'`, word);
  return number > 65_535 ? fail(`illegal port number ${number} > 65535`, word) : number;
}

function port(word: Word, qualifier: Qualifier, tags: number): Filter {
  if (word.kind === "address") fail("'port' modifier applied to ip host", word);
  const number = portNumber(word.text, word);
  return primitive.ports(tags, number, number, transports(qualifier, word), qualifier.direction ?? "either");
}

function portRange(word: Word, qualifier: Qualifier, tags: number): Filter {
  if (word.kind === "address") fail("'portrange' modifier applied to ip host", word);
  const [first = "", last = first] = word.text.split("-");
  const low = portNumber(first, word);
  const high = portNumber(last, word);
  return primitive.ports(
    tags,
    Math.min(low, high),
    Math.max(low, high),
    transports(qualifier, word),
    qualifier.direction ?? "either",
  );
}

function protocol(word: Word, qualifier: Qualifier, tags: number): Filter {
  if (word.kind === "address") fail("'proto' modifier applied to ip host", word);
  const names = qualifier.protocol === "ether" ? ETHER_NAMES : IP_NAMES;
  const number = word.kind === "number" ? Number(word.text) : names.get(word.text);
  if (number === undefined) return fail(`unknown protocol: ${word.text}`, word);
  switch (qualifier.protocol) {
    case null:
      return primitive.anyIpProtocol(tags, number);
    case "ether":
      return primitive.etherProtocol(tags, number);
    case "ip":
      return primitive.ipProtocol(tags, number);
    case "ip6":
      return primitive.ip6Protocol(tags, number);
    case "arp":
    case "rarp":
      return fail(`${qualifier.protocol} does not encapsulate another protocol`, word);
    default:
      return fail(`'${qualifier.protocol} proto' is bogus`, word);
  }
}
