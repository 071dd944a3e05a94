/** The same command lines in an emulated machine and in a network namespace of the real kernel with the real iptables. */
import { describe, expect, it } from "vitest";
import { judges } from "../../../kit/fidelity.ts";
import { NetNamespace } from "../../../kit/netns.ts";
import { typed } from "../../on-machine.ts";
import { withLoopback } from "../twin.ts";
import { canCompare, timeless } from "./beside.ts";
import { MATCH_SCRIPTS } from "./match-scripts.ts";
import { RESTORE_SCRIPTS } from "./restore-scripts.ts";
import { SCRIPTS } from "./scripts.ts";
import { TARGET_SCRIPTS } from "./target-scripts.ts";

judges("iptables");

const ALL = { ...SCRIPTS, ...MATCH_SCRIPTS, ...TARGET_SCRIPTS, ...RESTORE_SCRIPTS };

describe.skipIf(!canCompare)("iptables beside the real one", () => {
  for (const [name, lines] of Object.entries(ALL)) {
    it(`says the same: ${name}`, () => {
      const real = new NetNamespace();
      const machine = withLoopback();
      try {
        const answers = real.runAll(lines);
        for (const [i, line] of lines.entries()) {
          const { out, err, code } = typed(machine, line);
          const said = answers[i]!;
          expect
            .soft({ line, out: timeless(out), err, code })
            .toEqual({ line, out: timeless(said.out), err: said.err, code: said.code });
        }
      } finally {
        real.remove();
      }
    }, 120_000);
  }
});
