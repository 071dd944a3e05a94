/**
 * Netback's half of a guest's transmit ring: takes requests, checks and grant-copies them, hands frames to the host.
 * Follows drivers/net/xen-netback/netback.c of Linux 6.1 (xenvif_tx_action, xenvif_tx_build_gops, xenvif_tx_submit).
 *
 * Of a frame longer than 128 bytes the rest is mapped, not copied, so its slots are answered only when the last user of
 * the frame is done: a slow receiver keeps a fast sender's ring busy. Here the bytes are copied at once and the *answer*
 * waits. Not modelled: several queues, GSO (refused with an error response), unmap batching costs.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { Server, type Worker } from "../engine/cpu.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import { Checksum, type Lender } from "../packet/frame.ts";
import { setUpPartialChecksum } from "./checksum-setup.ts";
import { Credit } from "./credit.ts";
import type { EventChannel } from "./event-channel.ts";
import type { Domain } from "./hypervisor.ts";
import type { NetbackDevice } from "./netback-device.ts";
import { Loans } from "./netback-loans.ts";
import { RequestedPages } from "./netback-pages.ts";
import { FrameRequests, LEGACY_SLOTS, Verdict } from "./netback-requests.ts";
import {
  EXTRA_MCAST_DEL,
  low,
  pack,
  STATUS_ERROR,
  STATUS_NULL,
  STATUS_OKAY,
  TX_CSUM_BLANK,
  TX_DATA_VALIDATED,
  txEntry,
} from "./netif.ts";
import { BackRing, RING_SIZE, type SharedRing } from "./ring.ts";

/** XEN_NETBACK_TX_COPY_LEN */
const COPY_LENGTH = 128;

const CREDIT = 1;

export class TransmitQueue implements Worker, Lender, EventTarget {
  private readonly vif: NetbackDevice;
  readonly ring: BackRing;
  private readonly channel: EventChannel;
  readonly credit: Credit;
  private readonly creditTimer: Timer;
  private readonly poll: Server;
  private readonly dealloc: Server;
  private closed = false;
  private readonly requests: FrameRequests;
  private readonly pages: RequestedPages;
  private readonly loans = new Loans();

  zeroCopySent = 0;
  zeroCopyDone = 0;
  /** Times the credit window made the guest wait. */
  rateLimited = 0;

  /** Slots that end within these first bytes of a frame are copied and answered at once. */
  protected readonly copyLength: number = COPY_LENGTH;
  /** With so many slots the first is copied whole: XEN_NETBK_LEGACY_SLOTS_MAX. */
  protected readonly wholeFirst: number = LEGACY_SLOTS;

  constructor(vif: NetbackDevice, domain: Domain, page: SharedRing, channel: EventChannel) {
    this.vif = vif;
    this.ring = new BackRing(page);
    this.requests = this.makeRequests();
    this.pages = new RequestedPages(vif, domain, this.requests);
    this.credit = this.makeCredit();
    this.channel = channel;
    const { scheduler } = vif.world;
    const cpu = vif.table.pickCpu();
    this.poll = new Server(`${vif.name}-q0-tx`, scheduler, cpu, this, vif.costs.transmit);
    this.dealloc = new Server(`${vif.name}-q0-dealloc`, scheduler, cpu, new Dealloc(this), vif.costs.dealloc);
    this.creditTimer = new Timer(scheduler, this, CREDIT);
    channel.serve(this.poll);
    this.poll.wake();
  }

  protected makeRequests(): FrameRequests {
    return new FrameRequests(this.ring);
  }

  protected makeCredit(): Credit {
    return new Credit();
  }

  /** A req_prod that cannot be. */
  protected get isLiedTo(): boolean {
    return this.ring.claimed > RING_SIZE;
  }

  /** Loans that have come back and wait for the dealloc thread. */
  get awaitingAnswer(): number {
    return this.loans.returnedCount;
  }

  /** NAPI is scheduled. */
  get polling(): boolean {
    return this.poll.queued;
  }

  /** When the credit window opens again for a guest that waits for it. */
  get creditDue(): Nanos | null {
    return this.creditTimer.due;
  }

  /** The vif was brought up: xenvif_up enables the poll. */
  open(): void {
    this.poll.wake();
  }

  close(): void {
    this.closed = true;
    this.creditTimer.cancel();
    this.vif.domain.events.close(this.channel);
  }

  /** The backend's key `rate` says something new (xen_net_rate_changed): a guest that waits is looked at again. */
  changeRate(bytes: number, micros: number): void {
    const waits = this.creditTimer.due !== null;
    this.credit.change(bytes, micros, waits);
    if (waits) this.creditTimer.arm(this.vif.world.scheduler.now);
  }

  /** The credit window's timer. */
  handle(_operation: number): void {
    this.credit.replenish(this.requests.nextSize);
    this.poll.wake();
  }

  work(server: Server, budget: number): boolean {
    const { ring, vif } = this;
    for (let done = 0; done < budget; done++) {
      if (this.closed || vif.disabled || !vif.up) return false;
      if (this.isLiedTo) return this.fatal(impossible(ring));
      if (!ring.finalCheck()) return false;
      const size = this.takeFrame();
      if (size < 0) return false;
      server.spend(size);
    }
    return ring.finalCheck();
  }

  /** Collects the slots of one frame and passes it on. Its length, or -1 when the queue must rest. */
  private takeFrame(): number {
    const { requests } = this;
    const size = requests.nextSize;
    if (this.waitsForCredit(size)) return -1;
    const verdict = requests.take();
    if (verdict === Verdict.GOOD) {
      if (this.pages.allGranted()) this.accept();
      else this.refuseUngranted();
    } else if (verdict === Verdict.FATAL) {
      this.fatal(requests.complaint);
      return -1;
    } else if (verdict === Verdict.MULTICAST) this.answerAll(this.changeGroup());
    else this.refuse(verdict === Verdict.TOO_SHORT ? Fate.NETBACK_TOO_SHORT : Fate.NETBACK_BAD_REQUEST);
    return size;
  }

  /** A group to join or leave; what it is answered with. */
  private changeGroup(): number {
    const { requests, vif } = this;
    if (requests.multicast === EXTRA_MCAST_DEL) vif.groups.remove(requests.group);
    else if (!vif.groups.add(requests.group)) {
      vif.log("Too many multicast addresses");
      return STATUS_ERROR;
    }
    return STATUS_OKAY;
  }

  private waitsForCredit(size: number): boolean {
    if (this.creditTimer.due !== null) return true;
    const again = this.credit.charge(size, this.vif.world.scheduler.now);
    if (again === 0) return false;
    this.rateLimited++;
    this.creditTimer.arm(again);
    return true;
  }

  private accept(): void {
    const { requests, vif } = this;
    const frame = this.pages.copyIn();
    const copied = this.copiedSlots();
    for (let slot = 0; slot < copied; slot++) this.answer(slot, STATUS_OKAY);
    if (copied > 0) this.publish();
    if (copied < requests.slots) {
      frame.lender = this;
      frame.loan = this.loans.open(requests, copied);
      this.zeroCopySent++;
    }
    frame.checksum = (requests.flags & TX_DATA_VALIDATED) !== 0 ? Checksum.UNNECESSARY : Checksum.NONE;
    if ((requests.flags & TX_CSUM_BLANK) !== 0 && !setUpPartialChecksum(frame))
      return vif.drop(frame, Fate.NETBACK_BAD_REQUEST);
    vif.counters.rxPackets++;
    vif.counters.rxBytes += frame.length;
    vif.deliver(frame);
  }

  /** How many slots lie wholly in what is copied. Of a frame with all its slots in use the first is copied too. */
  private copiedSlots(): number {
    const { sizes, slots, total } = this.requests;
    if (total <= this.copyLength) return slots;
    let count = 0;
    for (let end = sizes[0]!; end <= this.copyLength; end += sizes[count]!) count++;
    return count === 0 && slots >= this.wholeFirst ? 1 : count;
  }

  /** xenvif_tx_err: an error for every slot. */
  private refuse(fate: FateCode): void {
    this.pages.end(fate);
    this.answerAll(STATUS_ERROR);
  }

  /** xenvif_tx_check_gop: an error for the slots that were not granted, okay for their siblings. */
  private refuseUngranted(): void {
    this.pages.end(Fate.NETBACK_GRANT_REFUSED);
    for (let slot = 0; slot < this.requests.slots; slot++)
      this.answer(slot, this.pages.mayRead(slot) ? STATUS_OKAY : STATUS_ERROR);
    this.publish();
  }

  /** The last user of a lent frame is done (xenvif_zerocopy_callback): the dealloc thread will answer. */
  returned(loan: number): void {
    this.zeroCopyDone++;
    if (this.closed) return;
    this.loans.giveBack(loan);
    this.dealloc.wake();
  }

  /** The dealloc thread: answers the slots of every returned loan. */
  answerReturned(server: Server): void {
    if (this.closed) return;
    const { loans } = this;
    for (let i = 0; i < loans.returnedCount; i++) {
      const loan = loans.returnedLoan(i);
      for (let slot = 0; slot < loans.slots(loan); slot++)
        this.respond(loans.slotId(loan, slot), STATUS_OKAY, slot === 0 ? loans.extras(loan) : 0);
      server.spend(0);
    }
    loans.settle();
    this.publish();
  }

  private answerAll(status: number): void {
    for (let slot = 0; slot < this.requests.slots; slot++) this.answer(slot, status);
    this.publish();
  }

  private answer(slot: number, status: number): void {
    this.respond(this.requests.ids[slot]!, status, slot === 0 ? this.requests.extras : 0);
  }

  /** make_tx_response: the answer, then a placeholder for each extra info that came with the request. */
  private respond(id: number, status: number, extras: number): void {
    const { ring } = this;
    const words = ring.words;
    words[txEntry(ring.responseProducer++)] = pack(id, status);
    for (let i = 0; i < extras; i++) {
      const entry = txEntry(ring.responseProducer++);
      words[entry] = pack(low(words[entry]!), STATUS_NULL);
    }
  }

  private publish(): void {
    if (this.ring.push()) this.channel.notify();
  }

  /** xenvif_fatal_tx_err */
  private fatal(message: string): false {
    this.vif.log(message);
    this.vif.disable();
    return false;
  }
}

/** The kernel prints indices as signed numbers. */
const impossible = (ring: BackRing): string =>
  `Impossible number of requests. req_prod ${ring.page.requestProducer | 0}, req_cons ${ring.requestConsumer | 0}, size ${RING_SIZE}`;

/** The vifX.Y-q0-dealloc kernel thread. */
class Dealloc implements Worker {
  private readonly queue: TransmitQueue;

  constructor(queue: TransmitQueue) {
    this.queue = queue;
  }

  work(server: Server, _budget: number): boolean {
    this.queue.answerReturned(server);
    return false;
  }
}
