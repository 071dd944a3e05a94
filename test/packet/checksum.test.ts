import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, put16, put32 } from "../../src/base/bytes.ts";
import { checksum, finish, fold, partial, pseudoHeader, sum, update16, update32 } from "../../src/packet/checksum.ts";
import { ip } from "../kit/sample-frames.ts";

test("the example of RFC 1071 section 3", () => {
  const bytes = fromHex("0001 f203 f4f5 f6f7");
  expect(sum(bytes, 0, 8)).toBe(0x2ddf0);
  expect(fold(0x2ddf0)).toBe(0xddf2);
  expect(checksum(bytes, 0, 8)).toBe(0x220d);
});

test("an odd last byte is the high half of a word", () => {
  expect(sum(fromHex("0102 03"), 0, 3)).toBe(0x0102 + 0x0300);
});

test("a range in parts sums as a whole", () => {
  const bytes = fromHex("ffff fffe 1234 56");
  expect(sum(bytes, 4, 7, sum(bytes, 0, 4))).toBe(sum(bytes, 0, 7));
});

test("64 KiB of ones stay exact", () => {
  expect(checksum(new Uint8Array(65_536).fill(0xff), 0, 65_536)).toBe(0);
});

test("a partial checksum is the pseudo-header alone, folded and not inverted", () => {
  const [source, destination] = [ip("192.168.1.101"), ip("192.168.1.102")];
  const header = fromHex("c0a80165 c0a80166 0011 0014");
  expect(partial(source, destination, 17, 20)).toBe(fold(sum(header, 0, header.length)));
  expect(pseudoHeader(source, destination, 17, 20)).toBe(sum(header, 0, header.length));
});

describe("an update equals a recomputation (RFC 1624)", () => {
  const word = fc.integer({ min: 0, max: 0xffff });
  const bytes = fc.uint8Array({ minLength: 20, maxLength: 60 }).map((b) => {
    b[0] = 0x45; // like any IP header: not all zeros, where -0 and +0 would differ
    return b;
  });

  test("of a 16-bit word", () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), word, (b, index, after) => {
        const before = checksum(b, 0, b.length);
        const old = ((b[2 * index] ?? 0) << 8) | (b[2 * index + 1] ?? 0);
        put16(b, 2 * index, after);
        expect(update16(before, old, after)).toBe(checksum(b, 0, b.length));
      }),
    );
  });

  test("of a 32-bit word", () => {
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (b, old, after) => {
          put32(b, 12, old);
          const before = checksum(b, 0, b.length);
          put32(b, 12, after);
          expect(update32(before, old, after)).toBe(checksum(b, 0, b.length));
        },
      ),
    );
  });
});

test("what holds its own checksum sums to zero", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 100 }), (b) => {
      put16(b, 2, 0);
      put16(b, 2, finish(sum(b, 0, b.length)));
      expect(checksum(b, 0, b.length)).toBe(0);
    }),
  );
});
