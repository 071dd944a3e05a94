/**
 * The shared ring page between netfront and netback, bit for bit, and the private halves each side keeps.
 * Follows xen/include/public/io/ring.h and netif.h; sizes and flags in `netif.ts`.
 *
 *   words  0 req_prod | 1 req_event | 2 rsp_prod | 3 rsp_event | 4-15 private and pad | 16... entries
 *
 * Indices run freely modulo 2^32; the slot is the index's low eight bits. Requests and responses share the slots.
 * Whoever asks for an event looks once more afterwards on a real machine, where the other side runs meanwhile; not here.
 */

export const RING_SIZE = 256;
export const RING_MASK = RING_SIZE - 1;
const PAGE_WORDS = 1024;
/** First word of the entries: the header is 64 bytes. */
export const ENTRIES = 16;

const REQ_PROD = 0;
const REQ_EVENT = 1;
const RSP_PROD = 2;
const RSP_EVENT = 3;

/** One 4,096-byte page seen as 32-bit words. */
export class SharedRing {
  readonly words = new Uint32Array(PAGE_WORDS);

  constructor() {
    this.words[REQ_EVENT] = 1;
    this.words[RSP_EVENT] = 1;
  }

  get requestProducer(): number {
    return this.words[REQ_PROD]!;
  }
  get requestEvent(): number {
    return this.words[REQ_EVENT]!;
  }
  get responseProducer(): number {
    return this.words[RSP_PROD]!;
  }
  get responseEvent(): number {
    return this.words[RSP_EVENT]!;
  }
}

/** The frontend's half: it produces requests and consumes responses. */
export class FrontRing {
  readonly page: SharedRing;
  /** Of the page. */
  readonly words: Uint32Array;
  /** req_prod_pvt: requests written, perhaps not yet published. */
  requestProducer = 0;
  /** rsp_cons */
  responseConsumer = 0;

  constructor(page: SharedRing) {
    this.page = page;
    this.words = page.words;
  }

  /** Requests not yet answered. */
  get used(): number {
    return (this.requestProducer - this.responseConsumer) >>> 0;
  }

  /** RING_PUSH_REQUESTS_AND_CHECK_NOTIFY: true when the backend's event mark lies inside the batch. */
  push(): boolean {
    const { words } = this;
    const before = words[REQ_PROD]!;
    const after = this.requestProducer;
    words[REQ_PROD] = after;
    return (after - words[REQ_EVENT]!) >>> 0 < (after - before) >>> 0;
  }

  /** Responses waiting; more than RING_SIZE means a broken backend. */
  get waiting(): number {
    return (this.words[RSP_PROD]! - this.responseConsumer) >>> 0;
  }

  /** Wants an event only when half of what is out is answered. */
  askAtHalf(): void {
    const out = (this.words[REQ_PROD]! - this.responseConsumer) >>> 0;
    this.words[RSP_EVENT] = this.responseConsumer + (out >>> 1) + 1;
  }

  /** RING_FINAL_CHECK_FOR_RESPONSES: true when one is there; else asks for an event at the next. */
  finalCheck(): boolean {
    if (this.waiting !== 0) return true;
    this.words[RSP_EVENT] = this.responseConsumer + 1;
    return false;
  }
}

/** The backend's half: it consumes requests and produces responses. */
export class BackRing {
  readonly page: SharedRing;
  /** Of the page. */
  readonly words: Uint32Array;
  /** req_cons */
  requestConsumer = 0;
  /** rsp_prod_pvt */
  responseProducer = 0;

  constructor(page: SharedRing) {
    this.page = page;
    this.words = page.words;
  }

  /** Requests published and not taken, straight from the shared index: more than RING_SIZE is a lie. */
  get claimed(): number {
    return (this.words[REQ_PROD]! - this.requestConsumer) >>> 0;
  }

  /** RING_HAS_UNCONSUMED_REQUESTS: what is published, and what can be answered without overwriting. */
  get waiting(): number {
    const published = this.claimed;
    const room = RING_SIZE - ((this.requestConsumer - this.responseProducer) >>> 0);
    return Math.min(published, room);
  }

  /** RING_PUSH_RESPONSES_AND_CHECK_NOTIFY */
  push(): boolean {
    const { words } = this;
    const before = words[RSP_PROD]!;
    const after = this.responseProducer >>> 0;
    words[RSP_PROD] = after;
    return (after - words[RSP_EVENT]!) >>> 0 < (after - before) >>> 0;
  }

  /** RING_FINAL_CHECK_FOR_REQUESTS: true when one is there; else asks for an event at the next. */
  finalCheck(): boolean {
    if (this.waiting !== 0) return true;
    this.askAt(this.requestConsumer + 1);
    return false;
  }

  /** Wants an event once the frontend publishes the request before `index`. */
  askAt(index: number): void {
    this.words[REQ_EVENT] = index;
  }
}
