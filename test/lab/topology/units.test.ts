import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Nanos } from "../../../src/engine/time.ts";
import {
  formatBitRate,
  formatDuration,
  formatEpoch,
  parseBitRate,
  parseDuration,
  parseEpoch,
  parseShare,
} from "../../../src/lab/topology/units.ts";

describe("durations", () => {
  it.each([
    ["10ms", 10_000_000],
    ["2s", 2_000_000_000],
    ["50us", 50_000],
    ["7ns", 7],
    ["1m", 60_000_000_000],
    ["1.5 h", 5_400_000_000_000],
    [0.25, 250_000_000],
    [0, 0],
  ])("%s is %i ns", (written, nanos) => expect(parseDuration(written)).toBe(nanos));

  it.each([
    "",
    "10",
    "ms",
    "-1s",
    "1e3s",
    "1 day",
    " 1s",
    "10000000h",
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    [],
    true,
  ])("%s is none", (written) => expect(parseDuration(written)).toBeNull());

  it("are read as they are printed", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (nanos) => {
        expect(parseDuration(formatDuration(nanos as Nanos))).toBe(nanos);
      }),
    );
  });
});

describe("bit rates", () => {
  it.each([
    ["1gbit", 1e9],
    ["100Mbit", 1e8],
    ["2.5gbit", 2.5e9],
    ["1mbps", 8e6],
    ["10kbit", 1e4],
    ["unlimited", 0],
    [0, 0],
    [9600, 9600],
  ])("%s is %d bit/s", (written, bits) => expect(parseBitRate(written)).toBe(bits));

  it.each(["fast", "1", "1g", "1 gigabit", "-1bit", -1, null, {}])("%s is none", (written) =>
    expect(parseBitRate(written)).toBeNull(),
  );

  it("are read as they are printed", () => {
    fc.assert(
      fc.property(fc.nat(), (bits) => {
        expect(parseBitRate(formatBitRate(bits))).toBe(bits);
      }),
    );
  });
});

it("a share is a percentage or a number up to 1", () => {
  expect(["1%", "0.5 %", 0.01, 1, 0].map(parseShare)).toEqual([0.01, 0.005, 0.01, 1, 0]);
  expect(["101%", "x", -0.1, 1.1, "0.5", null, Number.NaN].map(parseShare)).toEqual(Array(7).fill(null));
});

describe("dates", () => {
  it("are those of the calendar", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (seconds) => {
        const written = new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
        expect(formatEpoch(seconds)).toBe(written);
        expect(parseEpoch(written)).toBe(seconds);
      }),
    );
  });

  it("may leave the time of day out", () => expect(parseEpoch("2026-01-01")).toBe(1_767_225_600));

  it.each([
    "2026-02-29",
    "2026-13-01",
    "2026-00-01",
    "1969-12-31",
    "2107-01-01",
    "2026-01-01T24:00:00Z",
    "now",
    -1,
    1.5,
  ])("%s is none", (written) => expect(parseEpoch(written)).toBeNull());
});
