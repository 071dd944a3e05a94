import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, fromText, toHex } from "../../src/base/bytes.ts";
import type { Ipv4 } from "../../src/packet/address.ts";
import { partial } from "../../src/packet/checksum.ts";
import * as udp from "../../src/packet/udp.ts";
import { ip } from "../kit/sample-frames.ts";

const GOLDEN = "99e0270f000b0000616263";
const datagram: udp.Datagram = { sourcePort: 39_392, destinationPort: 9999, payload: fromText("abc") };
const [source, destination] = [ip("192.168.1.101"), ip("192.168.1.255")];

test("deconstruct", () => {
  const b = fromHex(`a5${GOLDEN}a5`);
  expect(udp.check(b, 1, 12)).toBe(true);
  expect(udp.sourcePort(b, 1)).toBe(39_392);
  expect(udp.destinationPort(b, 1)).toBe(9999);
  expect(udp.datagramLength(b, 1)).toBe(11);
  expect(udp.checksumField(b, 1)).toBe(0);
  expect([udp.payloadAt(1), udp.payloadEnd(b, 1)]).toEqual([9, 12]);
});

test("construct", () => {
  const b = fromHex("a5a5a5a5a5a5a5a5616263");
  udp.setSourcePort(b, 0, 39_392);
  udp.setDestinationPort(b, 0, 9999);
  udp.setDatagramLength(b, 0, 11);
  udp.setChecksumField(b, 0, 0);
  expect(toHex(b)).toBe(GOLDEN);
});

test("parse", () => {
  expect(udp.parse(fromHex(GOLDEN), 0, 11)).toEqual(datagram);
});

test("emit", () => {
  const b = new Uint8Array(13).fill(0xa5);
  expect(udp.emit(b, 1, datagram)).toBe(12);
  expect(toHex(b)).toBe(`a5${GOLDEN}a5`);
});

test.each([
  ["a cut header", "99e0270f000b00"],
  ["a length below 8", "99e0270f00070000616263"],
  ["a length beyond the bytes", "99e0270f000c0000616263"],
])("check refuses %s", (_, hex) => {
  const b = fromHex(hex);
  expect(udp.check(b, 0, b.length)).toBe(false);
  expect(udp.parse(b, 0, b.length)).toBeNull();
});

test("a partial checksum covers the pseudo-header alone, and is wrong until filled", () => {
  const b = fromHex(GOLDEN);
  udp.fillPartialChecksum(b, 0, source, destination);
  expect(udp.checksumField(b, 0)).toBe(partial(source, destination, 17, 11));
  expect(udp.verifyChecksum(b, 0, source, destination)).toBe(false);
  udp.fillChecksum(b, 0, source, destination);
  expect(udp.verifyChecksum(b, 0, source, destination)).toBe(true);
});

test("no checksum is a right one; a sum of zero is sent as ffff", () => {
  const b = fromHex(GOLDEN);
  expect(udp.verifyChecksum(b, 0, source, destination)).toBe(true);
  // 0x0000 would be the sum: the payload makes up what is missing to ffff.
  const zero = fromHex("0000 0000 000a 0000 0000");
  udp.fillChecksum(zero, 0, 0 as Ipv4, 0 as Ipv4);
  const missing = udp.checksumField(zero, 0);
  zero[8] = missing >>> 8;
  zero[9] = missing & 255;
  udp.fillChecksum(zero, 0, 0 as Ipv4, 0 as Ipv4);
  expect(udp.checksumField(zero, 0)).toBe(0xffff);
  expect(udp.verifyChecksum(zero, 0, 0 as Ipv4, 0 as Ipv4)).toBe(true);
});

test("emitted datagrams parse to the same; a flipped bit shows", () => {
  const port = fc.integer({ min: 0, max: 0xffff });
  const any = fc.record({
    sourcePort: port,
    destinationPort: port,
    payload: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  });
  fc.assert(
    fc.property(any, fc.integer({ min: 0, max: 7 }), (message, bit) => {
      const b = new Uint8Array(udp.length(message)).fill(0xa5);
      udp.emit(b, 0, message);
      udp.fillChecksum(b, 0, source, destination);
      expect(udp.parse(b, 0, b.length)).toEqual(message);
      expect(udp.verifyChecksum(b, 0, source, destination)).toBe(true);
      b[8] = (b[8] ?? 0) ^ (1 << bit);
      expect(udp.verifyChecksum(b, 0, source, destination)).toBe(false);
    }),
  );
});
