import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, get16, toHex } from "../../src/base/bytes.ts";
import { EtherType } from "../../src/packet/ethernet.ts";
import * as vlan from "../../src/packet/vlan.ts";
import { SAMPLES } from "../kit/sample-frames.ts";

const GOLDEN = "8100b064";
const tag: vlan.Tag = { protocol: EtherType.VLAN, priority: 5, dropEligible: true, id: 100 };

test("deconstruct", () => {
  const b = fromHex(`a5${GOLDEN}0800`);
  expect(vlan.check(b, 1, b.length)).toBe(true);
  expect(vlan.protocol(b, 1)).toBe(0x8100);
  expect(vlan.priority(b, 1)).toBe(5);
  expect(vlan.dropEligible(b, 1)).toBe(true);
  expect(vlan.id(b, 1)).toBe(100);
  expect(vlan.innerType(b, 1)).toBe(0x0800);
});

test("construct", () => {
  const b = fromHex("8100bfff");
  vlan.setId(b, 0, 100);
  expect(toHex(b)).toBe(GOLDEN);
});

test("parse", () => {
  expect(vlan.parse(fromHex(`${GOLDEN}0800`), 0, 6)).toEqual(tag);
  expect(vlan.parse(fromHex(`${GOLDEN}0800`), 0, 5)).toBeNull();
  expect(vlan.parse(fromHex("0800b0640800"), 0, 6)).toBeNull();
});

test("emit", () => {
  const b = new Uint8Array(6).fill(0xa5);
  expect(vlan.emit(b, 1, tag)).toBe(5);
  expect(toHex(b)).toBe(`a5${GOLDEN}a5`);
});

describe("the last type field", () => {
  const typeAt = (name: string): number => {
    const frame = SAMPLES.get(name) as Uint8Array;
    return vlan.typeAt(frame, 0, frame.length);
  };

  test("without a tag", () => expect(typeAt("ping")).toBe(12));
  test("behind one tag", () => expect(typeAt("vlan ping")).toBe(16));
  test("behind two tags", () => {
    const frame = SAMPLES.get("provider vlan") as Uint8Array;
    expect(typeAt("provider vlan")).toBe(20);
    expect(get16(frame, 20)).toBe(EtherType.IPV4);
  });
  test("cut", () => expect(typeAt("vlan, cut")).toBe(-1));
});

test("emitted tags parse to the same", () => {
  const tags = fc.record({
    protocol: fc.constantFrom<number>(EtherType.VLAN, EtherType.PROVIDER_VLAN),
    priority: fc.integer({ min: 0, max: 7 }),
    dropEligible: fc.boolean(),
    id: fc.integer({ min: 0, max: 4095 }),
  });
  fc.assert(
    fc.property(tags, (any) => {
      const b = new Uint8Array(6);
      vlan.emit(b, 0, any);
      expect(vlan.parse(b, 0, 6)).toEqual(any);
    }),
  );
});

test("a frame is cut when nothing can stand behind its tag (skb_vlan_untag)", () => {
  const header = (type: string): string => `ffffffffffff00163e000001${type}0005`;
  const isCut = (hex: string): boolean => vlan.isCut(fromHex(hex), 0, hex.length / 2);
  for (const type of ["8100", "88a8"]) {
    expect(isCut(`${header(type)}0800`)).toBe(true);
    expect(isCut(`${header(type)}080000`)).toBe(true);
    expect(isCut(`${header(type)}08000000`)).toBe(false);
  }
  expect(isCut(header("0800"))).toBe(false);
  expect(isCut(header("9100"))).toBe(false);
});
