/** What failed in the run and works when it is tried again at its end: whatever was in the way is gone. */
import type { Finding } from "./finding.ts";

export const passedLater = (goals: readonly string[]): Finding[] =>
  goals.length === 0
    ? []
    : [
        {
          name: "only-for-a-while",
          what: `Nothing is in the way any more: ${goals.join("; ")}.`,
          evidence: ["it failed in the run, and works when it is tried again at its end, on a copy of the lab"],
          cause:
            "It came too early, or something stood in its way only for a while: a port that was not forwarding yet, a guest that was still starting, a cable that was out.",
          look: ["xenlab run FILE --trace   (what the first frames of it met)"],
          cure: ["Let it begin later (after: of the check, at: of the scenario), or give it more time (within:)."],
        },
      ];
