import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import { BROADCAST_MAC, type Mac } from "../../src/packet/address.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import { WEB1 } from "../kit/sample-frames.ts";

const GOLDEN = "ffffffffffff 00163e000001 0806".replaceAll(" ", "");
const header: ethernet.Header = { destination: BROADCAST_MAC, source: WEB1, etherType: 0x0806 };

test("deconstruct", () => {
  const b = fromHex(`a5a5${GOLDEN}`);
  expect(ethernet.check(b, 2, b.length)).toBe(true);
  expect(ethernet.destination(b, 2)).toBe(BROADCAST_MAC);
  expect(ethernet.source(b, 2)).toBe(WEB1);
  expect(ethernet.etherType(b, 2)).toBe(ethernet.EtherType.ARP);
});

test("construct", () => {
  const b = new Uint8Array(14).fill(0xa5);
  ethernet.setDestination(b, 0, BROADCAST_MAC);
  ethernet.setSource(b, 0, WEB1);
  ethernet.setEtherType(b, 0, 0x0806);
  expect(toHex(b)).toBe(GOLDEN);
});

test("parse", () => {
  const b = fromHex(GOLDEN);
  expect(ethernet.parse(b, 0, 14)).toEqual(header);
  expect(ethernet.parse(b, 0, 13)).toBeNull();
});

test("emit", () => {
  const b = new Uint8Array(18).fill(0xa5);
  expect(ethernet.emit(b, 2, header)).toBe(16);
  expect(toHex(b)).toBe(`a5a5${GOLDEN}a5a5`);
});

test("a type up to 1500 is a length", () => {
  expect([0, 38, 1500].map(ethernet.isLength)).toEqual([true, true, true]);
  expect([1501, 0x0600, 0x0800].map(ethernet.isLength)).toEqual([false, false, false]);
});

test("emitted headers parse to the same", () => {
  const mac = fc.integer({ min: 0, max: 0xffff_ffff_ffff }).map((n) => n as Mac);
  fc.assert(
    fc.property(mac, mac, fc.integer({ min: 0, max: 0xffff }), (destination, source, etherType) => {
      const b = new Uint8Array(14);
      ethernet.emit(b, 0, { destination, source, etherType });
      expect(ethernet.parse(b, 0, 14)).toEqual({ destination, source, etherType });
    }),
  );
});
