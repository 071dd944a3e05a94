import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ipv4 } from "../../../src/packet/address.ts";
import { Hook } from "../../../src/stack/hooks.ts";
import { usesConntrack, usesPhysdev } from "../../../src/stack/netfilter/needs.ts";
import { type Match, Rule, type RuleSpec } from "../../../src/stack/netfilter/rule.ts";
import { Chain, Table } from "../../../src/stack/netfilter/table.ts";

const spec = (matches: readonly Match[]): RuleSpec => ({
  ...{ source: null, destination: null, input: null, output: null, protocol: null, fragment: null },
  matches,
  target: { kind: "accept" },
});

const PHYSDEV: Match = {
  kind: "physdev",
  ...{ input: { name: "vif1.0", inverted: false }, output: null, isIn: null, isOut: null, isBridged: "yes" },
};
const CONNMARK: Match = { kind: "connmark", mark: 1, mask: 1, inverted: false };
const LIMIT: Match = { kind: "limit", average: 10_000, burst: 1 } as Match;
const SPECS = [spec([]), spec([PHYSDEV]), spec([CONNMARK]), spec([PHYSDEV, CONNMARK])];

const action = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), spec: fc.constantFrom(...SPECS), at: fc.nat(9) }),
  fc.record({ kind: fc.constant("replace" as const), spec: fc.constantFrom(...SPECS), at: fc.nat(9) }),
  fc.record({ kind: fc.constant("delete" as const), at: fc.nat(9) }),
  fc.constant({ kind: "flush" as const }),
  fc.constant({ kind: "zero" as const }),
);

test("a chain knows which modules its rules hold, whatever came and went", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const chain = new Chain("FORWARD", Hook.FORWARD);
      for (const each of actions) {
        const { length } = chain.rules;
        if (each.kind === "insert") chain.insert(new Rule(each.spec), Math.min(each.at, length));
        else if (each.kind === "flush") chain.flush();
        else if (each.kind === "zero") chain.zero();
        else if (each.at >= length) continue;
        else if (each.kind === "replace") chain.replace(each.at, new Rule(each.spec));
        else chain.delete(each.at);
        const specs = chain.rules.map((rule) => rule.spec);
        expect(chain.usesPhysdev).toBe(specs.some(usesPhysdev));
        expect(chain.usesConntrack).toBe(specs.some(usesConntrack));
      }
    }),
  );
});

test("a copy of a table is not changed by what becomes of the other, and both have the counters of now", () => {
  const table = new Table("filter", [Hook.INPUT, Hook.FORWARD, Hook.OUTPUT], 0);
  const chain = table.establish("FORWARD")!;
  for (const each of SPECS) expect(table.insert(chain, new Rule(each))).toBeNull();
  chain.rules[0]!.packets = 7;
  const before = table.copy();
  chain.zero();
  chain.delete(1);
  table.establish("INPUT");
  const kept = before.chain("FORWARD")!;
  expect(kept.rules.map((rule) => rule.spec)).toEqual(SPECS);
  expect(kept.rules[0]!.packets).toBe(7);
  expect(chain.rules[0]!.packets).toBe(0);
  expect([...before.chains.keys()]).toEqual(["FORWARD"]);
  expect([kept.usesPhysdev, chain.usesPhysdev]).toEqual([true, true]);
});

test("zeroing leaves a limit what it has given away", () => {
  const chain = new Chain("INPUT", Hook.INPUT);
  chain.insert(new Rule(spec([LIMIT])), 0);
  const [bucket] = chain.rules[0]!.limits;
  expect([bucket!.take(0), bucket!.take(0)]).toEqual([true, false]);
  chain.zero();
  expect(chain.rules[0]!.limits[0]!.take(0)).toBe(false);
});

test("a rule is found by what it says, and not by a neighbour that says nearly the same", () => {
  const table = new Table("filter", [Hook.FORWARD], 0);
  const chain = table.establish("FORWARD")!;
  const from = (address: number): RuleSpec => ({
    ...spec([]),
    source: { address: address as Ipv4, mask: 0xffff_ffff as Ipv4, inverted: false },
  });
  for (const address of [1, 2, 3]) table.insert(chain, new Rule(from(address)));
  expect([1, 2, 3, 4].map((address) => table.position(chain, from(address)))).toEqual([0, 1, 2, -1]);
});
