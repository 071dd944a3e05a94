import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import type { Ipv4 } from "../../src/packet/address.ts";
import * as icmp from "../../src/packet/icmp.ts";
import { ip } from "../kit/sample-frames.ts";

const GOLDEN = "0800 3320 007a 0003 6162 63".replaceAll(" ", "");
const echo: icmp.Message = { kind: "echo-request", identifier: 122, sequence: 3, data: fromHex("616263") };

test("deconstruct", () => {
  const b = fromHex(GOLDEN);
  expect(icmp.check(b, 0, b.length)).toBe(true);
  expect(icmp.type(b, 0)).toBe(icmp.Type.ECHO_REQUEST);
  expect(icmp.code(b, 0)).toBe(0);
  expect(icmp.identifier(b, 0)).toBe(122);
  expect(icmp.sequence(b, 0)).toBe(3);
  expect(icmp.dataAt(0)).toBe(8);
});

test("construct: a request becomes its reply", () => {
  const b = fromHex(GOLDEN);
  icmp.setType(b, 0, icmp.Type.ECHO_REPLY);
  icmp.fillChecksum(b, 0, b.length);
  expect(icmp.verifyChecksum(b, 0, b.length)).toBe(true);
  expect(icmp.parse(b, 0, b.length)).toEqual({ ...echo, kind: "echo-reply" });
});

test("parse", () => {
  const b = fromHex(GOLDEN);
  expect(icmp.parse(b, 0, b.length)).toEqual(echo);
  expect(icmp.parse(b, 0, 7)).toBeNull();
});

test("emit", () => {
  const b = new Uint8Array(15).fill(0xa5);
  expect(icmp.emit(b, 2, echo)).toBe(13);
  expect(toHex(b)).toBe(`a5a5${GOLDEN}a5a5`);
});

test("the fields of errors", () => {
  const quoted = fromHex("4500");
  const bytes = (message: icmp.Message): string => {
    const b = new Uint8Array(icmp.length(message)).fill(0xa5);
    icmp.emit(b, 0, message);
    return toHex(b, 0, 2) + toHex(b, 4);
  };
  expect(bytes({ kind: "unreachable", code: 4, mtu: 1400, quoted })).toBe("0304000005784500");
  expect(bytes({ kind: "unreachable", code: 1, mtu: 0, quoted })).toBe("0301000000004500");
  expect(bytes({ kind: "time-exceeded", code: 0, quoted })).toBe("0b00000000004500");
  expect(bytes({ kind: "redirect", code: 1, gateway: ip("192.168.1.254"), quoted })).toBe("0501c0a801fe4500");
  expect(bytes({ kind: "parameter-problem", code: 0, pointer: 20, quoted })).toBe("0c00140000004500");
});

test("errors are not answered by errors, echoes may be", () => {
  expect([3, 4, 5, 11, 12].map(icmp.isError)).toEqual([true, true, true, true, true]);
  expect([0, 8, 13, 14].map(icmp.isError)).toEqual([false, false, false, false]);
});

test("emitted messages parse to the same, with a right checksum", () => {
  const bytes = fc.uint8Array({ maxLength: 64 });
  const word = fc.integer({ min: 0, max: 0xffff });
  const byte = fc.integer({ min: 0, max: 255 });
  const address = fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => n as Ipv4);
  const messages: fc.Arbitrary<icmp.Message> = fc.oneof(
    fc.record({
      kind: fc.constantFrom("echo-request" as const, "echo-reply" as const),
      ...{ identifier: word, sequence: word, data: bytes },
    }),
    fc.record({ kind: fc.constant("unreachable" as const), code: byte, mtu: word, quoted: bytes }),
    fc.record({ kind: fc.constant("time-exceeded" as const), code: byte, quoted: bytes }),
    fc.record({ kind: fc.constant("redirect" as const), code: byte, gateway: address, quoted: bytes }),
    fc.record({ kind: fc.constant("parameter-problem" as const), code: byte, pointer: byte, quoted: bytes }),
    fc.record({
      ...{ kind: fc.constant("other" as const), type: fc.integer({ min: 13, max: 255 }), code: byte },
      ...{ rest: fc.integer({ min: 0, max: 0xffff_ffff }), data: bytes },
    }),
  );
  fc.assert(
    fc.property(messages, (message) => {
      const b = new Uint8Array(icmp.length(message)).fill(0xa5);
      expect(icmp.emit(b, 0, message)).toBe(b.length);
      expect(icmp.verifyChecksum(b, 0, b.length)).toBe(true);
      expect(icmp.parse(b, 0, b.length)).toEqual(message);
    }),
  );
});
