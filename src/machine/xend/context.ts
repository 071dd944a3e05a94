/** What every part of xend has at hand: the host, the store, the clock, the log, and what is under way. */
import type { Random } from "../../engine/random.ts";
import type { XenStore } from "../../xen/xenstore.ts";
import { formatDate } from "../calendar.ts";
import type { Process } from "../process.ts";
import { StoreWatches } from "../store-watches.ts";
import type { XenHost } from "../xen-host.ts";
import type { XendEra } from "./era.ts";

export const XEND_LOG = "/var/log/xen/xend.log";

/** Work that ends with the daemon. */
export interface Unfinished {
  stop(): void;
}

export class XendContext {
  readonly xen: XenHost;
  readonly era: XendEra;
  /** (vif-script ...) of xend-config.sxp. */
  readonly vifScript: string;
  readonly watches: StoreWatches;
  readonly tasks = new Set<Unfinished>();
  /** The daemon; set when it starts. */
  process!: Process;

  constructor(xen: XenHost, era: XendEra, vifScript: string) {
    this.xen = xen;
    this.era = era;
    this.vifScript = vifScript;
    this.watches = new StoreWatches(xen.store);
  }

  get store(): XenStore {
    return this.xen.store;
  }

  get random(): Random {
    return this.xen.machine.world.random("xend");
  }

  /** time.time(): seconds since 1970. */
  get time(): string {
    const { epoch, world } = this.xen.machine;
    const hundredths = Math.floor(world.scheduler.now / 1e7);
    return `${epoch + Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
  }

  log(level: "DEBUG" | "INFO" | "ERROR", module: string, text: string): void {
    const { files, clockSeconds } = this.xen.machine;
    const date = formatDate("%Y-%m-%d %H:%M:%S", clockSeconds);
    const { pid } = this.process;
    const stamps = { name: "xend", module: `xend.${module} ${pid}`, pid: String(pid) };
    files.append(XEND_LOG, `[${date} ${stamps[this.era.logStamp]}] ${level} (${module}) ${text}\n`);
  }
}
