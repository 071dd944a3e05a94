import { expect, test } from "vitest";
import { xendRate } from "../../src/xen/xend-rate.ts";

const UNLIMITED = "4294967295,0";

/** Interval without a unit is seconds, and the last `s` must be there; capital letters only. */
test.each([
  ["16Mb/s", "100000,50000"],
  ["2MB/s@50ms", "100000,50000"],
  ["16Kb/s", "100,50000"],
  ["8Gb/s", "50000000,50000"],
  ["10MB/s@1s", "10000000,1000000"],
  ["1MB/s@20ms", "20000,20000"],
  ["1000B/s@500us", UNLIMITED],
  ["10000000B/s@500us", "5000,500"],
  ["0B/s", UNLIMITED],
  ["1MB/s@0s", UNLIMITED],
  ["1MB/s@20m", UNLIMITED],
  ["1MB/s@20", UNLIMITED],
  ["10mb/s", UNLIMITED],
  ["10Mb", UNLIMITED],
  ["fast", UNLIMITED],
  ["", UNLIMITED],
  ["400GB/s@1s", UNLIMITED],
  ["1B/s@5000s", UNLIMITED],
  ["99999999999999999999GB/s", UNLIMITED],
])("%s", (text, expected) => {
  expect(xendRate(text)).toBe(expected);
});
