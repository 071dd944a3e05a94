/** The policy and its tables beside a model that looks at every route of every rule. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyGraph } from "../../src/engine/copy.ts";
import type { Ipv4 } from "../../src/packet/address.ts";
import { maskOf } from "../../src/packet/address.ts";
import { Fib, LOOPBACK_INDEX } from "../../src/stack/fib.ts";
import { ANYBODY, FibRules, RuleAction, type RuleFields } from "../../src/stack/fib-rules.ts";
import { type Route, RouteType, Scope } from "../../src/stack/route-table.ts";

const ERRORS = [RouteType.BLACKHOLE, RouteType.UNREACHABLE, RouteType.PROHIBIT, RouteType.THROW] as const;
/** Few bits, so that prefixes overlap. */
const address = fc.integer({ min: 0, max: 255 }).map((bits) => ((10 << 24) | (bits << 16)) as Ipv4);
const prefix = fc.constantFrom(0, 8, 10, 12, 16);
const network = fc.tuple(address, prefix).map(([base, length]) => ({
  address: ((base & maskOf(length)) >>> 0) as Ipv4,
  prefix: length,
}));
const table = fc.constantFrom(254, 253, 7, 8);
const route = fc.record({ network, table, type: fc.constantFrom(...ERRORS), metric: fc.constantFrom(0, 5, 9) });
const rule = fc.record({
  priority: fc.integer({ min: 1, max: 40 }),
  from: fc.oneof(fc.constant(ANYBODY), network),
  to: fc.oneof(fc.constant(ANYBODY), network),
  mark: fc.constantFrom(0, 1),
  mask: fc.constantFrom(0, 3),
  inverted: fc.boolean(),
  table,
});

const isIn = (each: { address: Ipv4; prefix: number }, asked: Ipv4): boolean =>
  ((each.address ^ asked) & maskOf(each.prefix)) === 0;

/** Longest prefix, then smallest metric, of all that fit; throw sends on to the next rule. */
function naive(
  rules: readonly RuleFields[],
  routes: readonly Route[],
  to: Ipv4,
  from: Ipv4,
  mark: number,
): Route | null {
  for (const each of rules) {
    const fits = isIn(each.from, from) && isIn(each.to, to) && ((each.mark ^ mark) & each.mask) === 0;
    if (fits === each.inverted) continue;
    const [best] = routes
      .filter((one) => one.table === each.table && isIn({ address: one.destination, prefix: one.prefix }, to))
      .sort((a, b) => b.prefix - a.prefix || a.metric - b.metric);
    if (best !== undefined && best.type !== RouteType.THROW) return best;
  }
  return null;
}

describe("the routing policy", () => {
  it("answers as a model does that looks at everything", () => {
    fc.assert(
      fc.property(
        fc.array(route, { maxLength: 30 }),
        fc.array(rule, { maxLength: 6 }),
        fc.array(fc.tuple(address, address, fc.constantFrom(0, 1, 2)), { minLength: 20, maxLength: 20 }),
        (routes, rules, questions) => {
          const fib = new Fib({ routeChanged: () => {}, indexOf: () => -1 });
          for (const { network: to, ...rest } of routes)
            fib.add({ destination: to.address, prefix: to.prefix, ...rest });
          for (const each of rules)
            fib.rules.add({ ...each, iif: null, oif: null, action: RuleAction.TO_TABLE, protocol: 0 });
          const all = fib.tableIds.flatMap((id) => fib.table(id)!.list());
          for (const [to, from, mark] of questions) {
            const found = fib.lookup(to, 0, Scope.UNIVERSE, from, LOOPBACK_INDEX, mark);
            expect(found).toBe(naive(fib.rules.list(), all, to, from, mark));
          }
        },
      ),
    );
  });
});

describe("whether anybody has touched the rules", () => {
  const added: RuleFields = { ...new FibRules().list()[0]!, priority: 7 };

  it("is known of a copy, too", () => {
    expect(copyGraph(new FibRules()).isDefault).toBe(true);
    const rules = new FibRules();
    rules.add(added);
    expect(copyGraph(rules).isDefault).toBe(false);
  });

  it("is not forgotten when they are as before", () => {
    const rules = new FibRules();
    rules.add(added);
    rules.remove({ priority: 7 });
    expect(rules.list()).toEqual(new FibRules().list());
    expect(rules.isDefault).toBe(false);
  });
});
