import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex } from "../../src/base/bytes.ts";
import { parse } from "../../src/packet/ipv4-options.ts";
import { ip } from "../kit/sample-frames.ts";

const options = (hex: string) => {
  const b = fromHex(hex);
  return parse(b, 0, b.length);
};

test("a recorded route between fillers", () => {
  expect(options("01 07 0b 08 c0a80101 00000000 00")).toEqual([
    { kind: "no-operation", from: 0, to: 1 },
    { kind: "route", type: 7, pointer: 8, addresses: [ip("192.168.1.1"), 0], from: 1, to: 12 },
    { kind: "end", from: 12, to: 13 },
  ]);
});

test("timestamps with and without addresses", () => {
  expect(options("440c 0900 00000001 00000002")).toEqual([
    {
      ...{ kind: "timestamp", pointer: 9, overflow: 0, flag: 0, from: 0, to: 12 },
      hops: [
        { address: null, time: 1 },
        { address: null, time: 2 },
      ],
    },
  ]);
  expect(options("440c 0d31 c0a80101 00000005")).toEqual([
    {
      ...{ kind: "timestamp", pointer: 13, overflow: 3, flag: 1, from: 0, to: 12 },
      hops: [{ address: ip("192.168.1.1"), time: 5 }],
    },
  ]);
});

test("router alert and an unknown option", () => {
  expect(options("94040001 55020100")).toEqual([
    { kind: "router-alert", value: 1, from: 0, to: 4 },
    { kind: "other", type: 0x55, from: 4, to: 6 },
    { kind: "no-operation", from: 6, to: 7 },
    { kind: "end", from: 7, to: 8 },
  ]);
});

test.each(["07ff0401", "0701", "07", "01 0700", "8301 01"])("a length that cannot be ends the list: %s", (hex) => {
  const last = options(hex).at(-1);
  expect(last).toMatchObject({ kind: "malformed", to: fromHex(hex).length });
});

test("any bytes: options follow one another without gaps", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (b) => {
      let at = 0;
      for (const option of parse(b, 0, b.length)) {
        expect(option.from).toBe(at);
        expect(option.to).toBeGreaterThan(at);
        expect(option.to).toBeLessThanOrEqual(b.length);
        at = option.to;
      }
    }),
  );
});
