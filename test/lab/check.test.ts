/** What a check says of a command that never ends, that ends itself like one that was ended, and whose machine goes away. */
import { describe, expect, test } from "vitest";
import type { CheckResult } from "../../src/lab/check.ts";
import { openLab, readTopology } from "../../src/lab/index.ts";

const TWO_BOXES = `
name: checks
networks: { lan: { kind: switch } }
machines:
  a: { nics: { eth0: { network: lan, ip: 10.0.0.1/24 } } }
  b: { nics: { eth0: { network: lan, ip: 10.0.0.2/24 } } }
`;

function results(topology: string): readonly CheckResult[] {
  const { plan, diagnostics } = readTopology(topology);
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const lab = openLab(plan);
  while (!lab.runSlice(10_000));
  lab.scenario.conclude();
  return lab.scenario.results;
}

const judged = (topology: string): readonly [boolean, string][] => results(topology).map(({ ok, got }) => [ok, got]);

describe("checks", () => {
  test("a command that goes on for ever neither works nor fails, nor is its output judged", () => {
    const checks = `checks:
  - { name: answered, on: a, run: ping 10.0.0.2, expect: ok }
  - { name: not refused, on: a, run: ping 10.0.0.2, expect: fail }
  - { name: code, on: a, run: ping 10.0.0.2, expect: "exit: 137" }
  - { name: words, on: a, run: ping 10.0.0.2, expect: { stdout: bytes from } }
  - { name: lost all the same, on: a, run: ping 10.0.0.9, expect: "dropped: neighbour-failed", within: 5s }
`;
    const late = "still running after 2 s";
    expect(judged(TWO_BOXES + checks)).toEqual([
      [false, late],
      [false, late],
      [false, late],
      [false, late],
      [true, expect.stringContaining("frame")],
    ]);
  });

  test("what a late check has started ends with it", () => {
    const checks = `checks:
  - { name: late, on: a, run: "ping 10.0.0.9 | cat" }
  - { name: nothing left, on: a, run: "sleep 5; ps | grep -c [p]ing", expect: fail, within: 7s }
  - { name: no frames of it either, on: a, run: sleep 4, expect: "dropped: neighbour-failed", within: 5s }
`;
    expect(judged(TWO_BOXES + checks).map(([ok]) => ok)).toEqual([false, true, false]);
  });

  test("a pattern is looked for on stdout alone, without the end of its last line", () => {
    const checks = `checks:
  - { name: whole, on: a, run: echo out, expect: { stdout: /^out$/ } }
  - { name: only what is printed last, on: a, run: "echo one; echo two", expect: { stdout: /^two$/ } }
  - { name: not stderr, on: a, run: ls /none, expect: { stdout: No such file } }
  - { name: stderr on stdout, on: a, run: "ls /none 2>&1", expect: { stdout: /No such file or directory$/ } }
`;
    expect(judged(TWO_BOXES + checks).map(([ok]) => ok)).toEqual([true, false, false, true]);
  });

  test("a command may kill itself", () => {
    const checks = `checks:\n  - { name: killed, on: a, run: "kill -9 $$", expect: "exit: 137" }\n`;
    expect(judged(TWO_BOXES + checks)).toEqual([[true, "exit code 137"]]);
  });

  test("a machine that goes away takes its check along", () => {
    const lab = `
mode: bridge
guests: { web1: 192.168.1.11 }
scenario: [ { at: 30s, on: xen1, run: "(sleep 4; xl destroy web1) &" } ]
checks:
  - { name: gone, on: web1, run: sleep 50, within: 60s, expect: fail }
`;
    expect(judged(lab)).toEqual([[false, "web1 went away while it ran"]]);
  });
});
