/**
 * Netfront's transmit ring: posts frames, collects answers, stops and wakes the device's queue.
 * Follows xennet_start_xmit, xennet_tx_buf_gc and xennet_maybe_wake_tx of drivers/net/xen-netfront.c, Linux 6.1.
 */
import { Fate } from "../base/fate.ts";
import type { Server } from "../engine/cpu.ts";
import { Checksum, type Frame } from "../packet/frame.ts";
import type { NetfrontCosts } from "./netfront-costs.ts";
import { NetfrontRing, type RingParts } from "./netfront-ring.ts";
import {
  low,
  MIN_SLOTS,
  PAGE_SIZE,
  pack,
  STATUS_NULL,
  signedHigh,
  TX_CSUM_BLANK,
  TX_DATA_VALIDATED,
  TX_MORE_DATA,
  txEntry,
} from "./netif.ts";
import { RING_SIZE } from "./ring.ts";

/** netfront_tx_slot_available: the queue stops when this many slots are used. */
export const STOP_AT = RING_SIZE - MIN_SLOTS - 1;

const NOT_PENDING = -1;

/** The transmit ring as the guest sees it. */
export class TransmitRing extends NetfrontRing {
  /** Free request ids, a stack: tx_skb_freelist. */
  private readonly freeIds = new Uint16Array(RING_SIZE);
  private freeCount = RING_SIZE;
  /** The id of a frame's first slot, by id, NOT_PENDING where an answer would lie; and how many of its slots are unanswered, by first id. */
  private readonly firstIds = new Int16Array(RING_SIZE).fill(NOT_PENDING);
  private readonly slotsLeft = new Uint8Array(RING_SIZE);

  /** Requests have been forged: any page may be named twice from now on. */
  private isForged = false;

  /** Used slots at which the queue stops. */
  protected readonly stopAt: number = STOP_AT;

  constructor(parts: RingParts, costs: NetfrontCosts) {
    super(parts, "tx", costs.complete);
    for (let i = 0; i < RING_SIZE; i++) this.freeIds[i] = RING_SIZE - 1 - i;
  }

  /** One slot per page touched; then publish, collect what is answered, and stop the queue when nearly full. */
  post(frame: Frame): void {
    const { ring } = this;
    const from = frame.at;
    const end = from + frame.length;
    const lastPage = Math.max(end - 1, from) >> 12;
    const first = this.freeIds[this.freeCount - 1]!;
    let flags = checksumFlags(frame);
    this.slotsLeft[first] = lastPage - (from >> 12) + 1;
    for (let page = from >> 12; page <= lastPage; page++) {
      const offset = page === from >> 12 ? from & (PAGE_SIZE - 1) : 0;
      const chunk = Math.min(PAGE_SIZE - offset, end - page * PAGE_SIZE - offset);
      const id = this.freeIds[--this.freeCount]!;
      this.firstIds[id] = first;
      if (this.isForged) this.domain.grants.grant(this.references + id, this.backend, frame, page, true);
      else this.domain.grants.grantOnce(this.references + id, this.backend, frame, page);
      const entry = txEntry(ring.requestProducer++);
      const words = ring.words;
      words[entry] = this.references + id;
      words[entry + 1] = pack(offset, page < lastPage ? flags | TX_MORE_DATA : flags);
      words[entry + 2] = pack(id, page === from >> 12 ? frame.length : chunk);
      flags = 0;
    }
    if (ring.push()) this.channel.notify();
    this.collect();
    if (ring.used >= this.stopAt) this.device.stopQueue();
  }

  /** A request that no driver makes, whatever its words: for a guest that shall misbehave. */
  forge(reference: number, offset: number, flags: number, id: number, size: number): void {
    const { ring } = this;
    this.isForged = true;
    const entry = txEntry(ring.requestProducer++);
    ring.words[entry] = reference;
    ring.words[entry + 1] = pack(offset & 0xffff, flags & 0xffff);
    ring.words[entry + 2] = pack(id & 0xffff, size & 0xffff);
    if (ring.push()) this.channel.notify();
  }

  /** The TX interrupt. */
  override work(server: Server, _budget: number): boolean {
    if (this.closed || this.device.broken) return false;
    const before = this.ring.responseConsumer;
    this.collect();
    const done = (this.ring.responseConsumer - before) >>> 0;
    for (let i = 0; i < done; i++) server.spend(0);
    if (this.device.carrier && this.ring.used < this.stopAt) this.device.wakeQueue();
    return false;
  }

  /** xennet_tx_buf_gc */
  private collect(): void {
    const { ring } = this;
    if (ring.waiting > RING_SIZE) return this.device.breakDown(`Illegal number of responses ${ring.waiting}`);
    while (ring.waiting > 0) {
      const response = ring.words[txEntry(ring.responseConsumer++)]!;
      if (signedHigh(response) === STATUS_NULL) continue;
      const id = low(response);
      if (id >= RING_SIZE || this.firstIds[id] === NOT_PENDING)
        return this.device.breakDown("Response for inactive request");
      this.end(id);
    }
    this.askForEvent();
  }

  /** Wants an event at the next answer. */
  protected askForEvent(): void {
    this.ring.finalCheck();
  }

  private end(id: number): void {
    const first = this.firstIds[id]!;
    this.firstIds[id] = NOT_PENDING;
    this.freeIds[this.freeCount++] = id;
    const frame = this.domain.grants.end(this.references + id);
    this.slotsLeft[first]!--;
    if (frame === null || this.slotsLeft[first]! > 0) return;
    if (frame.alive) this.device.drop(frame, Fate.RING_TORN_DOWN);
    else this.device.world.frames.release(frame);
  }

  protected override takeBack(): void {
    for (let id = 0; id < RING_SIZE; id++) if (this.firstIds[id] !== NOT_PENDING) this.end(id);
  }
}

function checksumFlags(frame: Frame): number {
  if (frame.checksum === Checksum.PARTIAL) return TX_CSUM_BLANK | TX_DATA_VALIDATED;
  return frame.checksum === Checksum.UNNECESSARY ? TX_DATA_VALIDATED : 0;
}
