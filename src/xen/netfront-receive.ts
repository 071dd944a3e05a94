/**
 * Netfront's receive ring: 256 one-page buffers posted, frames taken by a NAPI poll, buffers posted again.
 * Follows xennet_poll, xennet_get_responses and xennet_alloc_rx_buffers of drivers/net/xen-netfront.c, Linux 6.1.
 */
import { Fate } from "../base/fate.ts";
import type { Server } from "../engine/cpu.ts";
import { Checksum, type Frame } from "../packet/frame.ts";
import type { NetfrontCosts } from "./netfront-costs.ts";
import { NetfrontRing, type RingParts } from "./netfront-ring.ts";
import { low, RX_CSUM_BLANK, RX_DATA_VALIDATED, RX_MORE_DATA, rxEntry, signedHigh } from "./netif.ts";
import { RING_MASK, RING_SIZE } from "./ring.ts";

/** The receive ring as the guest sees it: 256 one-page buffers posted, refilled after every poll. */
export class ReceiveRing extends NetfrontRing {
  constructor(parts: RingParts, costs: NetfrontCosts) {
    super(parts, "rx", costs.receive);
  }

  /** xennet_open enables the poll. */
  open(): void {
    this.server.wake();
  }

  /** xennet_alloc_rx_buffers: posts a buffer for every free slot. Slot, id and grant go together. */
  refill(): void {
    this.post(RING_SIZE - this.ring.used);
  }

  protected post(count: number): void {
    const { ring } = this;
    const words = ring.words;
    if (count === 0) return;
    for (let i = 0; i < count; i++) {
      const id = ring.requestProducer & RING_MASK;
      const entry = rxEntry(ring.requestProducer++);
      this.domain.grants.grant(this.references + id, this.backend, null, 0, false);
      words[entry] = id;
      words[entry + 1] = this.references + id;
    }
    if (ring.push()) this.channel.notify();
  }

  /** xennet_poll */
  override work(server: Server, budget: number): boolean {
    const { ring, device } = this;
    if (this.closed || device.broken || !device.up || !device.carrier) return false;
    if (ring.waiting > RING_SIZE) {
      device.breakDown(`Illegal number of responses ${ring.waiting}`);
      return false;
    }
    let done = 0;
    while (done < budget && ring.waiting > 0) {
      server.spend(this.takeFrame());
      done++;
      if (this.closed) return false;
    }
    this.polled();
    return done === budget || ring.finalCheck();
  }

  /** All that was there is taken. */
  protected polled(): void {
    this.refill();
  }

  /** xennet_get_responses: one frame of one or more slots; its length. */
  private takeFrame(): number {
    const { ring, device } = this;
    const words = ring.words;
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
      } else if (frame !== null) device.drop(frame, Fate.NETFRONT_RX_ERROR);
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

  protected override takeBack(): void {
    for (let id = 0; id < RING_SIZE; id++) {
      const frame = this.domain.grants.end(this.references + id);
      if (frame !== null) this.device.drop(frame, Fate.RING_TORN_DOWN);
    }
  }
}

function receivedChecksum(flags: number): typeof Checksum.NONE | typeof Checksum.PARTIAL | typeof Checksum.UNNECESSARY {
  if ((flags & RX_CSUM_BLANK) !== 0) return Checksum.PARTIAL;
  return (flags & RX_DATA_VALIDATED) !== 0 ? Checksum.UNNECESSARY : Checksum.NONE;
}
