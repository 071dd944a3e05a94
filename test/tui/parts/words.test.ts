/** Numbers in words, as every view writes them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Nanos } from "../../../src/lab/index.ts";
import { bytes, clock, count, plural, shortInfoOf, stamp } from "../../../src/tui/parts/words.ts";

const at = (seconds: number): Nanos => Math.round(seconds * 1e9) as Nanos;

describe("words", () => {
  test("counts have thousands", () => {
    expect([count(0), count(999), count(1284), count(1_234_567)]).toEqual(["0", "999", "1,284", "1,234,567"]);
    expect([plural(1, "frame"), plural(0, "frame"), plural(1284, "frame")]).toEqual([
      ...["1 frame", "0 frames", "1,284 frames"],
    ]);
  });

  test("a clock of hours, minutes, seconds and microseconds, that only goes forwards", () => {
    expect(clock(at(0))).toBe("00:00:00.000000");
    expect(clock(at(12.304188))).toBe("00:00:12.304188");
    expect(clock(at(3599.999_999_999)), "not rounded up").toBe("00:59:59.999999");
    expect(clock(at(100 * 3600 + 61))).toBe("100:01:01.000000");
    fc.assert(
      fc.property(fc.nat(359_999), fc.nat(999_999_999), fc.nat(1_000_000), (seconds, nanos, more) => {
        const time = (seconds * 1e9 + nanos) as Nanos;
        expect(clock(time) <= clock((time + more) as Nanos)).toBe(true);
        expect(clock(time)).toMatch(/^\d\d:[0-5]\d:[0-5]\d\.\d{6}$/);
      }),
    );
  });

  test("stamps are seconds with microseconds", () => {
    expect([stamp(at(0)), stamp(at(12.304188)), stamp(at(3600))]).toEqual(["0.000000", "12.304188", "3600.000000"]);
  });

  test("sizes in powers of 1000, never more than three digits", () => {
    expect([0, 999, 1000, 1049, 9949, 9951, 118_000, 999_499, 999_500, 1_800_000, 2e9, 3e12].map(bytes)).toEqual([
      ...["0 B", "999 B", "1.0 kB", "1.0 kB", "9.9 kB", "10 kB", "118 kB", "999 kB", "1.0 MB", "1.8 MB", "2.0 GB"],
      "3.0 TB",
    ]);
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (n) => {
        if (n < 999e12) expect(bytes(n)).toMatch(/^(\d{1,3}|\d\.\d) ([kMGT]?B)$/);
      }),
    );
  });

  test("few words for what a frame is", () => {
    const short = (info: string): string => shortInfoOf({ info });
    expect(short("echo request, id 7, seq 17")).toBe("req seq 17");
    expect(short("echo reply, id 7, seq 17")).toBe("reply seq 17");
    expect(short("Request who-has 10.0.0.1 tell 10.0.0.2")).toBe("who-has 10.0.0.1");
    expect(short("Reply 10.0.0.1 is-at 00:16:3e:00:00:01")).toBe("10.0.0.1 is-at 00:16:3e:00:00:01");
    expect(short("40000 > 53")).toBe("40000 > 53");
  });
});
