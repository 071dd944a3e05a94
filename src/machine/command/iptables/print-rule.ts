/**
 * A rule as a command line: what `iptables -S` and iptables-save print. Follows the save functions of iptables 1.8.9
 * (nft_ipv4_save_rule, and each extension's).
 */
import { formatIpv4 } from "../../../packet/address.ts";
import type { AddressTest, RuleSpec, Target } from "../../../stack/netfilter/rule.ts";
import { familyOf } from "./match/index.ts";
import { protocolName } from "./names.ts";
import { nameText, not } from "./print-words.ts";
import { targetText } from "./target/index.ts";
import { maskText } from "./values.ts";

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
    ...spec.matches.map((match) => `-m ${familyOf(match).name(match)}${familyOf(match).save(match)}`),
  ];
  return ["-A", chain, ...tests, counters, jumpText(spec.target)].filter((each) => each !== "").join(" ");
}

const addressText = (option: string, test: AddressTest | null): string =>
  test === null ? "" : `${not(test.inverted)}${option} ${formatIpv4(test.address)}${maskText(test.mask)}`;

function jumpText(target: Target): string {
  if (target.kind === "none") return "";
  return `${target.kind === "goto" ? "-g" : "-j"} ${targetText(target)}`;
}
