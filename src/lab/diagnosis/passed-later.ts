/** Checks that fail for lack of time, and what failed in the run but works at its end: whatever was in the way is gone. */
import type { Finding } from "./finding.ts";
import type { LateGoal } from "./search.ts";

const SECOND = 1e9;

/** A check has two seconds unless it says otherwise, and `ping -c 5` needs four. */
export const tooLittleTime = (late: readonly LateGoal[]): Finding[] =>
  late.map(({ goal: { check }, took }) => ({
    name: "too-little-time",
    what: `${check.name}: it has ${check.within / SECOND} s, and needs ${secondsAbove(check.within, took)} s.`,
    evidence: [`${check.on}: ${check.run}: with more time it works`],
    cause:
      "A check that has not ended in its time has failed; it has 2 s unless it says within:. ping waits a second between two requests.",
    look: [],
    cure: [`within: ${Math.ceil(took / SECOND) + 1}s in the check`],
    proved: [check.name],
  }));

/** With as many digits as show that it is more: "2.003" where 2.0 would be no more than 2. */
function secondsAbove(limit: number, took: number): string {
  const texts = [1, 2, 3].map((digits) => (took / SECOND).toFixed(digits));
  return texts.find((text) => Number(text) > limit / SECOND) ?? String(took / SECOND);
}

/** `chances`: words about networks that lose frames. */
export const passedLater = (goals: readonly string[], chances: readonly string[]): Finding[] =>
  goals.length === 0
    ? []
    : [
        {
          name: "only-for-a-while",
          what: `Nothing is in the way any more: ${goals.join("; ")}.`,
          evidence: [
            "it failed in the run, and works when it is tried again at its end, on a copy of the lab",
            ...chances,
          ],
          cause:
            chances.length > 0
              ? "Cables lose frames by chance: now it works, and now it does not."
              : "It came too early, or something stood in its way only for a while: a port that was not forwarding yet, a guest that was still starting, a cable that was out.",
          look: ["xenlab run FILE   (what the first frames of it met)"],
          cure: ["Let it begin later (after: of the check, at: of the scenario), or give it more time (within:)."],
        },
      ];
