/** net_ratelimit: ten lines in five seconds, and then how many there would have been: lib/ratelimit.c. */
import type { KernelLog } from "../../device/kernel-log.ts";
import type { Scheduler } from "../../engine/scheduler.ts";

const INTERVAL = 5e9;
const BURST = 10;

export class NetRateLimit {
  private readonly log: KernelLog;
  private readonly scheduler: Scheduler;
  private begin = -1;
  private printed = 0;
  private missed = 0;

  constructor(log: KernelLog, scheduler: Scheduler) {
    this.log = log;
    this.scheduler = scheduler;
  }

  allows(): boolean {
    const { now } = this.scheduler;
    if (this.begin < 0) this.begin = now;
    if (now > this.begin + INTERVAL) {
      if (this.missed > 0) this.log.print(`net_ratelimit: ${this.missed} callbacks suppressed`);
      this.missed = 0;
      this.begin = now;
      this.printed = 0;
    }
    if (this.printed < BURST) {
      this.printed++;
      return true;
    }
    this.missed++;
    return false;
  }
}
