/**
 * What the words behind `traceroute` ask for. Follows clif.c and the option list of traceroute 2.1.2: long options take
 * their value behind "=", short ones at once or in the next word, flags may stand together.
 *
 * Not modelled, and refused: TCP, UDPLITE, DCCP and raw probes, IPv6, source routes, marks, whois, ICMP extensions.
 */
import { ANY_IPV4, type Ipv4 } from "../../../packet/address.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import * as udp from "../../../packet/udp.ts";
import type { Process } from "../../process.ts";
import { Quit } from "../quit.ts";
import { addressOf, failureOf, parseNumericHost } from "../resolve.ts";

export interface TracerouteSettings {
  /** As it was typed. */
  readonly host: string;
  readonly destination: Ipv4;
  readonly source: Ipv4;
  readonly device: string | null;
  /** "port": UDP to one port only. */
  readonly method: "udp" | "port" | "icmp";
  /** The first UDP port or ICMP sequence number. */
  readonly first: number;
  readonly firstHop: number;
  readonly maxHops: number;
  /** Probes per hop. */
  readonly queries: number;
  /** Probes under way at once. */
  readonly simultaneous: number;
  /** Seconds: at most; and as multiples of an answer from the same hop, from a later one. 0: not looked at. */
  readonly wait: number;
  readonly here: number;
  readonly near: number;
  /** Seconds between two probes. */
  readonly pause: number;
  readonly tos: number;
  readonly numeric: boolean;
  readonly dontFragment: boolean;
  /** Bytes behind the UDP header, or of the whole ICMP message. */
  readonly dataLength: number;
  /** Of the whole IP packet, as the first line says. */
  readonly packetLength: number;
}

interface Option {
  readonly short: string | null;
  readonly long: string | null;
  /** What help calls the value; null: a flag. */
  readonly value: string | null;
  /** Why it is refused, when it is. */
  readonly refused?: string;
}

const NO_IPV6 = "IPv6 is not modelled";
const option = (short: string | null, long: string | null, value: string | null = null, refused?: string): Option =>
  refused === undefined ? { short, long, value } : { short, long, value, refused };

const OPTIONS: readonly Option[] = [
  option("4", null),
  option("6", null, null, NO_IPV6),
  option("d", "debug"),
  option("F", "dont-fragment"),
  option("f", "first", "first_ttl"),
  option("g", "gateway", "gate,...", "source routes are not modelled"),
  option("I", "icmp"),
  option("T", "tcp", null, "TCP is not modelled yet; use UDP or -I"),
  option("i", "interface", "device"),
  option("m", "max-hops", "max_ttl"),
  option("N", "sim-queries", "squeries"),
  option("n", null),
  option("p", "port", "port"),
  option("t", "tos", "tos"),
  option("l", "flowlabel", "flow_label", NO_IPV6),
  option("w", "wait", "MAX,HERE,NEAR"),
  option("q", "queries", "nqueries"),
  option("r", null, null, "sending past the routing tables (-r) is not modelled"),
  option("s", "source", "src_addr"),
  option("z", "sendwait", "sendwait"),
  option("e", "extensions", null, "ICMP extensions are not modelled"),
  option("A", "as-path-lookups", null, "there is no whois to ask for AS paths"),
  option("M", "module", "name", "use -I or -U instead of -M"),
  option("O", "options", "OPTS,...", "options of a module are not modelled"),
  option(null, "sport", "num", "a fixed source port is not modelled"),
  option(null, "fwmark", "num", "marks of sockets are not modelled"),
  option("U", "udp"),
  option("D", "dccp", null, "DCCP is not modelled"),
  option("P", "protocol", "prot", "raw probes are not modelled"),
  option(null, "mtu", null, "--mtu is not modelled; tracepath shows the MTU on the way"),
  option(null, "back", null, "--back is not modelled; tracepath shows the hops of the way back"),
  option("V", "version"),
  option(null, "help"),
];

const FIRST_PORT = 33_434;
const DNS_PORT = 53;
const DEFAULT_LENGTH = 40;
const MOST_HOPS = 255;
const MOST_QUERIES = 10;
const LONGEST_PACKET = 65_000;

/** What has been given, by short letter or long name. */
class Given {
  readonly values = new Map<string, string>();
  readonly numbers = new Map<string, number>();
  readonly operands: string[] = [];
  source = ANY_IPV4 as Ipv4;
  destination: Ipv4 | null = null;
  packetLength: number | null = null;

  number(key: string, otherwise: number): number {
    return this.numbers.get(key) ?? otherwise;
  }
}

/** Throws `Quit`; null when help or the version is all that is wanted. */
export function readSettings(process: Process): TracerouteSettings | "help" | "version" {
  const words = process.argv.slice(1);
  if (words.length === 0) return "help";
  const given = new Given();
  let onlyOperands = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") onlyOperands = true;
    else if (onlyOperands || !word.startsWith("-") || word === "-") takeOperand(process, given, word, i + 1);
    else if (word.startsWith("--")) takeLong(process, given, word, i + 1);
    else i += takeShorts(process, given, word, words[i + 1], i + 1);
    if (given.values.has("help")) return "help";
    if (given.values.has("V")) return "version";
  }
  return finish(given);
}

function takeLong(process: Process, given: Given, word: string, at: number): void {
  const equals = word.indexOf("=");
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const value = equals < 0 ? null : word.slice(equals + 1);
  const found = OPTIONS.find(({ long }) => long === name);
  if (found === undefined) {
    throw new Quit(`Bad option \`${word}'${value === null ? "" : ` (with arg \`${value}')`} (argc ${at})`, 2);
  }
  if (found.value !== null && value === null) {
    throw new Quit(`Option \`--${name}' (argc ${at}) requires an argument: \`--${name}=${found.value}'`, 2);
  }
  take(process, given, found, `--${name}`, value ?? "", at);
}

/** Answers how many words more it has used up. */
function takeShorts(process: Process, given: Given, word: string, next: string | undefined, at: number): number {
  for (let i = 1; i < word.length; i++) {
    const letter = word.charAt(i);
    const found = OPTIONS.find(({ short }) => short === letter);
    if (found === undefined) throw new Quit(`Bad option \`-${letter}' (argc ${at})`, 2);
    if (found.value === null) {
      take(process, given, found, `-${letter}`, "", at);
      continue;
    }
    const isAlone = word.length === 2;
    const value = i === 1 && !isAlone ? word.slice(2) : isAlone ? next : undefined;
    if (value === undefined) {
      throw new Quit(`Option \`-${letter}' (argc ${at}) requires an argument: \`-${letter} ${found.value}'`, 2);
    }
    take(process, given, found, `-${letter}`, value, isAlone ? at + 1 : at);
    return isAlone ? 1 : 0;
  }
  return 0;
}

function take(process: Process, given: Given, found: Option, name: string, value: string, at: number): void {
  if (found.refused !== undefined) throw new Quit(`${process.name}: ${found.refused}`, 2);
  const key = found.short ?? found.long!;
  given.values.set(key, value);
  const wrong = new Quit(`Cannot handle \`${name}' option with arg \`${value}' (argc ${at})`, 2);
  if ("fmNptq".includes(key) && found.value !== null) given.numbers.set(key, readWhole(value) ?? refuse(wrong));
  else if (key === "z") given.numbers.set(key, readReal(value) ?? refuse(wrong));
  else if (key === "w") readWaits(given, value, wrong);
  else if (key === "s") given.source = findAddress(process, value, wrong);
}

function refuse(quit: Quit): never {
  throw quit;
}

function takeOperand(process: Process, given: Given, word: string, at: number): void {
  const position = given.operands.push(word);
  const wrong = (name: string): Quit =>
    new Quit(`Cannot handle "${name}" cmdline arg \`${word}' on position ${position} (argc ${at})`, 2);
  if (position === 1) given.destination = findAddress(process, word, wrong("host"));
  else if (position === 2) given.packetLength = readWhole(word) ?? refuse(wrong("packetlen"));
  else throw new Quit(`Extra arg \`${word}' (position ${position}, argc ${at})`, 2);
}

function findAddress(process: Process, word: string, wrong: Quit): Ipv4 {
  const found = parseNumericHost(word) ?? addressOf(process.machine, word)?.address ?? null;
  if (found !== null) return found;
  process.error(`${word}: ${failureOf(process.machine, word)}\n`);
  throw wrong;
}

/** strtoul with base 0, as an unsigned int. */
function readWhole(text: string): number | null {
  const found = /^\s*([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.exec(text);
  if (found === null) return null;
  const digits = found[2]!;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return (found[1] === "-" ? -value : value) >>> 0;
}

const readReal = (text: string): number | null =>
  /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;

/** MAX alone switches the two others off; what stands between the numbers does not matter. */
function readWaits(given: Given, value: string, wrong: Quit): void {
  const [most, here = 0, near = 0, ...more] = value.split(",").map(readReal);
  if (more.length > 0 || most === null || here === null || near === null) throw wrong;
  for (const [key, each] of [["w", most!] as const, ["here", here] as const, ["near", near] as const]) {
    given.numbers.set(key, each);
  }
}

function finish(given: Given): TracerouteSettings {
  const { destination, packetLength } = given;
  if (destination === null) throw new Quit(`Specify "host" missing argument.`, 2);
  const method = given.values.has("I") ? "icmp" : given.values.has("U") ? "port" : "udp";
  const pause = given.number("z", 0);
  const settings = {
    host: given.operands[0]!,
    destination,
    source: given.source,
    device: given.values.get("i") ?? null,
    method,
    first: given.number("p", 0) || { udp: FIRST_PORT, port: DNS_PORT, icmp: 1 }[method],
    firstHop: given.number("f", 1),
    maxHops: given.number("m", 30),
    queries: given.number("q", 3),
    simultaneous: given.number("N", 16),
    wait: given.number("w", 5),
    here: given.number("here", 3),
    near: given.number("near", 10),
    pause: pause >= 10 ? pause / 1000 : pause,
    tos: given.number("t", 0) & 0xff,
    numeric: given.values.has("n"),
    dontFragment: given.values.has("F"),
    ...lengths(method, packetLength),
  } as const;
  judge(settings, packetLength, pause);
  return settings;
}

function lengths(method: TracerouteSettings["method"], wanted: number | null) {
  const own = method === "icmp" ? 0 : udp.HEADER_LENGTH;
  const headers = ipv4.MIN_HEADER_LENGTH + own;
  const asked = wanted === null ? DEFAULT_LENGTH - own : Math.max(0, wanted - headers);
  const dataLength = method === "icmp" ? Math.max(asked, icmp.HEADER_LENGTH) : asked;
  return { dataLength, packetLength: headers + dataLength };
}

function judge(settings: TracerouteSettings, packetLength: number | null, pause: number): void {
  const { firstHop, maxHops, queries, wait, here, near } = settings;
  if (firstHop === 0 || firstHop > maxHops) throw new Quit("first hop out of range", 2);
  if (maxHops > MOST_HOPS) throw new Quit(`max hops cannot be more than ${MOST_HOPS}`, 2);
  if (queries === 0 || queries > MOST_QUERIES) throw new Quit(`no more than ${MOST_QUERIES} probes per hop`, 2);
  if (wait < 0 || here < 0 || near < 0) throw new Quit(`bad wait specifications \`${wait},${here},${near}' used`, 2);
  if ((packetLength ?? 0) > LONGEST_PACKET) throw new Quit(`too big packetlen ${packetLength} specified`, 2);
  if (pause < 0) throw new Quit(`bad sendtime \`${pause}' specified`, 2);
}
