/** What both worlds play of the shipped topologies, and at which times. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { atTimesOf, stageTwin } from "../../../src/lab/index.ts";
import { counted, judges } from "../../kit/fidelity.ts";
import { planOf, planOfFile, shipped } from "../../kit/lab.ts";

judges("twin");

/** bridge-pressure is about rings alone. */
const TWINNED = readdirSync(shipped("")).filter((name) => name.endsWith(".yaml") && name !== "bridge-pressure.yaml");

const SCENARIO = `
mode: bridge
guests: { web1: 192.168.1.11, web2: 192.168.1.12 }
scenario:
  - { at: 3s, on: web1, run: ping -c 1 192.168.1.12 }
  - { at: 1s, on: web1, run: kill -9 458 }
  - { at: 2s, on: web1, run: ping -q -c 10 -f 192.168.1.12 }
  - { at: 4s, on: xen1, run: xl pause web2 }
  - { at: 5s, on: web1, run: ping -c 1 192.168.1.12 }
  - { at: 6s, on: xen1, run: xl unpause web2 }
  - { at: 7s, on: web1, run: ping -c 1 192.168.1.12 }
checks:
  - { name: "", on: web1, run: ping -c 1 192.168.1.12, expect: ok }
  - { name: "", on: xen1, run: xl list web2, expect: ok }
`;

type Staged = ReturnType<typeof stageTwin>;

describe("what both worlds play", () => {
  it("is every line of every shipped topology, but for floods and pauses of bridge-busy", () => {
    const leftOut = TWINNED.map((name) => [name, stageTwin(planOfFile(name)).leftOut.length] as const);
    expect(leftOut.filter(([, count]) => count > 0)).toEqual([["bridge-busy.yaml", 4]]);
    for (const [, count] of leftOut) counted("twin", "lines", count);
  });

  it("leaves out floods, pauses, and what runs while a guest is paused, each with its reason", () => {
    const { plan, leftOut } = stageTwin(planOf(`name: a\n${SCENARIO}`));
    expect(plan.scenario.map(({ at }) => at / 1e9)).toEqual([3, 7]);
    expect(leftOut.map((line) => line.replace(/ \(.*/, ""))).toEqual([
      "web1: kill -9 458",
      "web1: ping -q -c 10 -f 192.168.1.12",
      "xen1: xl pause web2",
      "web1: ping -c 1 192.168.1.12",
      "xen1: xl unpause web2",
    ]);
    for (const line of leftOut) expect(line).toMatch(/\(.{20,}\)$/);
  });

  it("rests where leases or a spanning tree take their time, and begins later for it", () => {
    const busy = stageTwin(planOfFile("bridge.yaml"));
    expect(busy.rest).toBe(0);
    expect(busy.plan.scenario).toEqual(planOfFile("bridge.yaml").scenario);
    const slow = stageTwin(planOfFile("nat.yaml"));
    const [first, before] = [slow.plan.scenario[0]!.at, planOfFile("nat.yaml").scenario[0]!.at];
    expect(slow.rest).toBe(8e9);
    expect(first - before).toBeGreaterThanOrEqual(6e9);
    const gaps = slow.plan.scenario.map(({ at }) => at - first);
    expect(gaps, "the same between the lines").toEqual(planOfFile("nat.yaml").scenario.map(({ at }) => at - before));
  });

  it("is played by the emulator when the kernel played it: lines in the order of their times", () => {
    const staging = stageTwin(planOf(`name: a\n${SCENARIO}`));
    const { plan } = atTimesOf({ age: 10, lines: [3011, 7250], checks: [9100, null] }, staging);
    expect(plan.scenario.map(({ at }) => at / 1e6)).toEqual([3011, 7250]);
    expect(plan.checks.map(({ after }) => after)).toEqual([9100e6, null]);
  });

  it("waits as long as the kernel's set-up took, and is later by that", () => {
    const staging = stageTwin(planOf(`name: a\n${SCENARIO}`));
    const played = { lines: [3011, 7250], checks: [9100, null] };
    const [quick, slow] = [10, 60_000].map((age) => atTimesOf({ ...played, age }, staging)) as [Staged, Staged];
    const longer = slow.rest - quick.rest;
    expect(quick.rest).toBe(0);
    expect(longer).toBeGreaterThan(50e9);
    expect(slow.plan.scenario.map(({ at }) => at - longer)).toEqual([3011e6, 7250e6]);
    expect(slow.plan.checks[0]!.after).toBe(9100e6 + longer);
  });
});
