/**
 * Who has to be forgotten when. Flows wait in bins of one second; a packet that gives its flow more time does not move
 * it, only its bin's turn finds out that there is time left and files it anew. So a flow is touched once per timeout and
 * not once per packet, and there is one timer for all. The kernel walks its whole table now and then instead
 * (nf_conntrack_core.c, gc_worker), so that `conntrack -E` hears of an end later there, by up to a minute.
 */
import type { Cpu } from "../../../engine/cpu.ts";
import type { EventTarget, Scheduler } from "../../../engine/scheduler.ts";
import type { Nanos } from "../../../engine/time.ts";
import { Timer } from "../../../engine/timer.ts";
import type { Flow, FlowLine } from "./flow.ts";
import { HZ } from "./settings.ts";

export interface ExpiryOwner {
  expired(flow: Flow): void;
}

const SECOND = 1e9;

/** The second in which it has ended for certain. */
export const dueOf = (line: FlowLine): number => Math.floor(line.expires / HZ) + 1;

export class Expiry implements EventTarget {
  private readonly owner: ExpiryOwner;
  private readonly scheduler: Scheduler;
  private readonly timer: Timer;
  /** By the second in which they end. */
  private readonly bins = new Map<number, Flow[]>();
  private next = Number.POSITIVE_INFINITY;

  constructor(owner: ExpiryOwner, scheduler: Scheduler, cpu: Cpu | null) {
    this.owner = owner;
    this.scheduler = scheduler;
    this.timer = new Timer(scheduler, this, 0, cpu);
  }

  /** The flow is in the table from now on, or has less time than before. */
  file(flow: Flow): void {
    const due = dueOf(flow);
    if (flow.due >= 0 && flow.due <= due) return;
    this.forget(flow);
    const bin = this.bins.get(due);
    flow.due = due;
    flow.place = bin === undefined ? 0 : bin.length;
    if (bin === undefined) this.bins.set(due, [flow]);
    else bin.push(flow);
    if (due < this.next) this.arm(due);
  }

  forget(flow: Flow): void {
    if (flow.due < 0) return;
    const bin = this.bins.get(flow.due)!;
    const last = bin.pop()!;
    if (last !== flow) {
      bin[flow.place] = last;
      last.place = flow.place;
    }
    if (bin.length === 0) this.bins.delete(flow.due);
    flow.due = -1;
  }

  handle(): void {
    const second = this.next;
    const bin = this.bins.get(second) ?? [];
    const ticks = second * HZ;
    for (const flow of [...bin]) {
      if (flow.due !== second) continue;
      this.forget(flow);
      if (flow.expires <= ticks) this.owner.expired(flow);
      else this.file(flow);
    }
    this.arm(Math.min(...this.bins.keys()));
  }

  private arm(second: number): void {
    this.next = second;
    if (second === Number.POSITIVE_INFINITY) this.timer.cancel();
    else this.timer.armAfter(Math.max(0, second * SECOND - this.scheduler.now) as Nanos);
  }
}
