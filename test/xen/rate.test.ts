import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatXenstoreRate, parseRate } from "../../src/xen/rate.ts";

describe("rate=", () => {
  it.each([
    // from xl's own test, and the manual page
    ["16Mb/s", 100_000, 50_000],
    ["2MB/s@50ms", 100_000, 50_000],
    ["16Kb/s", 100, 50_000],
    ["8Gb/s", 50_000_000, 50_000],
    ["10MB/s@1s", 10_000_000, 1_000_000],
    ["1MB/s@20ms", 20_000, 20_000],
    // recorded on Xen 4.17
    ["200KB/s", 10_000, 50_000],
    // a bare interval is in seconds, `us` and `u` are microseconds
    ["1MB/s@2", 2_000_000, 2_000_000],
    ["1MB/s@20000us", 20_000, 20_000],
    ["1MB/s@20000u", 20_000, 20_000],
    ["8b/s@1s", 1, 1_000_000],
    // strtoull with base 0 takes a leading zero for octal
    ["010B/s@1s", 8, 1_000_000],
    ["4294967295B/s@1s", 4_294_967_295, 1_000_000],
  ])("%s is %i bytes in %i us", (text, bytesPerInterval, intervalMicros) => {
    expect(parseRate(text)).toEqual({ rate: { bytesPerInterval, intervalMicros }, error: null });
  });

  it.each([
    ["200kB/s", "invalid rate in `200kB/s'"],
    ["10Mb", "invalid rate in `10Mb'"],
    ["10 Mb/s", "invalid rate in `10 Mb/s'"],
    ["10ZB/m", "invalid rate in `10ZB/m'"],
    ["@foo", "no rate specified in `@foo'"],
    ["", "no rate specified in `'"],
    ["0B/s", "rate overflow in `0B/s'"],
    ["4294967296b/s", "rate overflow in `4294967296b/s'"],
    ["99999999999999999999B/s", "rate overflow in `99999999999999999999B/s'"],
    ["10MB/s@", "invalid replenishment interval in `'"],
    ["10MB/s@x", "invalid replenishment interval in `x'"],
    ["10MB/s@5ns", "invalid replenishment interval in `5ns'"],
    ["10MB/s@0s", "replenishment interval overflow in `0s'"],
    ["10MB/s@5000s", "replenishment interval overflow in `5000s'"],
    ["4294967295GB/s@4294s", "rate overflow in `4294967295GB/s@4294s'"],
  ])("%j is refused as xl refuses it", (text, error) => {
    expect(parseRate(text)).toEqual({ rate: null, error: `config parsing error in vif: ${error}` });
  });

  it("is written to xenstore as bytes and microseconds", () => {
    expect(formatXenstoreRate(parseRate("200KB/s").rate!)).toBe("10000,50000");
  });

  it("never throws, and every rate is a pair of safe integers", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,12}[GMK]?[Bb]\/s(@[0-9]{1,12}[mu]?s?)?$/)),
        (text) => {
          const { rate, error } = parseRate(text);
          expect(rate === null).toBe(error !== null);
          if (rate !== null) expect(Number.isSafeInteger(rate.bytesPerInterval) && rate.intervalMicros > 0).toBe(true);
        },
      ),
    );
  });
});
