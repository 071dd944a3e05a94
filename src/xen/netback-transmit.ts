/**
 * Netback's half of a guest's transmit ring: takes requests, checks and grant-copies them, hands frames to the host.
 * Follows drivers/net/xen-netback/netback.c of Linux 6.1 (xenvif_tx_action, xenvif_tx_build_gops, xenvif_zerocopy_callback).
 *
 * Of a frame longer than 128 bytes the rest is mapped, not copied, so its slots are answered only when the last user of
 * the frame is done: a slow receiver keeps a fast sender's ring busy. Here the bytes are copied at once and the *answer*
 * waits. Not modelled: several queues, GSO (refused with an error response), unmap batching costs.
 */
import { Fate } from "../base/fate.ts";
import { Server, type Worker } from "../engine/cpu.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import { Checksum, type Frame, type Lender } from "../packet/frame.ts";
import { copyInto } from "../packet/frame-pool.ts";
import { setUpPartialChecksum } from "./checksum-setup.ts";
import { Credit } from "./credit.ts";
import type { EventChannel } from "./event-channel.ts";
import { GrantStatus } from "./grant-table.ts";
import type { Domain } from "./hypervisor.ts";
import {
  EXTRA_FLAG_MORE,
  EXTRA_GSO,
  EXTRA_XDP,
  high,
  low,
  PAGE_SIZE,
  pack,
  STATUS_ERROR,
  STATUS_NULL,
  STATUS_OKAY,
  TX_CSUM_BLANK,
  TX_DATA_VALIDATED,
  TX_EXTRA_INFO,
  TX_MORE_DATA,
  txEntry,
} from "./netif.ts";
import { BackRing, RING_SIZE, type SharedRing } from "./ring.ts";
import type { Vif } from "./vif.ts";

/** XEN_NETBK_LEGACY_SLOTS_MAX: more slots than this is an error. */
const LEGACY_SLOTS = 18;
/** fatal_skb_slots: at this many the frontend is taken for malicious. */
const FATAL_SLOTS = 20;
/** XEN_NETBACK_TX_COPY_LEN: up to here a frame is copied and answered at once. */
const COPY_LENGTH = 128;
const ETHERNET_HEADER = 14;

const CREDIT = 1;

export class TransmitQueue implements Worker, Lender, EventTarget {
  private readonly vif: Vif;
  private readonly domain: Domain;
  readonly ring: BackRing;
  private readonly channel: EventChannel;
  readonly credit = new Credit();
  private readonly creditTimer: Timer;
  private readonly poll: Server;
  private readonly dealloc: Server;
  private closed = false;

  /** Request ids of the frame being collected. */
  private readonly ids = new Uint16Array(FATAL_SLOTS + 1);
  private readonly references = new Uint32Array(FATAL_SLOTS + 1);
  private readonly offsets = new Uint16Array(FATAL_SLOTS + 1);
  private readonly sizes = new Uint16Array(FATAL_SLOTS + 1);
  private slots = 0;

  /** Loans: frames that still lie in the guest's pages; per loan its request ids. */
  private readonly loanIds = new Uint16Array(RING_SIZE * LEGACY_SLOTS);
  private readonly loanSlots = new Uint8Array(RING_SIZE);
  private readonly freeLoans = new Uint16Array(RING_SIZE);
  private freeLoanCount = RING_SIZE;
  /** Returned loans whose slots wait for the dealloc thread. */
  private readonly returnedLoans = new Uint16Array(RING_SIZE);
  private returnedCount = 0;

  zeroCopySent = 0;
  zeroCopyDone = 0;
  /** Times the credit window made the guest wait. */
  rateLimited = 0;

  constructor(vif: Vif, domain: Domain, page: SharedRing, channel: EventChannel) {
    this.vif = vif;
    this.domain = domain;
    this.ring = new BackRing(page);
    this.channel = channel;
    const { scheduler } = vif.world;
    const cpu = vif.table.pickCpu();
    this.poll = new Server(`${vif.name}-q0-tx`, scheduler, cpu, this, vif.costs.transmit);
    this.dealloc = new Server(`${vif.name}-q0-dealloc`, scheduler, cpu, new Dealloc(this), vif.costs.dealloc);
    this.creditTimer = new Timer(scheduler, this, CREDIT);
    for (let i = 0; i < RING_SIZE; i++) this.freeLoans[i] = i;
    channel.handler = this.poll;
    this.poll.wake();
  }

  /** Loans that have come back and wait for the dealloc thread. */
  get awaitingAnswer(): number {
    return this.returnedCount;
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
    this.channel.handler = null;
  }

  /** The credit window's timer. */
  handle(_operation: number): void {
    this.credit.replenish(this.vif.world.scheduler.now);
    this.poll.wake();
  }

  work(server: Server, budget: number): boolean {
    if (this.closed || this.vif.disabled || !this.vif.up) return false;
    for (let done = 0; done < budget; done++) {
      if (this.ring.claimed > RING_SIZE)
        return this.fatal(
          `Impossible number of requests. req_prod ${this.ring.page.requestProducer}, req_cons ${this.ring.requestConsumer}, size ${RING_SIZE}`,
        );
      if (this.ring.waiting === 0) {
        if (!this.ring.finalCheck()) return false;
      }
      const size = this.takeFrame();
      if (size < 0) return false;
      server.spend(size);
    }
    return this.ring.waiting > 0 || this.ring.finalCheck();
  }

  /** Collects the slots of one frame and passes it on. Its length, or -1 when the queue must rest. */
  private takeFrame(): number {
    const { ring, vif } = this;
    const words = ring.page.words;
    const entry = txEntry(ring.requestConsumer);
    const size = high(words[entry + 2]!);
    if (this.waitsForCredit(size)) return -1;
    const flags = high(words[entry + 1]!);
    this.slots = 0;
    this.collect(entry);
    if ((flags & TX_EXTRA_INFO) !== 0 && !this.skipExtras()) return -1;
    if ((flags & TX_MORE_DATA) !== 0 && !this.collectMore()) return -1;
    if (this.slots > LEGACY_SLOTS) return this.refuse(size, Fate.NETBACK_BAD_REQUEST);
    let rest = size;
    for (let i = 1; i < this.slots; i++) rest -= this.sizes[i]!;
    if (size < ETHERNET_HEADER) return this.refuse(size, Fate.NETBACK_TOO_SHORT);
    if (rest <= 0) return this.refuse(size, Fate.NETBACK_BAD_REQUEST);
    this.sizes[0] = rest;
    for (let i = 0; i < this.slots; i++) {
      if (this.offsets[i]! + this.sizes[i]! > PAGE_SIZE) {
        this.fatal(`Cross page boundary, txp->offset: ${this.offsets[i]}, size: ${this.sizes[i]}`);
        return -1;
      }
    }
    for (let i = 0; i < this.slots; i++) {
      const status = this.domain.grants.check(
        this.references[i]!,
        vif.domain.id,
        this.offsets[i]!,
        this.sizes[i]!,
        false,
      );
      if (status !== GrantStatus.OKAY) return this.refuse(size, Fate.NETBACK_GRANT_REFUSED);
    }
    const source = this.domain.grants.frameOf(this.references[0]!);
    if (source === null || !source.alive) return this.refuse(size, Fate.NETBACK_GRANT_REFUSED);
    this.accept(source, size, flags);
    return size;
  }

  private waitsForCredit(size: number): boolean {
    const again = this.credit.charge(size, this.vif.world.scheduler.now);
    if (again === 0) return false;
    this.rateLimited++;
    if (this.creditTimer.due === null) this.creditTimer.arm(again);
    return true;
  }

  /** Takes the request at `entry` into the frame under way. */
  private collect(entry: number): void {
    const words = this.ring.page.words;
    const i = this.slots++;
    this.references[i] = words[entry]!;
    this.offsets[i] = low(words[entry + 1]!);
    this.ids[i] = low(words[entry + 2]!);
    this.sizes[i] = high(words[entry + 2]!);
    this.ring.requestConsumer++;
  }

  /** xenvif_get_extras: false after a fatal error. */
  private skipExtras(): boolean {
    for (;;) {
      if (this.ring.waiting === 0) return this.fatalAnswer("Missing extra info");
      const word = this.ring.page.words[txEntry(this.ring.requestConsumer)]!;
      const type = word & 0xff;
      this.ring.requestConsumer++;
      if (type < EXTRA_GSO || type > EXTRA_XDP) return this.fatalAnswer(`Invalid extra type: ${type}`);
      this.respond(0, STATUS_NULL);
      if (((word >>> 8) & EXTRA_FLAG_MORE) === 0) return true;
    }
  }

  /** xenvif_count_requests: false after a fatal error. */
  private collectMore(): boolean {
    for (;;) {
      if (this.ring.waiting === 0) return this.fatalAnswer(`Asked for ${this.slots} slots but exceeds this limit`);
      if (this.slots >= FATAL_SLOTS)
        return this.fatalAnswer(`Malicious frontend using ${this.slots} slots, threshold ${FATAL_SLOTS}`);
      const entry = txEntry(this.ring.requestConsumer);
      const more = (high(this.ring.page.words[entry + 1]!) & TX_MORE_DATA) !== 0;
      this.collect(entry);
      if (!more) return true;
    }
  }

  private accept(source: Frame, size: number, flags: number): void {
    const { vif } = this;
    const { frames } = vif.world;
    const frame = frames.blank(size);
    frames.succeed(source, frame);
    copyInto(source, frame);
    frame.checksum = (flags & TX_DATA_VALIDATED) !== 0 ? Checksum.UNNECESSARY : Checksum.NONE;
    if (size > COPY_LENGTH) this.lend(frame);
    else {
      for (let i = 0; i < this.slots; i++) this.respond(this.ids[i]!, STATUS_OKAY);
      this.publish();
    }
    vif.counters.rxPackets++;
    vif.counters.rxBytes += size;
    if ((flags & TX_CSUM_BLANK) !== 0 && !setUpPartialChecksum(frame)) {
      vif.counters.rxErrors++;
      return vif.drop(frame, Fate.NETBACK_BAD_REQUEST);
    }
    vif.deliver(frame);
  }

  /** Answers every slot of the frame with an error and ends the guest's frame: no way on from here. */
  private refuse(
    size: number,
    fate: typeof Fate.NETBACK_BAD_REQUEST | typeof Fate.NETBACK_TOO_SHORT | typeof Fate.NETBACK_GRANT_REFUSED,
  ): number {
    const source = this.domain.grants.frameOf(this.references[0]!);
    if (source?.alive) {
      const ended = this.vif.world.frames.blank(source.length);
      this.vif.world.frames.succeed(source, ended);
      copyInto(source, ended);
      this.vif.drop(ended, fate);
    }
    this.vif.counters.rxErrors++;
    for (let i = 0; i < this.slots; i++) this.respond(this.ids[i]!, STATUS_ERROR);
    this.publish();
    return size;
  }

  private lend(frame: Frame): void {
    const loan = this.freeLoans[--this.freeLoanCount]!;
    this.loanSlots[loan] = this.slots;
    for (let i = 0; i < this.slots; i++) this.loanIds[loan * LEGACY_SLOTS + i] = this.ids[i]!;
    frame.lender = this;
    frame.loan = loan;
    this.zeroCopySent++;
  }

  /** The last user of a lent frame is done (xenvif_zerocopy_callback): the dealloc thread will answer. */
  returned(loan: number): void {
    this.zeroCopyDone++;
    this.returnedLoans[this.returnedCount++] = loan;
    if (!this.closed) this.dealloc.wake();
  }

  /** The dealloc thread: answers the slots of every returned loan. */
  answerReturned(server: Server): void {
    if (this.closed) return;
    for (let i = 0; i < this.returnedCount; i++) {
      const loan = this.returnedLoans[i]!;
      for (let slot = 0; slot < this.loanSlots[loan]!; slot++)
        this.respond(this.loanIds[loan * LEGACY_SLOTS + slot]!, STATUS_OKAY);
      this.freeLoans[this.freeLoanCount++] = loan;
      server.spend(0);
    }
    this.returnedCount = 0;
    this.publish();
  }

  private respond(id: number, status: number): void {
    const { ring } = this;
    ring.page.words[txEntry(ring.responseProducer)] = pack(id, status);
    ring.responseProducer++;
  }

  private publish(): void {
    if (this.ring.push()) this.channel.notify();
  }

  private fatalAnswer(message: string): false {
    this.fatal(message);
    return false;
  }

  /** xenvif_fatal_tx_err */
  private fatal(message: string): false {
    this.vif.table.log.print(`vif vif-${this.vif.frontend}-${this.vif.handleNumber} ${this.vif.name}: ${message}`);
    this.vif.disable();
    return false;
  }
}

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
