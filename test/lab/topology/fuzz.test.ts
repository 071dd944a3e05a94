/** Whatever the text: no throw, an answer soon, places inside the text, and an error exactly when there is no plan. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../../../src/lab/topology/diagnostic.ts";
import { printPlan } from "../../../src/lab/topology/print-plan.ts";
import { loadTopology } from "../../../src/lab/topology/resolve.ts";

const SEEDS = ["bridge-xl", "bridge-short", "bridge-busy"].map((name) =>
  readFileSync(`topologies/${name}.yaml`, "utf8"),
);

function survive(text: string): void {
  const { plan, diagnostics } = loadTopology(text);
  const lines = text.split("\n");
  expect(plan === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  for (const d of diagnostics) {
    expect(d.line).toBeGreaterThan(0);
    expect(d.line).toBeLessThanOrEqual(lines.length);
    expect(d.column).toBeGreaterThan(0);
    expect(d.column).toBeLessThanOrEqual((lines[d.line - 1] ?? "").length + 1);
    expect(d.endColumn).toBeGreaterThan(d.column);
    expect(d.message).not.toMatch(/undefined|\[object|NaN|Invalid input/);
  }
  renderDiagnostics("x.yaml", text, diagnostics);
  if (plan !== null) expect(loadTopology(printPlan(plan)).plan).toEqual(plan);
}

/** Pieces of a valid file cut out, doubled, replaced: what an editor leaves behind halfway. */
const mutation = fc.record({
  seed: fc.constantFrom(...SEEDS),
  cuts: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 30 }),
      put: fc.oneof(
        fc.string({ maxLength: 4 }),
        fc.constantFrom(
          "\t",
          "\n",
          "{",
          "}",
          "[",
          "]",
          ": ",
          "- ",
          "&a ",
          "*a",
          "'",
          '"',
          "|",
          "~",
          "<<: *a",
          "0",
          "\0",
          "---\n",
          "!!x ",
        ),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

function mutate({ seed, cuts }: { seed: string; cuts: { at: number; length: number; put: string }[] }): string {
  return cuts.reduce((text, { at, length, put }) => {
    const from = Math.floor(at * text.length);
    return text.slice(0, from) + put + text.slice(from + length);
  }, seed);
}

/** Trees of the right keys with values of any kind. */
const keys = [
  "mode",
  "guests",
  "hosts",
  "machines",
  "networks",
  "nics",
  "eth0",
  "ip",
  "vif",
  "capture",
  "scenario",
  "at",
  "on",
  "run",
  "checks",
  "expect",
  "bridges",
  "ports",
  "domains",
  "inside",
  "xen1",
  "<<",
  "__proto__",
  "constructor",
];
const tree = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 6, withCrossShrink: true }, tie("leaf"), tie("list"), tie("map")),
  leaf: fc.oneof(
    fc.constantFrom("bridge", "lan", "eth0", "xen1", "xen1:eth0", "192.168.1.1", "10.0.0.1/8", "1s", "all", "ok"),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
  ),
  list: fc.array(tie("node"), { maxLength: 3 }),
  map: fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 5 })), tie("node"), { maxKeys: 4 }),
})).map;

describe("any text", () => {
  it("of random characters", () =>
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: "binary", maxLength: 100 })), survive),
      { numRuns: 300 },
    ));

  it("made of the characters of YAML", () => {
    const character = fc.constantFrom(..."{}[]:-?&*!|>'\"%@`#, \t\n\rab1~<=.");
    fc.assert(
      fc.property(
        fc.array(character, { maxLength: 120 }).map((all) => all.join("")),
        survive,
      ),
      { numRuns: 1000 },
    );
  });

  it("that was a valid topology", () => fc.assert(fc.property(mutation.map(mutate), survive), { numRuns: 600 }));

  it("that is JSON with the right keys at wrong places", () => {
    fc.assert(
      fc.property(
        tree.map((value) => JSON.stringify(value)),
        survive,
      ),
      { numRuns: 600 },
    );
  });
});

describe("noise", () => {
  const repeat = (piece: string, length: number): string => piece.repeat(Math.floor(length / piece.length));
  const MANY = 1024 * 1024;

  it.each(["[", "]", "a: 1\n", "{a: b}, ", "k%: 1\n"])(
    "of a megabyte of %j is answered within seconds",
    (piece) => {
      let count = 0;
      survive(
        repeat(piece, MANY)
          .replaceAll("%", () => String(count++ % 10_000))
          .slice(0, MANY),
      );
    },
    30_000,
  );

  it.each(["{", "- ", "? ", ": ", '"', "'", "%a\n", "---\n", "!!! ", "*a ", "&a ", "\n", "\t", "a: [", "@", "| \n"])(
    "of %j is answered soon",
    (piece) => survive(repeat(piece, MANY / 16)),
    10_000,
  );
});
