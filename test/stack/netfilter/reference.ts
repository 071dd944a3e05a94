/** What a set of rules means, told as plainly as it can be: a second opinion on the compiled form. */
import type { NetDevice } from "../../../src/device/device.ts";
import type { Packet } from "../../../src/stack/netfilter/packet.ts";
import type { Match, NameTest, RuleSpec, Wanted } from "../../../src/stack/netfilter/rule.ts";
import type { Chain, Table } from "../../../src/stack/netfilter/table.ts";
import { dissectPorts, type Fields } from "./fields.ts";

export type Verdict = "accept" | "drop" | "reject";

/** `counted` hears of every rule that holds, as "FORWARD 2". */
export function judge(table: Table, base: Chain, packet: Packet, counted: (rule: string) => void): Verdict {
  const fields = dissectPorts(packet.frame);
  return walk(base) ?? (base.policy === "ACCEPT" ? "accept" : "drop");

  /** Null: it came to the chain's end, or RETURN. */
  function walk(chain: Chain): Verdict | null {
    for (const [i, { spec }] of chain.rules.entries()) {
      if (!holds(spec, fields, packet)) continue;
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

function holds(spec: RuleSpec, fields: Fields, packet: Packet): boolean {
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
    spec.matches.every((match) => matches(match, fields, packet))
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
