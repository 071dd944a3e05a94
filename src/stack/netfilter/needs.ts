/** What a rule brings along: modules that the kernel loads for its matches and targets. */
import type { RuleSpec } from "./rule.ts";
import type { Table } from "./table.ts";

const specs = (table: Table): RuleSpec[] =>
  [...table.chains.values()].flatMap(({ rules }) => rules.map(({ spec }) => spec));

/** physdev_mt_check loads br_netfilter. */
export const usesPhysdev = (table: Table): boolean =>
  specs(table).some(({ matches }) => matches.some(({ kind }) => kind === "physdev"));

const TRACKING_TARGETS: readonly string[] = ["snat", "dnat", "masquerade", "redirect", "netmap", "connmark", "notrack"];

/** nf_ct_netns_get, which these call when they are checked. */
export const usesConntrack = (table: Table): boolean =>
  specs(table).some(
    ({ matches, target }) =>
      TRACKING_TARGETS.includes(target.kind) || matches.some(({ kind }) => kind === "conntrack" || kind === "connmark"),
  );
