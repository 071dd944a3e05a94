/**
 * Grant-copies frames into the pages a guest has posted on its receive ring, a response for each slot, in the slot of its
 * request. Follows xenvif_rx_skb of drivers/net/xen-netback/rx.c and net_rx_action of 2.6.18's netback.c.
 */
import { Fate } from "../base/fate.ts";
import { Checksum, clearNotes, type Frame } from "../packet/frame.ts";
import { settle } from "../packet/frame-pool.ts";
import { GrantStatus } from "./grant-table.ts";
import type { Domain } from "./hypervisor.ts";
import type { NetbackDevice } from "./netback-device.ts";
import { low, PAGE_SHIFT, PAGE_SIZE, pack, RX_CSUM_BLANK, RX_DATA_VALIDATED, RX_MORE_DATA, rxEntry } from "./netif.ts";
import type { BackRing } from "./ring.ts";

export const slotsOf = (frame: Frame): number => Math.max(1, (frame.length + PAGE_SIZE - 1) >>> PAGE_SHIFT);

export class SlotWriter {
  private readonly vif: NetbackDevice;
  private readonly domain: Domain;
  private readonly ring: BackRing;

  constructor(vif: NetbackDevice, domain: Domain, ring: BackRing) {
    this.vif = vif;
    this.domain = domain;
    this.ring = ring;
  }

  /** Takes as many requests as the frame needs; the caller knows that they are there, and publishes. */
  copy(frame: Frame): void {
    const { ring, domain, vif } = this;
    const words = ring.words;
    const reference = words[rxEntry(ring.requestConsumer) + 1]!;
    const flags = receiveFlags(frame);
    vif.counters.txPackets++;
    vif.counters.txBytes += frame.length;
    const slots = slotsOf(frame);
    const failure = this.failure(frame, slots);
    for (let slot = 0; slot < slots; slot++) {
      const entry = rxEntry(ring.requestConsumer++);
      const size = sizeOf(frame, slot);
      const status = this.statusOf(words[entry + 1]!, size, failure);
      const more = slot + 1 < slots ? RX_MORE_DATA : 0;
      this.respond(low(words[entry]!), (slot === 0 ? flags : 0) | more, status === GrantStatus.OKAY ? size : status);
    }
    if (failure !== GrantStatus.OKAY) return vif.drop(frame, Fate.NETBACK_GRANT_REFUSED);
    // The host has no further use for it: what would be a copy takes the frame itself.
    settle(frame);
    clearNotes(frame);
    const overwritten = domain.grants.materialise(reference, frame);
    // Only a guest that posts a page twice loses a frame so.
    if (overwritten?.alive) vif.drop(overwritten, Fate.NETBACK_GRANT_REFUSED);
  }

  /** The first slot that is refused, and why. */
  private failure(frame: Frame, slots: number): GrantStatus {
    const words = this.ring.words;
    for (let slot = 0; slot < slots; slot++) {
      const status = this.check(words[rxEntry(this.ring.requestConsumer + slot) + 1]!, sizeOf(frame, slot));
      if (status !== GrantStatus.OKAY) return status;
    }
    return GrantStatus.OKAY;
  }

  protected check(reference: number, size: number): GrantStatus {
    return this.domain.grants.check(reference, this.vif.domain.id, 0, size, true);
  }

  /** What a slot answers: each says how its own copy went. */
  protected statusOf(reference: number, size: number, failure: GrantStatus): number {
    return failure === GrantStatus.OKAY ? failure : this.check(reference, size);
  }

  private respond(id: number, flags: number, status: number): void {
    const { ring } = this;
    const entry = rxEntry(ring.responseProducer);
    ring.words[entry] = pack(id, 0);
    ring.words[entry + 1] = pack(flags, status);
    ring.responseProducer++;
  }
}

const sizeOf = (frame: Frame, slot: number): number => Math.min(PAGE_SIZE, frame.length - slot * PAGE_SIZE);

function receiveFlags(frame: Frame): number {
  if (frame.checksum === Checksum.PARTIAL) return RX_CSUM_BLANK | RX_DATA_VALIDATED;
  return frame.checksum === Checksum.UNNECESSARY ? RX_DATA_VALIDATED : 0;
}
