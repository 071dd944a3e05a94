/** docs/misc/xenstore.txt: nodes, permissions, watches and their order. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Scheduler } from "../../src/engine/scheduler.ts";
import { nanos } from "../../src/engine/time.ts";
import { type StoreListener, type StoreWatcher, XenStore } from "../../src/xen/xenstore.ts";

class Watcher implements StoreWatcher, StoreListener {
  readonly fired: string[] = [];
  readonly written: string[] = [];

  storeChanged(path: string, token: string): void {
    this.fired.push(`${token}: ${path}`);
  }

  storeWritten(path: string, value: string | null): void {
    this.written.push(`${path} ${value}`);
  }
}

function open() {
  const scheduler = new Scheduler();
  const store = new XenStore(scheduler);
  const watcher = new Watcher();
  const settle = (): string[] => {
    while (scheduler.step());
    return watcher.fired.splice(0);
  };
  return { scheduler, store, watcher, settle };
}

describe("nodes", () => {
  it("are read, listed in the order in which they were made, and removed with all below", () => {
    const { store } = open();
    store.write("/tool/b", "1");
    store.write("/tool/a/deep", "2");
    expect([store.read("/tool/b"), store.read("/tool"), store.read("/tool/c")]).toEqual(["1", "", null]);
    expect([store.list("/tool"), store.list("/no")]).toEqual([["b", "a"], null]);
    expect(store.readEach("/tool", ["a", "c", "b"])).toEqual(["", null, "1"]);
    expect(store.readEach("/no", ["a", "b"])).toEqual([null, null]);
    expect([store.remove("/tool/a"), store.exists("/tool/a/deep"), store.remove("/tool/a")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(store.remove("/")).toBe(false);
  });

  it("hold numbers only when they are nothing else", () => {
    const { store } = open();
    for (const [key, value] of Object.entries({ a: "12", b: "-1", c: "1x", d: "", e: " 1", f: "007" }))
      store.write(`/${key}`, value);
    expect(["a", "b", "c", "d", "e", "f", "g"].map((key) => store.readNumber(`/${key}`))).toEqual([
      12,
      null,
      null,
      null,
      null,
      7,
      null,
    ]);
  });

  it("made by mkdir are empty, and keep what they hold", () => {
    const { store } = open();
    store.mkdir("/a/b");
    store.write("/a/b", "x");
    store.mkdir("/a/b");
    expect(store.read("/a/b")).toBe("x");
  });

  it("take their parent's permissions unless they get their own; what is made above on the way takes the parent's", () => {
    const { store } = open();
    store.write("/local/domain/1", "", { owner: 1, readers: [] });
    store.write("/local/domain/1/device/vif/0", "", { owner: 1, readers: [0] });
    store.write("/local/domain/1/device/vif/0/state", "1");
    const owners = ["/local", "/local/domain/1/device", "/local/domain/1/device/vif/0/state"].map((p) =>
      store.permissionsOf(p),
    );
    expect(owners).toEqual([
      { owner: 0, readers: [] },
      { owner: 1, readers: [] },
      { owner: 1, readers: [0] },
    ]);
    store.setPermissions("/local", { owner: 2, readers: [3] });
    expect([store.permissionsOf("/local")?.owner, store.permissionsOf("/nowhere")]).toEqual([2, null]);
  });

  it("are dumped parents first, with depth, as xenstore-ls prints them", () => {
    const { store } = open();
    store.write("/vm/1/name", "g1");
    store.write("/vm/1/uuid", "u");
    store.write("/vm/2", "");
    expect(store.dump("/vm").map(({ path, depth, value }) => `${depth} ${path} ${value}`)).toEqual([
      "0 /vm/1 ",
      "1 /vm/1/name g1",
      "1 /vm/1/uuid u",
      "0 /vm/2 ",
    ]);
    expect(store.dump("/").map(({ path }) => path)[0]).toBe("/vm");
  });
});

describe("watches", () => {
  it("fire once when they are set, a while after, also where nothing is", () => {
    const { store, watcher, settle, scheduler } = open();
    store.watch("/a", "t", watcher);
    expect(watcher.fired).toEqual([]);
    scheduler.runUntil(nanos(49_999));
    expect(watcher.fired).toEqual([]);
    expect(settle()).toEqual(["t: /a"]);
  });

  it("fire for the node and for all below it, not for its neighbours or what is above", () => {
    const { store, watcher, settle } = open();
    store.write("/a/b", "0");
    store.watch("/a/b", "t", watcher);
    settle();
    for (const path of ["/a/b", "/a/b/c/d", "/a/bc", "/a", "/a/b/c"]) store.write(path, "1");
    expect(settle()).toEqual(["t: /a/b", "t: /a/b/c/d", "t: /a/b/c"]);
  });

  it("on the root see everything", () => {
    const { store, watcher, settle } = open();
    store.watch("/", "all", watcher);
    settle();
    store.write("/a/b", "1");
    store.remove("/a");
    expect(settle()).toEqual(["all: /a/b", "all: /a"]);
  });

  it("fire when the node goes with what is above it, and say the watched path", () => {
    const { store, watcher, settle } = open();
    store.write("/a/b/state", "4");
    store.watch("/a/b/state", "t", watcher);
    store.watch("/a", "above", watcher);
    settle();
    store.remove("/a/b");
    expect(settle()).toEqual(["t: /a/b/state", "above: /a/b"]);
  });

  it("fire in the order of the writes, and for one write in the order in which they were set", () => {
    const { store, watcher, settle } = open();
    const paths = ["/a", "/a/b", "/a/b/c", "/a"];
    for (const [i, path] of paths.entries()) store.watch(path, String(i), watcher);
    settle();
    store.write("/a/b/c", "1");
    store.write("/a/x", "1");
    expect(settle()).toEqual(["0: /a/b/c", "1: /a/b/c", "2: /a/b/c", "3: /a/b/c", "0: /a/x", "3: /a/x"]);
  });

  it("taken back stay silent, also for what is under way", () => {
    const { store, watcher, settle } = open();
    store.watch("/a", "gone", watcher);
    store.watch("/a", "kept", watcher);
    settle();
    store.write("/a", "1");
    store.unwatch(watcher, "gone");
    expect(settle()).toEqual(["kept: /a"]);
    store.unwatch(watcher);
    store.write("/a", "2");
    expect(settle()).toEqual([]);
  });

  it("see all of a transaction or nothing", () => {
    const { store, settle } = open();
    const seen: string[] = [];
    store.watch("/x", "t", { storeChanged: (path) => seen.push(`${path} ${store.read("/x/1")}${store.read("/x/2")}`) });
    settle();
    seen.length = 0;
    store.writeAll([
      { path: "/x/1", value: "a" },
      { path: "/x/2", value: "b", permissions: { owner: 1, readers: [] } },
    ]);
    settle();
    expect(seen).toEqual(["/x/1 ab", "/x/2 ab"]);
    expect(store.permissionsOf("/x/2")!.owner).toBe(1);
  });

  it("hear of domains that come and go", () => {
    const { store, watcher, settle } = open();
    store.watch("@releaseDomain", "r", watcher);
    settle();
    store.announce("@introduceDomain");
    store.announce("@releaseDomain");
    expect(settle()).toEqual(["r: @releaseDomain"]);
  });
});

describe("listeners", () => {
  it("are told of each change at once, in order", () => {
    const { store, watcher } = open();
    store.listeners.push(watcher);
    store.write("/a", "1");
    store.mkdir("/b");
    store.remove("/a");
    expect(watcher.written).toEqual(["/a 1", "/b ", "/a null"]);
  });
});

describe("against a flat list", () => {
  const path = fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join("/")}`);

  it("the same nodes are there, and the same watches fire", () => {
    fc.assert(
      fc.property(
        fc.array(path, { maxLength: 4 }),
        fc.array(fc.tuple(fc.boolean(), path), { maxLength: 40 }),
        (watched, acts) => {
          const { store, watcher, settle } = open();
          for (const [i, each] of watched.entries()) store.watch(each, String(i), watcher);
          settle();
          const nodes = new Set<string>();
          const expected: string[] = [];
          const below = (one: string, other: string): boolean => one === other || one.startsWith(`${other}/`);
          for (const [isWrite, where] of acts) {
            const there = nodes.has(where);
            const gone = [...nodes].filter((node) => below(node, where));
            if (isWrite) {
              store.write(where, "x");
              for (let at = where; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) nodes.add(at);
            } else {
              expect(store.remove(where)).toBe(there);
              for (const node of gone) nodes.delete(node);
            }
            if (!isWrite && !there) continue;
            for (const [i, watch] of watched.entries()) {
              if (below(where, watch)) expected.push(`${i}: ${where}`);
              else if (!isWrite && gone.includes(watch)) expected.push(`${i}: ${watch}`);
            }
          }
          expect(settle()).toEqual(expected);
          expect(
            store
              .dump("/")
              .map((entry) => entry.path)
              .sort(),
          ).toEqual([...nodes].sort());
        },
      ),
    );
  });
});
