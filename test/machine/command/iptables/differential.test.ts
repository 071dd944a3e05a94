/** The same command lines in an emulated machine and in a network namespace of the real kernel with the real iptables. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { canMakeNamespaces, NetNamespace } from "../../../kit/netns.ts";
import { requireTool } from "../../../kit/tools.ts";
import { typed } from "../../on-machine.ts";
import { withLoopback } from "../twin.ts";
import { RESTORE, SCRIPTS } from "./scripts.ts";

/** Other versions and the old backend print other sentences. */
const isDebian12 = (): boolean =>
  spawnSync("iptables", ["--version"], { encoding: "utf8" }).stdout.trim() === "iptables v1.8.9 (nf_tables)";
const canCompare = requireTool("iptables") && isDebian12() && canMakeNamespaces();

/** Without the date in iptables-save's comments. */
const timeless = (text: string): string => text.replace(/^(# .* on ).*$/gm, "$1TIME");

describe.skipIf(!canCompare)("iptables beside the real one", () => {
  for (const [name, lines] of Object.entries({ ...SCRIPTS, "save and restore": RESTORE })) {
    it(`says the same: ${name}`, () => {
      const real = new NetNamespace();
      const machine = withLoopback();
      try {
        for (const line of lines) {
          const { out, err, code } = typed(machine, line);
          const said = real.run(line);
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
