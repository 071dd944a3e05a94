/**
 * Frames that the machine sends to itself: netif_rx puts them on the CPU's backlog, a soft interrupt takes them off
 * (net/core/dev.c: enqueue_to_backlog, process_backlog). Here each device has its own, not each CPU.
 */
import { FixedRing } from "../base/fixed-ring.ts";
import { type Costs, Server, type Worker } from "../engine/cpu.ts";
import type { Frame } from "../packet/frame.ts";
import type { NetDevice } from "./device.ts";

/** net.core.netdev_max_backlog */
const MAX_BACKLOG = 1000;

/** Raising a soft interrupt, then entering the stack per frame; nothing is copied. */
export const BACKLOG_COSTS: Costs = { wake: 1_000, perItem: 600, perByte: 0 };

export class Backlog implements Worker {
  private readonly device: NetDevice;
  private readonly waiting = new FixedRing<Frame>(16);
  private readonly softirq: Server;

  /** `device` receives the frames. */
  constructor(device: NetDevice) {
    this.device = device;
    const cpu = device.table.pickCpu();
    this.softirq = new Server(`softirq/${device.name}`, device.world.scheduler, cpu, this, BACKLOG_COSTS);
  }

  get length(): number {
    return this.waiting.length;
  }

  /** False when it is full: the caller still owns the frame. */
  enqueue(frame: Frame): boolean {
    if (this.waiting.length >= MAX_BACKLOG) return false;
    this.waiting.push(frame);
    this.softirq.wake();
    return true;
  }

  /** Null when nothing waits. */
  take(): Frame | null {
    return this.waiting.shift();
  }

  work(server: Server, budget: number): boolean {
    for (let left = budget; left > 0; left--) {
      const frame = this.waiting.shift();
      if (frame === null) return false;
      server.spend(frame.length);
      this.device.deliver(frame);
    }
    return this.waiting.length > 0;
  }
}
