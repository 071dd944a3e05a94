/**
 * The tables that `iptables -L` prints, and the line of `iptables -v -A`. Follows print_header, print_rule_details and
 * print_ipv4_addresses of iptables/xshared.c, 1.8.9, and the print functions of each extension.
 */
import { formatIpv4, formatMac } from "../../../packet/address.ts";
import type { AddressTest, Match, NameTest, PortTest, Rule, RuleSpec, Target } from "../../../stack/netfilter/rule.ts";
import type { Chain } from "../../../stack/netfilter/table.ts";
import type { Box } from "../../box.ts";
import { nameOf } from "../../program/resolve.ts";
import { icmpName } from "./icmp-types.ts";
import { protocolName, serviceName } from "./names.ts";
import { flagNames, physdevText } from "./print-rule.ts";
import { LOG_FLAGS, levelName, rejectName } from "./targets.ts";
import { maskText } from "./values.ts";

export interface ListFormat {
  /** -n */
  readonly numeric: boolean;
  /** -v: counters and devices. */
  readonly verbose: boolean;
  /** -x */
  readonly exact: boolean;
  readonly lineNumbers: boolean;
}

/** xtables_print_num: five figures, or fewer and a letter. */
function figure(value: number, exact: boolean): string {
  if (exact) return String(value);
  if (value <= 99_999) return String(value);
  let rounded = Math.floor((value + 500) / 1000);
  for (const unit of "KMG") {
    if (rounded <= 9999) return rounded + unit;
    rounded = Math.floor((rounded + 500) / 1000);
  }
  return `${rounded}T`;
}

const counter = (value: number, exact: boolean): string => `${figure(value, exact).padStart(exact ? 8 : 5)} `;

export function headerText(chain: Chain, references: number, format: ListFormat): string {
  return `Chain ${chain.name}${aboutChain(chain, references, format)}\n${columnsText(format)}\n`;
}

function aboutChain({ hook, policy, packets, bytes }: Chain, references: number, format: ListFormat): string {
  if (hook === null) return ` (${references} references)`;
  const { exact } = format;
  const counts = format.verbose ? ` ${figure(packets, exact)} packets, ${figure(bytes, exact)} bytes` : "";
  return ` (policy ${policy}${counts})`;
}

function columnsText({ lineNumbers, verbose, exact }: ListFormat): string {
  const number = lineNumbers ? "num  " : "";
  const counts = exact
    ? `${"pkts".padStart(8)} ${"bytes".padStart(10)} `
    : `${"pkts".padStart(5)} ${"bytes".padStart(5)} `;
  const devices = verbose ? ` ${"in".padEnd(6)} ${"out".padEnd(6)} ` : "";
  const addresses = ` ${"source".padEnd(19)}  ${"destination".padEnd(19)} `;
  return `${number}${verbose ? counts : ""}${"target".padEnd(9)}  prot opt${devices}${addresses}`;
}

/** `number` counts from 1. */
export function rowText({ spec, packets, bytes }: Rule, number: number, format: ListFormat, machine: Box): string {
  const { numeric, verbose, exact } = format;
  const counts = verbose ? counter(packets, exact) + counter(bytes, exact) : "";
  const devices = verbose
    ? ` ${deviceText(spec.input, numeric).padEnd(6)} ${deviceText(spec.output, numeric).padEnd(6)} `
    : "";
  const addresses = [spec.source, spec.destination].map(
    (test) => `${test?.inverted === true ? "!" : " "}${addressText(test, numeric, machine).padEnd(19)} `,
  );
  return [
    format.lineNumbers ? `${String(number).padEnd(4)} ` : "",
    counts,
    `${targetName(spec.target).padEnd(9)} `,
    spec.protocol?.inverted === true ? "!" : " ",
    `${protocolText(spec, numeric).padEnd(4)} `,
    fragmentText(spec),
    " ",
    devices,
    ...addresses,
    spec.target.kind === "goto" ? "[goto] " : "",
    ...spec.matches.map((match) => matchText(match, numeric)),
    targetText(spec.target, numeric),
    "\n",
  ].join("");
}

/** One rule without columns, as -v shows what has been done. */
export function briefText(spec: RuleSpec): string {
  const { source, destination, input, output, protocol } = spec;
  return [
    `${targetName(spec.target)} `,
    protocol?.inverted === true ? "!" : " ",
    `${protocol === null ? "all" : (protocolName(protocol.number) ?? protocol.number)} opt ${fragmentText(spec)}`,
    ` in ${deviceText(input, true)} out ${deviceText(output, true)} `,
    `${source?.inverted === true ? "!" : " "}${numericAddress(source)} `,
    `${destination?.inverted === true ? "!" : " "}-> ${numericAddress(destination)}  `,
    spec.target.kind === "goto" ? "[goto] " : "",
    ...spec.matches.map((match) => matchText(match, true)),
    targetText(spec.target, true),
    "\n",
  ].join("");
}

const fragmentText = ({ fragment }: RuleSpec): string =>
  (fragment === "no" ? "!" : "-") + (fragment === null ? "-" : "f");

const targetName = (target: Target): string => {
  if (target.kind === "none") return "";
  return target.kind === "jump" || target.kind === "goto" ? target.chain : target.kind.toUpperCase();
};

function protocolText({ protocol }: RuleSpec, numeric: boolean): string {
  const number = protocol?.number ?? 0;
  if (numeric) return String(number);
  return number === 0 ? "all" : (protocolName(number) ?? String(number));
}

const deviceText = (test: NameTest | null, numeric: boolean): string =>
  test === null ? (numeric ? "*" : "any") : `${test.inverted ? "!" : ""}${test.name}`;

function addressText(test: AddressTest | null, numeric: boolean, machine: Box): string {
  if (test === null) return numeric ? "0.0.0.0/0" : "anywhere";
  const name = numeric ? null : nameOf(machine, test.address);
  return name === null ? numericAddress(test) : name + lengthText(test);
}

const numericAddress = (test: AddressTest | null): string =>
  test === null ? "0.0.0.0/0" : formatIpv4(test.address) + lengthText(test);
const lengthText = ({ mask }: AddressTest): string => (mask === 0xffff_ffff ? "" : maskText(mask));

function matchText(match: Match, numeric: boolean): string {
  switch (match.kind) {
    case "tcp":
    case "udp": {
      const ports =
        portText("spt", match.source, match.kind, numeric) + portText("dpt", match.destination, match.kind, numeric);
      return ` ${match.kind}${ports}${match.kind === "tcp" ? flagsText(match, numeric) : ""}`;
    }
    case "icmp":
      return ` icmp${icmpText(match, numeric)}`;
    case "physdev":
      return ` PHYSDEV match${physdevText(match)}`;
    case "mac":
      return ` MAC ${match.inverted ? "! " : ""}${formatMac(match.mac)}`;
    case "comment":
      return ` /* ${match.text} */`;
    default:
      return "";
  }
}

function portText(name: string, test: PortTest | null, protocol: string, numeric: boolean): string {
  if (test === null) return "";
  const [from, to] = [test.from, test.to].map((port) => (numeric ? null : serviceName(port, protocol)) ?? String(port));
  const not = test.inverted ? "!" : "";
  return test.from === test.to ? ` ${name}:${not}${from}` : ` ${name}s:${not}${from}:${to}`;
}

function flagsText({ flags }: Extract<Match, { kind: "tcp" }>, numeric: boolean): string {
  if (flags === null) return "";
  const [mask, set] = [flags.mask, flags.set].map((each) =>
    numeric ? `0x${each.toString(16).toUpperCase().padStart(2, "0")}` : flagNames(each),
  );
  return ` flags:${flags.inverted ? "!" : ""}${mask}/${set}`;
}

function icmpText(match: Extract<Match, { kind: "icmp" }>, numeric: boolean): string {
  const name = numeric ? null : icmpName(match);
  if (name !== null) return ` ${match.inverted ? "!" : ""}${name}`;
  const codes = match.from === match.to ? ` code ${match.from}` : "";
  return `${match.inverted ? " !" : ""}type ${match.type}${codes}`;
}

function targetText(target: Target, numeric: boolean): string {
  if (target.kind === "reject") return ` reject-with ${rejectName(target.code)}`;
  if (target.kind !== "log") return "";
  const { prefix, level, flags } = target;
  const names = LOG_FLAGS.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => ` ${name}`);
  const about = numeric ? ` flags ${flags} level ${level}` : ` level ${levelName(level)}${names.join("")}`;
  return ` LOG${about}${prefix === "" ? "" : ` prefix "${prefix}"`}`;
}
