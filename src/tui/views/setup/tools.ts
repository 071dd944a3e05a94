/**
 * What the tools say before and after a step, and which of them a step is best seen by: there is room for two or three,
 * and of those that speak of its change the ones that do are in sight.
 */
import { unusedEnds } from "../../parts/pairs-of-devices.ts";
import { cellWidth } from "../../screen/surface.ts";
import { type Comparison, middleOf } from "./compare.ts";
import { changedLinks, linkPairs, linksOf } from "./ip-link.ts";
import type { SetupLayout } from "./layout.ts";
import { linesOf, pairLines } from "./pairs.ts";
import type { Scene, SetupState } from "./state.ts";

const TEXTS = { brctl: "brctl show", route: "ip route", rules: "iptables-save", sysctl: "sysctl" } as const;
type Text = keyof typeof TEXTS;
type Tool = "link" | Text;

const ALL_TEXTS = Object.keys(TEXTS) as readonly Text[];
/** In the order in which they stand on the screen. */
const TOOLS: readonly Tool[] = ["link", ...ALL_TEXTS];
/** What is looked at where nothing else has changed: on hosts with bridges, and on those without. */
const USUAL = { bridged: ["brctl", "route"], routed: ["route", "sysctl"] } as const;

/** For each part of the layout that has rows; where links stay as they are and room is short, others take their place. */
function toolsFor(scene: Scene, { first, second, third }: SetupLayout): readonly Tool[] {
  const { before, step } = scene;
  const changed: Tool[] = ALL_TEXTS.filter((which) => before.text[which] !== step.after.text[which]);
  const hasLinks = before.text.link !== step.after.text.link || before.text.addr !== step.after.text.addr;
  const room = [first, second, third].filter(({ height }) => height > 1).length;
  const isShort = !hasLinks && changed.length >= room;
  const usual: readonly Tool[] = hasBridges(scene) ? USUAL.bridged : USUAL.routed;
  const order: readonly Tool[] = [...(isShort ? [] : ["link" as const]), ...changed, ...usual];
  const chosen = [...new Set(order)].slice(0, room);
  return TOOLS.filter((tool) => chosen.includes(tool));
}

const hasBridges = ({ rehearsed }: Scene): boolean =>
  [rehearsed.before, ...rehearsed.steps.map(({ after }) => after)].some(({ host }) => host.bridges.length > 0);

/** Of the tools in their order the first one scrolls. */
export function comparisonsOf(
  scene: Scene,
  state: SetupState,
  layout: SetupLayout,
): readonly (readonly [Tool, Comparison])[] {
  const rows = layout.first.height - 1;
  return toolsFor(scene, layout).map((tool, index) => {
    const top = index === 0 ? state.top : null;
    return [
      tool,
      tool === "link"
        ? linkComparison(scene, state, rows, layout.wide)
        : textComparison(tool, scene, state.differs, top),
    ];
  });
}

function linkComparison(scene: Scene, { differs, top }: SetupState, rows: number, wide: boolean): Comparison {
  const { before, step } = scene;
  const old = linksOf(before);
  const now = linksOf(step.after);
  const changed = changedLinks(old, now);
  const pairs = linkPairs(old, now, {
    wide,
    differs,
    room: rows,
    unused: unusedEnds(step.after.host.dom0.devices),
  });
  const note = changed === 0 ? "unchanged" : `${changed} of ${now.length} changed`;
  return { title: "ip link", note: differs ? `${note}, only these` : note, pairs, top };
}

function textComparison(which: Text, scene: Scene, differs: boolean, top: number | null): Comparison {
  const pairs = pairLines(linesOf(scene.before.text[which]), linesOf(scene.step.after.text[which]));
  const note = pairs.some(({ changed }) => changed) ? "changed" : pairs.length === 0 ? "none" : "unchanged";
  return { title: TEXTS[which], note, pairs: differs ? pairs.filter(({ changed }) => changed) : pairs, top };
}

/** Do both halves hold their longest line? Those of `ip link` are shortened for it. */
export const fitsHalves = (tool: Tool, { pairs }: Comparison, width: number): boolean =>
  tool === "link" ||
  pairs.every(({ before, after }) => Math.max(cellWidth(before), cellWidth(after)) <= middleOf(width) - 1);
