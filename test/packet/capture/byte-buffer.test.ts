import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteBuffer } from "../../../src/packet/capture/byte-buffer.ts";

test("numbers are little-endian", () => {
  const buffer = new ByteBuffer();
  buffer.append8(0x101);
  buffer.append16(0x0203);
  buffer.append32(0xfffefdfc);
  expect([...buffer.take()]).toEqual([1, 3, 2, 0xfc, 0xfd, 0xfe, 0xff]);
});

test("append64 agrees with BigInt up to 2^53", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const buffer = new ByteBuffer();
      buffer.append64(value);
      expect(new DataView(buffer.take().buffer).getBigUint64(0, true)).toBe(BigInt(value));
    }),
  );
});

test("appendBytes copies the range, whatever the size, and grows", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.nat(20), (parts, skip) => {
      const buffer = new ByteBuffer(1);
      for (const part of parts) buffer.appendBytes(part, Math.min(skip, part.length));
      expect([...buffer.take()]).toEqual(parts.flatMap((part) => [...part.subarray(skip)]));
    }),
  );
});

test("pad4 writes zeros over what an earlier take left behind", () => {
  const buffer = new ByteBuffer();
  buffer.append32(0xffffffff);
  buffer.take();
  buffer.append8(1);
  buffer.pad4();
  buffer.pad4();
  expect([...buffer.take()]).toEqual([1, 0, 0, 0]);
});

test("take gives a copy and leaves nothing pending", () => {
  const buffer = new ByteBuffer();
  buffer.append32(1);
  const taken = buffer.take();
  expect(buffer.length).toBe(0);
  buffer.append32(2);
  expect([...taken]).toEqual([1, 0, 0, 0]);
  expect(buffer.take()).toEqual(Uint8Array.of(2, 0, 0, 0));
  expect(buffer.take()).toHaveLength(0);
});

test("store32 fills room made before, and mends a length known only afterwards", () => {
  const buffer = new ByteBuffer(1);
  expect(buffer.advance(4)).toBe(0);
  buffer.append8(9);
  buffer.store32(0, 0x04030201);
  expect([...buffer.take()]).toEqual([1, 2, 3, 4, 9]);
});

test("drain passes on what take would, and the room is used again", () => {
  const buffer = new ByteBuffer();
  const seen: number[][] = [];
  buffer.append32(1);
  buffer.drain((bytes) => seen.push([...bytes]));
  expect(buffer.length).toBe(0);
  buffer.append16(2);
  buffer.drain((bytes) => seen.push([...bytes]));
  expect(seen).toEqual([
    [1, 0, 0, 0],
    [2, 0],
  ]);
});
