/** The watches one client of xenstore holds: xenstored drops them when its connection ends. */
import type { StoreWatcher, XenStore } from "../xen/xenstore.ts";

export class StoreWatches {
  private readonly store: XenStore;
  private readonly watchers = new Set<StoreWatcher>();

  constructor(store: XenStore) {
    this.store = store;
  }

  watch(path: string, watcher: StoreWatcher): void {
    this.watchers.add(watcher);
    this.store.watch(path, path, watcher);
  }

  unwatch(watcher: StoreWatcher): void {
    this.watchers.delete(watcher);
    this.store.unwatch(watcher);
  }

  /** The client is gone. */
  end(): void {
    for (const watcher of this.watchers) this.store.unwatch(watcher);
    this.watchers.clear();
  }
}
