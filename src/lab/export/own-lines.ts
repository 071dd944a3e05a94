/** A host's own set-up as the emulator ran it: what no script of Xen does. */
import type { HostPlan, Plan } from "../topology/plan.ts";
import { comment } from "./netns/words.ts";
import { readTimeline } from "./timeline.ts";

export function ownLines(plan: Plan, host: HostPlan): string[] {
  const { happenings } = readTimeline({ ...plan, scenario: [] });
  return happenings.flatMap((each) => {
    if (each.kind !== "step" || each.machine !== host.name || each.step.script !== "") return [];
    const { run, why } = each.step;
    return [...comment(why), run];
  });
}
