/** Bob Jenkins' lookup3 over four words, as include/linux/jhash.h does it: which address of a range a flow gets. */

const INITIAL = 0xdead_beef;
const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** jhash2 of an address, padded with zeroes to the 16 bytes of union nf_inet_addr; an unsigned number. */
export function hashAddress(address: number, seed: number): number {
  const start = (INITIAL + (4 << 2) + seed) | 0;
  let a = (start + address) | 0;
  let b = start;
  let c = start;
  // __jhash_mix
  a = ((a - c) | 0) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = ((b - a) | 0) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = ((c - b) | 0) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = ((a - c) | 0) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = ((b - a) | 0) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = ((c - b) | 0) ^ rotate(b, 4);
  b = (b + a) | 0;
  // __jhash_final; the fourth word is zero.
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

/** The number whose bytes in memory are those of `value` on the wire, on a little-endian machine. */
export const swap = (value: number): number =>
  ((value >>> 24) | ((value >>> 8) & 0xff00) | ((value << 8) & 0xff_0000) | (value << 24)) >>> 0;
