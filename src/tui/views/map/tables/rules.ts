/** Netfilter: rules that rewrite addresses, with what they have counted, then each chain that says something. */
import type { ChainSnapshot, NatRuleSnapshot, RoutingSnapshot, TableSnapshot } from "../../../../lab/index.ts";
import { count, plural } from "../../../parts/words.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../../screen/style.ts";
import { cut, fitRight } from "../../../screen/surface.ts";
import type { RowThing, Scene } from "../things.ts";
import type { HostTable } from "./table.ts";

interface RuleRow extends RowThing {
  readonly packets: number;
  readonly style: Style;
}

export const rules: HostTable = {
  id: "rules",
  word: "iptables",
  isThere: ({ host }) => host.routing.tables.some((table) => table.rules > 0 || table.chains.some(hasPolicy)),
  title: ({ host }) => `iptables ${host.name}`,
  note: ({ host }) => host.routing.tables.map((table) => `${table.name} ${table.rules}`).join("  "),
  empty: () => "no rules",
  columns: () => 1,
  rows(scene) {
    const { routing } = scene.host;
    return [...routing.nat.map((rule, index) => natRow(scene, rule, index)), ...chainRows(scene, routing)];
  },
  draw(line, row) {
    const { packets, text, style } = row as RuleRow;
    const from = line.put(0, 0, `${fitRight(count(packets), 7)}  `, packets > 0 ? PLAIN : DIM);
    line.put(from, 0, cut(text, line.width - from), style);
  },
};

/** A built-in chain that refuses what no rule has decided about. */
const hasPolicy = ({ policy }: ChainSnapshot): boolean => policy === "DROP";

const natRow = ({ host }: Scene, rule: NatRuleSnapshot, index: number): RuleRow => ({
  kind: "row",
  id: `nat ${host.name} ${index}`,
  machine: host.name,
  text: `-t nat ${rule.text}`,
  filter: rule.device === null || rule.device.endsWith("+") ? null : `port == ${host.name}:${rule.device}`,
  device: host.dom0.devices.find(({ name }) => name === rule.device) ?? null,
  target: null,
  packets: rule.packets,
  style: PLAIN,
});

const chainRows = (scene: Scene, { tables }: RoutingSnapshot): RuleRow[] =>
  tables.flatMap((table) =>
    table.chains
      .filter((chain) => chain.dropped > 0 || hasPolicy(chain) || (chain.rules > 0 && table.name !== "nat"))
      .map((chain) => chainRow(scene, table, chain)),
  );

function chainRow({ host }: Scene, table: TableSnapshot, chain: ChainSnapshot): RuleRow {
  const { name, policy, rules: many, packets, dropped } = chain;
  const words = [
    `${table.name} ${name}`,
    plural(many, "rule"),
    policy === null ? "" : `policy ${policy}`,
    dropped > 0 ? `${count(dropped)} dropped` : "",
  ];
  return {
    kind: "row",
    id: `chain ${host.name} ${table.name} ${name}`,
    machine: host.name,
    text: words.filter((word) => word !== "").join("  "),
    filter: dropped > 0 ? `port == ${host.name}:${table.name}.${name}` : null,
    device: null,
    target: null,
    packets,
    style: dropped > 0 ? Fg.red | BOLD : policy === "DROP" ? Fg.yellow : DIM,
  };
}
