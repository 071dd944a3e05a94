/**
 * The queueing discipline of a device: pfifo (net/sched/sch_fifo.c), one band, limit = the device's txqueuelen.
 * A real Debian host shows fq_codel or mq there; order and limit in packets are the same for one flow, codel's early
 * drops are not modelled.
 */
import { FixedRing } from "../base/fixed-ring.ts";
import type { Frame } from "../packet/frame.ts";

export class Pfifo {
  private readonly ring = new FixedRing<Frame>(16);
  sentPackets = 0;
  sentBytes = 0;
  dropped = 0;
  requeues = 0;
  backlogBytes = 0;

  get length(): number {
    return this.ring.length;
  }

  /** False when the queue is full: the caller drops. */
  enqueue(frame: Frame, limit: number): boolean {
    if (this.ring.length >= limit) {
      this.dropped++;
      return false;
    }
    this.ring.push(frame);
    this.backlogBytes += frame.length;
    return true;
  }

  /** The next frame on its way to the driver, or null. */
  dequeue(): Frame | null {
    const frame = this.ring.shift();
    if (frame === null) return null;
    this.backlogBytes -= frame.length;
    this.passed(frame.length);
    return frame;
  }

  /** A frame that found the queue empty and went straight to the driver (TCQ_F_CAN_BYPASS). */
  passed(length: number): void {
    this.sentPackets++;
    this.sentBytes += length;
  }
}
