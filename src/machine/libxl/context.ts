/**
 * One libxl context: the process that called the toolstack, the host it works on, and what is under way. A process
 * that ends, however it ends, leaves no watch behind. Follows libxl_internal.c of Xen 4.17 in what it prints.
 */
import type { StoreWatcher, XenStore } from "../../xen/xenstore.ts";
import type { Process } from "../process.ts";
import { StoreWatches } from "../store-watches.ts";
import type { XenHost } from "../xen-host.ts";

/** libxl_error of libxl_types.idl; 0 is success. */
export const Rc = {
  OK: 0,
  FAIL: -3,
  INVAL: -6,
  TIMEDOUT: -9,
  DEVICE_EXISTS: -17,
  DOMAIN_NOTFOUND: -21,
} as const;
export type Rc = (typeof Rc)[keyof typeof Rc];

/** Hears of the end of a child that a step has started. */
export interface ChildOwner {
  childExited(child: Process): void;
}

export class Libxl {
  readonly process: Process;
  readonly xen: XenHost;
  private readonly watches: StoreWatches;
  private readonly children = new Map<Process, ChildOwner>();

  constructor(process: Process, xen: XenHost) {
    this.process = process;
    this.xen = xen;
    this.watches = new StoreWatches(xen.store);
  }

  get store(): XenStore {
    return this.xen.store;
  }

  /** `where` is libxl's "file:line:function" of 4.17; a domain id stands before the text as libxl's LOGD puts it. */
  error(where: string, text: string, domid: number | null = null): void {
    this.log("error", where, text, domid);
  }

  info(where: string, text: string): void {
    this.log("info", where, text, null);
  }

  watch(path: string, watcher: StoreWatcher): void {
    this.watches.watch(path, watcher);
  }

  unwatch(watcher: StoreWatcher): void {
    this.watches.unwatch(watcher);
  }

  /** `owner` will hear of the child's end. */
  expect(child: Process, owner: ChildOwner): void {
    this.children.set(child, owner);
  }

  childExited(child: Process): void {
    const owner = this.children.get(child);
    this.children.delete(child);
    owner?.childExited(child);
  }

  /** The process is over. */
  ended(): void {
    this.watches.end();
  }

  private log(level: string, where: string, text: string, domid: number | null): void {
    this.process.error(`libxl: ${level}: ${where}: ${domid === null ? "" : `Domain ${domid}:`}${text}\n`);
  }
}
