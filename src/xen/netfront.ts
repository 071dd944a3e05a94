/**
 * A guest's ethN: netfront's network device and its two rings. Follows drivers/net/xen-netfront.c of Linux 6.1
 * (xennet_start_xmit, xennet_tx_buf_gc, xennet_poll, xennet_alloc_rx_buffers). One queue, split event channels.
 * Not modelled: GSO, XDP, bounce buffers for untrusted backends.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { type DeviceTraits, ETHERNET_TRAITS, NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import type { Costs } from "../engine/cpu.ts";
import { Server, type Worker } from "../engine/cpu.ts";
import type { Mac } from "../packet/address.ts";
import { Checksum, type Frame } from "../packet/frame.ts";
import { MAX_FRAME } from "../packet/frame-pool.ts";
import type { EventChannel } from "./event-channel.ts";
import type { Domain } from "./hypervisor.ts";
import {
  low,
  MIN_SLOTS,
  PAGE_SIZE,
  pack,
  RX_CSUM_BLANK,
  RX_DATA_VALIDATED,
  RX_MORE_DATA,
  rxEntry,
  signedHigh,
  TX_CSUM_BLANK,
  TX_DATA_VALIDATED,
  TX_MORE_DATA,
  txEntry,
} from "./netif.ts";
import { FrontRing, RING_MASK, RING_SIZE, SharedRing } from "./ring.ts";

/** netfront_tx_slot_available: the queue stops when this many slots are used. */
export const STOP_AT = RING_SIZE - MIN_SLOTS - 1;

export interface NetfrontCosts {
  /** TX completion interrupt. */
  readonly complete: Costs;
  /** NAPI poll of the receive ring. */
  readonly receive: Costs;
}

export const NETFRONT_COSTS: NetfrontCosts = {
  complete: { wake: 5_000, perItem: 150, perByte: 0 },
  receive: { wake: 6_000, perItem: 800, perByte: 0.05 },
};

const NETFRONT_TRAITS: DeviceTraits = { ...ETHERNET_TRAITS, maxMtu: 65_535, carrier: false, driver: "vif" };

/** What the frontend writes into xenstore. */
export interface RingReferences {
  readonly transmitRing: number;
  readonly receiveRing: number;
  readonly transmitPort: number;
  readonly receivePort: number;
}

export class Netfront extends NetDevice {
  readonly kind = "";
  private readonly domain: Domain;
  private readonly costs: NetfrontCosts;
  /** Set after an impossible answer: "Disabled for further use". */
  broken = false;
  transmitRing: TransmitRing | null = null;
  receiveRing: ReceiveRing | null = null;

  constructor(table: DeviceTable, domain: Domain, name: string, handle: number, mac: Mac, costs: NetfrontCosts) {
    super(table, name, mac, { ...NETFRONT_TRAITS, busInfo: `vif-${handle}` });
    this.domain = domain;
    this.costs = costs;
    this.txChecksum = true;
  }

  /** setup_netfront: rings, grants and event channels for `backend`. */
  connect(backend: number): RingReferences {
    const { grants, events } = this.domain;
    const transmitBuffers = grants.reserve(RING_SIZE);
    const receiveBuffers = grants.reserve(RING_SIZE);
    const transmit = grants.reserve(1);
    const receive = grants.reserve(1);
    const transmitPage = new SharedRing();
    const receivePage = new SharedRing();
    grants.grantRing(transmit, backend, transmitPage);
    grants.grantRing(receive, backend, receivePage);
    const transmitChannel = events.allocate();
    const receiveChannel = events.allocate();
    this.transmitRing = new TransmitRing(
      this,
      this.domain,
      backend,
      transmitPage,
      transmitBuffers,
      transmit,
      transmitChannel,
      this.costs,
    );
    this.receiveRing = new ReceiveRing(
      this,
      this.domain,
      backend,
      receivePage,
      receiveBuffers,
      receive,
      receiveChannel,
      this.costs,
    );
    return {
      transmitRing: transmit,
      receiveRing: receive,
      transmitPort: transmitChannel.port,
      receivePort: receiveChannel.port,
    };
  }

  /** The frontend is Connected: carrier on, buffers posted (xennet_connect). */
  start(): void {
    this.setCarrier(true);
    this.receiveRing?.refill();
  }

  /** xennet_disconnect_backend: frames still in the rings are lost. */
  disconnect(): void {
    this.setCarrier(false);
    this.transmitRing?.close();
    this.receiveRing?.close();
    this.transmitRing = null;
    this.receiveRing = null;
    this.stopped = false;
  }

  /** Room on the ring and in the qdisc, as `ss` and the TUI's gauges want it. */
  get used(): number {
    return this.transmitRing?.ring.used ?? 0;
  }

  /** An impossible answer from the backend: no further use of the device. */
  breakDown(message: string): void {
    this.table.log.print(`net ${this.name}: ${message}`);
    this.table.log.print(`net ${this.name}: Disabled for further use`);
    this.broken = true;
    this.setCarrier(false);
  }

  protected override opened(): void {
    this.receiveRing?.open();
  }

  /** xennet_start_xmit */
  protected override startTransmit(frame: Frame): void {
    const ring = this.transmitRing;
    if (ring === null) return this.refuse(frame, Fate.NETFRONT_NO_QUEUE);
    if (this.broken) return this.refuse(frame, Fate.NETFRONT_BROKEN);
    if (frame.length > MAX_FRAME) return this.refuse(frame, Fate.NETFRONT_TOO_BIG);
    this.counters.txPackets++;
    this.counters.txBytes += frame.length;
    ring.post(frame);
  }

  private refuse(frame: Frame, fate: FateCode): void {
    this.counters.txDropped++;
    this.drop(frame, fate);
  }
}

/** The transmit ring as the guest sees it. */
export class TransmitRing implements Worker {
  private readonly device: Netfront;
  private readonly domain: Domain;
  private readonly backend: number;
  readonly ring: FrontRing;
  private readonly channel: EventChannel;
  private readonly interrupt: Server;
  private readonly references: number;
  private readonly ringReference: number;
  /** Free request ids, a stack: tx_skb_freelist. */
  private readonly freeIds = new Uint16Array(RING_SIZE);
  private freeCount = RING_SIZE;
  /** Pending ids, for answers that lie. */
  private readonly pending = new Uint8Array(RING_SIZE);
  /** The id of a frame's first slot, by id; and how many of its slots are unanswered, by first id. */
  private readonly firstIds = new Uint16Array(RING_SIZE);
  private readonly slotsLeft = new Uint8Array(RING_SIZE);

  constructor(
    device: Netfront,
    domain: Domain,
    backend: number,
    page: SharedRing,
    references: number,
    ringReference: number,
    channel: EventChannel,
    costs: NetfrontCosts,
  ) {
    this.device = device;
    this.domain = domain;
    this.backend = backend;
    this.ring = new FrontRing(page);
    this.references = references;
    this.ringReference = ringReference;
    this.channel = channel;
    this.interrupt = new Server(`${channel.port}-tx`, device.world.scheduler, domain.cpus[0]!, this, costs.complete);
    channel.handler = this.interrupt;
    for (let i = 0; i < RING_SIZE; i++) this.freeIds[i] = RING_SIZE - 1 - i;
  }

  /** One slot per page touched; then publish, collect what is answered, and stop the queue when nearly full. */
  post(frame: Frame): void {
    const { ring } = this;
    const from = frame.at;
    const end = from + frame.length;
    const lastPage = (end - 1) >> 12;
    const first = this.freeIds[this.freeCount - 1]!;
    let flags = checksumFlags(frame);
    this.slotsLeft[first] = lastPage - (from >> 12) + 1;
    for (let page = from >> 12; page <= lastPage; page++) {
      const offset = page === from >> 12 ? from & (PAGE_SIZE - 1) : 0;
      const chunk = Math.min(PAGE_SIZE - offset, end - page * PAGE_SIZE - offset);
      const id = this.freeIds[--this.freeCount]!;
      this.pending[id] = 1;
      this.firstIds[id] = first;
      this.domain.grants.grant(this.references + id, this.backend, frame, page, true);
      const entry = txEntry(ring.requestProducer++);
      const words = ring.page.words;
      words[entry] = this.references + id;
      words[entry + 1] = pack(offset, page < lastPage ? flags | TX_MORE_DATA : flags);
      words[entry + 2] = pack(id, page === from >> 12 ? frame.length : chunk);
      flags = 0;
    }
    if (ring.push()) this.channel.notify();
    this.collect();
    if (ring.used >= STOP_AT) this.device.stopQueue();
  }

  /** The TX interrupt. */
  work(server: Server, _budget: number): boolean {
    const before = this.ring.responseConsumer;
    this.collect();
    const done = (this.ring.responseConsumer - before) >>> 0;
    for (let i = 0; i < done; i++) server.spend(0);
    if (this.device.carrier && this.ring.used < STOP_AT) this.device.wakeQueue();
    return false;
  }

  /** xennet_tx_buf_gc */
  private collect(): void {
    const { ring } = this;
    do {
      if (ring.waiting > RING_SIZE) return this.device.breakDown(`Illegal number of responses ${ring.waiting}`);
      while (ring.waiting > 0) {
        const id = low(ring.page.words[txEntry(ring.responseConsumer)]!);
        const status = signedHigh(ring.page.words[txEntry(ring.responseConsumer)]!);
        ring.responseConsumer++;
        if (status === 1) continue;
        if (id >= RING_SIZE || this.pending[id] === 0) return this.device.breakDown("Response for inactive request");
        this.end(id);
      }
    } while (ring.finalCheck());
  }

  private end(id: number): void {
    this.pending[id] = 0;
    this.freeIds[this.freeCount++] = id;
    const frame = this.domain.grants.end(this.references + id);
    const first = this.firstIds[id]!;
    this.slotsLeft[first]!--;
    if (frame === null || this.slotsLeft[first]! > 0) return;
    if (frame.alive) this.device.drop(frame, Fate.RING_TORN_DOWN);
    else this.device.world.frames.release(frame);
  }

  close(): void {
    this.channel.handler = null;
    for (let id = 0; id < RING_SIZE; id++) if (this.pending[id] === 1) this.end(id);
    this.domain.grants.end(this.ringReference);
    this.domain.grants.unreserve(this.references, RING_SIZE);
    this.domain.grants.unreserve(this.ringReference, 1);
    this.domain.events.close(this.channel);
  }
}

function checksumFlags(frame: Frame): number {
  if (frame.checksum === Checksum.PARTIAL) return TX_CSUM_BLANK | TX_DATA_VALIDATED;
  return frame.checksum === Checksum.UNNECESSARY ? TX_DATA_VALIDATED : 0;
}

/** The receive ring as the guest sees it: 256 one-page buffers posted, refilled after every poll. */
export class ReceiveRing implements Worker {
  private readonly device: Netfront;
  private readonly domain: Domain;
  private readonly backend: number;
  readonly ring: FrontRing;
  private readonly channel: EventChannel;
  private readonly poll: Server;
  private readonly references: number;
  private readonly ringReference: number;

  constructor(
    device: Netfront,
    domain: Domain,
    backend: number,
    page: SharedRing,
    references: number,
    ringReference: number,
    channel: EventChannel,
    costs: NetfrontCosts,
  ) {
    this.device = device;
    this.domain = domain;
    this.backend = backend;
    this.ring = new FrontRing(page);
    this.references = references;
    this.ringReference = ringReference;
    this.channel = channel;
    this.poll = new Server(`${channel.port}-rx`, device.world.scheduler, domain.cpus[0]!, this, costs.receive);
    channel.handler = this.poll;
  }

  /** xennet_open enables the poll. */
  open(): void {
    this.poll.wake();
  }

  /** xennet_alloc_rx_buffers: posts a buffer for every free slot. Slot, id and grant go together. */
  refill(): void {
    const { ring } = this;
    const words = ring.page.words;
    const room = RING_SIZE - ring.used;
    if (room === 0) return;
    for (let i = 0; i < room; i++) {
      const id = ring.requestProducer & RING_MASK;
      const entry = rxEntry(ring.requestProducer++);
      this.domain.grants.grant(this.references + id, this.backend, null, 0, false);
      words[entry] = id;
      words[entry + 1] = this.references + id;
    }
    if (ring.push()) this.channel.notify();
  }

  /** xennet_poll */
  work(server: Server, budget: number): boolean {
    const { ring, device } = this;
    if (!device.up || !device.carrier) return false;
    if (ring.waiting > RING_SIZE) {
      device.breakDown(`Illegal number of responses ${ring.waiting}`);
      return false;
    }
    let done = 0;
    while (done < budget && ring.waiting > 0) {
      server.spend(this.takeFrame());
      done++;
    }
    this.refill();
    return done === budget || ring.finalCheck();
  }

  /** xennet_get_responses: one frame of one or more slots; its length. */
  private takeFrame(): number {
    const { ring, device } = this;
    const words = ring.page.words;
    let first: Frame | null = null;
    let total = 0;
    let failed = false;
    let flags = 0;
    for (let slot = 0; ; slot++) {
      const id = ring.responseConsumer & RING_MASK;
      const word = words[rxEntry(ring.responseConsumer++) + 1]!;
      const status = signedHigh(word);
      const frame = this.domain.grants.end(this.references + id);
      if (slot === 0) {
        first = frame;
        flags = low(word);
      }
      if (status < 0) failed = true;
      else total += status;
      if ((low(word) & RX_MORE_DATA) === 0 || ring.waiting === 0) break;
    }
    if (first === null) {
      device.counters.rxErrors++;
      return total;
    }
    if (failed || total !== first.length) {
      device.counters.rxErrors++;
      device.drop(first, Fate.NETFRONT_RX_ERROR);
      return total;
    }
    first.checksum = receivedChecksum(flags);
    device.counters.rxPackets++;
    device.counters.rxBytes += total;
    device.deliver(first);
    return total;
  }

  close(): void {
    this.channel.handler = null;
    for (let id = 0; id < RING_SIZE; id++) {
      const frame = this.domain.grants.end(this.references + id);
      if (frame !== null) this.device.drop(frame, Fate.RING_TORN_DOWN);
    }
    this.domain.grants.end(this.ringReference);
    this.domain.grants.unreserve(this.references, RING_SIZE);
    this.domain.grants.unreserve(this.ringReference, 1);
    this.domain.events.close(this.channel);
  }
}

function receivedChecksum(flags: number): typeof Checksum.NONE | typeof Checksum.PARTIAL | typeof Checksum.UNNECESSARY {
  if ((flags & RX_CSUM_BLANK) !== 0) return Checksum.PARTIAL;
  return (flags & RX_DATA_VALIDATED) !== 0 ? Checksum.UNNECESSARY : Checksum.NONE;
}
