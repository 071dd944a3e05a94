import fc from "fast-check";
import { expect, test } from "vitest";
import { type Gone, Watch, WatchTree } from "../../src/xen/watch-tree.ts";

const SILENT = { storeChanged(): void {} };
const PATHS = ["/", "/a", "/a/b", "/a/b/c", "/a/bb", "/b", "/b/a", "/a/b/c/d", "@introduceDomain", "@releaseDomain"];

const isBelow = (path: string, above: string): boolean =>
  path === above || (path.startsWith("/") && (above === "/" || path.startsWith(`${above}/`)));

/** All of a store that has every path. */
const below = (path: string): Gone => ({
  children: new Map(
    PATHS.filter((each) => each !== path && each.slice(0, each.lastIndexOf("/")) === path).map((each) => [
      each.slice(each.lastIndexOf("/") + 1),
      below(each),
    ]),
  ),
});

const path = fc.constantFrom(...PATHS);
const action = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), path }),
  fc.record({ kind: fc.constant("remove" as const), index: fc.nat(20) }),
  fc.record({ kind: fc.constant("write" as const), path }),
  fc.record({ kind: fc.constant("delete" as const), path }),
);

test("the tree finds what a walk through all watches finds, in the order in which they were set", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const tree = new WatchTree();
      const all: Watch[] = [];
      let made = 0;
      for (const each of actions) {
        if (each.kind === "add") {
          const watch = new Watch(each.path, "", SILENT, made++);
          all.push(watch);
          tree.add(watch);
        } else if (each.kind === "remove") {
          for (const watch of all.splice(each.index, 1)) tree.remove(watch);
        } else {
          const isNode = each.path.startsWith("/") && each.path !== "/";
          const gone = each.kind === "delete" && isNode ? below(each.path) : null;
          const above = all.filter((watch) => isBelow(each.path, watch.path));
          const under = all.filter((watch) => watch.path !== each.path && isBelow(watch.path, each.path));
          const expected = [...above, ...(gone === null ? [] : under)].sort((a, b) => a.order - b.order);
          const hits = tree.hits(each.path, gone);
          expect(hits.map(({ watch }) => watch)).toEqual(expected);
          for (const hit of hits) expect(hit.path).toBe(above.includes(hit.watch) ? each.path : hit.watch.path);
        }
      }
    }),
  );
});
