import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import { type Ipv4, type Mac, ZERO_MAC } from "../../src/packet/address.ts";
import * as arp from "../../src/packet/arp.ts";
import { ip, WEB1 } from "../kit/sample-frames.ts";

// "who-has 192.168.1.102 tell 192.168.1.101", as a Xen 4.17 guest sent it.
const GOLDEN = "0001080006040001 00163e000001 c0a80165 000000000000 c0a80166".replaceAll(" ", "");
const request: arp.Packet = {
  operation: arp.Operation.REQUEST,
  senderMac: WEB1,
  senderIp: ip("192.168.1.101"),
  targetMac: ZERO_MAC,
  targetIp: ip("192.168.1.102"),
};

test("deconstruct", () => {
  const b = fromHex(`a5${GOLDEN}`);
  expect(arp.check(b, 1, b.length)).toBe(true);
  expect(arp.operation(b, 1)).toBe(1);
  expect(arp.senderMac(b, 1)).toBe(WEB1);
  expect(arp.senderIp(b, 1)).toBe(ip("192.168.1.101"));
  expect(arp.targetMac(b, 1)).toBe(ZERO_MAC);
  expect(arp.targetIp(b, 1)).toBe(ip("192.168.1.102"));
});

test("construct", () => {
  const b = fromHex(GOLDEN.slice(0, 16) + "a5".repeat(20));
  arp.setOperation(b, 0, 1);
  arp.setSenderMac(b, 0, WEB1);
  arp.setSenderIp(b, 0, ip("192.168.1.101"));
  arp.setTargetMac(b, 0, ZERO_MAC);
  arp.setTargetIp(b, 0, ip("192.168.1.102"));
  expect(toHex(b)).toBe(GOLDEN);
});

test("parse", () => {
  expect(arp.parse(fromHex(GOLDEN), 0, 28)).toEqual(request);
});

test("emit", () => {
  const b = new Uint8Array(32).fill(0xa5);
  expect(arp.emit(b, 2, request)).toBe(30);
  expect(toHex(b)).toBe(`a5a5${GOLDEN}a5a5`);
});

test.each([
  ["cut", GOLDEN.slice(0, 54)],
  ["token ring", GOLDEN.replace(/^0001/, "0006")],
  ["for another protocol", GOLDEN.replace(/^00010800/, "000186dd")],
  ["of another hardware length", GOLDEN.replace(/^000108000604/, "000108000804")],
  ["of another protocol length", GOLDEN.replace(/^000108000604/, "000108000610")],
])("not accepted: %s", (_, hex) => {
  const b = fromHex(hex);
  expect(arp.check(b, 0, b.length)).toBe(false);
  expect(arp.parse(b, 0, b.length)).toBeNull();
});

test("emitted packets parse to the same", () => {
  const mac = fc.integer({ min: 0, max: 0xffff_ffff_ffff }).map((n) => n as Mac);
  const address = fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => n as Ipv4);
  const packets = fc.record({
    operation: fc.integer({ min: 0, max: 0xffff }),
    ...{ senderMac: mac, senderIp: address, targetMac: mac, targetIp: address },
  });
  fc.assert(
    fc.property(packets, (packet) => {
      const b = new Uint8Array(28);
      arp.emit(b, 0, packet);
      expect(arp.parse(b, 0, 28)).toEqual(packet);
    }),
  );
});

test("Ethernet hears its own hardware type and that of IEEE 802, and takes no other", () => {
  const packet = (type: string): Uint8Array => fromHex(`${type}080006040001${"00".repeat(20)}`);
  const heard = (type: string): boolean[] =>
    [arp.check, arp.isHeard].map((asked) => asked(packet(type), 0, arp.LENGTH));
  expect(heard("0001")).toEqual([true, true]);
  expect(heard("0006")).toEqual([false, true]);
  expect(heard("000f")).toEqual([false, false]);
});
