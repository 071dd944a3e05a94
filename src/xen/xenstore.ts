/**
 * The store all domains share: a tree of small texts with owners, readers and watches.
 * Follows docs/misc/xenstore.txt and tools/xenstore (watches fire after the write, also for what lies below and, on a
 * removal, above what was asked for). Not modelled: quotas, transactions that conflict, the ring to xenstored itself.
 */
import type { EventTarget, Scheduler } from "../engine/scheduler.ts";
import { type Nanos, us } from "../engine/time.ts";

/** From the write to the watcher's turn: xenstored's socket or ring, and a thread's wake-up. */
const WATCH_LATENCY: Nanos = us(50);

/** Who hears of a change. `path` is what changed, `token` what the watcher gave. */
export interface StoreWatcher {
  storeChanged(path: string, token: string): void;
}

/** Told of every write at once, in order: `xenstore-watch`-like views and tests. Null means removed. */
export interface StoreListener {
  storeWritten(path: string, value: string | null): void;
}

/** Owner and readers as `xenstore-ls -p` prints them: (n0,r1). */
export interface Permissions {
  readonly owner: number;
  readonly readers: readonly number[];
}

class Node {
  readonly name: string;
  value = "";
  permissions: Permissions;
  readonly children = new Map<string, Node>();

  constructor(name: string, permissions: Permissions) {
    this.name = name;
    this.permissions = permissions;
  }
}

class Watch {
  readonly path: string;
  readonly token: string;
  readonly watcher: StoreWatcher;
  /** Order of registration: the order in which watches of one change fire. */
  readonly order: number;
  active = true;

  constructor(path: string, token: string, watcher: StoreWatcher, order: number) {
    this.path = path;
    this.token = token;
    this.watcher = watcher;
    this.order = order;
  }
}

/** One line of a dump. */
export interface StoreEntry {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly value: string;
  readonly permissions: Permissions;
}

export class XenStore implements EventTarget {
  private readonly scheduler: Scheduler;
  private readonly root = new Node("", { owner: 0, readers: [] });
  /** By path: with a thousand guests there are thousands of watches, and a write concerns two or three. */
  private readonly watches = new Map<string, Watch[]>();
  private readonly byWatcher = new Map<StoreWatcher, Watch[]>();
  private watchesMade = 0;
  readonly listeners: StoreListener[] = [];

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  /** Null when there is no such node. */
  read(path: string): string | null {
    return this.find(path)?.value ?? null;
  }

  /** Several nodes right below `path`, in the order of `names`: one walk for all of them. */
  readEach(path: string, names: readonly string[]): (string | null)[] {
    const node = this.find(path);
    return names.map((name) => node?.children.get(name)?.value ?? null);
  }

  /** The node `below` each child of `path`, of those that have it: one walk for all of them. */
  readBelow(path: string, below: string): string[] {
    const parts = split(below);
    const found: string[] = [];
    for (const child of this.find(path)?.children.values() ?? []) {
      const node = this.walk(parts, child);
      if (node !== null) found.push(node.value);
    }
    return found;
  }

  /** A number, or null when the node is missing or holds something else. */
  readNumber(path: string): number | null {
    const text = this.read(path);
    return text !== null && /^\d+$/.test(text) ? Number(text) : null;
  }

  exists(path: string): boolean {
    return this.find(path) !== null;
  }

  /** Names below, in the order in which they were made; null when there is no such node. */
  list(path: string): readonly string[] | null {
    const node = this.find(path);
    return node === null ? null : [...node.children.keys()];
  }

  permissionsOf(path: string): Permissions | null {
    return this.find(path)?.permissions ?? null;
  }

  /** Writes, making what is missing above. New nodes take `permissions`, else those of their parent. */
  write(path: string, value: string, permissions?: Permissions): void {
    const node = this.make(path, permissions);
    node.value = value;
    this.changed(path, value);
  }

  /** Several nodes at once: watchers see all or nothing (a transaction). */
  writeAll(
    entries: readonly {
      readonly path: string;
      readonly value: string;
      readonly permissions?: Permissions;
    }[],
  ): void {
    for (const { path, value, permissions } of entries) this.make(path, permissions).value = value;
    for (const { path, value } of entries) this.changed(path, value);
  }

  /** Makes an empty node; an existing one keeps its value (XS_MKDIR). */
  mkdir(path: string, permissions?: Permissions): void {
    if (this.exists(path)) return;
    this.make(path, permissions);
    this.changed(path, "");
  }

  setPermissions(path: string, permissions: Permissions): void {
    const node = this.find(path);
    if (node !== null) node.permissions = permissions;
  }

  /** Removes a node and all below; false when it is not there. */
  remove(path: string): boolean {
    const parts = split(path);
    const name = parts.pop();
    const parent = this.walk(parts);
    const node = parent?.children.get(name ?? "");
    if (name === undefined || parent === null || node === undefined) return false;
    parent.children.delete(name);
    this.changed(path, null, node);
    return true;
  }

  /** Fires once at the start, as real watches do, then at every change at or below `path`. */
  watch(path: string, token: string, watcher: StoreWatcher): void {
    const watch = new Watch(path, token, watcher, this.watchesMade++);
    append(this.watches, path, watch);
    append(this.byWatcher, watcher, watch);
    this.fire(watch, path);
  }

  unwatch(watcher: StoreWatcher, token?: string): void {
    const own = this.byWatcher.get(watcher) ?? [];
    const gone = own.filter((watch) => token === undefined || watch.token === token);
    for (const watch of gone) {
      watch.active = false;
      withdraw(this.watches, watch.path, watch);
      withdraw(this.byWatcher, watcher, watch);
    }
  }

  /** Everything at and below `path`, parents first: what `xenstore-ls` prints. */
  dump(path: string): StoreEntry[] {
    const node = this.find(path);
    if (node === null) return [];
    const entries: StoreEntry[] = [];
    collect(node, path === "/" ? "" : path, 0, entries);
    return entries;
  }

  /** The two watches that are no nodes: a domain was introduced, or one is gone. */
  announce(name: "@introduceDomain" | "@releaseDomain"): void {
    this.changed(name, null);
  }

  handle(_operation: number, _argument: number, subject: unknown): void {
    const { watch, path } = subject as { watch: Watch; path: string };
    if (watch.active) watch.watcher.storeChanged(path, watch.token);
  }

  /** Watches at the path and above it; of a node that is `gone` also those at what was below. */
  private changed(path: string, value: string | null, gone: Node | null = null): void {
    for (const listener of this.listeners) listener.storeWritten(path, value);
    const hit: { watch: Watch; path: string }[] = [];
    for (let at = path; at !== ""; at = above(at)) {
      for (const watch of this.watches.get(at) ?? []) hit.push({ watch, path });
    }
    if (gone !== null) this.hitBelow(gone, path, hit);
    hit.sort((a, b) => a.watch.order - b.watch.order);
    for (const each of hit) this.fire(each.watch, each.path);
  }

  private hitBelow(node: Node, path: string, hit: { watch: Watch; path: string }[]): void {
    for (const child of node.children.values()) {
      const below = `${path}/${child.name}`;
      for (const watch of this.watches.get(below) ?? []) hit.push({ watch, path: below });
      this.hitBelow(child, below, hit);
    }
  }

  private fire(watch: Watch, path: string): void {
    this.scheduler.after(WATCH_LATENCY, this, 0, 0, { watch, path });
  }

  private find(path: string): Node | null {
    return this.walk(split(path));
  }

  private walk(parts: readonly string[], from = this.root): Node | null {
    let node: Node | undefined = from;
    for (const part of parts) {
      node = node.children.get(part);
      if (node === undefined) return null;
    }
    return node;
  }

  /** What is missing above takes the permissions of what is there; only the node itself gets others. */
  private make(path: string, permissions?: Permissions): Node {
    let node = this.root;
    const parts = split(path);
    for (const [i, part] of parts.entries()) {
      let child = node.children.get(part);
      if (child === undefined) {
        const own = i === parts.length - 1 ? permissions : undefined;
        child = new Node(part, own ?? node.permissions);
        node.children.set(part, child);
      }
      node = child;
    }
    return node;
  }
}

/** The node above; "/" above the first level, nothing above that and above the watches that are no nodes. */
function above(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === 0 && path !== "/" ? "/" : path.slice(0, Math.max(0, slash));
}

const split = (path: string): string[] => path.split("/").filter((part) => part !== "");

function collect(node: Node, path: string, depth: number, into: StoreEntry[]): void {
  for (const child of node.children.values()) {
    const below = `${path}/${child.name}`;
    into.push({
      path: below,
      name: child.name,
      depth,
      value: child.value,
      permissions: child.permissions,
    });
    collect(child, below, depth + 1, into);
  }
}

function append<Key>(lists: Map<Key, Watch[]>, key: Key, watch: Watch): void {
  const there = lists.get(key);
  if (there === undefined) lists.set(key, [watch]);
  else there.push(watch);
}

function withdraw<Key>(lists: Map<Key, Watch[]>, key: Key, watch: Watch): void {
  const rest = (lists.get(key) ?? []).filter((each) => each !== watch);
  if (rest.length === 0) lists.delete(key);
  else lists.set(key, rest);
}
