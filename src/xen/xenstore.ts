/**
 * The store all domains share: a tree of small texts with owners, readers and watches.
 * Follows docs/misc/xenstore.txt and tools/xenstore (watches fire after the write, also for what lies below and, on a
 * removal, above what was asked for). Not modelled: quotas, transactions that conflict, the ring to xenstored itself.
 */
import type { EventTarget, Scheduler } from "../engine/scheduler.ts";
import { type Nanos, us } from "../engine/time.ts";
import { type Hit, isRightBelow, partsOf, type StoreWatcher, Watch, WatchTree } from "./watch-tree.ts";

export type { StoreWatcher } from "./watch-tree.ts";

/** From the write to the watcher's turn: xenstored's socket or ring, and a thread's wake-up. */
const WATCH_LATENCY: Nanos = us(50);

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
  /** Null until there is one: of a guest's hundred nodes most hold a value and nothing below. */
  children: Map<string, Node> | null = null;

  constructor(name: string, permissions: Permissions) {
    this.name = name;
    this.permissions = permissions;
  }

  child(name: string): Node | undefined {
    return this.children?.get(name);
  }

  add(child: Node): void {
    this.children ??= new Map();
    this.children.set(child.name, child);
  }

  remove(name: string): void {
    this.children?.delete(name);
    if (this.children?.size === 0) this.children = null;
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
  /** The directory that was looked at last: what belongs to one device is read and written together. */
  private near: Node | null = null;
  private nearPath = "";
  private readonly watches = new WatchTree();
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
    return names.map((name) => node?.child(name)?.value ?? null);
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
    return node === null ? null : [...(node.children?.keys() ?? [])];
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
    const parts = partsOf(path);
    const name = parts.pop();
    const parent = walk(parts, this.root);
    const node = parent?.child(name ?? "");
    if (name === undefined || node === undefined) return false;
    parent!.remove(name);
    this.near = null;
    this.changed(path, null, node);
    return true;
  }

  /** Fires once at the start, as real watches do, then at every change at or below `path`. */
  watch(path: string, token: string, watcher: StoreWatcher): void {
    const watch = new Watch(path, token, watcher, this.watchesMade++);
    this.watches.add(watch);
    const own = this.byWatcher.get(watcher);
    if (own === undefined) this.byWatcher.set(watcher, [watch]);
    else own.push(watch);
    this.fire({ watch, path });
  }

  unwatch(watcher: StoreWatcher, token?: string): void {
    const own = this.byWatcher.get(watcher) ?? [];
    const left = token === undefined ? [] : own.filter((watch) => watch.token !== token);
    for (const watch of own) {
      if (left.includes(watch)) continue;
      watch.active = false;
      this.watches.remove(watch);
    }
    if (left.length === 0) this.byWatcher.delete(watcher);
    else this.byWatcher.set(watcher, left);
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
    const { watch, path } = subject as Hit;
    if (watch.active) watch.watcher.storeChanged(path, watch.token);
  }

  /** Watches at the path and above it; of a node that is `gone` also those at what was below. */
  private changed(path: string, value: string | null, gone: Node | null = null): void {
    for (const listener of this.listeners) listener.storeWritten(path, value);
    const hits = this.watches.hits(path, gone);
    for (let i = 0; i < hits.length; i++) this.fire(hits[i]!);
  }

  private fire(hit: Hit): void {
    this.scheduler.after(WATCH_LATENCY, this, 0, 0, hit);
  }

  private find(path: string): Node | null {
    const { near, nearPath } = this;
    if (near !== null && path === nearPath) return near;
    if (near !== null && isRightBelow(path, nearPath)) {
      const name = path.slice(nearPath.length + 1);
      return name === "" ? near : (near.child(name) ?? null);
    }
    const slash = path.lastIndexOf("/");
    const directory = this.directory(path.slice(0, Math.max(slash, 0)));
    const name = path.slice(slash + 1);
    return name === "" ? directory : (directory?.child(name) ?? null);
  }

  private directory(path: string): Node | null {
    if (this.near !== null && this.nearPath === path) return this.near;
    const node = walk(partsOf(path), this.root);
    if (node !== null) {
      this.near = node;
      this.nearPath = path;
    }
    return node;
  }

  /** What is missing above takes the permissions of what is there; only the node itself gets others. */
  private make(path: string, permissions?: Permissions): Node {
    if (this.near !== null && isRightBelow(path, this.nearPath)) {
      const name = path.slice(this.nearPath.length + 1);
      return name === "" ? this.near : (this.near.child(name) ?? addTo(this.near, name, permissions));
    }
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const above = path.slice(0, Math.max(slash, 0));
    const parent = this.directory(above) ?? this.makeDirectory(above);
    if (name === "") return parent;
    return parent.child(name) ?? addTo(parent, name, permissions);
  }

  private makeDirectory(path: string): Node {
    let node = this.root;
    for (const part of partsOf(path)) node = node.child(part) ?? addTo(node, part);
    return node;
  }
}

/** Nodes with the same permissions as the one above share them. */
function addTo(parent: Node, name: string, permissions: Permissions = parent.permissions): Node {
  const child = new Node(name, areSame(permissions, parent.permissions) ? parent.permissions : permissions);
  parent.add(child);
  return child;
}

const areSame = (a: Permissions, b: Permissions): boolean =>
  a === b ||
  (a.owner === b.owner &&
    a.readers.length === b.readers.length &&
    a.readers.every((reader, i) => reader === b.readers[i]));

function walk(parts: readonly string[], from: Node): Node | null {
  let node: Node | undefined = from;
  for (const part of parts) {
    node = node.child(part);
    if (node === undefined) return null;
  }
  return node;
}

function collect(node: Node, path: string, depth: number, into: StoreEntry[]): void {
  for (const child of node.children?.values() ?? []) {
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
