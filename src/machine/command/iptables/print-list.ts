/**
 * `iptables -L`: chains and their rules as a table, the columns of which depend on -n, -v, -x and --line-numbers. Follows
 * print_header, print_firewall and xtables_print_num of iptables 1.8.9.
 */
import type { AddressTest, NameTest, Rule, RuleSpec } from "../../../stack/netfilter/rule.ts";
import type { Chain } from "../../../stack/netfilter/table.ts";
import type { Box } from "../../box.ts";
import { familyOf } from "./match/index.ts";
import { protocolName } from "./names.ts";
import { familyOf as targetFamilyOf, targetName } from "./target/index.ts";
import { anyAddressText } from "./values.ts";

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
    (test) => `${test?.inverted === true ? "!" : " "}${addressText(test, numeric ? null : machine).padEnd(19)} `,
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
    extensionsText(spec, numeric, machine),
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
    `${source?.inverted === true ? "!" : " "}${addressText(source, null)} `,
    `${destination?.inverted === true ? "!" : " "}-> ${addressText(destination, null)}  `,
    spec.target.kind === "goto" ? "[goto] " : "",
    extensionsText(spec, true, null),
    "\n",
  ].join("");
}

const fragmentText = ({ fragment }: RuleSpec): string =>
  (fragment === "no" ? "!" : "-") + (fragment === null ? "-" : "f");

function protocolText({ protocol }: RuleSpec, numeric: boolean): string {
  const number = protocol?.number ?? 0;
  if (numeric) return String(number);
  return number === 0 ? "all" : (protocolName(number) ?? String(number));
}

const deviceText = (test: NameTest | null, numeric: boolean): string =>
  test === null ? (numeric ? "*" : "any") : `${test.inverted ? "!" : ""}${test.name}`;

function addressText(test: AddressTest | null, machine: Box | null): string {
  if (test === null) return machine === null ? "0.0.0.0/0" : "anywhere";
  return anyAddressText(test, machine);
}

/** What matches and the target have to say. */
function extensionsText(spec: RuleSpec, numeric: boolean, machine: Box | null): string {
  const about = { spec, numeric, machine };
  const matches = spec.matches.map((match) => familyOf(match).list(match, about));
  return matches.join("") + (targetFamilyOf(spec.target)?.list(spec.target, about) ?? "");
}
