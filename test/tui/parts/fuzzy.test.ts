/** Fuzzy matching: what a user would expect on top. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzzyFilter, fuzzyScore } from "../../../src/tui/parts/fuzzy.ts";

const filter = (query: string, ...items: readonly string[]): string[] => fuzzyFilter(query, items, (item) => item);

describe("fuzzy", () => {
  test("an empty query leaves everything in its order, whatever the lengths", () => {
    const items = ["the longest of them all", "short", "middling one"];
    expect(filter("", ...items)).toEqual(items);
    expect(filter("  ", ...items)).toEqual(items);
  });

  test("the letters must be there, in order; blanks and case do not matter", () => {
    expect(filter("vf1", "vif1.0", "vif2.0", "1fv")).toEqual(["vif1.0"]);
    expect(filter("SHELL web1", "shell: web1", "shell: web2")).toEqual(["shell: web1"]);
    expect(filter("zz", "vif1.0")).toEqual([]);
  });

  test("what holds the query as it is comes first, the earlier the better", () => {
    expect(filter("map", "modify all packets", "view: Map", "map: xen1:eth0")).toEqual([
      ...["map: xen1:eth0", "view: Map", "modify all packets"],
    ]);
  });

  test("beginnings of words and letters in a row count more than letters anywhere", () => {
    expect(filter("ph", "xpxhx", "packets: host")).toEqual(["packets: host", "xpxhx"]);
    expect(filter("cf", "xcaxxf", "xcfx")).toEqual(["xcfx", "xcaxxf"]);
  });

  test("equals stay in their order", () => {
    expect(filter("vif", "vif2.0", "vif1.0")).toEqual(["vif2.0", "vif1.0"]);
  });

  test("a text matches itself and every text made of its letters in order", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.boolean()), (text, kept) => {
        const some = [...text].filter((_, index) => kept[index] ?? true).join("");
        expect(fuzzyScore(some, text)).not.toBeNull();
        expect(fuzzyScore(text, text)).not.toBeNull();
      }),
    );
  });
});
