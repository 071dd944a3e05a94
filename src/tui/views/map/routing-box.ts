/** What domain 0's IP stack is set to: at the foot of its box the essential, right of it, below the networks, all of it. */
import type { RoutingSnapshot, TableSnapshot } from "../../../lab/index.ts";
import { drawBox } from "../../parts/box.ts";
import { count, plural } from "../../parts/words.ts";
import type { Rect } from "../../screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN } from "../../screen/style.ts";
import { fitLeft, type Surface } from "../../screen/surface.ts";
import type { Words } from "./stack-lines.ts";
import type { Scene } from "./things.ts";

/** Columns inside the box beyond which names are written out. */
const WIDE = 22;

/** Rows at the foot of the host's box. */
export function routingLegend({ host }: Scene, wide: boolean): readonly Words[] {
  const { routing } = host;
  return [forwardWords(routing, wide), ...natWords(routing, wide)];
}

const forwardWords = ({ ipForward }: RoutingSnapshot, wide: boolean): Words =>
  ipForward ? ["ip_forward 1", BOLD] : [`ip_forward 0${wide ? ", it forwards nothing" : ""}`, Fg.red | BOLD];

/** Rules of one kind together: MASQUERADE stands three times in libvirt's table, for TCP, UDP and the rest. */
function natWords({ nat }: RoutingSnapshot, wide: boolean): Words[] {
  const kinds = [...new Set(nat.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const own = nat.filter((rule) => rule.kind === kind);
    const flows = own.reduce((sum, { packets }) => sum + packets, 0);
    const devices = [...new Set(own.map(({ device }) => device).filter((device) => device !== null))];
    const to = wide && devices.length > 0 ? ` ${devices.join(" ")}` : "";
    const text = `${kind.toUpperCase()}${to}  ${wide ? `${plural(flows, "flow")} ever` : count(flows)}`;
    return [text, flows > 0 ? PLAIN : DIM];
  });
}

/** Rows that the box needs, edges included. */
export const routingRows = (scene: Scene): number => boxWords(scene, 0).length + 2;

export function drawRouting(surface: Surface, scene: Scene, area: Rect): void {
  const { name } = scene.host;
  const inside = drawBox(surface, area, { left: `${name} routing`, right: area.width > WIDE ? "IP stack" : "" });
  boxWords(scene, inside.width).forEach(([text, style], row) => {
    inside.put(0, row, fitLeft(text, inside.width), style);
  });
}

function boxWords({ host }: Scene, width: number): readonly Words[] {
  const { routing, dom0 } = host;
  const { proxyArp, tables, bridgeCallsIptables } = routing;
  const wide = width > WIDE;
  const proxy: Words = proxyArp.length === 0 ? ["no proxy_arp", DIM] : [proxyText(proxyArp, width), PLAIN];
  const called: readonly Words[] =
    bridgeCallsIptables === null
      ? []
      : [[`${wide ? "bridge-nf-call-iptables" : "bridge-nf"} ${bridgeCallsIptables ? 1 : 0}`, DIM]];
  return [
    forwardWords(routing, wide),
    proxy,
    [[plural(dom0.routes, "route"), ...(wide ? [plural(dom0.neighbours, "neighbour")] : [])].join("  "), DIM],
    ...tables.filter(({ rules, name }) => rules > 0 || name === "filter").map(tableWords),
    ...trackWords(routing),
    ...called,
  ];
}

/** "proxy_arp eth0 vif1.0 vif2.0", or "proxy eth0 +2": as many as fit. */
function proxyText(names: readonly string[], width: number): string {
  const whole = `proxy_arp ${names.join(" ")}`;
  if (whole.length <= width) return whole;
  for (let shown = names.length - 1; shown > 0; shown--) {
    const text = `proxy ${names.slice(0, shown).join(" ")} +${names.length - shown}`;
    if (text.length <= width) return text;
  }
  return `proxy_arp ${names.length}×`;
}

/** Red when the table is full: then the first packet of whoever comes next is dropped. */
function trackWords({ conntrack, leases }: RoutingSnapshot): Words[] {
  const leased: Words[] = leases === null ? [] : [[plural(leases.length, "lease"), PLAIN]];
  if (conntrack === null) return leased;
  const { total, max } = conntrack;
  return [[`conntrack ${count(total)}`, total >= max ? Fg.red | BOLD : PLAIN], ...leased];
}

function tableWords({ name, rules, chains }: TableSnapshot): Words {
  const forward = name === "filter" ? chains.find((chain) => chain.name === "FORWARD") : undefined;
  const dropped = chains.reduce((sum, chain) => sum + chain.dropped, 0);
  const words = [
    `${name} ${count(rules)}`,
    forward?.policy === "DROP" ? "FORWARD DROP" : "",
    dropped > 0 ? `${count(dropped)} lost` : "",
  ];
  const style = dropped > 0 ? Fg.red | BOLD : forward?.policy === "DROP" ? Fg.yellow : PLAIN;
  return [words.filter((word) => word !== "").join("  "), style];
}
