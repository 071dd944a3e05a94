/**
 * The grant table of one domain: which of its pages another domain may read, write or map.
 * Follows xen/include/public/grant_table.h (version 1 entries) and the checks of xen/common/grant_table.c.
 * An entry is one word, because every frame passes here (measured: 15 ns a check, 120 ns with a Map of objects).
 *
 * A page is a window of a frame's buffer, or a ring. Receive buffers materialise when the backend first writes to one,
 * so that an idle guest costs no memory. Not modelled: transitive and sub-page grants, grant transfers (page flipping).
 */
import { invariant } from "../base/invariant.ts";
import type { Frame } from "../packet/frame.ts";
import type { SharedRing } from "./ring.ts";

/** 0-7 are reserved by the toolstack (console, xenstore), grant_table.h: GNTTAB_NR_RESERVED_ENTRIES. */
const FIRST_REFERENCE = 8;

const PAGE_SIZE = 4096;

/** The low eight bits of an entry; above them the page of the frame's buffer, above that the domain that may use it. */
const GRANTED = 1;
const READ_ONLY = 2;
/** A page that is a ring: it can be mapped; grant copies into or out of it are not modelled. */
const RING = 4;
/** Whoever granted it names the page in one request and does not touch it again: a copy may take the frame itself. */
const ONCE = 8;
const PAGE_SHIFT = 8;
const PEER_SHIFT = 16;

/** Why an access was refused: GNTST_*. */
export const GrantStatus = {
  OKAY: 0,
  BAD_REFERENCE: -3,
  BAD_DOMAIN: -2,
  PERMISSION_DENIED: -8,
  BAD_COPY_ARGUMENT: -10,
} as const;
export type GrantStatus = (typeof GrantStatus)[keyof typeof GrantStatus];

export class GrantTable {
  private entries = new Int32Array(1024);
  private readonly frames: (Frame | null)[] = [];
  private readonly rings = new Map<number, SharedRing>();
  private next = FIRST_REFERENCE;
  /** Rows given back: first reference and count. */
  private readonly freed: { readonly first: number; readonly count: number }[] = [];

  /** Takes `count` references in a row (gnttab_alloc_grant_references) and returns the first. */
  reserve(count: number): number {
    const reuse = this.freed.findIndex((row) => row.count === count);
    if (reuse >= 0) return this.freed.splice(reuse, 1)[0]!.first;
    const first = this.next;
    this.next += count;
    while (this.entries.length < this.next) this.grow();
    for (let i = this.frames.length; i < this.next; i++) this.frames.push(null);
    return first;
  }

  /** Gives a row of references back; the next ring of that size takes it again. */
  unreserve(first: number, count: number): void {
    for (let reference = first; reference < first + count; reference++) {
      invariant(this.entries[reference] === 0, `grant ${reference} is given back while in use`);
    }
    this.freed.push({ first, count });
  }

  /** Lets `peer` read page `page` of `frame` for one request, as an honest driver does with what it sends. */
  grantOnce(reference: number, peer: number, frame: Frame, page: number): void {
    this.enter(reference, peer, frame, page, GRANTED | READ_ONLY | ONCE);
  }

  /** Lets `peer` use page `page` of `frame`; a null frame is a receive buffer that materialises when written. */
  grant(reference: number, peer: number, frame: Frame | null, page: number, readOnly: boolean): void {
    this.enter(reference, peer, frame, page, readOnly ? GRANTED | READ_ONLY : GRANTED);
  }

  grantRing(reference: number, peer: number, ring: SharedRing): void {
    this.enter(reference, peer, null, 0, GRANTED | RING);
    this.rings.set(reference, ring);
  }

  private enter(reference: number, peer: number, frame: Frame | null, page: number, flags: number): void {
    this.entries[reference] = (peer << PEER_SHIFT) | (page << PAGE_SHIFT) | flags;
    this.frames[reference] = frame;
  }

  /** Ends access and returns the frame behind the page, if one is there. */
  end(reference: number): Frame | null {
    const frame = this.frames[reference] ?? null;
    if ((this.entries[reference]! & RING) !== 0) this.rings.delete(reference);
    this.entries[reference] = 0;
    this.frames[reference] = null;
    return frame;
  }

  /** May `domain` read (or write) `length` bytes at `offset` of the page behind `reference`? */
  check(reference: number, domain: number, offset: number, length: number, write: boolean): GrantStatus {
    const entry = reference < this.next ? this.entries[reference]! : 0;
    if ((entry & GRANTED) === 0) return GrantStatus.BAD_REFERENCE;
    if (entry >>> PEER_SHIFT !== domain) return GrantStatus.PERMISSION_DENIED;
    if (write && (entry & READ_ONLY) !== 0) return GrantStatus.PERMISSION_DENIED;
    if ((entry & RING) !== 0) return GrantStatus.PERMISSION_DENIED;
    if (offset + length > PAGE_SIZE) return GrantStatus.BAD_COPY_ARGUMENT;
    return GrantStatus.OKAY;
  }

  /** The frame whose page is granted for reading only, as netfront grants what it sends; null for any other page. */
  sentFrame(reference: number): Frame | null {
    const sent = GRANTED | READ_ONLY;
    if (reference >= this.next || (this.entries[reference]! & sent) !== sent) return null;
    return this.frames[reference]!;
  }

  /** Takes the frame itself out of a page that nobody reads again, which costs nothing. False: it has to be copied. */
  take(reference: number): boolean {
    if ((this.entries[reference]! & ONCE) === 0) return false;
    this.frames[reference] = null;
    return true;
  }

  pageOf(reference: number): number {
    return (this.entries[reference]! >>> PAGE_SHIFT) & 0xff;
  }

  /** A grant copy out of a page that `check` allowed, into `target` at `to`. A buffer nothing was written to is zero. */
  copyOut(reference: number, offset: number, length: number, target: Frame, to: number): void {
    const from = this.pageOf(reference) * PAGE_SIZE + offset;
    const piece = this.frames[reference]?.bytes.subarray(from, from + length);
    if (piece !== undefined) target.bytes.set(piece, to);
    target.bytes.fill(0, to + (piece?.length ?? 0), to + length);
  }

  /** Puts the buffer that a grant copy has filled behind the page; what lay there before is returned. */
  materialise(reference: number, frame: Frame): Frame | null {
    const before = this.frames[reference]!;
    this.frames[reference] = frame;
    return before;
  }

  /** Maps a ring page for `domain`; null when it is not granted to it. */
  mapRing(reference: number, domain: number): SharedRing | null {
    return this.entries[reference]! >>> PEER_SHIFT === domain ? (this.rings.get(reference) ?? null) : null;
  }

  private grow(): void {
    const { entries } = this;
    this.entries = new Int32Array(entries.length * 2);
    this.entries.set(entries);
  }
}
