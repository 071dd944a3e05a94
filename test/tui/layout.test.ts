/** The frame of every screen: title, body, footer; tabs and hints where they can be clicked. */
import { describe, expect, test } from "vitest";
import { hintSegments, layout, SMALLEST, tabSegments, WIDE } from "../../src/tui/layout.ts";
import { VIEWS } from "../../src/tui/views/index.ts";

describe("layout", () => {
  test("title, body and footer share every row of every size, and overlap nowhere", () => {
    for (let columns = SMALLEST.columns; columns <= 240; columns += 7)
      for (let rows = SMALLEST.rows; rows <= 70; rows++) {
        const { title, body, footer, tooSmall } = layout(columns, rows);
        expect(tooSmall).toBe(false);
        expect([title.y, body.y, footer.y]).toEqual([0, 1, rows - 1]);
        expect([title.height, body.height, footer.height]).toEqual([1, rows - 2, 1]);
        for (const part of [title, body, footer]) expect([part.x, part.width]).toEqual([0, columns]);
      }
  });

  test("below 60x16 it is too small, whatever the other side", () => {
    for (const [columns, rows, tooSmall] of [
      [59, 100, true],
      [300, 15, true],
      [60, 16, false],
      [0, 0, true],
    ] as const)
      expect(layout(columns, rows).tooSmall, `${columns}x${rows}`).toBe(tooSmall);
    expect(layout(1, 1).body).toEqual({ x: 0, y: 1, width: 1, height: 0 });
  });

  test("tabs stand side by side, short ones below 100 columns, with room for the status", () => {
    for (let columns = SMALLEST.columns; columns <= 240; columns++) {
      const segments = tabSegments(VIEWS, columns);
      expect(segments.map(({ action }) => action)).toEqual(VIEWS.map(({ id }) => `view:${id}`));
      segments.slice(1).forEach(({ x }, index) => {
        expect(x).toBeGreaterThanOrEqual(segments[index]!.x + segments[index]!.width);
      });
      expect(segments.at(-1)!.x + segments.at(-1)!.width).toBeLessThan(columns - 15);
      expect(segments.map(({ text }) => text)).toEqual(
        VIEWS.map(({ title, short }) => (columns < WIDE ? short : title)),
      );
    }
  });

  test("hints: as many as fit whole, from the left; the last one always, at the right", () => {
    const hints = ["one", "two", "three", "help"].map((text) => ({ key: text[0]!, text, action: text }));
    expect(hintSegments(hints, 40).map(({ x, width, text }) => [x, width, text])).toEqual([
      [1, 5, "one"],
      [8, 5, "two"],
      [15, 7, "three"],
      [33, 6, "help"],
    ]);
    expect(hintSegments(hints, 24).map(({ text }) => text)).toEqual(["one", "two", "help"]);
    expect(hintSegments(hints, 8).map(({ text }) => text)).toEqual(["help"]);
    expect(hintSegments([], 80)).toEqual([]);
  });
});
