/**
 * A rule as a command line: what `iptables -S` and iptables-save print. Follows the save functions of iptables 1.8.9
 * (nft_ipv4_save_rule, and each extension's).
 */
import { formatIpv4, formatMac } from "../../../packet/address.ts";
import type {
  AddressTest,
  Match,
  NameTest,
  PhysdevMatch,
  PortTest,
  RuleSpec,
  Target,
  Wanted,
} from "../../../stack/netfilter/rule.ts";
import { ANY_TYPE } from "./icmp-types.ts";
import { TCP_FLAG_NAMES } from "./matches.ts";
import { protocolName } from "./names.ts";
import { LOG_FLAGS, rejectName } from "./targets.ts";
import { maskText } from "./values.ts";

const DEFAULT_LEVEL = 4;

/** From "-A" to the target; `counters` stand before that. */
export function ruleText(chain: string, spec: RuleSpec, counters = ""): string {
  const { source, destination, input, output, protocol, fragment } = spec;
  const tests = [
    addressText("-s", source),
    addressText("-d", destination),
    nameText("-i", input),
    nameText("-o", output),
    protocol === null ? "" : `${not(protocol.inverted)}-p ${protocolName(protocol.number) ?? protocol.number}`,
    fragment === null ? "" : `${not(fragment === "no")}-f`,
    ...spec.matches.map((match) => `-m ${match.kind}${matchText(match)}`),
  ];
  return ["-A", chain, ...tests, counters, targetText(spec.target)].filter((each) => each !== "").join(" ");
}

const not = (inverted: boolean): string => (inverted ? "! " : "");

const addressText = (option: string, test: AddressTest | null): string =>
  test === null ? "" : `${not(test.inverted)}${option} ${formatIpv4(test.address)}${maskText(test.mask)}`;

const nameText = (option: string, test: NameTest | null): string =>
  test === null ? "" : `${not(test.inverted)}${option} ${test.name}`;

function matchText(match: Match): string {
  switch (match.kind) {
    case "tcp":
    case "udp": {
      const ports = portText("--sport", match.source) + portText("--dport", match.destination);
      if (match.kind === "udp" || match.flags === null) return ports;
      const { mask, set, inverted } = match.flags;
      return `${ports} ${not(inverted)}--tcp-flags ${flagNames(mask)} ${flagNames(set)}`;
    }
    case "icmp": {
      const codes = match.from === match.to ? `/${match.from}` : "";
      return ` ${not(match.inverted)}--icmp-type ${match.type === ANY_TYPE ? "any" : `${match.type}${codes}`}`;
    }
    case "physdev":
      return physdevText(match);
    case "mac":
      return ` ${not(match.inverted)}--mac-source ${formatMac(match.mac)}`;
    case "comment":
      return ` --comment ${quoted(match.text)}`;
    default:
      return "";
  }
}

function portText(option: string, test: PortTest | null): string {
  if (test === null) return "";
  return ` ${not(test.inverted)}${option} ${test.from === test.to ? test.from : `${test.from}:${test.to}`}`;
}

export function flagNames(flags: number): string {
  const names = TCP_FLAG_NAMES.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  return names.length === 0 ? "NONE" : names.join(",");
}

/** Also behind "PHYSDEV match" in lists. */
export function physdevText({ input, isIn, output, isOut, isBridged }: PhysdevMatch): string {
  const parts = [
    wantedText("--physdev-is-in", isIn),
    nameText("--physdev-in", input),
    wantedText("--physdev-is-out", isOut),
    nameText("--physdev-out", output),
    wantedText("--physdev-is-bridged", isBridged),
  ];
  return parts
    .filter((each) => each !== "")
    .map((each) => ` ${each}`)
    .join("");
}

const wantedText = (option: string, wanted: Wanted): string =>
  wanted === null ? "" : `${not(wanted === "no")}${option}`;

/** xtables_save_string */
const quoted = (text: string): string =>
  /^[-\w]+$/.test(text) ? text : `"${text.replace(/["\\']/g, (letter) => `\\${letter}`)}"`;

function targetText(target: Target): string {
  switch (target.kind) {
    case "none":
      return "";
    case "accept":
    case "drop":
    case "return":
      return `-j ${target.kind.toUpperCase()}`;
    case "jump":
      return `-j ${target.chain}`;
    case "goto":
      return `-g ${target.chain}`;
    case "reject":
      return `-j REJECT --reject-with ${rejectName(target.code)}`;
    case "log": {
      const prefix = target.prefix === "" ? "" : ` --log-prefix ${quoted(target.prefix)}`;
      const level = target.level === DEFAULT_LEVEL ? "" : ` --log-level ${target.level}`;
      const flags = LOG_FLAGS.filter(([, bit]) => (target.flags & bit) !== 0).map(([name]) => ` --log-${name}`);
      return `-j LOG${prefix}${level}${flags.join("")}`;
    }
    default:
      return "";
  }
}
