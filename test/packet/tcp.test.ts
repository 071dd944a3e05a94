import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex } from "../../src/base/bytes.ts";
import * as tcp from "../../src/packet/tcp.ts";
import { ip, tcpSegment } from "../kit/sample-frames.ts";

const SYN = tcpSegment({ flags: tcp.Flag.SYN, options: fromHex("020405b4 0402 080a 01020304 00000000 01 030307") });
const [source, destination] = [ip("192.168.1.101"), ip("192.168.1.102")];

test("deconstruct", () => {
  expect(tcp.check(SYN, 0, SYN.length)).toBe(true);
  expect(tcp.sourcePort(SYN, 0)).toBe(40_000);
  expect(tcp.destinationPort(SYN, 0)).toBe(5001);
  expect(tcp.sequence(SYN, 0)).toBe(0xfffffff0);
  expect(tcp.acknowledgment(SYN, 0)).toBe(123_456_789);
  expect(tcp.headerLength(SYN, 0)).toBe(40);
  expect(tcp.flags(SYN, 0)).toBe(tcp.Flag.SYN);
  expect(tcp.window(SYN, 0)).toBe(64_240);
  expect(tcp.urgentPointer(SYN, 0)).toBe(0);
  expect(tcp.payloadAt(SYN, 0)).toBe(40);
});

test("the checksum covers the pseudo-header", () => {
  expect(tcp.verifyChecksum(SYN, 0, SYN.length, source, destination)).toBe(true);
  expect(tcp.verifyChecksum(SYN, 0, SYN.length, source, ip("192.168.1.103"))).toBe(false);
});

test("options in their order", () => {
  const options = tcp.parseOptions(SYN, tcp.optionsAt(0), tcp.payloadAt(SYN, 0));
  expect(options.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    [tcp.OptionKind.MAXIMUM_SEGMENT_SIZE, 20, 24],
    [tcp.OptionKind.SACK_PERMITTED, 24, 26],
    [tcp.OptionKind.TIMESTAMPS, 26, 36],
    [tcp.OptionKind.NO_OPERATION, 36, 37],
    [tcp.OptionKind.WINDOW_SCALE, 37, 40],
  ]);
});

test("check refuses a header that is cut or too short", () => {
  expect(tcp.check(SYN, 0, 39)).toBe(false);
  expect(tcp.check(SYN.with(12, 0x40), 0, SYN.length)).toBe(false);
});

test("any bytes: options follow one another without gaps, the last may be broken", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (b) => {
      let at = 0;
      const options = tcp.parseOptions(b, 0, b.length);
      options.forEach((option, i) => {
        expect(option.from).toBe(at);
        expect(option.whole || i === options.length - 1).toBe(true);
        at = option.to;
      });
      expect(at).toBeLessThanOrEqual(b.length);
    }),
  );
});
