/**
 * The store as a domain sees it through /dev/xen/xenbus: relative paths are below its own directory, and a guest reads
 * and writes only what it may. Follows tools/xenstore/xenstored_core.c of Xen 4.17 in what is refused.
 */
import type { Permissions, StoreEntry, StoreWatcher, XenStore } from "../../xen/xenstore.ts";
import type { Box } from "../box.ts";
import { EACCES, EINVAL, ENOENT, type Errno } from "../errno.ts";

/** XENSTORE_ABS_PATH_MAX */
const MAX_PATH = 3072;

export class StoreAccess {
  readonly store: XenStore;
  private readonly domid: number;

  constructor(store: XenStore, domid: number) {
    this.store = store;
    this.domid = domid;
  }

  get home(): string {
    return `/local/domain/${this.domid}`;
  }

  /** Null when no client could name a node so. */
  absolute(path: string): string | null {
    const full = path.startsWith("/") || path.startsWith("@") ? path : `${this.home}/${path}`;
    if (full === "/") return full;
    const valid = /^(@\w+|(\/[\w@:+.-]+)+)$/.test(full) && full.length <= MAX_PATH;
    return valid ? full : null;
  }

  read(path: string): string | Errno {
    const full = this.absolute(path);
    if (full === null) return EINVAL;
    const value = full === "/" ? "" : this.store.read(full);
    if (value === null) return ENOENT;
    return this.may(full, "read") ? value : EACCES;
  }

  list(path: string): readonly string[] | Errno {
    const full = this.absolute(path);
    if (full === null) return EINVAL;
    const names = this.store.list(full);
    if (names === null) return ENOENT;
    return this.may(full, "read") ? names : EACCES;
  }

  write(path: string, value: string): Errno | null {
    const full = this.absolute(path);
    if (full === null || full === "/" || full.startsWith("@")) return EINVAL;
    if (!this.may(this.nearest(full), "write")) return EACCES;
    this.store.write(full, value);
    return null;
  }

  /** A node that is not there is gone already, if what is above it exists. */
  remove(path: string): Errno | null {
    const full = this.absolute(path);
    if (full === null || full === "/") return EINVAL;
    if (this.store.read(full) === null) return this.store.exists(parentOf(full)) ? null : ENOENT;
    if (!this.may(full, "write")) return EACCES;
    this.store.remove(full);
    return null;
  }

  permissions(path: string): Permissions | null {
    const full = this.absolute(path);
    return full === null ? null : this.store.permissionsOf(full);
  }

  /** What is below, as far as it may be read. */
  dump(path: string): readonly StoreEntry[] {
    const full = this.absolute(path);
    return full === null ? [] : this.store.dump(full);
  }

  mayRead(path: string): boolean {
    return this.may(path, "read");
  }

  watch(path: string, token: string, watcher: StoreWatcher): boolean {
    const full = this.absolute(path);
    if (full === null) return false;
    this.store.watch(full, token, watcher);
    return true;
  }

  private may(full: string, what: "read" | "write"): boolean {
    const permissions = this.store.permissionsOf(full);
    if (this.domid === 0 || permissions === null) return true;
    if (permissions.owner === this.domid) return true;
    return what === "read" && permissions.readers.includes(this.domid);
  }

  /** The node itself, or the lowest one above it that is there. */
  private nearest(full: string): string {
    let at = full;
    while (at !== "" && !this.store.exists(at)) at = parentOf(at);
    return at;
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** Domain 0's, a guest's, or null on a machine without Xen. */
export function storeOf(machine: Box): StoreAccess | null {
  const { xen, guestOf } = machine.parts;
  if (xen !== undefined) return new StoreAccess(xen.store, 0);
  for (const [domid, guest] of guestOf?.guests ?? [])
    if (guest.machine === machine) return new StoreAccess(guestOf!.store, domid);
  return null;
}
