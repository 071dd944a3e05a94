/** Texts side by side: nothing is lost, what stayed stands in one row, what differs is marked. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linesOf, pairLines } from "../../../../src/tui/views/setup/pairs.ts";

describe("lines", () => {
  test("have tabs as a terminal shows them, and no blanks at their ends", () => {
    expect(
      linesOf("xenbr0\t\t8000.feffffffffff\tno\t\tpeth0\n\t\t\t\t\t\t\tvif0.0\n\ndefault via 192.168.1.1 dev eth0 \n"),
    ).toEqual([
      "xenbr0          8000.feffffffffff       no              peth0",
      `${" ".repeat(56)}vif0.0`,
      "default via 192.168.1.1 dev eth0",
    ]);
  });
});

describe("pairs", () => {
  test("what came stands beside nothing, what was replaced beside what took its place", () => {
    expect(pairLines(["a", "b", "d"], ["a", "c", "d", "e"])).toEqual([
      { before: "a", after: "a", changed: false },
      { before: "b", after: "c", changed: true },
      { before: "d", after: "d", changed: false },
      { before: "", after: "e", changed: true },
    ]);
  });

  test("hold every line of both, in order; the same text has no mark", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const pairs = pairLines(before, after);
        expect(pairs.map((pair) => pair.before).filter((line) => line !== "")).toEqual(before);
        expect(pairs.map((pair) => pair.after).filter((line) => line !== "")).toEqual(after);
        for (const pair of pairs) expect(pair.changed).toBe(pair.before !== pair.after);
        if (before.join() === after.join()) expect(pairs.some(({ changed }) => changed)).toBe(false);
      }),
    );
  });
});
