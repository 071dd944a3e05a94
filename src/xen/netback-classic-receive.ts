/**
 * 2.6.18's half of a guest's receive ring: no FIFO of its own. A frame is taken only while enough posted slots remain,
 * and waits at most for the tasklet that copies it; otherwise it is dropped, or the queue above is stopped in time.
 * Follows netif_be_start_xmit, netbk_queue_full and net_rx_action of drivers/net/xen/netback/netback.c in
 * linux-2.6.18-xen (Xen 3.1). Not modelled: page flipping; one tasklet for all vifs of a host.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { FixedRing } from "../base/fixed-ring.ts";
import { Server, type Worker } from "../engine/cpu.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { ms } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { Frame } from "../packet/frame.ts";
import type { EventChannel } from "./event-channel.ts";
import { GrantStatus } from "./grant-table.ts";
import type { Domain } from "./hypervisor.ts";
import { MAX_FRAGMENTS } from "./netback-classic-requests.ts";
import { SlotWriter, slotsOf } from "./netback-copy.ts";
import type { GuestQueue, NetbackDevice, ReceiverFeatures } from "./netback-device.ts";
import { PAGE_SIZE, STATUS_ERROR } from "./netif.ts";
import { BackRing, RING_SIZE, type SharedRing } from "./ring.ts";

/** netbk_max_required_rx_slots: header, extra info and fragments of the largest frame. */
export const SLOTS_KEPT = MAX_FRAGMENTS + 2;
/** tx_queue_timeout: so long a stopped queue waits for the guest. */
const QUEUE_TIMEOUT = ms(500);

const DRAIN = 1;

export class ClassicReceiveQueue implements Worker, EventTarget, GuestQueue {
  private readonly vif: NetbackDevice;
  private readonly features: ReceiverFeatures;
  readonly ring: BackRing;
  private readonly channel: EventChannel;
  private readonly tasklet: Server;
  private readonly writer: SlotWriter;
  /** Taken by start_xmit, their slots claimed; never more than the ring has. */
  private readonly taken = new FixedRing<Frame>(64);
  private readonly timeout: Timer;
  /** rx_req_cons_peek: slots claimed so far. */
  private claimed = 0;
  readonly fifoLimit = RING_SIZE * PAGE_SIZE;
  fifoBytes = 0;
  readonly stalled = false;
  private closed = false;

  constructor(vif: NetbackDevice, domain: Domain, page: SharedRing, channel: EventChannel, features: ReceiverFeatures) {
    this.vif = vif;
    this.features = features;
    this.ring = new BackRing(page);
    this.channel = channel;
    this.writer = new ClassicSlotWriter(vif, domain, this.ring);
    const { scheduler } = vif.world;
    this.tasklet = new Server(`${vif.name}-rx`, scheduler, vif.table.pickCpu(), this, vif.costs.receive);
    this.timeout = new Timer(scheduler, this, DRAIN);
    channel.serve(this.tasklet);
  }

  get fifoLength(): number {
    return this.taken.length;
  }

  /** netif_be_start_xmit; false when the guest has posted too few slots. */
  enqueue(frame: Frame): boolean {
    const slots = slotsOf(frame);
    if (this.isShortOf(Math.max(slots, this.slotsKept))) return false;
    this.claimed += slots;
    this.taken.push(frame);
    this.fifoBytes += frame.length;
    this.tasklet.wake();
    if (this.features.notifies && this.isShortOf(this.slotsKept)) this.waitForSlots();
    return true;
  }

  /** Asks for an event when enough slots are posted; nobody waits for it longer than the timeout. */
  private waitForSlots(): void {
    this.ring.askAt(this.claimed + this.slotsKept);
    this.vif.stopQueue();
    this.timeout.armAfter(QUEUE_TIMEOUT);
  }

  private get slotsKept(): number {
    return this.features.scatters ? SLOTS_KEPT : 1;
  }

  /** netbk_queue_full: too few requests posted, or too few answers outstanding to put more in their slots. */
  private isShortOf(slots: number): boolean {
    const posted = (this.ring.page.requestProducer - this.claimed) >>> 0;
    const room = (this.ring.responseProducer + RING_SIZE - this.claimed) >>> 0;
    return posted < slots || room < slots;
  }

  close(): void {
    this.closed = true;
    this.vif.domain.events.close(this.channel);
    this.purge(Fate.RING_TORN_DOWN);
  }

  purge(fate: FateCode): void {
    this.timeout.cancel();
    for (let frame = this.take(); frame !== null; frame = this.take()) this.vif.drop(frame, fate);
  }

  /** tx_queue_callback: whatever waits goes on, to be dropped if there is still no slot. */
  handle(_operation: number): void {
    this.vif.wakeQueue();
  }

  /** net_rx_action, and what netif_be_int does for this ring. */
  work(server: Server, budget: number): boolean {
    if (this.closed) return false;
    let done = 0;
    for (; done < budget; done++) {
      const frame = this.take();
      if (frame === null) break;
      server.spend(frame.length);
      this.writer.copy(frame);
    }
    if (done > 0 && this.ring.push()) this.channel.notify();
    if (!this.isShortOf(this.slotsKept)) this.vif.wakeQueue();
    return this.taken.length > 0;
  }

  private take(): Frame | null {
    const frame = this.taken.shift();
    if (frame !== null) this.fifoBytes -= frame.length;
    return frame;
  }
}

/** netbk_check_gop: one refused page fails the whole frame, with one word for every slot. */
class ClassicSlotWriter extends SlotWriter {
  protected override statusOf(_reference: number, _size: number, failure: GrantStatus): number {
    return failure === GrantStatus.OKAY ? failure : STATUS_ERROR;
  }
}
