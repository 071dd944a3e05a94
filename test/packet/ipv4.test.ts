import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import type { Ipv4 } from "../../src/packet/address.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import { ip } from "../kit/sample-frames.ts";

// The header of the first ping recorded in 02-ping-g1-outside.
const GOLDEN = "45000054 7e054000 4001 38ed c0a80165 c0a80101".replaceAll(" ", "");
const header: ipv4.Header = {
  tos: 0,
  id: 32_261,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  ttl: 64,
  protocol: ipv4.Protocol.ICMP,
  source: ip("192.168.1.101"),
  destination: ip("192.168.1.1"),
  options: ipv4.NO_OPTIONS,
  payloadLength: 64,
};
const withPayload = (hex: string, payload = 64): Uint8Array => {
  const head = fromHex(hex);
  const b = new Uint8Array(head.length + payload);
  b.set(head);
  return b;
};

test("deconstruct", () => {
  const b = withPayload(GOLDEN);
  expect(ipv4.check(b, 0, b.length)).toBe(true);
  expect(ipv4.version(b, 0)).toBe(4);
  expect(ipv4.headerLength(b, 0)).toBe(20);
  expect(ipv4.tos(b, 0)).toBe(0);
  expect(ipv4.totalLength(b, 0)).toBe(84);
  expect(ipv4.id(b, 0)).toBe(32_261);
  expect(ipv4.dontFragment(b, 0)).toBe(true);
  expect(ipv4.moreFragments(b, 0)).toBe(false);
  expect(ipv4.isFragment(b, 0)).toBe(false);
  expect(ipv4.fragmentOffset(b, 0)).toBe(0);
  expect(ipv4.ttl(b, 0)).toBe(64);
  expect(ipv4.protocol(b, 0)).toBe(1);
  expect(ipv4.source(b, 0)).toBe(ip("192.168.1.101"));
  expect(ipv4.destination(b, 0)).toBe(ip("192.168.1.1"));
  expect(ipv4.payloadAt(b, 0)).toBe(20);
  expect(ipv4.payloadEnd(b, 0)).toBe(84);
  expect(ipv4.verifyChecksum(b, 0)).toBe(true);
});

test("construct", () => {
  const b = new Uint8Array(20).fill(0xa5);
  b[0] = 0x45;
  ipv4.setTos(b, 0, 0);
  ipv4.setTotalLength(b, 0, 84);
  ipv4.setId(b, 0, 32_261);
  ipv4.setFragment(b, 0, 0, false, true);
  ipv4.setTtl(b, 0, 64);
  ipv4.setProtocol(b, 0, 1);
  ipv4.setSource(b, 0, ip("192.168.1.101"));
  ipv4.setDestination(b, 0, ip("192.168.1.1"));
  ipv4.fillChecksum(b, 0);
  expect(toHex(b)).toBe(GOLDEN);
});

test("parse", () => {
  const b = withPayload(GOLDEN);
  expect(ipv4.parse(b, 0, b.length)).toEqual(header);
});

test("emit", () => {
  const b = new Uint8Array(24).fill(0xa5);
  expect(ipv4.emit(b, 2, header)).toBe(22);
  expect(toHex(b)).toBe(`a5a5${GOLDEN}a5a5`);
});

test("options are padded with zeros to a multiple of four", () => {
  const b = new Uint8Array(60).fill(0xa5);
  const end = ipv4.emit(b, 0, { ...header, options: fromHex("94040000 01"), payloadLength: 0 });
  expect(end).toBe(28);
  expect(toHex(b, 20, 29)).toBe("9404000001000000a5");
  expect(ipv4.verifyChecksum(b, 0)).toBe(true);
});

describe("check refuses", () => {
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["a cut header", fromHex(GOLDEN).subarray(0, 19)],
    ["another version", withPayload(GOLDEN.replace(/^45/, "65"))],
    ["a short header length", withPayload(GOLDEN.replace(/^45/, "44"))],
    ["a header longer than the total", withPayload(GOLDEN.replace(/^45000054/, "4f000020"))],
    ["a total beyond the bytes", withPayload(GOLDEN, 63)],
  ];
  test.each(cases)("%s", (_, b) => {
    expect(ipv4.check(b, 0, b.length)).toBe(false);
    expect(ipv4.parse(b, 0, b.length)).toBeNull();
  });
});

test("Ethernet padding behind the packet is not payload", () => {
  const b = withPayload(GOLDEN, 90);
  expect(ipv4.check(b, 0, b.length)).toBe(true);
  expect(ipv4.payloadEnd(b, 0)).toBe(84);
});

test("fragments", () => {
  const b = withPayload(GOLDEN);
  ipv4.setFragment(b, 0, 1480, true, false);
  expect(toHex(b, 6, 8)).toBe("20b9");
  expect([ipv4.fragmentOffset(b, 0), ipv4.moreFragments(b, 0), ipv4.isFragment(b, 0)]).toEqual([1480, true, true]);
  ipv4.setFragment(b, 0, 2960, false, false);
  expect([ipv4.moreFragments(b, 0), ipv4.isFragment(b, 0)]).toEqual([false, true]);
});

const headers = fc.record({
  tos: fc.integer({ min: 0, max: 255 }),
  id: fc.integer({ min: 0, max: 0xffff }),
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffset: fc.integer({ min: 0, max: 0x1fff }).map((units) => units * 8),
  ttl: fc.integer({ min: 1, max: 255 }),
  protocol: fc.integer({ min: 0, max: 255 }),
  source: fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => n as Ipv4),
  destination: fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => n as Ipv4),
  options: fc
    .integer({ min: 0, max: 10 })
    .chain((words) => fc.uint8Array({ minLength: 4 * words, maxLength: 4 * words })),
  payloadLength: fc.integer({ min: 0, max: 100 }),
});

test("emitted headers parse to the same, with a right checksum", () => {
  fc.assert(
    fc.property(headers, (any) => {
      const b = new Uint8Array(ipv4.length(any) + any.payloadLength).fill(0xa5);
      ipv4.emit(b, 0, any);
      expect(ipv4.verifyChecksum(b, 0)).toBe(true);
      expect(ipv4.parse(b, 0, b.length)).toEqual(any);
    }),
  );
});

test("a router's step keeps the checksum right", () => {
  fc.assert(
    fc.property(headers, (any) => {
      const b = new Uint8Array(ipv4.length(any));
      ipv4.emit(b, 0, any);
      ipv4.decreaseTtl(b, 0);
      expect(ipv4.ttl(b, 0)).toBe(any.ttl - 1);
      const updated = ipv4.headerChecksum(b, 0);
      ipv4.fillChecksum(b, 0);
      expect(updated).toBe(ipv4.headerChecksum(b, 0));
    }),
  );
});
