/**
 * How often the network code may write to the kernel's log: ten lines in five seconds, then a line that counts the rest.
 * Follows net_ratelimit of net/core/utils.c and ___ratelimit of lib/ratelimit.c, Linux 6.1. There is one such limit for all of
 * net/: martians, redirects and a full table of connections (net_warn_ratelimited in __nf_conntrack_alloc) share it. What the
 * target LOG and nf_conntrack_log_invalid write goes through nf_log, which has none.
 */
import type { KernelLog } from "../device/kernel-log.ts";
import type { Scheduler } from "../engine/scheduler.ts";

const INTERVAL = 5e9;
const BURST = 10;

export class LogLimit {
  private readonly scheduler: Scheduler;
  private readonly log: KernelLog;
  private begin = -1;
  private printed = 0;
  private missed = 0;

  constructor(scheduler: Scheduler, log: KernelLog) {
    this.scheduler = scheduler;
    this.log = log;
  }

  /** One more line: may it be written? */
  allows(): boolean {
    const { now } = this.scheduler;
    if (this.begin < 0) this.begin = now;
    if (now > this.begin + INTERVAL) {
      if (this.missed > 0) this.log.print(`net_ratelimit: ${this.missed} callbacks suppressed`);
      this.missed = 0;
      this.printed = 0;
      this.begin = now;
    }
    const isAllowed = this.printed < BURST;
    if (isAllowed) this.printed++;
    else this.missed++;
    return isAllowed;
  }
}
