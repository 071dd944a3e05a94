/**
 * Netback's half of a guest's receive ring: the internal FIFO and the guest-rx kernel thread that grant-copies frames
 * into the slots the guest has posted. Follows drivers/net/xen-netback/rx.c of Linux 6.1 (xenvif_rx_queue_tail,
 * xenvif_rx_action, xenvif_rx_queue_drop_expired, xenvif_rx_queue_stalled).
 */

import { Fate, type FateCode } from "../base/fate.ts";
import { FixedRing } from "../base/fixed-ring.ts";
import { Server, type Worker } from "../engine/cpu.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { ms, type Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { Frame } from "../packet/frame.ts";
import type { EventChannel } from "./event-channel.ts";
import type { Domain } from "./hypervisor.ts";
import { SlotWriter, slotsOf } from "./netback-copy.ts";
import type { GuestQueue, NetbackDevice } from "./netback-device.ts";
import { PAGE_SIZE } from "./netif.ts";
import { BackRing, RING_SIZE, type SharedRing } from "./ring.ts";

/** XENVIF_RX_QUEUE_BYTES: half the ring times a page. */
export const FIFO_LIMIT = (RING_SIZE / 2) * PAGE_SIZE;
/** rx_drain_timeout_msecs */
const DRAIN = ms(10_000);
/** rx_stall_timeout_msecs */
const STALL = ms(60_000);
/** For a guest without feature-rx-notify: nobody tells when it posts slots, so nothing waits long for one. */
const DRAIN_UNNOTIFIED = ms(30);

const EXPIRE = 1;
const STALLED = 2;

export class ReceiveQueue implements Worker, EventTarget, GuestQueue {
  private readonly vif: NetbackDevice;
  readonly ring: BackRing;
  private readonly channel: EventChannel;
  private readonly thread: Server;
  private readonly writer: SlotWriter;
  private readonly fifo = new FixedRing<Frame>(64);
  private readonly expiry: Timer;
  private readonly stall: Timer;
  readonly fifoLimit = FIFO_LIMIT;
  fifoBytes = 0;
  stalled = true;
  /** When the guest last took a frame, or was last found ready: a stall is counted from here (last_rx_time). */
  private lastTaken = 0 as Nanos;
  private closed = false;
  private readonly notifies: boolean;

  /** `notifies`: the guest has feature-rx-notify; of one that has not, no stall is detected. */
  constructor(vif: NetbackDevice, domain: Domain, page: SharedRing, channel: EventChannel, notifies = true) {
    this.vif = vif;
    this.ring = new BackRing(page);
    this.channel = channel;
    this.writer = new SlotWriter(vif, domain, this.ring);
    const { scheduler } = vif.world;
    this.thread = new Server(`${vif.name}-q0-guest-rx`, scheduler, vif.table.pickCpu(), this, vif.costs.receive);
    this.expiry = new Timer(scheduler, this, EXPIRE);
    this.stall = new Timer(scheduler, this, STALLED);
    channel.serve(this.thread);
    this.notifies = notifies;
    if (!notifies) this.stalled = false;
    this.thread.wake();
  }

  get fifoLength(): number {
    return this.fifo.length;
  }

  /** xenvif_rx_queue_tail; false when the FIFO is full. */
  enqueue(frame: Frame): boolean {
    if (this.fifoBytes >= FIFO_LIMIT) {
      this.vif.stopQueue();
      return false;
    }
    frame.stamp = this.vif.world.scheduler.now + (this.notifies ? DRAIN : DRAIN_UNNOTIFIED);
    this.fifo.push(frame);
    this.fifoBytes += frame.length;
    this.thread.wake();
    return true;
  }

  close(): void {
    this.closed = true;
    this.vif.domain.events.close(this.channel);
    this.purge(Fate.RING_TORN_DOWN);
  }

  /** xenvif_rx_queue_purge: the thread ends, and with it what still waits. */
  purge(fate: FateCode): void {
    this.expiry.cancel();
    this.stall.cancel();
    for (let frame = this.dequeue(); frame !== null; frame = this.dequeue()) this.vif.drop(frame, fate);
  }

  /** The head of the FIFO expires, or the guest has taken nothing for a minute. */
  handle(_operation: number): void {
    this.thread.wake();
  }

  /** One turn of xenvif_kthread_guest_rx. */
  work(server: Server, budget: number): boolean {
    if (this.closed || this.vif.disabled) return false;
    let done = 0;
    while (done < budget && this.fifo.length > 0 && this.slotsAvailable()) {
      const frame = this.dequeue()!;
      server.spend(frame.length);
      this.writer.copy(frame);
      done++;
    }
    if (done > 0) {
      this.lastTaken = this.vif.world.scheduler.now;
      this.publish();
    }
    this.judgeGuest();
    this.dropExpired();
    if (this.fifoBytes < FIFO_LIMIT) this.vif.wakeQueue();
    const more = this.fifo.length > 0 && this.slotsAvailable();
    if (!more) this.watchWaiting();
    return more;
  }

  /** xenvif_rx_queue_stalled and xenvif_rx_queue_ready */
  private judgeGuest(): void {
    if (!this.notifies) return this.vif.setCarrier(true);
    const available = this.slotsAvailable();
    if (this.stalled && available) this.setReady();
    else if (!this.stalled && !available && this.vif.world.scheduler.now >= this.lastTaken + STALL) this.setStalled();
  }

  /** Slots the head of the FIFO needs: none waits, none needed. */
  private needed(): number {
    const head = this.fifo.peek();
    return head === null ? 0 : slotsOf(head);
  }

  /** xenvif_rx_ring_slots_available: when short, asks for an event at the next posted slot. */
  private slotsAvailable(): boolean {
    const needed = this.needed();
    if (needed === 0 || this.ring.claimed >= needed) return true;
    this.ring.askAt(this.ring.page.requestProducer + 1);
    return false;
  }

  private dequeue(): Frame | null {
    const frame = this.fifo.shift();
    if (frame !== null) this.fifoBytes -= frame.length;
    return frame;
  }

  private publish(): void {
    if (this.ring.push()) this.channel.notify();
  }

  private dropExpired(): void {
    const now = this.vif.world.scheduler.now;
    for (let head = this.fifo.peek(); head !== null && head.stamp <= now; head = this.fifo.peek()) {
      this.vif.counters.rxDropped++;
      this.vif.drop(this.dequeue()!, Fate.NETBACK_EXPIRED);
    }
  }

  /** Something waits that no slot is there for: drops it at its expiry, reports a stall after 60 s. */
  private watchWaiting(): void {
    const head = this.fifo.peek();
    if (head === null) {
      this.expiry.cancel();
      this.stall.cancel();
      return;
    }
    if (this.expiry.due !== head.stamp) this.expiry.arm(head.stamp as Nanos);
    const stallsAt = (this.lastTaken + STALL) as Nanos;
    // A deadline in the past was judged a moment ago.
    if (this.notifies && !this.stalled && stallsAt > this.vif.world.scheduler.now && this.stall.due !== stallsAt)
      this.stall.arm(stallsAt);
  }

  private setStalled(): void {
    this.stalled = true;
    this.vif.log("Guest Rx stalled");
    this.vif.setCarrier(false);
  }

  private setReady(): void {
    this.stalled = false;
    this.lastTaken = this.vif.world.scheduler.now;
    this.stall.cancel();
    this.vif.log("Guest Rx ready");
    this.vif.setCarrier(true);
  }
}
