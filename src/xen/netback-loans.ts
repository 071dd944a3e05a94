/**
 * Loans: slots of frames whose pages are lent to the host. Their answers wait until the frame's last user is done.
 * Follows xenvif_zerocopy_callback and the dealloc ring of drivers/net/xen-netback/netback.c.
 */
import type { FrameRequests } from "./netback-requests.ts";
import { MAX_SLOTS } from "./netback-requests.ts";
import { RING_SIZE } from "./ring.ts";

/** Each loan holds at least one unanswered slot, so there are never more than the ring has. */
export class Loans {
  /** There from the first loan on: a guest that sends only what is copied has none. */
  private slotIds = new Uint16Array(0);
  private readonly slotCounts = new Uint8Array(RING_SIZE);
  /** Extra infos that are answered with the first slot. */
  private readonly extraCounts = new Uint8Array(RING_SIZE);
  private readonly free = new Uint16Array(RING_SIZE);
  private freeCount = RING_SIZE;
  /** Given back, in order, and not yet answered. */
  private readonly returned = new Uint16Array(RING_SIZE);
  returnedCount = 0;

  constructor() {
    for (let i = 0; i < RING_SIZE; i++) this.free[i] = i;
  }

  /** Lends the slots from `from` on; the loan's number. */
  open(requests: FrameRequests, from: number): number {
    const loan = this.free[--this.freeCount]!;
    const count = requests.slots - from;
    if (this.slotIds.length === 0) this.slotIds = new Uint16Array(RING_SIZE * MAX_SLOTS);
    this.slotCounts[loan] = count;
    this.extraCounts[loan] = from === 0 ? requests.extras : 0;
    for (let i = 0; i < count; i++) this.slotIds[loan * MAX_SLOTS + i] = requests.ids[from + i]!;
    return loan;
  }

  giveBack(loan: number): void {
    this.returned[this.returnedCount++] = loan;
  }

  returnedLoan(index: number): number {
    return this.returned[index]!;
  }

  slots(loan: number): number {
    return this.slotCounts[loan]!;
  }

  extras(loan: number): number {
    return this.extraCounts[loan]!;
  }

  slotId(loan: number, slot: number): number {
    return this.slotIds[loan * MAX_SLOTS + slot]!;
  }

  /** All that were given back are answered. */
  settle(): void {
    for (let i = 0; i < this.returnedCount; i++) this.free[this.freeCount++] = this.returned[i]!;
    this.returnedCount = 0;
  }
}
