/**
 * The slots of one frame as 2.6.18's netback collects them. It knows no fatal error: whatever makes no sense is answered
 * with an error for the slots looked at, and those behind them are taken for the next frame.
 * Follows netbk_get_extras, netbk_count_requests and net_tx_action of drivers/net/xen/netback/netback.c in
 * linux-2.6.18-xen (Xen 3.1). Not modelled: its miscounted answers to broken extra infos, which harm only who sent them.
 */
import { FrameRequests, Verdict } from "./netback-requests.ts";
import { EXTRA_GSO, high, low, PAGE_SIZE, TX_MORE_DATA, txEntry } from "./netif.ts";

/** MAX_SKB_FRAGS of 2.6.18: 64 KiB of pages, and two. */
export const MAX_FRAGMENTS = 18;

export class ClassicRequests extends FrameRequests {
  /** XEN_NETIF_EXTRA_TYPE_MAX less one. */
  protected override get lastExtra(): number {
    return EXTRA_GSO;
  }

  protected override complain(sentence: string): Verdict {
    super.complain(sentence);
    return Verdict.MALFORMED;
  }

  protected override collectRest(): Verdict {
    const { ring } = this;
    let rest = this.total;
    for (let behind = 0; ; behind++) {
      // A first slot that promises more and is followed by none, or by one larger than itself, passes for a whole frame.
      if (ring.waiting === 0 || behind >= MAX_FRAGMENTS || this.nextSize > rest)
        return behind === 0 ? Verdict.GOOD : Verdict.MALFORMED;
      const words = ring.words;
      const place = words[txEntry(ring.requestConsumer) + 1]!;
      const size = this.nextSize;
      this.collect();
      rest -= size;
      if (low(place) + size > PAGE_SIZE) return Verdict.MALFORMED;
      if ((high(place) & TX_MORE_DATA) !== 0) continue;
      this.sizes[0] = rest;
      return Verdict.GOOD;
    }
  }
}
