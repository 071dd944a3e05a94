/** The same rules and the same frames in the model and in this machine's own kernel: what comes out, and the counters. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { Random } from "../../../src/engine/random.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { comparable, EmulatedBridge, throughKernel } from "./bridged-box.ts";
import { ruleSet, type Shot, shot } from "./grammar.ts";

judges("rules");

const canCompare =
  ["ip", "iptables", "python3"].every((tool) => requireTool(tool)) &&
  canMakeNamespaces() &&
  spawnSync("iptables", ["--version"], { encoding: "utf8" }).stdout.includes("nf_tables");

function compare(lines: readonly string[], shots: readonly Shot[]): void {
  const model = new EmulatedBridge(lines).run(shots);
  const kernel = throughKernel(lines, shots);
  expect({ lines, list: model.list }).toEqual({ lines, list: kernel.list });
  for (const [i, { port }] of shots.entries()) {
    const told = (seen: readonly string[]) => ({ lines, i, port, seen: seen.map(comparable) });
    expect(told(model.seen[i]!)).toEqual(told(kernel.seen[i]!));
  }
}

const shots = (seed: number, count: number): Shot[] => {
  const random = new Random(seed, "netfilter-shots");
  return Array.from({ length: count }, () => shot(random));
};

const XEN = "-m physdev --physdev-is-bridged";

describe.skipIf(!canCompare)("netfilter beside the real kernel", () => {
  it("lets through what Xen's antispoof rules let through", () => {
    const lines = [
      "iptables -P FORWARD DROP",
      "iptables -F FORWARD",
      "iptables -A FORWARD -m physdev --physdev-in p0 -j ACCEPT",
      `iptables -w -I FORWARD ${XEN} --physdev-in p1 -s 10.0.0.2 -j ACCEPT`,
      `iptables -w -I FORWARD ${XEN} --physdev-out p1 -j ACCEPT`,
      `iptables -w -I FORWARD ${XEN} --physdev-in p1 -p udp --sport 68 --dport 67 -j ACCEPT`,
      `iptables -w -I FORWARD ${XEN} --physdev-out p1 -j ACCEPT`,
      `iptables -w -I FORWARD ${XEN} --physdev-in p2 -j ACCEPT`,
      `iptables -w -I FORWARD ${XEN} --physdev-out p2 -j ACCEPT`,
    ];
    compare(lines, shots(1, 200));
  }, 60_000);

  it("does with random rules and packets what the kernel does", () => {
    for (let seed = 1; seed <= 12; seed++)
      compare(ruleSet(new Random(seed, "netfilter-rules")), shots(seed + 100, 120));
  }, 240_000);
});
