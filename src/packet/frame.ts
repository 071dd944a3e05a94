/**
 * A frame: bytes in a pooled buffer, with the notes that a kernel keeps beside them (Linux sk_buff).
 *
 *   bytes  [ headroom | Ethernet header ... payload | tailroom ]
 *                     ^ at                          ^ at + length
 *
 * Ownership: whoever you hand a frame to owns it; flooding clones; taps borrow, and copy what they keep.
 * A frame *lives* while it carries an identity (its lineage `id`). Crossing a ring moves the identity into the peer's
 * buffer and leaves a husk, so that one frame is never counted twice.
 */

/** Where the L4 checksum stands (Linux ip_summed; xen.md 2.8a). */
export const Checksum = {
  /** Nobody looked: it is in the bytes as it came. */
  NONE: 0,
  /** Only the pseudo header is summed; whoever leaves the host fills it in. */
  PARTIAL: 1,
  /** Already checked by somebody trusted. */
  UNNECESSARY: 2,
} as const;

export type ChecksumState = (typeof Checksum)[keyof typeof Checksum];

/** Who lent the pages of a frame and wants to hear when the last user is done (netback's zero-copy transmit). */
export interface Lender {
  returned(loan: number): void;
}

/** A connection that the host follows (nf_conn). What it is knows the stack; here it only travels along. */
export interface Connection {
  /** IPS_* */
  status: number;
}

/** The fragments that became one packet (frag_max_size, frag_list). */
export interface Fragments {
  /** Bytes of the longest, as an IP packet. */
  readonly largest: number;
  /** Bytes of payload of each, in order; null: the packet has been copied, and nobody knows any more. */
  sizes: readonly number[] | null;
  /** The longest of them was not to be cut further (IPSKB_FRAG_PMTU). */
  readonly keepWhole: boolean;
}

/** Room before the Ethernet header, so that a tag or an outer header is pushed without copying. */
export const HEADROOM = 64;

export class Frame {
  readonly bytes: Uint8Array;
  /** The same buffer in 32-bit words: copies by word cost a quarter of copies by byte. */
  readonly words: Int32Array;
  at = HEADROOM;
  length = 0;
  /** Lineage: the same number at every hop, also for clones; 0 in a husk. */
  id = 0;
  alive = false;
  /** True while it lies in the pool's free list. */
  free = false;
  checksum: ChecksumState = Checksum.NONE;
  /** For PARTIAL: where summing starts, from `at`, and where the sum goes, from there (csum_start, csum_offset). */
  checksumStart = 0;
  checksumOffset = 0;
  lender: Lender | null = null;
  loan = 0;
  /**
   * Index of the bridge port it came in by, where br_netfilter has seen it (nf_bridge_info); else 0. Negative while it waits
   * for the MAC of another destination than it came with (bridged_dnat).
   */
  bridgePort = 0;
  /** Null: nobody has looked, or it is no valid part of any connection (skb->_nfct). */
  connection: Connection | null = null;
  /** Where the stack may look for what it knows of the connection, and until when that is true. */
  connectionSlot = -1;
  connectionAge = 0;
  /** IP_CT_*: which part of the connection it is (ctinfo). */
  connectionInfo = 0;
  /** skb->mark, as a signed number. */
  mark = 0;
  /** What it was put together from; null: nothing. */
  fragments: Fragments | null = null;
  /** Virtual time of a stage that keeps frames waiting (FIFO expiry, neighbour queue). */
  stamp = 0;

  constructor(capacity: number) {
    const buffer = new ArrayBuffer(capacity);
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
  }

  get end(): number {
    return this.at + this.length;
  }
}

/** What a host has found out about a frame, forgotten. */
export function clearNotes(frame: Frame): void {
  frame.mark = 0;
  scrub(frame);
}

/** skb_scrub_packet: what one side knew of it is nothing to the other; the mark is the caller's matter. */
export function scrub(frame: Frame): void {
  frame.bridgePort = 0;
  frame.connection = null;
  frame.connectionInfo = 0;
  frame.fragments = null;
}
