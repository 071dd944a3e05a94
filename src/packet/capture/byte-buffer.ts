/**
 * Bytes on their way out: writers append, the outside takes what is pending. Little-endian, because the files are.
 * Once grown it allocates nothing per record, apart from the view that `appendBytes` needs.
 * It does not limit itself: whoever fills it sees to it that it is taken (DESIGN.md P5, P7).
 */
import { invariant } from "../../base/invariant.ts";

const TWO_32 = 0x1_0000_0000;
const TWO_NEGATIVE_32 = 1 / TWO_32;

export class ByteBuffer {
  /** Bytes pending. Read it, never set it. */
  length = 0;
  private bytes: Uint8Array;

  /** `capacity` in bytes, at least 1; it doubles when needed and never shrinks. */
  constructor(capacity = 4096) {
    invariant(capacity > 0, "a byte buffer needs room to double");
    this.bytes = new Uint8Array(capacity);
  }

  append8(value: number): void {
    const at = this.advance(1);
    this.bytes[at] = value;
  }

  append16(value: number): void {
    const at = this.advance(2);
    this.bytes[at] = value;
    this.bytes[at + 1] = value >>> 8;
  }

  append32(value: number): void {
    const at = this.advance(4);
    this.store32(at, value);
  }

  /** An exact integer from 0 to 2^53, as two halves: no bigint is made. */
  append64(value: number): void {
    const high = Math.floor(value * TWO_NEGATIVE_32);
    const at = this.advance(8);
    this.store32(at, value - high * TWO_32);
    this.store32(at + 4, high);
  }

  /** Copies `b[from..to)`. */
  appendBytes(b: Uint8Array, from = 0, to = b.length): void {
    const at = this.advance(to - from);
    // `set` and its view: 60 ns for 60 bytes, 77 ns for 1514. A loop: 117 and 2,970 ns; it wins below 30 bytes only.
    this.bytes.set(from === 0 && to === b.length ? b : b.subarray(from, to), at);
  }

  /** Zeros up to the next multiple of four pending bytes, where pcapng wants every field to end. */
  pad4(): void {
    while ((this.length & 3) !== 0) this.append8(0);
  }

  /** Makes room for `count` more bytes, to be filled with `store32`; where they start. */
  advance(count: number): number {
    const at = this.length;
    const end = at + count;
    if (end > this.bytes.length) this.grow(end);
    this.length = end;
    return at;
  }

  /** Over four bytes that are pending: a length known only afterwards, or words after one `advance`. */
  store32(at: number, value: number): void {
    const bytes = this.bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  }

  /** A copy of the bytes pending, the caller's to keep; nothing is pending afterwards, the room stays. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  /** As `take`, without the copy: the bytes are good until `write` returns, then their room is used again. */
  drain(write: (bytes: Uint8Array) => void): void {
    const pending = this.bytes.subarray(0, this.length);
    this.length = 0;
    write(pending);
  }

  private grow(needed: number): void {
    let capacity = this.bytes.length;
    while (capacity < needed) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.bytes);
    this.bytes = grown;
  }
}
