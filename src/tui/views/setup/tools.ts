/** What `ip link`, `brctl show` and `ip route` say before and after a step. */
import { unusedEnds } from "../../parts/pairs-of-devices.ts";
import type { Comparison } from "./compare.ts";
import { changedLinks, linkPairs, linksOf } from "./ip-link.ts";
import type { SetupLayout } from "./layout.ts";
import { linesOf, pairLines } from "./pairs.ts";
import type { Scene, SetupState } from "./state.ts";

export function linkComparison(scene: Scene, { differs, top }: SetupState, layout: SetupLayout): Comparison {
  const { before, step } = scene;
  const old = linksOf(before);
  const now = linksOf(step.after);
  const changed = changedLinks(old, now);
  const pairs = linkPairs(old, now, {
    wide: layout.wide,
    differs,
    room: layout.link.height - 1,
    unused: unusedEnds(step.after.host.dom0.devices),
  });
  const note = changed === 0 ? "unchanged" : `${changed} of ${now.length} changed`;
  return { title: "ip link", note: differs ? `${note}, only these` : note, pairs, top };
}

export function textComparison(title: string, which: "brctl" | "route", scene: Scene, differs: boolean): Comparison {
  const pairs = pairLines(linesOf(scene.before.text[which]), linesOf(scene.step.after.text[which]));
  const note = pairs.some(({ changed }) => changed) ? "changed" : pairs.length === 0 ? "none" : "unchanged";
  return { title, note, pairs: differs ? pairs.filter(({ changed }) => changed) : pairs, top: null };
}
