/** Pictures of numbers, exactly as wide as they are told to be. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gauge, sparkline } from "../../../src/tui/parts/gauge.ts";
import { cellWidth } from "../../../src/tui/screen/surface.ts";

describe("a gauge", () => {
  test("is filled in eighths of a cell", () => {
    expect(gauge(0, 256, 8)).toBe("········");
    expect(gauge(128, 256, 8)).toBe("████····");
    expect(gauge(136, 256, 8)).toBe("████▎···");
    expect(gauge(255, 256, 8)).toBe("███████▉");
    expect(gauge(256, 256, 8)).toBe("████████");
  });

  test("what is there at all shows, and more than the whole is the whole", () => {
    expect(gauge(1, 100_000, 4)).toBe("▏···");
    expect(gauge(300, 256, 4)).toBe("████");
    expect(gauge(-1, 256, 4)).toBe("····");
    expect(gauge(0, 0, 4)).toBe("····");
    expect(gauge(1, 256, 0)).toBe("");
  });

  test("is exactly as wide as it should be, and never falls as its part grows", () => {
    const filled = (bar: string): number =>
      [...bar].reduce((sum, cell) => sum + Math.max(0, "·▏▎▍▌▋▊▉█".indexOf(cell)), 0);
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.nat(256), fc.nat(40), (a, b, whole, width) => {
        expect(cellWidth(gauge(a, whole, width))).toBe(width);
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(filled(gauge(less, whole, width))).toBeLessThanOrEqual(filled(gauge(more, whole, width)));
      }),
    );
  });
});

describe("a sparkline", () => {
  test("is scaled to its largest number, with nothing for 0", () => {
    expect(sparkline([0, 1, 2, 4, 8], 5)).toBe(" ▁▂▄▇");
    expect(sparkline([0, 0, 1], 3)).toBe("  ▇");
    expect(sparkline([5, 5], 2)).toBe("▇▇");
  });

  test("shows the newest when there are too many, and stands at the right when there are too few", () => {
    expect(sparkline([8, 8, 8, 0, 4], 2)).toBe(" ▇");
    expect(sparkline([1], 4)).toBe("   ▇");
    expect(sparkline([], 3)).toBe("   ");
    expect(sparkline([1, 2], 0)).toBe("");
  });

  test("is exactly as wide as it should be", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { maxLength: 30 }), fc.nat(30), (numbers, width) => {
        expect(cellWidth(sparkline(numbers, width))).toBe(width);
      }),
    );
  });
});
