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
import { Checksum, type Frame } from "../packet/frame.ts";
import { copyInto } from "../packet/frame-pool.ts";
import type { EventChannel } from "./event-channel.ts";
import { GrantStatus } from "./grant-table.ts";
import type { Domain } from "./hypervisor.ts";
import type { NetbackDevice } from "./netback-device.ts";
import { low, PAGE_SIZE, pack, RX_CSUM_BLANK, RX_DATA_VALIDATED, RX_MORE_DATA, rxEntry } from "./netif.ts";
import { BackRing, RING_SIZE, type SharedRing } from "./ring.ts";

/** XENVIF_RX_QUEUE_BYTES: half the ring times a page. */
export const FIFO_LIMIT = (RING_SIZE / 2) * PAGE_SIZE;
/** rx_drain_timeout_msecs */
const DRAIN = ms(10_000);
/** rx_stall_timeout_msecs */
const STALL = ms(60_000);

const EXPIRE = 1;
const STALLED = 2;

export class ReceiveQueue implements Worker, EventTarget {
  private readonly vif: NetbackDevice;
  private readonly domain: Domain;
  readonly ring: BackRing;
  private readonly channel: EventChannel;
  private readonly thread: Server;
  private readonly fifo = new FixedRing<Frame>(64);
  private readonly expiry: Timer;
  private readonly stall: Timer;
  fifoBytes = 0;
  stalled = true;
  /** When the guest last took a frame, or was last found ready: a stall is counted from here (last_rx_time). */
  private lastTaken = 0 as Nanos;
  private closed = false;

  constructor(vif: NetbackDevice, domain: Domain, page: SharedRing, channel: EventChannel) {
    this.vif = vif;
    this.domain = domain;
    this.ring = new BackRing(page);
    this.channel = channel;
    const { scheduler } = vif.world;
    this.thread = new Server(`${vif.name}-q0-guest-rx`, scheduler, vif.table.pickCpu(), this, vif.costs.receive);
    this.expiry = new Timer(scheduler, this, EXPIRE);
    this.stall = new Timer(scheduler, this, STALLED);
    channel.handler = this.thread;
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
    frame.stamp = this.vif.world.scheduler.now + DRAIN;
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
      this.copyToGuest(frame);
      done++;
    }
    if (done > 0) this.publish();
    this.judgeGuest();
    this.dropExpired();
    if (this.fifoBytes < FIFO_LIMIT) this.vif.wakeQueue();
    const more = this.fifo.length > 0 && this.slotsAvailable();
    if (!more) this.watchWaiting();
    return more;
  }

  /** xenvif_rx_queue_stalled and xenvif_rx_queue_ready */
  private judgeGuest(): void {
    const available = this.slotsAvailable();
    if (this.stalled && available) this.setReady();
    else if (!this.stalled && !available && this.vif.world.scheduler.now >= this.lastTaken + STALL) this.setStalled();
  }

  /** Slots the head of the FIFO needs: none waits, none needed. */
  private needed(): number {
    const head = this.fifo.peek();
    return head === null ? 0 : Math.ceil(head.length / PAGE_SIZE);
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

  /** xenvif_rx_skb: one response per slot, in the slot of its request. */
  private copyToGuest(frame: Frame): void {
    const { ring, domain, vif } = this;
    const words = ring.page.words;
    const first = rxEntry(ring.requestConsumer);
    const reference = words[first + 1]!;
    const flags = receiveFlags(frame);
    this.lastTaken = vif.world.scheduler.now;
    vif.counters.txPackets++;
    vif.counters.txBytes += frame.length;
    const slots = Math.ceil(frame.length / PAGE_SIZE);
    let refused = false;
    for (let slot = 0; slot < slots; slot++) {
      const entry = rxEntry(ring.requestConsumer++);
      const size = Math.min(PAGE_SIZE, frame.length - slot * PAGE_SIZE);
      const status = domain.grants.check(words[entry + 1]!, vif.domain.id, 0, size, true);
      if (status !== GrantStatus.OKAY) refused = true;
      const more = slot + 1 < slots ? RX_MORE_DATA : 0;
      this.respond(low(words[entry]!), (slot === 0 ? flags : 0) | more, status === GrantStatus.OKAY ? size : status);
    }
    if (refused) return vif.drop(frame, Fate.NETBACK_GRANT_REFUSED);
    const { frames } = vif.world;
    const page = frames.blank(frame.length);
    copyInto(frame, page);
    frames.succeed(frame, page);
    frames.release(frame);
    const overwritten = domain.grants.materialise(reference, page);
    // Only a guest that posts a page twice loses a frame so.
    if (overwritten?.alive) vif.drop(overwritten, Fate.NETBACK_GRANT_REFUSED);
  }

  private respond(id: number, flags: number, status: number): void {
    const { ring } = this;
    const entry = rxEntry(ring.responseProducer);
    ring.page.words[entry] = pack(id, 0);
    ring.page.words[entry + 1] = pack(flags, status);
    ring.responseProducer++;
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
    if (!this.stalled && stallsAt > this.vif.world.scheduler.now && this.stall.due !== stallsAt)
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

function receiveFlags(frame: Frame): number {
  if (frame.checksum === Checksum.PARTIAL) return RX_CSUM_BLANK | RX_DATA_VALIDATED;
  return frame.checksum === Checksum.UNNECESSARY ? RX_DATA_VALIDATED : 0;
}
