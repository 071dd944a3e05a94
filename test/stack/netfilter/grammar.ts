/** Random rules and packets of one small world: a host with the bridge br0 (10.0.0.100) and four stations behind it. */
import { put16, put32 } from "../../../src/base/bytes.ts";
import type { Random } from "../../../src/engine/random.ts";
import { formatMac, type Ipv4, type Mac } from "../../../src/packet/address.ts";
import { finish, pseudoHeader, sum } from "../../../src/packet/checksum.ts";
import * as ethernet from "../../../src/packet/ethernet.ts";
import * as icmp from "../../../src/packet/icmp.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import * as tcp from "../../../src/packet/tcp.ts";
import { ip } from "../../kit/stack.ts";

export const PORTS = 4;
export const HOST = ip("10.0.0.100");
export const portMac = (index: number): Mac => (0x0200_0000_0010 + index) as Mac;
/** Behind port `index`. */
export const stationMac = (index: number): Mac => (0x0200_0000_0100 + index) as Mac;
export const stationIp = (index: number): Ipv4 => (ip("10.0.0.1") + index) as Ipv4;
const USER_CHAINS = ["u0", "u1", "u2"];

/** Where packets of the host's own come by, with which the matches mac and physdev will not do. */
const FROM_OUTPUT = ["OUTPUT", "u2"];

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.below(items.length)]!;
const maybe = (random: Random, chance: number, text: () => string): string =>
  random.chance(chance) ? `${text()} ` : "";
const not = (random: Random): string => (random.chance(0.25) ? "! " : "");

const NETWORKS = [
  "10.0.0.1",
  "10.0.0.2",
  "10.0.0.3",
  "10.0.0.0/30",
  "10.0.0.0/24",
  "10.0.0.2/31",
  "10.0.0.1/255.0.0.1",
  "10.0.0.100",
  "10.0.0.255",
];
const DEVICES = ["br0", "br+", "p0", "p+", "lo", "+", "q1"];
const PORT_RANGES = ["7", "1000", "1000:2000", ":999", "1:65535", "53"];
const PORT_LISTS = ["7", "7,53", "1000:2000,53", "1,2,3,1500"];
const STATES = ["NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "INVALID,NEW", "SNAT", "UNTRACKED"];
const STATUSES = ["SEEN_REPLY", "ASSURED", "CONFIRMED", "ASSURED,SEEN_REPLY", "NONE"];
const TYPES = ["UNICAST", "LOCAL", "BROADCAST", "MULTICAST,LOCAL", "UNICAST,LOCAL"];
const TARGETS = [
  "ACCEPT",
  "ACCEPT",
  "DROP",
  "DROP",
  "RETURN",
  "REJECT",
  "REJECT --reject-with icmp-host-prohibited",
  "LOG",
  "",
];

function transport(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return `-p udp ${maybe(random, 0.6, () => `${not(random)}--sport ${pick(random, PORT_RANGES)}`)}${maybe(random, 0.6, () => `${not(random)}--dport ${pick(random, PORT_RANGES)}`)}`;
    case 1:
      return `-p tcp ${maybe(random, 0.4, () => `${not(random)}--sport ${pick(random, PORT_RANGES)}`)}${maybe(random, 0.4, () => `${not(random)}--dport ${pick(random, PORT_RANGES)}`)}${maybe(random, 0.4, () => `${not(random)}--syn`)}`;
    case 2:
      return `-p icmp ${not(random)}--icmp-type ${pick(random, ["8", "0", "3/1", "3", "any"])} `;
    case 3:
      return `${not(random)}-p ${pick(random, ["udp", "tcp", "icmp", "47"])} `;
    case 4:
      return `${not(random)}-f `;
    case 5:
      return `-p ${pick(random, ["udp", "tcp"])} -m multiport ${not(random)}--${pick(random, ["sports", "dports", "ports"])} ${pick(random, PORT_LISTS)} `;
    default:
      return "";
  }
}

/** Of what is known of a packet beside its bytes. */
function knowledge(random: Random): string {
  switch (random.below(16)) {
    case 0:
      return `-m conntrack ${not(random)}--ctstate ${pick(random, STATES)} `;
    case 1:
      return `-m conntrack ${not(random)}--ctorigdst ${pick(random, NETWORKS)} --ctdir ${pick(random, ["ORIGINAL", "REPLY"])} `;
    case 2:
      return `-m conntrack ${not(random)}--ctstatus ${pick(random, STATUSES)} `;
    case 3:
      return `-m conntrack ${not(random)}--ctproto ${pick(random, ["6", "17"])} ${not(random)}--ctorigdstport ${pick(random, ["53", "1:1000"])} `;
    case 4:
      return `-m pkttype ${not(random)}--pkt-type ${pick(random, ["unicast", "broadcast", "multicast"])} `;
    case 5:
      return `-m addrtype ${not(random)}--dst-type ${pick(random, TYPES)} `;
    case 6:
      return `-m addrtype ${not(random)}--src-type ${pick(random, TYPES)} `;
    case 7:
      return `-m mark ${not(random)}--mark ${pick(random, ["0x0", "0x0/0x1", "0x1"])} `;
    case 8:
      return `-m connmark ${not(random)}--mark ${pick(random, ["0x0", "0x3/0x3"])} `;
    case 9:
      return `-m limit --limit 1/hour --limit-burst ${1 + random.below(4)} `;
    case 10:
      return `-m state ${not(random)}--state ${pick(random, STATES.slice(0, 5))} `;
    default:
      return "";
  }
}

function physdev(random: Random, chain: string): string {
  const isBridged = maybe(random, 0.3, () => `${not(random)}--physdev-is-bridged`);
  const isIn = maybe(random, 0.2, () => `${not(random)}--physdev-is-in`);
  const input = maybe(random, 0.5, () => `${not(random)}--physdev-in ${pick(random, ["p0", "p1", "p+", "q0"])}`);
  const mayAskOut = !FROM_OUTPUT.includes(chain) || isBridged.startsWith("--");
  const output = mayAskOut
    ? maybe(random, 0.4, () => `${not(random)}--physdev-out ${pick(random, ["p1", "p2", "p+"])}`)
    : "";
  const isOut = mayAskOut ? maybe(random, 0.2, () => `${not(random)}--physdev-is-out`) : "";
  const options = isBridged + isIn + input + output + isOut;
  return options === "" ? "" : `-m physdev ${options}`;
}

function rule(random: Random, chain: string, later: readonly string[]): string {
  const from = maybe(random, 0.3, () => `${not(random)}-s ${pick(random, NETWORKS)}`);
  const to = maybe(random, 0.3, () => `${not(random)}-d ${pick(random, NETWORKS)}`);
  const input = chain === "OUTPUT" ? "" : maybe(random, 0.15, () => `${not(random)}-i ${pick(random, DEVICES)}`);
  const output = chain === "INPUT" ? "" : maybe(random, 0.15, () => `${not(random)}-o ${pick(random, DEVICES)}`);
  const mac = FROM_OUTPUT.includes(chain)
    ? ""
    : maybe(random, 0.1, () => `-m mac ${not(random)}--mac-source ${formatMac(stationMac(random.below(3)))}`);
  const bridged = random.chance(0.35) ? physdev(random, chain) : "";
  const jump = later.length > 0 && random.chance(0.3);
  const target = jump ? `${pick(random, ["-j", "-j", "-g"])} ${pick(random, later)}` : aim(pick(random, TARGETS));
  return `iptables -A ${chain} ${from}${to}${input}${output}${transport(random)}${knowledge(random)}${bridged}${mac}${target}`.trimEnd();
}

const aim = (target: string): string => (target === "" ? "" : `-j ${target}`);

/** Command lines that make a set of rules; a user chain jumps only to later ones, so there is no ring. */
export function ruleSet(random: Random): string[] {
  const lines = USER_CHAINS.map((name) => `iptables -N ${name}`);
  for (const chain of ["INPUT", "FORWARD", "OUTPUT"])
    if (random.chance(0.6)) lines.push(`iptables -P ${chain} ${pick(random, ["ACCEPT", "DROP"])}`);
  for (const [i, chain] of USER_CHAINS.entries())
    for (let n = random.below(4); n > 0; n--) lines.push(rule(random, chain, USER_CHAINS.slice(i + 1)));
  for (const chain of ["FORWARD", "FORWARD", "INPUT", "OUTPUT"])
    for (let n = random.below(5); n > 0; n--)
      lines.push(rule(random, chain, chain === "OUTPUT" ? ["u2"] : USER_CHAINS));
  // Without one of these nothing bridged would pass a rule at all.
  lines.push("iptables -A FORWARD -m physdev --physdev-is-in -j RETURN");
  return lines;
}

export interface Shot {
  /** The frame comes in through this port. */
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** From any station to any other or to the host; sometimes forged, broken, padded or a fragment. */
export function shot(random: Random): Shot {
  const port = random.below(PORTS);
  const source = random.chance(0.8) ? stationIp(port) : stationIp(random.below(PORTS));
  const to = random.below(PORTS + 2);
  const isHost = to === PORTS;
  const isAll = to === PORTS + 1;
  const destination = isAll ? ip("10.0.0.255") : isHost ? HOST : stationIp(to);
  const linkTo = isAll ? (0xffff_ffff_ffff as Mac) : isHost ? portMac(0) : stationMac(to);
  const payload = message(random, isHost || isAll);
  const padding = random.chance(0.2) ? 1 + random.below(12) : 0;
  const bytes = new Uint8Array(ethernet.HEADER_LENGTH + ipv4.MIN_HEADER_LENGTH + payload.length + padding);
  ethernet.emit(bytes, 0, { destination: linkTo, source: stationMac(port), etherType: ethernet.EtherType.IPV4 });
  const fragment = random.chance(0.15);
  const protocol = random.chance(0.05) ? 47 : kindOf(payload);
  const at = ipv4.emit(bytes, ethernet.HEADER_LENGTH, {
    ...{ tos: 0, id: random.below(65_536), dontFragment: false, ttl: 64, protocol, source, destination },
    ...{ moreFragments: fragment, fragmentOffset: fragment ? 8 * random.below(4) : 0 },
    ...{ options: ipv4.NO_OPTIONS, payloadLength: payload.length },
  });
  bytes.set(payload, at);
  if (kindOf(payload) === ipv4.Protocol.TCP) {
    const segment = pseudoHeader(source, destination, ipv4.Protocol.TCP, payload.length);
    put16(bytes, at + tcp.CHECKSUM, finish(sum(bytes, at, at + payload.length, segment)));
  }
  if (random.chance(0.04)) put16(bytes, ethernet.HEADER_LENGTH + 10, random.below(65_536));
  return { port, bytes };
}

const kinds = new WeakMap<Uint8Array, number>();
const kindOf = (payload: Uint8Array): number => kinds.get(payload)!;

/** To the host no TCP: the model has none that would answer. */
function message(random: Random, toHost: boolean): Uint8Array {
  const { ICMP, TCP, UDP } = ipv4.Protocol;
  const kind = pick(random, [UDP, UDP, toHost ? ICMP : TCP, ICMP]);
  const bytes = new Uint8Array(kind === ipv4.Protocol.TCP ? 20 : 16);
  kinds.set(bytes, kind);
  if (kind === ipv4.Protocol.ICMP) {
    bytes[0] = pick(random, [8, 8, 0, 3]);
    bytes[1] = bytes[0] === 3 ? random.below(4) : 0;
    put32(bytes, 4, random.below(1000));
    icmp.fillChecksum(bytes, 0, bytes.length);
    return bytes;
  }
  put16(bytes, 0, pick(random, [7, 53, 1000, 1500, 40_000]));
  put16(bytes, 2, pick(random, [7, 53, 1000, 1500, 40_000]));
  // No checksum for UDP.
  if (kind === ipv4.Protocol.UDP) put16(bytes, 4, bytes.length);
  else {
    bytes[12] = 0x50;
    bytes[13] = pick(random, [2, 16, 18, 4]);
  }
  return bytes;
}
