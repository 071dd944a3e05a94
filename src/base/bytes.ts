/**
 * Reading and writing big-endian numbers in byte arrays. This is the one file that indexes without checks:
 * callers prove lengths first (each protocol's `check`).
 */

export const get8 = (b: Uint8Array, at: number): number => b[at]!;
export const get16 = (b: Uint8Array, at: number): number => (b[at]! << 8) | b[at + 1]!;
export const get32 = (b: Uint8Array, at: number): number =>
  ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
/** The same as a signed number, which V8 need not put on the heap. */
export const getInt32 = (b: Uint8Array, at: number): number =>
  (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!;
/** 48 bits as an exact integer: a MAC address. */
export const get48 = (b: Uint8Array, at: number): number => get16(b, at) * 0x1_0000_0000 + get32(b, at + 2);

export function put8(b: Uint8Array, at: number, value: number): void {
  b[at] = value;
}
export function put16(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 8;
  b[at + 1] = value;
}
export function put32(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 24;
  b[at + 1] = value >>> 16;
  b[at + 2] = value >>> 8;
  b[at + 3] = value;
}
export function put48(b: Uint8Array, at: number, value: number): void {
  put16(b, at, (value / 0x1_0000_0000) | 0);
  // Not `%`: of numbers of this size it is a call out of compiled code.
  put32(b, at + 2, value | 0);
}

const HEX = "0123456789abcdef";

export const hex8 = (value: number): string => HEX[(value >>> 4) & 15]! + HEX[value & 15]!;
export const hex16 = (value: number): string => hex8(value >>> 8) + hex8(value);

/** Bytes as plain lower-case hex, nothing between. */
export function toHex(b: Uint8Array, from = 0, to = b.length): string {
  let text = "";
  for (let i = from; i < to; i++) text += hex8(b[i]!);
  return text;
}

/** The reverse of `toHex`; blanks are allowed anywhere. Throws RangeError on anything else. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s+/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new RangeError(`not hex: ${text}`);
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

// The Encoding Standard's classes are in every Node; the pure folders compile without Node's types.
declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare class TextEncoder {
  encode(text: string): Uint8Array;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
export const toText = (b: Uint8Array): string => decoder.decode(b);
export const fromText = (text: string): Uint8Array => encoder.encode(text);
