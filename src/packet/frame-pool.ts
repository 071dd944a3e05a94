/**
 * The one source of frames and the ledger of promise P2: created + cloned = fates + alive.
 *
 * Two sizes: 2 KiB holds any frame of an MTU up to 1900, 68 KiB holds the largest frame netif.h can describe (65,535
 * bytes). A fresh 1,500-byte buffer per hop costs 445 ns, a copy into a pooled one 28 ns.
 */
import { FATE_COUNT, Fate, type FateCode } from "../base/fate.ts";
import { InvariantError, invariant } from "../base/invariant.ts";
import { Checksum, clearNotes, Frame, HEADROOM } from "./frame.ts";

const SMALL = 2048;
const LARGE = 68 * 1024;
/** The longest frame there is: netif.h's 16-bit size. */
export const MAX_FRAME = 65_535;
/** Below this many bytes a word loop beats one call into memcpy (measured: 17 ns against 28 ns at 60 bytes). */
const WORD_COPY_LIMIT = 192;

export class FramePool {
  created = 0;
  cloned = 0;
  /** How many frames ended in each fate, by code. */
  readonly fates = new Float64Array(FATE_COUNT);
  private lastId = 0;
  private readonly small: Frame[] = [];
  private readonly large: Frame[] = [];

  /** A new frame of `length` bytes, contents undefined, with an identity of its own. */
  create(length: number): Frame {
    const frame = this.blank(length);
    this.created++;
    frame.id = ++this.lastId;
    frame.alive = true;
    return frame;
  }

  /** A new frame holding a copy of `bytes`. */
  from(bytes: Uint8Array): Frame {
    const frame = this.create(bytes.length);
    frame.bytes.set(bytes, frame.at);
    return frame;
  }

  /** A buffer without identity: a posted receive buffer, or the target of a grant copy. */
  blank(length: number): Frame {
    if (length > MAX_FRAME) throw new InvariantError(`a frame of ${length} bytes`);
    const isSmall = length <= SMALL - HEADROOM;
    const frame = (isSmall ? this.small : this.large).pop() ?? new Frame(isSmall ? SMALL : LARGE);
    frame.free = false;
    frame.at = HEADROOM;
    frame.length = length;
    frame.checksum = Checksum.NONE;
    clearNotes(frame);
    return frame;
  }

  /** One more frame of the same lineage, for flooding. Lent pages go back first (skb_clone: skb_orphan_frags). */
  clone(frame: Frame): Frame {
    invariant(frame.alive, "only a living frame is cloned");
    settle(frame);
    const twin = this.blank(frame.length);
    this.cloned++;
    twin.id = frame.id;
    twin.alive = true;
    copyInto(frame, twin);
    copyNotes(frame, twin);
    return twin;
  }

  /** Moves the identity across a border: `heir` lives on, `husk` is only a buffer from now on. */
  succeed(husk: Frame, heir: Frame): void {
    invariant(husk.alive && !heir.alive, "only a living frame has an heir");
    heir.id = husk.id;
    heir.alive = true;
    husk.alive = false;
  }

  /** Ends a living frame. */
  finish(frame: Frame, fate: FateCode): void {
    if (!frame.alive) throw new InvariantError(`a frame ends twice (fate ${fate})`);
    this.fates[fate]!++;
    frame.alive = false;
    this.release(frame);
  }

  /** Gives a husk's buffer back. */
  release(frame: Frame): void {
    invariant(!frame.alive && !frame.free, "a buffer is released twice, or while its frame lives");
    settle(frame);
    frame.id = 0;
    frame.free = true;
    (frame.bytes.length === SMALL ? this.small : this.large).push(frame);
  }

  /** Frames that have not ended yet. */
  get alive(): number {
    let ended = 0;
    for (let code = 0; code < this.fates.length; code++) ended += this.fates[code]!;
    return this.created + this.cloned - ended;
  }

  count(fate: FateCode): number {
    return fate === Fate.NONE ? this.alive : this.fates[fate]!;
  }
}

/** What the host knows of a frame it knows of its clone (__copy_skb_header). */
function copyNotes(from: Frame, to: Frame): void {
  to.bridgePort = from.bridgePort;
  to.connection = from.connection;
  to.connectionSlot = from.connectionSlot;
  to.connectionAge = from.connectionAge;
  to.connectionInfo = from.connectionInfo;
  to.mark = from.mark;
  // skb_cloned: it cannot be cut where it was joined.
  to.fragments = from.fragments === null ? null : { ...from.fragments, sizes: null };
}

/** Copies the contents with their checksum state, nothing that a host has found out. Where it fits the place is kept, and always its place in a word: copies go by words. */
export function copyInto(from: Frame, to: Frame): void {
  to.at = from.end <= to.bytes.length ? from.at : HEADROOM - 4 + (from.at & 3);
  to.length = from.length;
  to.checksum = from.checksum;
  to.checksumStart = from.checksumStart;
  to.checksumOffset = from.checksumOffset;
  copyBytes(from, to);
}

function copyBytes(from: Frame, to: Frame): void {
  if (from.length > WORD_COPY_LIMIT) {
    if (from.bytes.length === SMALL && to.bytes.length === SMALL && to.at === from.at) to.bytes.set(from.bytes);
    else to.bytes.set(from.bytes.subarray(from.at, from.end), to.at);
    return;
  }
  const source = from.words;
  const target = to.words;
  const last = (from.at + from.length + 3) >> 2;
  const shift = (to.at - from.at) >> 2;
  for (let i = from.at >> 2; i < last; i++) target[i + shift] = source[i]!;
}

/** Returns borrowed pages: the frame has left the host or its bytes are nobody else's any more. */
export function settle(frame: Frame): void {
  const lender = frame.lender;
  if (lender === null) return;
  frame.lender = null;
  lender.returned(frame.loan);
}
