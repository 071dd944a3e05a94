/**
 * 2.6.18's half of a guest's transmit ring: the same way as the modern one, but it copies less of each frame, never looks
 * whether an index can be, and saves up no more credit than the next frame needs.
 * Follows net_tx_action and tx_add_credit of drivers/net/xen/netback/netback.c in linux-2.6.18-xen (Xen 3.1). Not
 * modelled: one tasklet and 256 pending requests for all vifs of a host; an answer to a frame that is copied whole comes
 * at once, there at the tasklet's next run.
 */
import { Credit, MIN_BURST } from "./credit.ts";
import { ClassicRequests, MAX_FRAGMENTS } from "./netback-classic-requests.ts";
import type { FrameRequests } from "./netback-requests.ts";
import { TransmitQueue } from "./netback-transmit.ts";

/** PKT_PROT_LEN */
const HEAD_LENGTH = 64;

export class ClassicTransmitQueue extends TransmitQueue {
  protected override readonly copyLength = HEAD_LENGTH;
  protected override readonly wholeFirst = MAX_FRAGMENTS + 1;

  protected override makeRequests(): FrameRequests {
    return new ClassicRequests(this.ring);
  }

  protected override makeCredit(): Credit {
    return new ClassicCredit();
  }

  /** It serves what the index claims, slot by slot, as fast as it can. */
  protected override get isLiedTo(): boolean {
    return false;
  }
}

class ClassicCredit extends Credit {
  protected override leastBurst(size: number): number {
    return Math.min(size, MIN_BURST);
  }
}
