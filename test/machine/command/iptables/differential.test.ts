/** The same command lines in an emulated machine and in a network namespace of the real kernel with the real iptables. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { canMakeNamespaces, NetNamespace } from "../../../kit/netns.ts";
import { requireTool } from "../../../kit/tools.ts";
import { typed } from "../../on-machine.ts";
import { withLoopback } from "../twin.ts";
import { SCRIPTS } from "./scripts.ts";

/** Other versions and the old backend print other sentences. */
const isDebian12 = (): boolean =>
  spawnSync("iptables", ["--version"], { encoding: "utf8" }).stdout.trim() === "iptables v1.8.9 (nf_tables)";
const canCompare = requireTool("iptables") && isDebian12() && canMakeNamespaces();

describe.skipIf(!canCompare)("iptables beside the real one", () => {
  for (const [name, lines] of Object.entries(SCRIPTS)) {
    it(`says the same: ${name}`, () => {
      const real = new NetNamespace();
      const machine = withLoopback();
      try {
        for (const line of lines) {
          const { out, err, code } = typed(machine, line);
          expect.soft({ line, out, err, code }).toEqual({ line, ...real.run(line) });
        }
      } finally {
        real.remove();
      }
    }, 120_000);
  }
});
