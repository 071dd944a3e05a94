/** What a set of rules means, told as plainly as it can be: a second opinion on the compiled form. */
import type { NetDevice } from "../../../src/device/device.ts";
import { type Flow, flowOf } from "../../../src/stack/netfilter/conntrack/flow.ts";
import type { Packet } from "../../../src/stack/netfilter/packet.ts";
import type { ConntrackMatch, Match, NameTest, RuleSpec, Wanted } from "../../../src/stack/netfilter/rule.ts";
import type { Chain, Table } from "../../../src/stack/netfilter/table.ts";
import { ip } from "../../kit/stack.ts";
import { dissectPorts, type Fields } from "./fields.ts";
import { HOST } from "./grammar.ts";

export type Verdict = "accept" | "drop" | "reject";

/** How often each match of kind limit has let something through: time stands still here. */
export type Taken = Map<Match, number>;

/** `counted` hears of every rule that holds, as "FORWARD 2". */
export function judge(
  table: Table,
  base: Chain,
  packet: Packet,
  taken: Taken,
  counted: (rule: string) => void,
): Verdict {
  const fields = dissectPorts(packet.frame);
  return walk(base) ?? (base.policy === "ACCEPT" ? "accept" : "drop");

  /** Null: it came to the chain's end, or RETURN. */
  function walk(chain: Chain): Verdict | null {
    for (const [i, { spec }] of chain.rules.entries()) {
      if (!holds(spec, fields, packet, taken)) continue;
      counted(`${chain.name} ${i + 1}`);
      const { target } = spec;
      if (target.kind === "accept" || target.kind === "drop" || target.kind === "reject") return target.kind;
      if (target.kind === "return") return null;
      if (target.kind === "goto") return walk(table.chain(target.chain)!);
      if (target.kind !== "jump") continue;
      const verdict = walk(table.chain(target.chain)!);
      if (verdict !== null) return verdict;
    }
    return null;
  }
}

function holds(spec: RuleSpec, fields: Fields, packet: Packet, taken: Taken): boolean {
  const address = (test: RuleSpec["source"], value: number): boolean =>
    test === null || ((value & test.mask) >>> 0 === test.address) !== test.inverted;
  const { protocol } = spec;
  return (
    address(spec.source, fields.source) &&
    address(spec.destination, fields.destination) &&
    named(spec.input, packet.input) &&
    named(spec.output, packet.output) &&
    (protocol === null || (fields.protocol === protocol.number) !== protocol.inverted) &&
    wanted(spec.fragment, fields.isLaterFragment) &&
    spec.matches.every((match) => matches(match, fields, packet) && known(match, fields, packet, taken))
  );
}

const wanted = (test: Wanted, value: boolean): boolean => test === null || (test === "yes") === value;

function named(test: NameTest | null, device: NetDevice | null): boolean {
  if (test === null) return true;
  const pattern = new RegExp(`^${test.name.replace(/\+$/, ".*")}$`);
  return (device !== null && pattern.test(device.name)) !== test.inverted;
}

function matches(match: Match, fields: Fields, packet: Packet): boolean {
  const { bridgeInput, bridgeOutput } = packet;
  const port = (test: { from: number; to: number; inverted: boolean } | null, value: number | null): boolean =>
    test === null || (value !== null && (value >= test.from && value <= test.to) !== test.inverted);
  switch (match.kind) {
    case "tcp":
    case "udp": {
      if (!port(match.source, fields.first) || !port(match.destination, fields.second)) return false;
      if (match.kind === "udp" || match.flags === null) return true;
      return fields.flags !== null && ((fields.flags & match.flags.mask) === match.flags.set) !== match.flags.inverted;
    }
    case "icmp": {
      if (fields.icmp === "none") return false;
      if (fields.icmp === "cut") return true;
      const [type, code] = fields.icmp;
      const hit = match.type === 255 || (type === match.type && code >= match.from && code <= match.to);
      return hit !== match.inverted;
    }
    case "physdev":
      return (
        wanted(match.isBridged, bridgeOutput !== null) &&
        wanted(match.isIn, bridgeInput !== null) &&
        wanted(match.isOut, bridgeOutput !== null) &&
        named(match.input, bridgeInput) &&
        (match.output === null || !(bridgeInput !== null && bridgeOutput === null)) &&
        named(match.output, bridgeOutput)
      );
    case "mac":
      return packet.input?.traits.link === "ether" && (fields.mac === match.mac) !== match.inverted;
    default:
      return true;
  }
}

/** What is not in the packet's bytes, or asks for more than two of them. */
function known(match: Match, fields: Fields, packet: Packet, taken: Taken): boolean {
  const { frame } = packet;
  switch (match.kind) {
    case "mark":
      return ((frame.mark & match.mask) === match.mark) !== match.inverted;
    case "connmark": {
      const flow = flowOf(frame);
      return flow !== null && ((flow.mark & match.mask) === match.mark) !== match.inverted;
    }
    case "limit": {
      const before = taken.get(match) ?? 0;
      if (before < match.burst) taken.set(match, before + 1);
      return before < match.burst;
    }
    case "pkttype":
      return (castOf(fields, packet) === match.type) !== match.inverted;
    case "addrtype": {
      const isOne = (bits: number, address: number): boolean => ((bits >> typeOf(address)) & 1) === 1;
      const { source, destination } = match;
      return (
        (source.bits === 0 || isOne(source.bits, fields.source) !== source.inverted) &&
        (destination.bits === 0 || isOne(destination.bits, fields.destination) !== destination.inverted)
      );
    }
    case "multiport": {
      if (fields.isLaterFragment) return false;
      if (fields.first === null || fields.second === null) return true;
      const asked = { source: [fields.first], destination: [fields.second], either: [fields.first, fields.second] };
      const hit = asked[match.which].some((port) => match.ports.some(({ from, to }) => port >= from && port <= to));
      return hit !== match.inverted;
    }
    case "conntrack":
      return ofConnection(match, flowOf(frame), frame.connectionInfo);
    default:
      return true;
  }
}

function castOf({ linkTo }: Fields, { input, bridgeInput }: Packet): string {
  if (input === null && bridgeInput === null) return "unicast";
  if (linkTo === 0xffff_ffff_ffff) return "broadcast";
  return Math.floor(linkTo / 2 ** 40) % 2 === 1 ? "multicast" : "unicast";
}

/** RTN_* of the small world: the host, the subnet's broadcast addresses, anybody else. */
function typeOf(address: number): number {
  if (address === HOST) return 2;
  return address === ip("10.0.0.255") || address === ip("10.0.0.0") ? 3 : 1;
}

function ofConnection(match: ConntrackMatch, flow: Flow | null, info: number): boolean {
  const nat = flow === null ? 0 : ((flow.status >> 4) & 3) * 16;
  const state = (flow === null ? (info === 7 ? 64 : 1) : [2, 4, 8][info % 3]!) | nat;
  if (match.states !== null && ((state & match.states.bits) !== 0) === match.states.inverted) return false;
  if (flow === null) return match.states !== null;
  const { original } = flow;
  const { protocol, statuses, originDestination, originDestinationPort, direction } = match;
  const inRange =
    originDestinationPort === null
      ? true
      : original.destinationPort >= originDestinationPort.from && original.destinationPort <= originDestinationPort.to;
  const isThere =
    originDestination === null ||
    ((original.destination & originDestination.mask) >>> 0 === originDestination.address) !==
      originDestination.inverted;
  return (
    (direction === null || info >= 3 === (direction === "REPLY")) &&
    (protocol === null || (original.protocol === protocol.number) !== protocol.inverted) &&
    (statuses === null || ((flow.status & statuses.bits) !== 0) !== statuses.inverted) &&
    (originDestinationPort === null || inRange !== originDestinationPort.inverted) &&
    isThere
  );
}
