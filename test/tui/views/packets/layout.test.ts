/** Where the panes of Packets are, at every size: never over each other, and the list never without rows. */
import { describe, expect, test } from "vitest";
import { type PacketsLayout, packetsLayout } from "../../../../src/tui/views/packets/layout.ts";

const PANES = ["filter", "heads", "list", "tree", "bytes", "taps"] as const;
type Named = (typeof PANES)[number];

/** Cells by pane; a cell that two panes have, or one outside, is said. */
function cover(
  layout: PacketsLayout,
  width: number,
  height: number,
): { readonly wrong: string; readonly cells: number } {
  const owner = new Map<number, Named>();
  for (const name of PANES) {
    const { x, y, width: w, height: h } = layout[name];
    for (let row = y; row < y + h; row++)
      for (let column = x; column < x + w; column++) {
        if (row >= height || column >= width || row < 0 || column < 0)
          return { wrong: `${name} reaches to ${column},${row}`, cells: 0 };
        const at = row * width + column;
        if (owner.has(at)) return { wrong: `${name} over ${owner.get(at)} at ${column},${row}`, cells: 0 };
        owner.set(at, name);
      }
  }
  return { wrong: "", cells: owner.size };
}

describe("the panes", () => {
  test("share the whole body, and none has a cell of another's", () => {
    for (let width = 60; width <= 240; width += width < 130 ? 10 : 37)
      for (let height = 14; height <= 68; height += height < 30 ? 1 : 9)
        for (const zoomed of [null, "list", "tree", "bytes"] as const) {
          const layout = packetsLayout(width, height, zoomed);
          const { wrong, cells } = cover(layout, width, height);
          if (wrong !== "") expect.fail(`${width}x${height} ${zoomed}: ${wrong}`);
          expect(cells, `${width}x${height} ${zoomed}: every cell is somebody's`).toBe(width * height);
          if (zoomed === null) expect(layout.list.height).toBeGreaterThanOrEqual(4);
          else expect(layout[zoomed].height).toBeGreaterThan(10);
        }
  });

  test("24 rows have all three, 16 rows leave out the bytes; from 120 columns on two stand side by side", () => {
    expect(packetsLayout(80, 22, null).bytes.height).toBe(6);
    const small = packetsLayout(60, 14, null);
    expect([small.bytes.height, small.tree.height > 2]).toEqual([0, true]);
    const wide = packetsLayout(140, 38, null);
    expect(wide.tree.y).toBe(wide.bytes.y);
    expect(wide.bytes.width, "room for a dump with its text").toBe(76);
  });
});
