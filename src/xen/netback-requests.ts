/**
 * The slots of one frame on a guest's transmit ring: collected, counted and judged before a byte of it is touched.
 * Follows xenvif_get_extras, xenvif_count_requests and the checks after them in drivers/net/xen-netback/netback.c of
 * Linux 6.1. Not modelled: GSO (such a frame is refused), hash values, XDP headroom.
 */
import {
  ETHERNET_HEADER,
  EXTRA_FLAG_MORE,
  EXTRA_GSO,
  EXTRA_MCAST_ADD,
  EXTRA_MCAST_DEL,
  EXTRA_XDP,
  high,
  low,
  MIN_SLOTS,
  PAGE_SIZE,
  TX_EXTRA_INFO,
  TX_MORE_DATA,
  txEntry,
} from "./netif.ts";
import type { BackRing } from "./ring.ts";

/** fatal_skb_slots: a frame with more slots than this behind its first is taken for malice. */
const FATAL_SLOTS = 20;
/** XEN_NETBK_LEGACY_SLOTS_MAX: slots a frame may have behind its first one. */
export const LEGACY_SLOTS = MIN_SLOTS;
/** The first slot and those that may follow it. */
export const MAX_SLOTS = LEGACY_SLOTS + 1;
const GSO_TCPV4 = 1;
const GSO_TCPV6 = 2;

export const Verdict = {
  GOOD: 0,
  /** Not even an Ethernet header in the first slot: an error for each slot. */
  TOO_SHORT: 1,
  /** Too many slots, or sizes that do not add up: an error for each slot. */
  MALFORMED: 2,
  /** No frame at all but a multicast group to join or leave. */
  MULTICAST: 3,
  /** The kernel's sentence is in `complaint`; the device is to be switched off. */
  FATAL: 4,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

export class FrameRequests {
  protected readonly ring: BackRing;
  readonly ids = new Uint16Array(FATAL_SLOTS + 1);
  readonly references = new Uint32Array(FATAL_SLOTS + 1);
  readonly offsets = new Uint16Array(FATAL_SLOTS + 1);
  /** Bytes of each slot; of a good frame also the first has its own. */
  readonly sizes = new Uint16Array(FATAL_SLOTS + 1);
  slots = 0;
  /** Extra infos behind the first slot: each takes a slot of the ring. */
  extras = 0;
  /** Of the first request. */
  flags = 0;
  /** Bytes of the whole frame, as the first request claims. */
  total = 0;
  complaint = "";
  /** EXTRA_MCAST_ADD or _DEL, and the group; 0 without such an extra. Who adds and removes at once, adds. */
  multicast = 0;
  group = 0;
  /** Segment size and kind of a GSO extra, -1 without one. */
  private segment = -1;
  private segmentKind = 0;

  constructor(ring: BackRing) {
    this.ring = ring;
  }

  /** The highest type of an extra info that this netback knows. */
  protected get lastExtra(): number {
    return EXTRA_XDP;
  }

  /** Bytes that the next request claims: what the credit window asks for before anything is taken. */
  get nextSize(): number {
    return high(this.ring.words[txEntry(this.ring.requestConsumer) + 2]!);
  }

  /** Takes all requests of the next frame from the ring. */
  take(): Verdict {
    this.slots = 0;
    this.extras = 0;
    this.multicast = 0;
    this.segment = -1;
    this.flags = this.collect();
    this.total = this.sizes[0]!;
    if ((this.flags & TX_EXTRA_INFO) !== 0 && !this.readExtras()) return this.complain(this.complaint);
    if (this.multicast !== 0) return Verdict.MULTICAST;
    const verdict = (this.flags & TX_MORE_DATA) === 0 ? Verdict.GOOD : this.collectRest();
    return verdict === Verdict.GOOD ? this.judge() : verdict;
  }

  /** Takes one request; its flags. */
  protected collect(): number {
    const { ring } = this;
    const words = ring.words;
    const entry = txEntry(ring.requestConsumer++);
    const slot = this.slots++;
    this.references[slot] = words[entry]!;
    this.offsets[slot] = low(words[entry + 1]!);
    this.ids[slot] = low(words[entry + 2]!);
    this.sizes[slot] = high(words[entry + 2]!);
    return high(words[entry + 1]!);
  }

  /** xenvif_get_extras: false after a fatal error. */
  private readExtras(): boolean {
    const { ring } = this;
    const words = ring.words;
    for (;;) {
      if (ring.waiting === 0) return this.fail("Missing extra info");
      const entry = txEntry(ring.requestConsumer++);
      this.extras++;
      const type = words[entry]! & 0xff;
      if (type < EXTRA_GSO || type > this.lastExtra) return this.fail(`Invalid extra type: ${type}`);
      if (type === EXTRA_MCAST_ADD || (type === EXTRA_MCAST_DEL && this.multicast !== EXTRA_MCAST_ADD)) {
        this.multicast = type;
        this.group = groupOf(words[entry]!, words[entry + 1]!);
      }
      if (type === EXTRA_GSO) {
        this.segment = high(words[entry]!);
        this.segmentKind = words[entry + 1]! & 0xff;
      }
      if (((words[entry]! >>> 8) & EXTRA_FLAG_MORE) === 0) return true;
    }
  }

  /** xenvif_count_requests */
  protected collectRest(): Verdict {
    let verdict: Verdict = Verdict.GOOD;
    let rest = this.total;
    for (let more = true; more; ) {
      const behind = this.slots - 1;
      if (this.ring.waiting === 0) return this.complain(`Asked for ${behind} slots but exceeds this limit`);
      if (behind >= FATAL_SLOTS)
        return this.complain(`Malicious frontend using ${behind} slots, threshold ${FATAL_SLOTS}`);
      if (behind >= LEGACY_SLOTS) verdict = Verdict.MALFORMED;
      const slot = this.slots;
      more = (this.collect() & TX_MORE_DATA) !== 0;
      const size = this.sizes[slot]!;
      if (size > rest) verdict = Verdict.MALFORMED;
      rest -= size;
      if (this.offsets[slot]! + size > PAGE_SIZE)
        return this.complain(`Cross page boundary, txp->offset: ${this.offsets[slot]}, size: ${size}`);
    }
    if (verdict === Verdict.GOOD) this.sizes[0] = rest;
    return verdict;
  }

  private judge(): Verdict {
    const size = this.sizes[0]!;
    if (size < ETHERNET_HEADER) return Verdict.TOO_SHORT;
    if (this.offsets[0]! + size > PAGE_SIZE)
      return this.complain(`Cross page boundary, txreq.offset: ${this.offsets[0]}, size: ${size}`);
    return this.segment < 0 ? Verdict.GOOD : this.judgeSegments();
  }

  /** xenvif_set_skb_gso */
  private judgeSegments(): Verdict {
    if (this.segment === 0) return this.complain("GSO size must not be zero.");
    const known = this.segmentKind === GSO_TCPV4 || this.segmentKind === GSO_TCPV6;
    return known ? Verdict.MALFORMED : this.complain(`Bad GSO type ${this.segmentKind}.`);
  }

  /** What makes no sense costs the guest its device. */
  protected complain(sentence: string): Verdict {
    this.complaint = sentence;
    return Verdict.FATAL;
  }

  private fail(sentence: string): false {
    this.complaint = sentence;
    return false;
  }
}

/** The six bytes behind type and flags, the first of them lowest in its word, as the MAC's number. */
function groupOf(first: number, second: number): number {
  const start = ((first >>> 16) & 0xff) * 0x100 + (first >>> 24);
  const rest = ((second & 0xff) << 24) | ((second & 0xff00) << 8) | ((second >>> 8) & 0xff00) | (second >>> 24);
  return start * 0x1_0000_0000 + (rest >>> 0);
}
