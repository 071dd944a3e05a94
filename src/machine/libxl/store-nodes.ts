/**
 * What the toolstack writes into xenstore: nodes with their owners, several at once, and paths taken away with the
 * directories they leave empty (libxl_xshelp.c).
 */
import type { Permissions, XenStore } from "../../xen/xenstore.ts";

export interface StoreNode {
  readonly path: string;
  readonly value: string;
  readonly permissions: Permissions;
}

/** (n0,r1): domain 0 writes, the guest may look. */
export const hostOwns = (domid: number, path: string, value: string): StoreNode => ({
  path,
  value,
  permissions: { owner: 0, readers: [domid] },
});

/** (n1,r0): the guest writes, domain 0 may look. */
export const guestOwns = (domid: number, path: string, value: string): StoreNode => ({
  path,
  value,
  permissions: { owner: domid, readers: [0] },
});

/** (n1): the guest's alone (domain 0 may everything anyway). */
export const guestOnly = (domid: number, path: string, value: string): StoreNode => ({
  path,
  value,
  permissions: { owner: domid, readers: [] },
});

const TOOLSTACK: Permissions = { owner: 0, readers: [] };

/** (n0) */
export const toolstackOnly = (path: string, value: string): StoreNode => ({ path, value, permissions: TOOLSTACK });

/** libxl__xs_path_cleanup: the node, and every directory above that is then empty and has no value. */
export function cleanUpPath(store: XenStore, path: string): void {
  if (!store.remove(path)) return;
  for (let at = parentOf(path); at !== ""; at = parentOf(at)) {
    if (store.read(at) !== "" || store.list(at)!.length > 0) return;
    store.remove(at);
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
