import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/base/invariant.ts";
import { copyGraph } from "../../src/engine/copy.ts";

function* generator(): Generator<number> {
  yield 1;
}

class Knot {
  name: string;
  next: Knot | null = null;
  extra: unknown = null;

  constructor(name: string) {
    this.name = name;
  }

  shout(): string {
    return this.name.toUpperCase();
  }
}

describe("a copied graph", () => {
  it("has the same classes and values, and shares nothing", () => {
    const knot = new Knot("a");
    knot.extra = { list: [1, "two", null, undefined, true, 4n], time: Number.POSITIVE_INFINITY };
    const twin = copyGraph(knot);
    expect(twin).toEqual(knot);
    expect(twin).toBeInstanceOf(Knot);
    expect(twin.shout()).toBe("A");
    (twin.extra as { list: unknown[] }).list.push("more");
    expect((knot.extra as { list: unknown[] }).list).toHaveLength(6);
  });

  it("keeps cycles, and one object seen from two places one object", () => {
    const a = new Knot("a");
    const b = new Knot("b");
    a.next = b;
    b.next = a;
    a.extra = [b, b];
    const twin = copyGraph(a);
    expect(twin.next!.next).toBe(twin);
    expect(twin.extra).toEqual([twin.next, twin.next]);
    expect((twin.extra as Knot[])[0]).toBe(twin.next);
    expect(twin.next).not.toBe(b);
  });

  it("copies maps and sets in their order, with objects as keys", () => {
    const key = new Knot("key");
    const before = {
      map: new Map<unknown, unknown>([
        ["x", 1],
        [key, key],
        [2, "z"],
      ]),
      set: new Set([3, key, 1]),
      key,
    };
    const after = copyGraph(before);
    expect([...after.map.keys()]).toEqual(["x", after.key, 2]);
    expect(after.map.get(after.key)).toBe(after.key);
    expect([...after.set]).toEqual([3, after.key, 1]);
    expect(after.map.has(key)).toBe(false);
  });

  it("keeps typed arrays on one buffer on one buffer, each with its window", () => {
    const buffer = new ArrayBuffer(64);
    const before = {
      bytes: new Uint8Array(buffer),
      words: new Int32Array(buffer),
      part: new Uint16Array(buffer, 8, 4),
      own: new Float64Array([1.5, Number.NaN]),
    };
    const after = copyGraph(before);
    after.words[2] = 0x01020304;
    expect([...after.bytes.subarray(8, 12)]).toEqual([4, 3, 2, 1]);
    expect([...after.part]).toEqual([0x0304, 0x0102, 0, 0]);
    expect(before.words[2]).toBe(0);
    expect(after.own).toEqual(before.own);
    expect(after.bytes.buffer).toBe(after.words.buffer);
  });

  it("is made without deep recursion", () => {
    const first = new Knot("0");
    let last = first;
    for (let i = 1; i < 200_000; i++) {
      last.next = new Knot(String(i));
      last = last.next;
    }
    let length = 0;
    for (let at: Knot | null = copyGraph(first); at !== null; at = at.next) length++;
    expect(length).toBe(200_000);
  });

  it("keeps an own field called __proto__ a field", () => {
    const value = JSON.parse('{ "__proto__": [1], "other": 2 }') as object;
    const copy = copyGraph(value);
    expect(Object.keys(copy)).toEqual(["__proto__", "other"]);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it("equals any plain value", () => {
    fc.assert(
      fc.property(
        fc.object({ withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true }),
        (value) => {
          expect(copyGraph(value)).toEqual(value);
        },
      ),
    );
  });
});

describe("what cannot be copied is named", () => {
  const inside = (extra: unknown): Knot => {
    const knot = new Knot("a");
    knot.next = new Knot("b");
    knot.next.extra = extra;
    return knot;
  };

  it.each([
    ["a function", (): number => 1, /function .* at Knot\.extra/],
    ["a function in an array", [(): number => 1], /function .* at Array\.0/],
    ["a function in a map", new Map([["callback", (): number => 1]]), /function .* at \[callback\]/],
    ["a function in a set", new Set([(): number => 1]), /function .* at a set/],
    ["a generator", generator(), /Generator.* at Knot\.extra/],
    ["a promise", Promise.resolve(1), /Promise.* at Knot\.extra/],
    ["an iterator", [1].values(), /Iterator.* at Knot\.extra/],
    ["a pattern", /x/, /RegExp.* at Knot\.extra/],
    ["an error", new Error("x"), /Error.* at Knot\.extra/],
  ])("%s", (_name, extra, message) => {
    expect(() => copyGraph(inside(extra))).toThrow(InvariantError);
    expect(() => copyGraph(inside(extra))).toThrow(message);
  });
});
